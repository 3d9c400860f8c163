//! Ends a run cleanly when it is asked to: by Ctrl-C, or by the signal with which machines are shut down.
//!
//! The first signal asks the run to stop between two documents, so that what is done is kept. The second ends the program
//! at once, as does time: a run that waits for standard input, or is deep in one huge document, cannot look up. Nothing is lost
//! by that but the last second's work.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Status;

/// How long a run may take to stop by itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether the run has been asked to stop; it goes on being updated.
pub fn watch() -> Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&asked);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            process::exit(Status::Interrupted as i32);
        }
        thread::spawn(|| {
            thread::sleep(PATIENCE);
            process::exit(Status::Interrupted as i32);
        });
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(asked)
}
