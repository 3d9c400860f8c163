//! `sayso label`: documents in, rows out.
//!
//! Whatever can be known to fail is tried before the long work: the output's format is settled, the inputs are
//! found, the model is loaded and the output is opened, in this order, so that a mistake in one of them costs no
//! labelling.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use clap::error::ErrorKind;
use sayso::batch::BatchRunner;
use sayso::input::{self, Discovery, InputOptions};
use sayso::journal::Journal;
use sayso::output::{self, Compression, OutputFormat, TableOptions};
use serde_json::json;

use super::arguments::{Arguments, LabelArguments};
use super::destination::Destination;
use super::log::{Level, log, log_as};
use super::plan::Plan;
use super::rejects::Rejects;
use super::summary::{Summary, count};
use super::terminal::{ProgressLine, is_terminal};
use super::unfinished::{Choice, Unfinished};
use super::work::{End, WRITE_FAILED, Work, check};
use super::{Status, interrupt, load};

pub fn run(arguments: &LabelArguments) -> Result<Status> {
    log_as(arguments.log);
    let (format, table) = layout(arguments)?;
    let output = output_file(arguments);
    let unfinished = output.map(Unfinished::beside);
    let mut except: Vec<PathBuf> = output
        .into_iter()
        .chain(arguments.rejects.as_deref())
        .map(Path::to_owned)
        .collect();
    except.extend(unfinished.iter().flat_map(Unfinished::paths));
    let options = InputOptions {
        format: arguments.input_format,
        patterns: arguments.globs.clone(),
        text_column: arguments.text_column.clone(),
        id_column: arguments.id_column.clone(),
        keep: arguments.keep.clone(),
        max_record_bytes: arguments.max_record_bytes,
        shard: arguments.shard,
        except,
    };
    let found = input::discover(&inputs(arguments), &options);
    for error in &found.errors {
        log(Level::Error, "input", error, json!({ "file": error.path() }));
    }
    let mut rejects = Rejects::find(arguments.rejects.as_deref(), output, &found.sources)?;
    let labelled = label(arguments, &options, (format, &table), found, &mut rejects);
    rejects.keep()?;
    let (status, finished) = labelled?;
    // Last, so that a run that is killed before everything is in its place can be resumed.
    if let Some(unfinished) = finished {
        unfinished.end()?;
    }
    Ok(status)
}

/// Labels what was found. Returns the unfinished run that has been finished, if there was a journal.
fn label(
    arguments: &LabelArguments,
    options: &InputOptions,
    (format, table): (OutputFormat, &TableOptions),
    found: Discovery,
    rejects: &mut Rejects,
) -> Result<(Status, Option<Unfinished>)> {
    let mut summary = Summary::start();
    summary.rejected = found.errors.len() as u64;
    check(summary.rejected, arguments.max_rejects)?;
    if found.sources.is_empty() {
        rejects.begin(&found.errors)?;
        return Ok((Status::NothingDone, None));
    }
    let classifier = load(&arguments.engine.model)?;
    let runner = BatchRunner::new(arguments.engine.threads)?;
    let stop = interrupt::watch()?;
    let mut destination = Destination::find(output_file(arguments), &found.sources)?;
    let unfinished = destination.target().map(Unfinished::beside);
    let choice = choice(arguments, &destination)?;
    let beginning = match &unfinished {
        Some(unfinished) => {
            let plan = Plan::of(arguments, format.name(), &found.sources)?;
            Some(unfinished.begin(&plan, choice)?)
        }
        None => None,
    };
    rejects.begin(&found.errors)?;
    let rows = output::writer(format, table, destination.open()?).context(WRITE_FAILED)?;

    summary.restart();
    let documents = input::documents(found.sources, options);
    let rows_on_terminal = is_terminal(output_file(arguments));
    let mut work = Work {
        classifier: &classifier,
        runner: &runner,
        stop,
        reading: documents.progress(),
        guesses: documents.guesses(),
        rows,
        rejects,
        line: ProgressLine::start(
            !arguments.quiet && !rows_on_terminal,
            documents.progress().total(),
        ),
        summary,
        quiet: arguments.quiet,
        rows_on_terminal,
        max_rejects: arguments.max_rejects,
        journal: None,
        resumable: false,
        logged: Instant::now(),
    };
    let end = work.run(documents, beginning);
    let Work {
        rows,
        line,
        summary,
        mut journal,
        resumable,
        ..
    } = work;
    drop(line);
    let end = match end {
        Ok(End::Finished) => rows.finish().context(WRITE_FAILED).map(|()| End::Finished),
        end => end,
    };
    if !matches!(end, Ok(End::Finished)) {
        if resumable {
            destination.leave();
            if let Some(journal) = &mut journal {
                set_aside(&summary, journal);
            }
        } else if let Some(unfinished) = &unfinished {
            drop(destination);
            unfinished.end()?;
        }
        return end.map(|_| (Status::Interrupted, None));
    }

    let status = Status::of(summary.documents, summary.rejected);
    if status != Status::NothingDone {
        destination.keep()?;
    }
    if !arguments.quiet {
        summary.show();
    }
    Ok((status, unfinished))
}

/// Closes the journal of a run that ends before its time, and says how to go on.
fn set_aside(summary: &Summary, journal: &mut Journal) {
    if let Err(error) = journal.flush() {
        let message = format!("what was done last could not be kept: {error}");
        log(Level::Warning, "kept", message, json!({}));
    }
    let records = count(summary.documents + summary.rejected, "record");
    let message = format!("{records} done and kept; the same command with --resume goes on");
    let fields = json!({ "documents": summary.documents, "rejected": summary.rejected });
    log(Level::Info, "kept", message, fields);
}

/// What the flags say about an unfinished run.
fn choice(arguments: &LabelArguments, destination: &Destination) -> Result<Choice> {
    match (arguments.resume, arguments.force) {
        (true, _) if destination.target().is_none() => {
            bail!("only rows in a file can be gone on with: --resume needs --output FILE")
        }
        (true, _) => Ok(Choice::Resume),
        (_, true) => Ok(Choice::Force),
        _ => Ok(Choice::Refuse),
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
