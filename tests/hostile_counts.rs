//! Corpora of extreme shape: a million documents of nothing, a million of one word, one of a million sentences, one that is
//! as large as a library.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;
mod hostile_common;

use std::convert::Infallible;
use std::fs;
use std::io::{BufWriter, Write};

use cli_common::folder;
use hostile_common::{label, shell, stand_in};
use sayso::batch::{BatchRunner, Outcome};
use sayso::document::Document;
use sayso::error::Reject;

const MILLION: usize = 1_000_000;

/// Labels `documents` with the stand-in; returns how many sentences each had, in order.
fn sentences_of(documents: impl Iterator<Item = Document>) -> Vec<usize> {
    let mut counts = Vec::new();
    let records = documents.map(Ok::<_, Reject>);
    let run = BatchRunner::new(None)
        .unwrap()
        .run(&stand_in::classifier(), records, |outcome| {
            match outcome {
                Outcome::Labeled(document) => {
                    assert_eq!(document.id, counts.len().to_string());
                    counts.push(document.sentences.len());
                }
                Outcome::Rejected(reject) => panic!("{reject}"),
            }
            Ok::<_, Infallible>(())
        });
    run.unwrap();
    counts
}

#[test]
fn a_million_empty_documents() {
    let folder = folder::<&str>(&[]);
    let mut file = BufWriter::new(fs::File::create(folder.path().join("corpus.jsonl")).unwrap());
    (0..MILLION).for_each(|number| writeln!(file, "{{\"doc_id\": \"{number}\", \"text\": \"\"}}").unwrap());
    drop(file);
    let run = shell(folder.path(), "$SAYSO label corpus.jsonl -o rows.csv");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let guess = "sayso: corpus.jsonl: the text is taken from \"text\", the id from \"doc_id\"\n1000000 documents, 0 sentences in ";
    assert!(run.stderr.starts_with(guess), "{}", run.stderr);
    assert!(
        run.stderr.ends_with("0 records rejected, 0 warnings\n"),
        "{}",
        run.stderr
    );
    let rows = fs::read_to_string(folder.path().join("rows.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1, "the header");
}

#[test]
fn a_million_documents_of_one_word() {
    let documents = (0..MILLION).map(|number| Document::from_text(number.to_string(), "Rain."));
    assert!(sentences_of(documents) == vec![1; MILLION]);
}

#[test]
fn a_document_of_a_million_sentences_of_one_word() {
    let split = Document::from_sentences("0", vec!["Rain."; MILLION]);
    assert_eq!(sentences_of([split].into_iter()), [MILLION]);
    // Of two letters or more, so that none is taken for an initial.
    let running = Document::from_text("0", "Rain fell. ".repeat(MILLION));
    assert_eq!(sentences_of([running].into_iter()), [MILLION]);
}

/// As many as the real encoder does in a few seconds; the million above goes through a stand-in.
#[test]
fn the_program_labels_many_sentences_of_one_word() {
    let count = 10_000;
    let folder = folder(&[
        ("one.txt", "Rain fell. ".repeat(count)),
        (
            "two.jsonl",
            (0..count)
                .map(|number| format!("{{\"id\": {number}, \"text\": \"Rain.\"}}\n"))
                .collect(),
        ),
    ]);
    let run = label(folder.path(), &["one.txt", "two.jsonl"]);
    assert_eq!((run.verdict(), run.rows()), ((Some(0), ""), 2 * count));
}

#[test]
fn a_document_of_50_megabytes_does_not_harm_the_others() {
    let sentence = "The minister of Orland said on Friday that nobody had paid. ";
    let large = sentence.repeat(50_000_000 / sentence.len());
    let number = large.len() / sentence.len();
    let documents = ["It rained in Karst.", &large, "Nobody was hurt. It thawed."];
    let documents = documents
        .into_iter()
        .enumerate()
        .map(|(id, text)| Document::from_text(id.to_string(), text));
    assert_eq!(sentences_of(documents), [1, number, 2]);
}

#[test]
fn a_document_over_a_limit_that_is_set_is_rejected_by_it() {
    let large = "The minister of Orland said on Friday that nobody had paid. ".repeat(900_000);
    assert!(large.len() > 50_000_000);
    let line = |id: &str, text: &str| serde_json::json!({"doc_id": id, "text": text}).to_string() + "\n";
    let corpus = line("a", "It rained in Karst.") + &line("b", &large) + &line("c", "It thawed.");
    let folder = folder(&[("corpus.jsonl", corpus), ("large.txt", large)]);
    let run = label(
        folder.path(),
        &["corpus.jsonl", "large.txt", "--max-record-bytes", "50000000"],
    );
    let expected = "sayso: corpus.jsonl:2: longer than the limit of 50000000 bytes\n\
                    sayso: large.txt: longer than the limit of 50000000 bytes\n";
    assert_eq!((run.verdict(), run.rows()), ((Some(1), expected), 2));
}
