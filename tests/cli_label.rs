//! `sayso label` as its users run it, on inputs that are as they should be.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::fs;
use std::io::{self, Seek};
use std::path::Path;

use cli_common::{COLUMNS, CORPUS, HARBOUR, Rows, folder, sayso, stdout};
use predicates::prelude::*;
use sayso::classifier::Classifier;
use sayso::document::Document;
use sayso::output::{self, OutputFormat, TableOptions};
use sayso::prediction::LabeledDocument;

#[test]
fn a_text_file_gives_one_row_per_sentence() {
    let folder = folder(&[("harbour.txt", HARBOUR)]);
    let assert = sayso()
        .current_dir(&folder)
        .args(["label", "harbour.txt"])
        .assert()
        .success();
    let rows = Rows::of_csv(&stdout(&assert));
    assert_eq!(rows.header, COLUMNS);
    assert_eq!(rows.column("doc_id"), ["harbour.txt"; 4]);
    assert_eq!(rows.column("sentence"), ["0", "1", "2", "3"]);

    let characters: Vec<char> = HARBOUR.chars().collect();
    let (starts, ends) = (rows.column("start"), rows.column("end"));
    for (index, text) in rows.column("text").into_iter().enumerate() {
        let (start, end): (usize, usize) = (starts[index].parse().unwrap(), ends[index].parse().unwrap());
        assert_eq!(characters[start..end].iter().collect::<String>(), text);
    }
}

#[test]
fn source_and_cue_are_words_of_an_attributed_sentence() {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/wire-story.txt");
    let text: Vec<char> = fs::read_to_string(&story).unwrap().chars().collect();
    let assert = sayso()
        .arg("label")
        .arg(&story)
        .args(["--format", "jsonl"])
        .assert();
    let mut with_source = 0;
    for line in stdout(&assert.success()).lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let number = |value: &serde_json::Value| value.as_u64().unwrap() as usize;
        let spans = row["spans"].as_array().unwrap();
        if row["attribution"] == "none" {
            assert!(
                row["source"].is_null() && row["cue"].is_null() && spans.is_empty(),
                "{row}"
            );
        }
        for kind in ["source", "cue"] {
            let of_kind = spans.iter().filter(|span| span["kind"] == kind);
            let words: Vec<String> = of_kind
                .map(|span| {
                    text[number(&span["start"])..number(&span["end"])]
                        .iter()
                        .collect()
                })
                .collect();
            match row[kind].as_str() {
                Some(reported) => assert!(words.iter().any(|words| words == reported), "{row}"),
                None => assert!(words.is_empty(), "{row}"),
            }
        }
        for span in spans {
            let inside = number(&row["start"]) <= number(&span["start"])
                && number(&span["end"]) <= number(&row["end"]);
            assert!(inside, "{row}");
        }
        with_source += usize::from(row["source"].is_string());
    }
    assert!(with_source >= 8, "{with_source} of 25 sentences");
}

#[test]
fn rows_below_a_least_confidence_are_marked() {
    let folder = folder(&[("harbour.txt", HARBOUR)]);
    let label = |bound: &str| {
        let mut command = sayso();
        command
            .arg("label")
            .arg(folder.path())
            .args(["--min-confidence", bound]);
        command.assert()
    };
    for (bound, marked) in [("0", "false"), ("1", "true")] {
        let rows = Rows::of_csv(&stdout(&label(bound).success()));
        assert_eq!(rows.header.last().map(String::as_str), Some("uncertain"));
        assert_eq!(
            rows.column("uncertain"),
            [marked; 4],
            "confidence is below 1 and not below 0"
        );
    }
    for wrong in ["1.5", "-0.1", "NaN", "often"] {
        let refused = label(wrong);
        refused.code(2).stdout("");
    }
}

