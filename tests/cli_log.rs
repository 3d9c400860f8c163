//! Standard error for programs: `--log json`.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use cli_common::{corpus, folder, sayso, stderr};
use serde_json::{Value, json};

/// Every line of standard error, which must all be objects.
fn events(messages: &str) -> Vec<Value> {
    let events: Vec<Value> = messages
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for event in &events {
        let time = event["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
        assert!(
            event["message"].is_string() && event["level"].is_string(),
            "{event}"
        );
    }
    events
}

#[test]
fn every_line_is_an_object() {
    let evil = "{\"id\": \"\\u001b[2J\\nsayso: fine\", \"text\": 7}\n";
    let folder = folder(&[("corpus.jsonl", corpus(6) + evil)]);
    let assert = sayso()
        .current_dir(&folder)
        .args([
            "label",
            "corpus.jsonl",
            "missing.txt",
            "--log",
            "json",
            "-o",
            "rows.csv",
        ])
        .assert()
        .code(1);
    let events = events(&stderr(&assert));
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["input", "guess", "reject", "reject", "done"]);
    assert_eq!(events[0]["file"], "missing.txt");
    assert_eq!(events[2]["record"], 5);
    assert_eq!(events[3]["document"], "\u{1b}[2J\nsayso: fine");
    assert_eq!(
        events[3]["reason"],
        "field \"text\": expected a string, found a number"
    );
    let done = &events[4];
    assert_eq!(
        (&done["documents"], &done["rejected"], &done["level"]),
        (&json!(5), &json!(3), &json!("info"))
    );
    let labels: u64 = done["labels"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(done["sentences"], labels);
}

#[test]
fn errors_are_objects_too_and_quiet_leaves_nothing_else() {
    let folder = folder(&[("corpus.jsonl", corpus(6))]);
    let run = |more: &[&str]| {
        let mut command = sayso();
        command
            .current_dir(&folder)
            .args(["label", "corpus.jsonl", "--log", "json", "-q"])
            .args(more)
            .assert()
    };
    let refused = events(&stderr(&run(&["-o", "nowhere/rows.csv"]).code(2)));
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["event"], "error");
    assert_eq!(
        refused[0]["message"],
        "cannot write nowhere/rows.csv: there is no folder nowhere"
    );

    let stopped = events(&stderr(&run(&["-o", "rows.csv", "--max-rejects", "0"]).code(2)));
    let kinds: Vec<_> = stopped
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["reject", "kept", "error"]);
    assert_eq!(stopped[1]["documents"], 4);
    assert_eq!(
        events(&stderr(&run(&["-o", "rows.csv", "--resume"]).code(1))).len(),
        1
    );
}
