//! Inputs that go wrong in practice: each with its message, its exit status, and the good rows beside it.

mod cli_common;

use cli_common::{COLUMNS, CORPUS, HARBOUR, Rows, folder, label, sayso, stderr, stdout};
use predicates::prelude::*;
use predicates::str::contains;

#[test]
fn a_missing_file_alone() {
    let folder = folder(&[("harbour.txt", HARBOUR)]);
    let (status, documents, messages) = label(folder.path(), &["habour.txt"]);
    assert_eq!((status, documents.len()), (2, 0));
    assert_eq!(messages, "sayso: habour.txt: no such file or directory\n");
}

#[test]
fn a_missing_file_beside_a_good_one() {
    let folder = folder(&[("harbour.txt", HARBOUR)]);
    let (status, documents, messages) = label(folder.path(), &["gone.txt", "harbour.txt"]);
    assert_eq!((status, documents), (1, vec!["harbour.txt".to_owned()]));
    assert_eq!(messages, "sayso: gone.txt: no such file or directory\n");
}

#[test]
fn a_directory_with_nothing_to_read() {
    let folder = folder(&[("photos/mill.png", "not text")]);
    let (status, documents, messages) = label(folder.path(), &["photos"]);
    assert_eq!((status, documents.len()), (2, 0));
    assert!(
        messages.starts_with("sayso: photos: no readable file in this directory"),
        "{messages}"
    );
    assert!(messages.contains(".jsonl"), "{messages}");
}

#[test]
fn an_empty_file_is_a_document_without_sentences() {
    let folder = folder(&[("empty.txt", ""), ("blank.txt", " \n\n"), ("empty.jsonl", "")]);
    let header = COLUMNS.join(",") + "\n";
    for name in ["empty.txt", "blank.txt", "empty.jsonl"] {
        sayso()
            .current_dir(&folder)
            .args(["label", "-q", name])
            .assert()
            .success()
            .stdout(header.clone())
            .stderr("");
    }
}

#[test]
fn files_that_are_no_text_among_good_ones() {
    let latin1: &[u8] = b"Br\xf8nlund spoke.";
    let folder = folder(&[
        ("a.txt", HARBOUR.as_bytes()),
        ("b.txt", latin1),
        ("c.txt", b"\x7fELF\0\0\0\x01"),
        ("d.txt", HARBOUR.as_bytes()),
    ]);
    let (status, documents, messages) = label(folder.path(), &["."]);
    assert_eq!(status, 1);
    assert_eq!(documents, ["./a.txt", "./d.txt"]);
    let messages: Vec<&str> = messages.lines().collect();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0], "sayso: ./b.txt: not valid UTF-8 at byte 2");
    assert!(
        messages[1].starts_with("sayso: ./c.txt: looks like a binary file"),
        "{}",
        messages[1]
    );
}

#[test]
fn a_file_that_is_no_text_alone() {
    let folder = folder(&[("b.txt", b"Br\xf8nlund spoke.")]);
    let (status, documents, messages) = label(folder.path(), &["b.txt"]);
    assert_eq!((status, documents.len()), (2, 0));
    assert_eq!(messages, "sayso: b.txt: not valid UTF-8 at byte 2\n");
}

/// A corpus whose third line is `broken`, between good ones.
fn corpus_with(broken: &str) -> (i32, Vec<String>, String) {
    let good = |id: &str| {
        format!(
            "{}\n",
            serde_json::json!({"doc_id": id, "text": "It rained in Karst."})
        )
    };
    let corpus = format!("{}{}{broken}\n{}", good("one"), good("two"), good("four"));
    label(folder(&[("corpus.jsonl", corpus)]).path(), &["corpus.jsonl"])
}

#[test]
fn broken_records_cost_only_themselves() {
    for (broken, reason) in [
        (r#"{"doc_id": "three", "text": "The mill"#, "broken JSON"),
        (
            r#"["three", "The mill closed."]"#,
            "expected a JSON object, found a list",
        ),
        (r#"{"doc_id": "three"}"#, "is missing"),
        (
            r#"{"doc_id": "three", "text": 3}"#,
            "expected a string, found a number",
        ),
        (
            r#"{"doc_id": "three", "sentences": "The mill closed."}"#,
            "expected a list",
        ),
        (
            r#"{"doc_id": "one", "text": "The mill closed."}"#,
            "its id was already used by corpus.jsonl:1",
        ),
    ] {
        let (status, documents, messages) = corpus_with(broken);
        assert_eq!(status, 1, "{broken}");
        assert_eq!(documents, ["one", "two", "four"], "{broken}");
        assert!(
            messages.starts_with("sayso: corpus.jsonl:3: "),
            "{broken}: {messages}"
        );
        assert!(messages.contains(reason), "{broken}: {messages}");
        assert_eq!(messages.lines().count(), 1, "{broken}: {messages}");
    }
}

#[test]
fn the_summary_counts_what_was_rejected() {
    let mut command = sayso();
    command
        .arg("label")
        .write_stdin(format!("{CORPUS}{{}}\n{CORPUS}"));
    command
        .assert()
        .code(1)
        .stderr(contains("2 documents, 4 sentences").and(contains("3 records rejected")));
}

#[test]
fn standard_input_cannot_be_read_twice() {
    let assert = sayso()
        .args(["label", "-q", "-", "-"])
        .write_stdin(CORPUS)
        .assert()
        .code(1);
    assert_eq!(Rows::of_csv(&stdout(&assert)).rows.len(), 4);
    assert!(stderr(&assert).contains("standard input is given more than once"));
}

#[test]
fn a_name_cannot_write_to_the_terminal() {
    let (id, line) = ("\u{1b}]0;owned\u{7}\u{202e}", "It rained in Karst.");
    let record = serde_json::json!({"doc_id": id, "text": line}).to_string();
    let mut command = sayso();
    command.args(["label", "evil\u{1b}[2J\nsayso: all well.txt", "-"]);
    let messages = stderr(
        &command
            .write_stdin(format!("{record}\n{record}"))
            .assert()
            .code(1),
    );
    assert!(
        !messages.contains(['\u{1b}', '\u{7}', '\u{202e}']),
        "{messages:?}"
    );
    assert!(
        messages.contains("evil\\u{1b}[2J\\nsayso: all well.txt: no such file"),
        "{messages}"
    );
    assert!(messages.contains("its id was already used"), "{messages}");
}