#[test]
fn labels_and_probabilities_agree_with_each_other() {
    let folder = folder(&[("harbour.txt", HARBOUR), ("corpus.jsonl", CORPUS)]);
    let assert = sayso().arg("label").arg(folder.path()).assert().success();
    let rows = Rows::of_csv(&stdout(&assert));
    assert_eq!(rows.rows.len(), 8);
    let number = |column: &str, row: usize| -> f64 { rows.column(column)[row].parse().unwrap() };
    for row in 0..rows.rows.len() {
        let label = match (rows.column("stance")[row], rows.column("attribution")[row]) {
            ("none", _) => "none",
            (_, "anonymous") => "anonymous",
            ("deny", _) => "denial",
            _ => "assertion",
        };
        assert_eq!(rows.column("label")[row], label);
        let is_anonymous = rows.column("attribution")[row] == "anonymous";
        assert_eq!(!rows.column("anonymity")[row].is_empty(), is_anonymous);
        let stances = number("p_assert", row) + number("p_deny", row) + number("p_no_comment", row);
        let attributions = number("p_named", row) + number("p_anonymous", row) + number("p_unspecified", row);
        assert!((0.0..=1.001).contains(&stances) && (0.0..=1.001).contains(&attributions));
        assert!((0.0..=1.0).contains(&number("confidence", row)));
    }
}

#[test]
fn sentences_that_are_split_already_stay_so_and_context_is_not_reported() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    let assert = sayso()
        .arg("label")
        .arg(folder.path().join("corpus.jsonl"))
        .assert()
        .success();
    let rows = Rows::of_csv(&stdout(&assert));
    assert_eq!(rows.column("doc_id"), ["ferry", "ferry", "dam", "dam"]);
    assert_eq!(
        rows.column("text")[..2],
        [
            "The owner rejected claims of a drunken crew.",
            "The inquiry opens in May."
        ]
    );
    assert_eq!((rows.column("start")[1], rows.column("end")[1]), ("45", "70"));
}

#[test]
fn kept_fields_follow_in_the_order_asked_for() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    let mut command = sayso();
    command
        .arg("label")
        .arg(folder.path().join("corpus.jsonl"))
        .args(["--keep", "date,outlet"]);
    let rows = Rows::of_csv(&stdout(&command.assert().success()));
    assert_eq!(rows.header[18..], ["date", "outlet"]);
    assert_eq!(
        rows.column("outlet"),
        ["Ostby Courier", "Ostby Courier", "Velm, Daily", "Velm, Daily"]
    );
    assert_eq!(rows.column("date"), [""; 4]);
}

#[test]
fn columns_can_be_chosen() {
    let line = r#"{"nr": 7, "lead": "The mill in Karst closed. Nobody knew why.", "text": "Not this."}"#;
    let mut command = sayso();
    command.args([
        "label",
        "--text-column",
        "lead",
        "--id-column",
        "nr",
        "--input-format",
        "jsonl",
    ]);
    let rows = Rows::of_csv(&stdout(&command.write_stdin(line).assert().success()));
    assert_eq!(rows.column("doc_id"), ["7", "7"]);
    assert_eq!(
        rows.column("text"),
        ["The mill in Karst closed.", "Nobody knew why."]
    );
}

#[test]
fn standard_input_gives_the_same_rows_as_a_file() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    let file = sayso()
        .arg("label")
        .arg(folder.path().join("corpus.jsonl"))
        .assert()
        .success();
    let named = sayso()
        .args(["label", "-"])
        .write_stdin(CORPUS)
        .assert()
        .success();
    let unnamed = sayso().arg("label").write_stdin(CORPUS).assert().success();
    assert_eq!(stdout(&file).lines().count(), 5);
    assert_eq!(stdout(&file), stdout(&named));
    assert_eq!(stdout(&file), stdout(&unnamed));
}

#[test]
fn text_on_standard_input_is_one_document() {
    let folder = folder(&[("harbour.txt", HARBOUR)]);
    let file = sayso()
        .arg("label")
        .arg(folder.path().join("harbour.txt"))
        .assert()
        .success();
    let piped = sayso().arg("label").write_stdin(HARBOUR).assert().success();
    let (file, piped) = (Rows::of_csv(&stdout(&file)), Rows::of_csv(&stdout(&piped)));
    assert_eq!(piped.rows.len(), 4);
    let without_id = |rows: &Rows| rows.rows.iter().map(|row| row[1..].to_vec()).collect::<Vec<_>>();
    assert_eq!(without_id(&file), without_id(&piped));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let corpus: String = (0..60).map(invented_line).collect();
    let run = |threads: &str| {
        let assert = sayso()
            .args(["label", "-q", "--threads", threads])
            .write_stdin(corpus.clone())
            .assert();
        stdout(&assert.success())
    };
    let one = run("1");
    assert!(one.lines().count() > 60);
    assert_eq!(one, run("2"));
    assert_eq!(one, run("7"));
}

