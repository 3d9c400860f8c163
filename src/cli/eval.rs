//! `sayso eval`: how well the model's answers agree with people's.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use sayso::batch::{BatchRunner, Outcome};
use sayso::error::Reject;
use sayso::evaluate::{Confusion, Evaluation, evaluate};
use sayso::input::gold::{self, GoldDocument};
use sayso::input::{self, InputFormat, InputOptions};
use serde::Serialize;

use super::arguments::{EvalArguments, ReportFormat};
use super::summary::count;
use super::table::Table;
use super::terminal::{ProgressLine, say};
use super::{Status, info, load, print};

/// The whole answer; its fields are the JSON layout.
#[derive(Serialize)]
struct Report {
    model: String,
    #[serde(flatten)]
    evaluation: Evaluation,
}

pub fn run(arguments: &EvalArguments) -> Result<Status> {
    // Whatever a gold file is called, it is jsonl.
    let options = InputOptions {
        format: Some(InputFormat::Jsonl),
        ..InputOptions::default()
    };
    let found = input::discover(&arguments.gold, &options);
    found.errors.iter().for_each(say);
    if found.sources.is_empty() {
        return Ok(Status::NothingDone);
    }
    let classifier = load(&arguments.engine.model)?;
    let runner = BatchRunner::new(arguments.engine.threads)?;

    let documents = gold::documents(found.sources, &options);
    let reading = documents.progress();
    let mut line = ProgressLine::start(!arguments.quiet, reading.total());
    let selected = documents.filter(|record| is_selected(record, arguments.selection.as_deref()));
    let mut evaluation = evaluate(&runner, &classifier, selected, |outcome| match outcome {
        Outcome::Labeled(document) => {
            line.advance(document.sentences.len(), reading.read());
            if !arguments.quiet {
                line.warn(document);
            }
        }
        Outcome::Rejected(reject) => line.reject(reject),
    });
    drop(line);
    evaluation.rejected += found.errors.len() as u64;
    if let (0, 0, Some(selection)) = (evaluation.documents, evaluation.rejected, &arguments.selection) {
        bail!("no excerpt has the selection {selection:?}");
    }

    let status = Status::of(evaluation.documents, evaluation.rejected);
    if status != Status::NothingDone {
        let model = info::name(classifier.info());
        print(&match arguments.format {
            ReportFormat::Json => serde_json::to_string(&Report { model, evaluation })? + "\n",
            ReportFormat::Table => describe(&model, &evaluation, arguments.selection.as_deref())?,
        })?;
    }
    Ok(status)
}

/// Whether a record takes part; one that cannot be read does, because nobody knows its selection.
fn is_selected(record: &Result<GoldDocument, Reject>, wanted: Option<&str>) -> bool {
    match (record, wanted) {
        (Ok(gold), Some(_)) => gold.selection.as_deref() == wanted,
        _ => true,
    }
}

fn describe(model: &str, evaluation: &Evaluation, selection: Option<&str>) -> Result<String> {
    let mut text = format!(
        "model {model}: {}, {}",
        count(evaluation.documents, "document"),
        count(evaluation.sentences, "sentence")
    );
    if let Some(selection) = selection {
        write!(text, " of selection {selection}")?;
    }
    if evaluation.rejected > 0 {
        write!(text, ", {} rejected", count(evaluation.rejected, "record"))?;
    }
    text.push('\n');
    for (axis, confusion) in evaluation.axes.named() {
        write!(text, "\n{}", scores(axis, confusion))?;
        if axis == "anonymity" {
            let total = confusion.total();
            writeln!(
                text,
                "(only the {} anonymous in both gold and prediction)",
                count(total, "sentence")
            )?;
        }
        write!(text, "\n{}", counts(confusion))?;
    }
    Ok(text)
}

fn scores(axis: &str, confusion: &Confusion) -> Table {
    let decimals = |value: f64| format!("{value:.3}");
    let mut table = Table::new([axis, "precision", "recall", "F1", "support"]);
    for (index, class) in confusion.classes().iter().enumerate() {
        let scores = confusion.scores(index);
        table.row([
            format!("  {class}"),
            decimals(scores.precision),
            decimals(scores.recall),
            decimals(scores.f1),
            scores.support.to_string(),
        ]);
    }
    let total = confusion.total().to_string();
    table.row(["  macro average", "", "", &decimals(confusion.macro_f1()), &total]);
    table.row(["  accuracy", "", "", &decimals(confusion.accuracy()), &total]);
    table
}

fn counts(confusion: &Confusion) -> Table {
    let classes = confusion.classes();
    let mut table = Table::new(["  gold, predicted:"].iter().chain(classes).copied());
    for (class, row) in classes.iter().zip(confusion.counts()) {
        table.row(
            [format!("    {class}")]
                .into_iter()
                .chain(row.iter().map(u64::to_string)),
        );
    }
    table
}
