//! The command-line program: parse, run, and turn the result into an exit status.

mod cli;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Arguments, Status};

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
