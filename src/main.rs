//! The command-line program: parse, run, and turn the result into an exit status.

mod cli;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Arguments, Status};

/// The system's allocator lets a long run grow by a fifth: buffers of pages and groups come in all sizes, and leave gaps. It
/// serves elsewhere all the same: jemalloc is built for one size of memory pages, which only on x86-64 all kernels have.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    cli::disarm_panics();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return cli::answer_usage(&error),
    };
    let status = match cli::run(&arguments) {
        Ok(status) => status,
        // Whoever read our output has seen enough: that is success, as for any filter.
        Err(error) if cli::is_broken_pipe(&error) => Status::Done,
        Err(error) => {
            cli::say(cli::whole_message(&error));
            Status::NothingDone
        }
    };
    ExitCode::from(status as u8)
}
