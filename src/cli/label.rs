//! `sayso label`: documents in, rows out.
//!
//! Whatever can be known to fail is tried before the long work: the output's format is settled, the inputs are
//! found, the model is loaded and the output is opened, in this order, so that a mistake in one of them costs no
//! labelling.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use clap::error::ErrorKind;
use sayso::batch::{BatchRunner, Outcome};
use sayso::input::{self, Discovery, InputOptions};
use sayso::output::{self, Compression, OutputFormat, TableOptions};

use super::arguments::{Arguments, LabelArguments};
use super::destination::Destination;
use super::rejects::Rejects;
use super::summary::{Summary, count};
use super::terminal::{ProgressLine, is_terminal, make_printable, say, show};
use super::{Status, load};

const WRITE_FAILED: &str = "cannot write the rows";

/// What ends a run early: `--max-rejects`.
#[derive(Debug, thiserror::Error)]
#[error("stopped: more than {} rejected", count(*limit, "record"))]
struct TooManyRejects {
    limit: u64,
}

pub fn run(arguments: &LabelArguments) -> Result<Status> {
    let (format, table) = layout(arguments)?;
    let options = InputOptions {
        format: arguments.input_format,
        patterns: arguments.globs.clone(),
        text_column: arguments.text_column.clone(),
        id_column: arguments.id_column.clone(),
        keep: arguments.keep.clone(),
        max_record_bytes: arguments.max_record_bytes,
    };
    let found = input::discover(&inputs(arguments), &options);
    found.errors.iter().for_each(say);
    let mut rejects = Rejects::open(
        arguments.rejects.as_deref(),
        output_file(arguments),
        &found.sources,
    )?;
    let rows = (format, &table);
    let status = label(arguments, &options, rows, found, &mut rejects);
    rejects.keep()?;
    status
}

fn label(
    arguments: &LabelArguments,
    options: &InputOptions,
    (format, table): (OutputFormat, &TableOptions),
    found: Discovery,
    rejects: &mut Rejects,
) -> Result<Status> {
    let mut summary = Summary::start();
    for error in &found.errors {
        rejects.input(error)?;
        summary.rejected += 1;
    }
    check(summary.rejected, arguments.max_rejects)?;
    if found.sources.is_empty() {
        return Ok(Status::NothingDone);
    }
    let classifier = load(&arguments.engine.model)?;
    let runner = BatchRunner::new(arguments.engine.threads)?;
    let (writer, destination) = Destination::open(output_file(arguments), &found.sources)?;
    let mut rows = output::writer(format, table, writer).context(WRITE_FAILED)?;

    summary.restart();
    let documents = input::documents(found.sources, options);
    let (reading, guesses) = (documents.progress(), documents.guesses());
    let rows_on_terminal = is_terminal(output_file(arguments));
    let mut line = ProgressLine::start(!arguments.quiet && !rows_on_terminal, reading.total());
    runner.run(&classifier, documents, |outcome| -> Result<()> {
        if !arguments.quiet {
            guesses.take().iter().for_each(|guess| line.say(guess));
        }
        match outcome {
            Outcome::Labeled(mut document) => {
                if rows_on_terminal {
                    make_printable(&mut document);
                }
                rows.write(&document).context(WRITE_FAILED)?;
                summary.add(&document);
                line.advance(document.sentences.len(), reading.read());
                if !arguments.quiet {
                    line.warn(&document);
                }
            }
            Outcome::Rejected(reject) => {
                summary.rejected += 1;
                line.say(&reject);
                rejects.record(&reject)?;
                check(summary.rejected, arguments.max_rejects)?;
            }
        }
        Ok(())
    })?;
    rows.finish().context(WRITE_FAILED)?;
    drop(line);

    let status = Status::of(summary.documents, summary.rejected);
    if status != Status::NothingDone {
        destination.keep()?;
    }
    if !arguments.quiet {
        show(&summary);
    }
    Ok(status)
}

/// Ends the run where it has rejected more than `limit` records.
fn check(rejected: u64, limit: Option<u64>) -> Result<()> {
    match limit {
        Some(limit) if rejected > limit => Err(TooManyRejects { limit }.into()),
        _ => Ok(()),
    }
}

/// The inputs named, or standard input; ends the program where that would mean waiting for a person to type.
fn inputs(arguments: &LabelArguments) -> Vec<PathBuf> {
    if !arguments.inputs.is_empty() {
        return arguments.inputs.clone();
    }
    if io::stdin().is_terminal() {
        usage_error(
            "no INPUT is given and standard input is a terminal; name files or directories, or \"-\"",
        );
    }
    vec![PathBuf::from("-")]
}

fn usage_error(message: &str) -> ! {
    let mut program = Arguments::command();
    program.build();
    let label = program.find_subcommand_mut("label");
    label
        .map_or_else(Arguments::command, |label| label.clone())
        .error(ErrorKind::MissingRequiredArgument, message)
        .exit()
}

fn output_file(arguments: &LabelArguments) -> Option<&Path> {
    arguments.output.as_deref().filter(|path| *path != Path::new("-"))
}

/// How the rows are to be written.
fn layout(arguments: &LabelArguments) -> Result<(OutputFormat, TableOptions)> {
    let file = output_file(arguments);
    let by_extension = || file.and_then(OutputFormat::from_path);
    let format = arguments.format.or_else(by_extension);
    let format = format.unwrap_or(OutputFormat::Csv);
    let table = TableOptions {
        keep: arguments.keep.clone(),
        min_confidence: arguments.min_confidence,
        compression: file.and_then(Compression::from_path),
        spreadsheet_safe: arguments.spreadsheet_safe,
    };
    let name = file.map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
    table
        .check(format)
        .with_context(|| format!("cannot write {name}"))?;
    if !format.is_text() && is_terminal(file) {
        bail!("cannot write {name}: it is a terminal, and {format} is not text; name a file or use a pipe");
    }
    Ok((format, table))
}
