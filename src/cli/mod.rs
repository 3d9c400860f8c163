//! The command line: one file per subcommand, and what they share.
//!
//! Everything that a person sees is decided here, and nothing that a row says: the library below prints
//! nothing and ends no process. Data goes to standard output, all else to standard error.

mod arguments;
mod destination;
mod eval;
mod info;
mod interrupt;
mod label;
mod log;
mod plan;
mod rejects;
mod report;
mod summary;
mod table;
mod terminal;
mod unfinished;
mod work;

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use sayso::classifier::{Classifier, EngineOptions};

pub use arguments::Arguments;
use arguments::{Command, ModelArguments};
use terminal::printable_lines;
pub use terminal::{disarm_panics, say};

/// What the exit status tells; the numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    Done = 0,
    SomeRejected = 1,
    NothingDone = 2,
    /// By Ctrl-C or a like signal; the number is a shell's for it.
    Interrupted = 130,
}

impl Status {
    /// The status of a run that treated `done` records and rejected others.
    fn of(done: u64, rejected: u64) -> Self {
        match (done, rejected) {
            (_, 0) => Self::Done,
            (0, _) => Self::NothingDone,
            _ => Self::SomeRejected,
        }
    }
}

/// Runs the command that `arguments` ask for.
///
/// # Errors
/// Where nothing could be done, or the output could not be written.
pub fn run(arguments: &Arguments) -> Result<Status> {
    match &arguments.command {
        _ if arguments.version => version(),
        Some(Command::Label(arguments)) => label::run(arguments),
        Some(Command::Report(arguments)) => report::run(arguments),
        Some(Command::Eval(arguments)) => eval::run(arguments),
        Some(Command::Info(arguments)) => info::run(arguments),
        Some(Command::Completions { shell }) => completions(*shell),
        None => {
            let message = "a command is needed";
            Arguments::command()
                .error(clap::error::ErrorKind::MissingSubcommand, message)
                .exit()
        }
    }
}

fn version() -> Result<Status> {
    let classifier = Classifier::embedded()?;
    let model = info::headline(classifier.info());
    print(&format!("sayso {} (model {model})\n", env!("CARGO_PKG_VERSION")))
}

fn completions(shell: Shell) -> Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "sayso", &mut script);
    print(std::str::from_utf8(&script)?)
}

/// Prints what clap says of the command line: help, or what is wrong with it. That quotes the command line, in which a
/// shell may have put the names of files.
pub fn answer_usage(error: &clap::Error) -> ExitCode {
    let is_printable = |argument: OsString| {
        let argument = argument.to_string_lossy();
        terminal::printable(&argument) == argument
    };
    if !error.use_stderr() || env::args_os().all(is_printable) {
        // Nobody is left to be told that it cannot be printed.
        let _ = error.print();
    } else {
        say(error.render().to_string().trim_end());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Status::NothingDone as u8))
}

/// Writes a whole answer to standard output.
fn print(text: &str) -> Result<Status> {
    let mut stdout = io::stdout().lock();
    let shown = if stdout.is_terminal() {
        printable_lines(text)
    } else {
        text.to_owned()
    };
    stdout
        .write_all(shown.as_bytes())
        .and_then(|()| stdout.flush())
        .context("cannot write standard output")?;
    Ok(Status::Done)
}

fn load(arguments: &ModelArguments) -> Result<Classifier> {
    let engine = EngineOptions {
        kind: arguments.engine,
        device: arguments.device,
    };
    let classifier = match &arguments.model {
        Some(folder) => Classifier::load(folder, engine),
        None => Classifier::embedded_on(engine),
    };
    classifier.context("cannot load the model")
}

/// Whether `error` says that nobody reads our output any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// `error` and its causes on one line. Some errors repeat their cause in their own message; it is said once.
pub fn whole_message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if message.is_empty() {
            message = cause;
        } else if !message.ends_with(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn the_grammar_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow!("no space left")
            .context("disk: no space left")
            .context("cannot write rows.csv");
        assert_eq!(
            whole_message(&error),
            "cannot write rows.csv: disk: no space left"
        );
    }

    #[test]
    fn a_broken_pipe_is_found_under_any_context() {
        let pipe = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&anyhow::Error::from(pipe).context("row 7")));
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(!is_broken_pipe(&anyhow::Error::from(full)));
    }

    #[test]
    fn the_status_follows_from_the_counts() {
        assert_eq!(Status::of(0, 0), Status::Done);
        assert_eq!(Status::of(9, 0), Status::Done);
        assert_eq!(Status::of(9, 1), Status::SomeRejected);
        assert_eq!(Status::of(0, 1), Status::NothingDone);
    }
}
