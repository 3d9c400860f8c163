//! The journal beside an output file: what is there when a run begins, and what is to become of it.
//!
//! A file `rows.csv.progress` means that a run for `rows.csv` has begun and not ended. It is never begun anew by
//! accident: whoever gives the same command again must say whether to go on with it (`--resume`) or to give it up
//! (`--force`).

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sayso::journal::{Journal, Replay};

use super::destination::{beside, remove_if_there};
use super::plan::Plan;

/// What to do about a run that was not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Refuse to touch it.
    Refuse,
    /// Go on with it; without one, begin.
    Resume,
    /// Begin anew.
    Force,
}

/// How a run begins.
pub enum Beginning {
    New(Journal),
    Unfinished(Replay),
}

/// The files beside an output file that an unfinished run leaves there.
pub struct Unfinished {
    target: PathBuf,
    journal: PathBuf,
    partial: PathBuf,
}

impl Unfinished {
    /// Those beside `target`.
    pub fn beside(target: &Path) -> Self {
        Self {
            target: target.to_owned(),
            journal: beside(target, "progress"),
            partial: beside(target, "partial"),
        }
    }

    /// Both paths.
    pub fn paths(&self) -> [PathBuf; 2] {
        [self.journal.clone(), self.partial.clone()]
    }

    /// Opens the journal of a run with this plan. As long as it is open, no other run can open it.
    pub fn begin(&self, plan: &Plan, choice: Choice) -> Result<Beginning> {
        let name = self.journal.display();
        let open = || -> io::Result<(bool, File)> {
            let mut options = OpenOptions::new();
            options.read(true).write(true);
            match options.open(&self.journal) {
                Ok(file) => Ok((true, file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Ok((false, options.create_new(true).open(&self.journal)?))
                }
                Err(error) => Err(error),
            }
        };
        if choice != Choice::Force && self.partial.exists() && !self.journal.exists() {
            bail!(
                "{} is in the way, and no unfinished run has left it there; remove it, or have it replaced by --force",
                self.partial.display()
            );
        }
        let (existed, file) = open().with_context(|| format!("cannot write {}", self.target.display()))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => bail!("another run is writing {name}"),
            // Some network file systems have no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let reading = || format!("cannot read {name}");
        if existed && choice != Choice::Force {
            let again = file.try_clone().with_context(reading)?;
            if let Some((before, mut replay)) = Replay::open::<Plan>(again).with_context(reading)? {
                if choice == Choice::Resume {
                    if let Some(difference) = before.difference(plan) {
                        bail!(
                            "cannot go on with the unfinished run: {difference}; give the command as it was, or \
                             begin anew with --force"
                        );
                    }
                    return Ok(Beginning::Unfinished(replay));
                }
                if replay.next_entry().with_context(reading)?.is_some() {
                    bail!(
                        "{name} is what an unfinished run has done; go on with it by --resume, or begin anew with \
                         --force"
                    );
                }
            }
        }
        let journal = Journal::begin(file, plan).with_context(|| format!("cannot write {name}"))?;
        Ok(Beginning::New(journal))
    }

    /// Removes the journal: the run is finished.
    pub fn end(&self) -> Result<()> {
        remove_if_there(&self.journal).with_context(|| format!("cannot remove {}", self.journal.display()))
    }
}
