//! `sayso report` as its users run it: what a page says, which tables it reads, and what it makes of hostile ones.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

#[path = "../cli_common/mod.rs"]
mod cli_common;
mod figures;
mod formats;
mod hostile;
#[path = "../output_common/mod.rs"]
mod output_common;
mod page;
mod rejects;

use std::fs;
use std::path::Path;

use output_common::sentence;
use sayso::output::{OutputFormat, TableOptions};
use sayso::prediction::{Anonymity, Attribution, Label, LabeledDocument, LabeledSentence, Stance};
use serde_json::Value;

use cli_common::sayso;

/// A document that kept outlet and date.
fn document(id: &str, outlet: &str, date: &str, sentences: Vec<LabeledSentence>) -> LabeledDocument {
    LabeledDocument {
        id: id.to_owned(),
        metadata: vec![
            ("outlet".to_owned(), outlet.to_owned()),
            ("date".to_owned(), date.to_owned()),
        ],
        sentences,
        warnings: Vec::new(),
    }
}

fn denial(start: usize, text: &str, source: &str) -> LabeledSentence {
    let mut denial = sentence(start, text);
    denial.prediction.label = Label::Denial;
    denial.prediction.confidence = 0.45;
    denial.prediction.stance = Stance::Deny;
    denial.prediction.stance_probabilities = [0.25, 0.7, 0.03, 0.02];
    denial.prediction.attribution = Attribution::Named;
    denial.prediction.attribution_probabilities = [0.1, 0.8, 0.06, 0.04];
    denial.prediction.source = Some(source.to_owned());
    denial.prediction.cue = Some("denied".to_owned());
    denial
}

fn anonymous(start: usize, text: &str, source: &str, kind: Anonymity) -> LabeledSentence {
    let mut anonymous = sentence(start, text);
    anonymous.prediction.label = Label::Anonymous;
    anonymous.prediction.attribution = Attribution::Anonymous;
    anonymous.prediction.attribution_probabilities = [0.05, 0.1, 0.8, 0.05];
    anonymous.prediction.anonymity = Some(kind);
    anonymous.prediction.source = Some(source.to_owned());
    anonymous.prediction.cue = Some("said".to_owned());
    anonymous
}

/// Four documents of two outlets, with a wrong date and a missing one among them.
fn corpus() -> Vec<LabeledDocument> {
    let explicit = Anonymity::Explicit;
    vec![
        document(
            "ferry",
            "Ostby Courier",
            "2025-03-01",
            vec![
                sentence(0, "The ferry Alma ran aground."),
                denial(28, "The owner denied that the crew drank.", "The owner"),
                anonymous(
                    67,
                    "“They did,” two sailors said.",
                    "two sailors",
                    Anonymity::Role,
                ),
            ],
        ),
        document(
            "dam",
            "Velm, \"Daily\"",
            "2025-05-17T23:30:00-05:00",
            vec![
                sentence(0, "The Velm dam is safe."),
                denial(22, "the  owner denied it.", "the  owner"),
                denial(44, "He denied it again.", "He"),
            ],
        ),
        document(
            "well",
            "Ostby Courier",
            "in spring",
            vec![
                anonymous(0, "Sources said the well is dry.", "Sources", explicit),
                anonymous(30, "The well, sources said, is deep.", "sources", explicit),
            ],
        ),
        document("note", "", "", vec![sentence(0, "It rained.")]),
    ]
}

/// Writes `documents` as `name` into `folder`, in the format of the name's extension.
fn write(folder: &Path, name: &str, documents: &[LabeledDocument]) {
    write_with(folder, name, documents, None);
}

fn write_with(folder: &Path, name: &str, documents: &[LabeledDocument], min_confidence: Option<f32>) {
    let path = folder.join(name);
    let format = OutputFormat::from_path(&path).unwrap();
    let options = TableOptions {
        keep: vec!["outlet".to_owned(), "date".to_owned()],
        min_confidence,
        compression: sayso::output::Compression::from_path(&path),
        ..TableOptions::default()
    };
    fs::write(path, output_common::bytes(format, &options, documents)).unwrap();
}

/// Runs `sayso report ARGUMENTS -o page.html` in `folder`: the exit status, the page where there is one, and the messages.
fn report(folder: &Path, arguments: &[&str]) -> (i32, Option<String>, String) {
    let page = folder.join("page.html");
    if page.exists() {
        fs::remove_file(&page).unwrap();
    }
    let assert = sayso()
        .current_dir(folder)
        .args(["report", "-q", "-o", "page.html"])
        .args(arguments)
        .assert()
        .stdout("");
    (
        assert.get_output().status.code().unwrap(),
        fs::read_to_string(page).ok(),
        cli_common::stderr(&assert),
    )
}

/// The page of a run in which all went well.
fn page(folder: &Path, arguments: &[&str]) -> String {
    let (status, page, messages) = report(folder, arguments);
    assert_eq!((status, messages.as_str()), (0, ""));
    page.unwrap()
}

/// What a script element of the page holds.
fn json(page: &str, id: &str) -> Value {
    let begin = format!("<script type=\"application/json\" id=\"{id}\">");
    let start = page.find(&begin).unwrap() + begin.len();
    let end = start + page[start..].find("</script>").unwrap();
    serde_json::from_str(&page[start..end]).unwrap()
}

fn figures(page: &str) -> Value {
    json(page, "data")["figures"].clone()
}

fn documents(page: &str) -> Vec<Value> {
    json(page, "document-data").as_array().unwrap().clone()
}
