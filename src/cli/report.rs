//! `sayso report`: labelled rows in, one page out.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sayso::error::Reject;
use sayso::input::{self, InputOptions, labeled};
use sayso::report::{PageOptions, ReportBuilder, ReportOptions};

use super::Status;
use super::arguments::ReportArguments;
use super::destination::Destination;
use super::summary::count;
use super::terminal::{ProgressLine, say};

/// Rejects of one file that are said one by one: a table of another program would fill the screen.
const SAID_PER_FILE: u64 = 20;

/// Rows between two looks at the progress.
const ROWS_PER_STEP: usize = 4096;

pub fn run(arguments: &ReportArguments) -> Result<Status> {
    let options = ReportOptions {
        group: arguments.group_column.clone(),
        most_groups: arguments.groups,
        date: arguments.date_column.clone(),
        most_documents: arguments.documents,
        min_confidence: arguments.min_confidence,
        max_page_bytes: arguments.max_page_bytes,
    };
    let reading = InputOptions {
        format: arguments.input_format,
        keep: options.keep(),
        ..InputOptions::default()
    };
    let found = input::discover(&arguments.labels, &reading);
    found.errors.iter().for_each(say);
    if found.sources.is_empty() {
        return Ok(Status::NothingDone);
    }
    let inputs = names(&arguments.labels);
    let output = Some(arguments.output.as_path()).filter(|path| *path != Path::new("-"));
    let mut destination = Destination::find(output, &found.sources)?;
    let mut writer = destination.open()?;

    let mut builder = ReportBuilder::new(options);
    found.errors.iter().for_each(|_| builder.reject());
    let rows = labeled::rows(found.sources, &reading);
    let progress = rows.progress();
    let mut line = ProgressLine::start(!arguments.quiet, progress.total());
    let mut rejects = Rejects::default();
    let mut read = 0_usize;
    for row in rows {
        match row {
            Ok(row) => {
                builder.add(row);
                read += 1;
                if read.is_multiple_of(ROWS_PER_STEP) {
                    line.advance(ROWS_PER_STEP, progress.read());
                }
            }
            Err(reject) => {
                builder.reject();
                rejects.say(&line, &reject);
            }
        }
    }
    drop(line);
    rejects.close();
    let rejected = rejects.total() + found.errors.len() as u64;
    let status = Status::of(read as u64, rejected);
    if status == Status::NothingDone {
        return Ok(status);
    }

    let report = builder.finish();
    let (documents, sentences) = (report.figures.documents, report.figures.sentences);
    let page = report.page(&PageOptions {
        title: arguments.title.clone(),
        inputs,
    })?;
    writer
        .write_all(page.as_bytes())
        .and_then(|()| writer.flush())
        .with_context(|| format!("cannot write {}", arguments.output.display()))?;
    drop(writer);
    destination.keep()?;
    if !arguments.quiet {
        say(format!(
            "{}, {}, {} rejected; a page of {} bytes",
            count(documents, "document"),
            count(sentences, "sentence"),
            count(rejected, "record"),
            page.len()
        ));
    }
    Ok(status)
}

/// The inputs as the page names them: without the folders that hold them, which are nobody's business.
fn names(labels: &[PathBuf]) -> Vec<String> {
    let name = |path: &PathBuf| match path.file_name() {
        Some(name) if path.as_os_str() != "-" => name.to_string_lossy().into_owned(),
        _ => "standard input".to_owned(),
    };
    labels.iter().map(name).collect()
}

/// Says rejects, of every file the first ones.
#[derive(Default)]
struct Rejects {
    by_file: HashMap<String, u64>,
}

impl Rejects {
    fn say(&mut self, line: &ProgressLine, reject: &Reject) {
        let of_file = self.by_file.entry(reject.file.clone()).or_default();
        *of_file += 1;
        if *of_file <= SAID_PER_FILE {
            line.reject(reject);
        }
    }

    fn total(&self) -> u64 {
        self.by_file.values().sum()
    }

    /// Says how many were not said.
    fn close(&self) {
        let mut files: Vec<(&String, u64)> = self
            .by_file
            .iter()
            .map(|(file, number)| (file, number.saturating_sub(SAID_PER_FILE)))
            .filter(|(_, unsaid)| *unsaid > 0)
            .collect();
        files.sort();
        for (file, unsaid) in files {
            say(format!("{file}: {} more rejected", count(unsaid, "row")));
        }
    }
}