/// A short invented article as a JSONL line; the sizes differ so that batches do not line up.
fn invented_line(number: usize) -> String {
    let text = invented_text(number);
    format!(
        "{}\n",
        serde_json::json!({"doc_id": format!("story-{number}"), "text": text})
    )
}

fn invented_text(number: usize) -> String {
    let sentences = [
        format!("The mayor of Ostby denied story number {number}."),
        "A clerk who would not be named said otherwise.".to_owned(),
        format!("Was it {number} crowns?"),
        "“Read the ledger,” the treasurer, Jorun Vale, said.".to_owned(),
    ];
    // Most are short, so that hundreds of documents take seconds.
    sentences[..[1, 1, 2, 1, 4][number % 5]].join(" ")
}

/// The CSV of one document, written through the library.
fn rows_alone(document: &LabeledDocument) -> String {
    let mut file = tempfile::tempfile().unwrap();
    let mut rows = output::writer(
        OutputFormat::Csv,
        &TableOptions::default(),
        Box::new(file.try_clone().unwrap()),
    )
    .unwrap();
    rows.write(document).unwrap();
    rows.finish().unwrap();
    file.rewind().unwrap();
    io::read_to_string(file).unwrap()
}

#[test]
fn documents_in_a_crowd_get_the_rows_that_they_get_alone() {
    let files: Vec<(String, String)> = (0..500)
        .map(|number| {
            (
                format!("{:02}/story-{number}.txt", number % 13),
                invented_text(number),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let folder = folder(&files);
    let crowd = sayso()
        .current_dir(&folder)
        .args(["label", "."])
        .assert()
        .success();
    let crowd = stdout(&crowd);
    let (header, crowd) = crowd.split_once('\n').unwrap();
    let mut crowd_rows = crowd.lines();

    // Each document alone goes through the library, in one process, because 500 starts would take a minute;
    // every fiftieth goes through the program as well.
    let classifier = Classifier::embedded().unwrap();
    let mut names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    for (index, name) in names.iter().enumerate() {
        let path = format!("./{name}");
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        let labeled = classifier
            .label(&Document::from_text(path.as_str(), text))
            .unwrap();
        let alone = rows_alone(&labeled);
        assert_eq!(alone.lines().next(), Some(header));
        if index % 50 == 0 {
            let program = sayso()
                .current_dir(&folder)
                .args(["label", "-q", &path])
                .assert()
                .success();
            assert_eq!(stdout(&program), alone);
        }
        for row in alone.lines().skip(1) {
            assert_eq!(crowd_rows.next(), Some(row));
        }
    }
    assert_eq!(crowd_rows.next(), None);
}

#[test]
fn a_model_from_a_folder_answers_like_the_built_in_one() {
    let built_in = sayso().arg("label").write_stdin(CORPUS).assert().success();
    let mut command = sayso();
    command
        .arg("label")
        .arg("--model")
        .arg(cli_common::default_model());
    let loaded = command.write_stdin(CORPUS).assert().success();
    assert_eq!(stdout(&built_in).lines().count(), 5);
    assert_eq!(stdout(&built_in), stdout(&loaded));
}

#[test]
fn the_smaller_model_answers_from_its_folder() {
    let fast = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fast");
    let mut command = sayso();
    command.args(["label", "--model"]).arg(fast);
    let text = "\"We knew of the crack,\" two officials said on condition of anonymity.\n\nThe minister denied the report.\n";
    let rows = Rows::of_csv(&stdout(&command.write_stdin(text).assert().success()));
    assert_eq!(rows.column("label"), ["anonymous", "denial"]);
    assert_eq!(rows.column("source"), ["two officials", "The minister"]);
}

#[test]
fn nothing_to_read_gives_a_header() {
    sayso()
        .arg("label")
        .assert()
        .success()
        .stdout(predicate::eq(format!("{}\n", COLUMNS.join(","))));
}
