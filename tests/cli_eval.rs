//! `sayso eval`: the figures add up, whatever the model answers.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use cli_common::{folder, sayso, stderr, stdout};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

const GOLD: &str = concat!(
    r#"{"doc_id": "mill", "selection": "natural", "context": ["The mill in Karst burned on Sunday."], "sentences": ["#,
    r#"{"text": "The owner, Jorun Vale, denied that he had set the fire.", "stance": "deny", "attribution": "named"},"#,
    r#"{"text": "Two firefighters said they smelled petrol.", "stance": "assert", "attribution": "anonymous", "anonymity": "role"},"#,
    r#"{"text": "Who gains?", "stance": "none", "attribution": "none"}]}"#,
    "\n",
    r#"{"doc_id": "dam", "selection": "rare", "sentences": ["#,
    r#"{"text": "The Velm dam has reportedly cracked.", "stance": "assert", "attribution": "unspecified"},"#,
    r#"{"text": "The ministry would not comment.", "stance": "no_comment", "attribution": "none"}]}"#,
    "\n",
);

fn report(gold: &str, more: &[&str]) -> Value {
    let folder = folder(&[("gold.jsonl", gold)]);
    let mut command = sayso();
    command
        .arg("eval")
        .arg(folder.path().join("gold.jsonl"))
        .args(["--format", "json"])
        .args(more);
    serde_json::from_str(&stdout(&command.assert().success())).unwrap()
}

fn supports(report: &Value, axis: &str, classes: &[&str]) -> Vec<u64> {
    let support = |class: &&str| {
        report["axes"][axis]["classes"][class]["support"]
            .as_u64()
            .unwrap()
    };
    classes.iter().map(support).collect()
}

#[test]
fn json_counts_the_gold_sentences_of_each_class() {
    let report = report(GOLD, &[]);
    assert_eq!(
        (report["documents"].as_u64(), report["sentences"].as_u64()),
        (Some(2), Some(5))
    );
    assert_eq!(report["rejected"], 0);
    assert!(report["model"].is_string());
    assert_eq!(
        supports(&report, "label", &["assertion", "denial", "anonymous", "none"]),
        [2, 1, 1, 1]
    );
    assert_eq!(
        supports(&report, "stance", &["assert", "deny", "no_comment", "none"]),
        [2, 1, 1, 1]
    );
    assert_eq!(
        supports(
            &report,
            "attribution",
            &["none", "named", "anonymous", "unspecified"]
        ),
        [2, 1, 1, 1]
    );
    let kinds = supports(&report, "anonymity", &["explicit", "role", "group", "document"]);
    assert!(
        kinds == [0, 1, 0, 0] || kinds == [0, 0, 0, 0],
        "counted only if predicted anonymous: {kinds:?}"
    );
}

#[test]
fn accuracy_is_the_diagonal_of_the_confusion_matrix() {
    let report = report(GOLD, &[]);
    for axis in ["label", "stance", "attribution"] {
        let confusion: Vec<Vec<u64>> =
            serde_json::from_value(report["axes"][axis]["confusion"].clone()).unwrap();
        let hits: u64 = (0..4).map(|index| confusion[index][index]).sum();
        assert_eq!(confusion.iter().flatten().sum::<u64>(), 5, "{axis}");
        assert_eq!(
            report["axes"][axis]["accuracy"].as_f64(),
            Some(hits as f64 / 5.0),
            "{axis}"
        );
        let f1: f64 = report["axes"][axis]["classes"]
            .as_object()
            .unwrap()
            .values()
            .map(|class| class["f1"].as_f64().unwrap())
            .sum();
        assert!(
            (report["axes"][axis]["macro_f1"].as_f64().unwrap() - f1 / 4.0).abs() < 1e-9,
            "{axis}"
        );
    }
}

#[test]
fn the_figures_are_those_of_the_rows() {
    let folder = folder(&[("gold.jsonl", GOLD)]);
    let rows = sayso()
        .arg("label")
        .arg(folder.path().join("gold.jsonl"))
        .assert()
        .success();
    let rows = cli_common::Rows::of_csv(&stdout(&rows));
    let gold = ["deny", "assert", "none", "assert", "no_comment"];
    let hits = rows
        .column("stance")
        .iter()
        .zip(gold)
        .filter(|(predicted, gold)| **predicted == *gold)
        .count();
    let report = report(GOLD, &[]);
    assert_eq!(
        report["axes"]["stance"]["accuracy"].as_f64(),
        Some(hits as f64 / 5.0)
    );
}

#[test]
fn a_selection_leaves_the_other_excerpts_out() {
    let report = report(GOLD, &["--selection", "rare"]);
    assert_eq!(
        (report["documents"].as_u64(), report["sentences"].as_u64()),
        (Some(1), Some(2))
    );
}

#[test]
fn a_selection_that_no_excerpt_has() {
    let folder = folder(&[("gold.jsonl", GOLD)]);
    let mut command = sayso();
    command
        .arg("eval")
        .arg(folder.path())
        .args(["--selection", "natrual"]);
    command
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("no excerpt has the selection \"natrual\""));
}

#[test]
fn the_table_names_every_axis_and_class() {
    let folder = folder(&[("gold.jsonl", GOLD)]);
    let table = stdout(
        &sayso()
            .arg("eval")
            .arg(folder.path())
            .assert()
            .success()
            .stderr(""),
    );
    for word in [
        "label",
        "stance",
        "attribution",
        "anonymity",
        "no_comment",
        "unspecified",
        "document",
    ] {
        assert!(
            table
                .lines()
                .any(|line| line.split_whitespace().next() == Some(word)),
            "{word} in {table}"
        );
    }
    assert!(table.contains("2 documents, 5 sentences"), "{table}");
    assert!(table.contains("anonymous in both gold and prediction"), "{table}");
    assert_eq!(table.matches("macro average").count(), 4);
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "fits a terminal: {table}"
    );
}

#[test]
fn a_label_outside_the_guideline_is_rejected() {
    let misspelt = GOLD.replace(r#""stance": "no_comment""#, r#""stance": "nocomment""#);
    let folder = folder(&[("gold.jsonl", misspelt)]);
    let assert = sayso()
        .arg("eval")
        .arg(folder.path())
        .args(["--format", "json"])
        .assert()
        .code(1);
    let report: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    assert_eq!(
        (&report["documents"], &report["rejected"]),
        (&1.into(), &1.into())
    );
    assert!(stderr(&assert).contains("gold.jsonl:2: "), "{}", stderr(&assert));
    assert!(stderr(&assert).contains("nocomment"), "{}", stderr(&assert));
}

#[test]
fn missing_gold() {
    let messages = contains("gone.jsonl: no such file or directory");
    sayso()
        .args(["eval", "gone.jsonl"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(messages);
    sayso()
        .arg("eval")
        .assert()
        .code(2)
        .stderr(contains("GOLD").and(contains("Usage")));
}

#[test]
fn the_number_of_threads_changes_no_figure() {
    assert_eq!(
        report(GOLD, &["--threads", "1"]),
        report(GOLD, &["--threads", "2"])
    );
}
