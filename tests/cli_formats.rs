//! The formats of input as users meet them: by extension, through a pipe, compressed, in directories.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::io::Write;

use cli_common::{Rows, folder, label, sayso, stderr, stdout};
use predicates::prelude::*;
use predicates::str::contains;

const TABLE: &str =
    "url,Body,outlet\nhttps://a.example/1,\"It rained in Karst.\nNobody minded.\",Ostby Courier\n";

fn gzip(text: &str) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

#[test]
fn a_table_is_labelled_and_the_guess_is_said() {
    let folder = folder(&[("corpus.csv", TABLE)]);
    let assert = sayso()
        .current_dir(&folder)
        .args(["label", "corpus.csv", "--keep", "outlet"])
        .assert()
        .success();
    let rows = Rows::of_csv(&stdout(&assert));
    assert_eq!(rows.column("doc_id"), ["https://a.example/1"; 2]);
    assert_eq!(rows.column("text"), ["It rained in Karst.", "Nobody minded."]);
    assert_eq!(rows.column("outlet"), ["Ostby Courier"; 2]);
    let guess = "sayso: corpus.csv: the text is taken from \"Body\", the id from \"url\"\n";
    assert!(stderr(&assert).starts_with(guess), "{}", stderr(&assert));
}

#[test]
fn nothing_is_said_of_guesses_where_columns_are_named_or_quiet_is_asked_for() {
    let folder = folder(&[("corpus.csv", TABLE)]);
    let mut named = sayso();
    named.current_dir(&folder).args(["label", "corpus.csv"]);
    named.args(["--text-column", "Body", "--id-column", "url"]);
    named.assert().success().stderr(contains("taken from").not());
    let (status, _, messages) = label(folder.path(), &["corpus.csv"]);
    assert_eq!((status, messages.as_str()), (0, ""));
}

#[test]
fn a_compressed_table_through_a_pipe_gives_the_rows_of_the_file() {
    let folder = folder(&[
        ("corpus.csv", TABLE.as_bytes().to_vec()),
        ("packed.csv.gz", gzip(TABLE)),
    ]);
    let file = sayso()
        .current_dir(&folder)
        .args(["label", "-q", "corpus.csv"])
        .assert()
        .success();
    let packed = sayso()
        .current_dir(&folder)
        .args(["label", "-q", "packed.csv.gz"])
        .assert()
        .success();
    let piped = sayso()
        .args(["label", "-q", "--input-format", "csv"])
        .write_stdin(gzip(TABLE))
        .assert()
        .success();
    assert_eq!(stdout(&file).lines().count(), 3);
    assert_eq!(stdout(&packed), stdout(&file));
    assert_eq!(stdout(&piped), stdout(&file));
}

#[test]
fn a_truncated_archive_gives_its_good_records_and_status_1() {
    let line = |number| format!("{{\"id\": \"story-{number}\", \"sentences\": []}}\n");
    let lines: String = (0..5000).map(line).collect();
    let mut bytes = gzip(&lines);
    bytes.truncate(bytes.len() / 2);
    let folder = folder(&[("corpus.jsonl.gz", bytes)]);
    let assert = sayso()
        .current_dir(&folder)
        .args(["label", "corpus.jsonl.gz"])
        .assert()
        .code(1);
    let messages = stderr(&assert);
    assert!(messages.contains("\nsayso: corpus.jsonl.gz:"), "{messages}");
    assert!(messages.contains(": cannot be read: "), "{messages}");
    assert!(messages.contains("1 record rejected"), "{messages}");
    assert!(!messages.contains("\n0 documents"), "{messages}");
}

#[test]
fn a_pattern_chooses_in_a_directory() {
    let folder = folder(&[
        ("news/2024-may.csv", "text\nIt rained.\n"),
        ("news/2025-may.csv", "text\nIt snowed.\n"),
        ("news/notes.md", "It thawed."),
    ]);
    let (status, documents, _) = label(folder.path(), &["news", "--glob", "2024-*", "-g", "*.md"]);
    assert_eq!(status, 0);
    assert_eq!(documents, ["news/2024-may.csv#1", "news/notes.md"]);
    let (status, _, messages) = label(folder.path(), &["news", "--glob", "*.tsv"]);
    let expected = "sayso: news: no readable file in this directory (looked for *.tsv)\n";
    assert_eq!((status, messages.as_str()), (2, expected));
    sayso()
        .current_dir(&folder)
        .args(["label", "news", "--glob", "[a"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("\"[a\" is not a pattern"));
}

#[test]
fn a_document_over_the_limit_does_not_harm_the_others() {
    let long = "It rained in Karst. ".repeat(100);
    let folder = folder(&[
        ("a.txt", "It rained.".to_owned()),
        ("b.txt", long.clone()),
        (
            "c.jsonl",
            format!("{{\"text\": \"{long}\"}}\n{{\"text\": \"It snowed.\"}}\n"),
        ),
    ]);
    let (status, documents, messages) = label(folder.path(), &[".", "--max-record-bytes", "1000"]);
    assert_eq!(status, 1);
    assert_eq!(documents, ["./a.txt", "./c.jsonl#2"]);
    assert_eq!(
        messages,
        "sayso: ./b.txt: longer than the limit of 1000 bytes\nsayso: ./c.jsonl:1: longer than the limit of 1000 bytes\n"
    );
}

#[test]
fn columns_and_ids_cannot_write_to_the_terminal() {
    let table = "\"te\u{1b}[2Jxt\"\nIt rained.\n";
    let assert = sayso()
        .args(["label", "--input-format", "csv"])
        .write_stdin(table)
        .assert()
        .success();
    let messages = stderr(&assert);
    assert!(!messages.contains('\u{1b}'), "{messages:?}");
    assert!(messages.contains("the text is taken from"), "{messages}");
    let table = "id,text\n\"a\n\u{1b}[2J\",It rained.\n\"a\n\u{1b}[2J\",It snowed.\n";
    let assert = sayso()
        .args(["label", "-q", "--input-format", "csv"])
        .write_stdin(table)
        .assert()
        .code(1);
    let messages = stderr(&assert);
    assert!(
        !messages.contains('\u{1b}') && messages.lines().count() == 1,
        "{messages:?}"
    );
    assert!(
        messages.contains("its id was already used by <stdin>:1"),
        "{messages}"
    );
}

#[test]
fn a_row_without_a_text_column_names_those_that_there_are() {
    let folder = folder(&[
        ("corpus.csv", "name;headline\na;b\n"),
        ("two.tsv", "name\theadline\n"),
    ]);
    let (status, _, messages) = label(folder.path(), &["corpus.csv", "--text-column", "headline"]);
    let expected = "sayso: corpus.csv: no column is called headline; there are: name;headline\n";
    assert_eq!((status, messages.as_str()), (2, expected));
    let (status, _, messages) = label(folder.path(), &["two.tsv"]);
    let expected =
        "sayso: two.tsv: no column is called text, body, content, article; there are: name, headline\n";
    assert_eq!((status, messages.as_str()), (2, expected));
}
