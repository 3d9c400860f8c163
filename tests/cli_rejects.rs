//! What `--rejects` writes, and where `--max-rejects` stops.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::fs;
use std::path::Path;

use cli_common::{HARBOUR, folder, label, names_in};
use serde_json::{Value, json};

/// A table whose second, third and fourth rows are wrong.
const TABLE: &[u8] =
    b"doc_id,text\none,It rained.\ntwo\nthree,Br\xf8nlund spoke.\none,It rained again.\nfive,It snowed.\n";

fn rejects(path: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(path).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_rejected_record_is_written_with_its_place_and_its_bytes() {
    let folder = folder(&[("corpus.csv", TABLE), ("photo.txt", b"\x7fELF\0")]);
    let (status, documents, messages) = label(
        folder.path(),
        &[
            "gone.txt",
            "corpus.csv",
            "photo.txt",
            "--rejects",
            "rejects.jsonl",
        ],
    );
    assert_eq!(
        (status, documents),
        (1, vec!["one".to_owned(), "five".to_owned()])
    );
    assert_eq!(messages.lines().count(), 5, "{messages}");
    let hex: String = b"three,Br\xf8nlund spoke."
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let expected = [
        json!({"file": "gone.txt", "record": null, "offset": null, "document": null,
            "reason": "gone.txt: no such file or directory", "raw": null}),
        json!({"file": "corpus.csv", "record": 2, "offset": 27, "document": null,
            "reason": "expected 2 cells, found 1", "raw": "two"}),
        json!({"file": "corpus.csv", "record": 3, "offset": 31, "document": null,
            "reason": "not valid UTF-8 at byte 8", "raw": null, "raw_hex": hex}),
        json!({"file": "corpus.csv", "record": 4, "offset": 53, "document": "one",
            "reason": "its id was already used by corpus.csv:1", "raw": "one,It rained again."}),
        json!({"file": "photo.txt", "record": null, "offset": null, "document": "photo.txt",
            "reason": "looks like a binary file: NUL at byte 4", "raw": null}),
    ];
    assert_eq!(rejects(&folder.path().join("rejects.jsonl")), expected);
    assert_eq!(names_in(folder.path()).len(), 3, "no temporary file stays");
}

#[test]
fn the_offset_finds_the_record() {
    let folder = folder(&[("corpus.csv", TABLE)]);
    label(folder.path(), &["corpus.csv", "--rejects", "rejects.jsonl"]);
    for reject in rejects(&folder.path().join("rejects.jsonl")) {
        let offset = usize::try_from(reject["offset"].as_u64().unwrap()).unwrap();
        if let Some(raw) = reject["raw"].as_str() {
            assert!(TABLE[offset..].starts_with(raw.as_bytes()), "{reject}");
        }
    }
}

#[test]
fn without_rejects_the_file_is_empty() {
    let folder = folder(&[("harbour.txt", HARBOUR), ("rejects.jsonl", "of an older run\n")]);
    let (status, ..) = label(folder.path(), &["harbour.txt", "--rejects", "rejects.jsonl"]);
    assert_eq!(status, 0);
    assert_eq!(
        fs::read_to_string(folder.path().join("rejects.jsonl")).unwrap(),
        ""
    );
}

#[test]
fn as_many_rejects_as_allowed_do_not_stop_the_run() {
    let folder = folder(&[("corpus.csv", TABLE)]);
    let (status, documents, messages) = label(folder.path(), &["corpus.csv", "--max-rejects", "3"]);
    assert_eq!(
        (status, documents),
        (1, vec!["one".to_owned(), "five".to_owned()])
    );
    assert_eq!(messages.lines().count(), 3, "{messages}");
}

#[test]
fn one_reject_more_stops_the_run_and_leaves_the_output_alone() {
    let folder = folder(&[("corpus.csv", TABLE), ("rows.csv", b"older rows")]);
    let (status, _, messages) = label(
        folder.path(),
        &[
            "corpus.csv",
            "--max-rejects",
            "1",
            "--rejects",
            "rejects.jsonl",
            "-o",
            "rows.csv",
        ],
    );
    assert_eq!(status, 2);
    assert!(
        messages.ends_with("sayso: stopped: more than 1 record rejected\n"),
        "{messages}"
    );
    assert_eq!(messages.lines().count(), 4, "{messages}");
    assert_eq!(fs::read(folder.path().join("rows.csv")).unwrap(), b"older rows");
    assert_eq!(
        rejects(&folder.path().join("rejects.jsonl")).len(),
        2,
        "they are most needed now"
    );
    assert!(
        names_in(folder.path()).contains(&"rows.csv.progress".to_owned()),
        "what was done is kept"
    );
}

#[test]
fn an_input_that_is_missing_counts() {
    let folder = folder(&[("harbour.txt", HARBOUR)]);
    let (status, documents, messages) =
        label(folder.path(), &["gone.txt", "harbour.txt", "--max-rejects", "0"]);
    assert_eq!((status, documents.len()), (2, 0));
    assert_eq!(
        messages,
        "sayso: gone.txt: no such file or directory\nsayso: stopped: more than 0 records rejected\n"
    );
}

#[test]
fn rejects_must_not_overwrite_input_or_output() {
    let folder = folder(&[("corpus.csv", TABLE)]);
    for (file, expected) in [
        (
            "./corpus.csv",
            "cannot write ./corpus.csv: it is also the input corpus.csv",
        ),
        ("./rows.csv", "cannot write ./rows.csv: it is also the output"),
        (
            "-",
            "cannot write the rejects to standard output, where the rows go; name a file",
        ),
        (
            "no/rejects.jsonl",
            "cannot write no/rejects.jsonl: there is no folder no",
        ),
    ] {
        let (status, documents, messages) = label(
            folder.path(),
            &["corpus.csv", "-o", "rows.csv", "--rejects", file],
        );
        assert_eq!((status, documents.len()), (2, 0), "{file}");
        assert_eq!(messages, format!("sayso: {expected}\n"));
    }
    assert_eq!(fs::read(folder.path().join("corpus.csv")).unwrap(), TABLE);
    assert_eq!(names_in(folder.path()), ["corpus.csv"]);
}
