//! The help, as a page to read, and the answers that need no input.

mod cli_common;

use cli_common::{default_model, sayso, stdout};
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};

fn help(arguments: &[&str]) -> String {
    // Wide enough that the pages do not depend on the terminal in which the tests run.
    stdout(&sayso().args(arguments).env("COLUMNS", "100").assert().success())
}

#[test]
fn help_pages() {
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help_label", help(&["label", "--help"]));
    insta::assert_snapshot!("help_label_short", help(&["label", "-h"]));
    insta::assert_snapshot!("help_report", help(&["report", "--help"]));
    insta::assert_snapshot!("help_eval", help(&["eval", "--help"]));
    insta::assert_snapshot!("help_info", help(&["info", "--help"]));
    insta::assert_snapshot!("help_completions", help(&["completions", "--help"]));
}

#[test]
fn the_help_of_label_lists_every_column() {
    let page = help(&["label", "--help"]);
    let columns = page.split_once("Output columns").unwrap().1;
    let words: Vec<&str> = columns.split([' ', ',', '\n']).collect();
    for column in cli_common::COLUMNS {
        assert!(words.contains(&column), "{column}");
    }
}

#[test]
fn no_command_shows_the_help() {
    sayso()
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("Usage: sayso <COMMAND>").and(contains("label")));
}

#[test]
fn the_version_names_the_model() {
    let config = std::fs::read_to_string(default_model().join("config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_str(&config).unwrap();
    let name = format!(
        "{}-{}",
        config["name"].as_str().unwrap(),
        config["version"].as_str().unwrap()
    );
    let expected = format!("sayso {} (model {name}, ", env!("CARGO_PKG_VERSION"));
    sayso()
        .arg("--version")
        .assert()
        .success()
        .stdout(starts_with(expected.clone()))
        .stderr("");
    sayso().arg("-V").assert().success().stdout(starts_with(expected));
}

#[test]
fn usage_errors_say_what_is_wrong() {
    for (arguments, message) in [
        (&["label", "--theads", "2"][..], "--theads"),
        (&["label", "--threads", "0"], "--threads"),
        (&["label", "--format", "xml"], "xml"),
        (&["label", "--input-format", "docx"], "docx"),
        (&["completions", "tcsh"], "tcsh"),
        (&["lable"], "lable"),
    ] {
        sayso()
            .args(arguments)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(message));
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = sayso()
            .args(["completions", shell])
            .assert()
            .success()
            .stderr(is_empty());
        let script = stdout(&script);
        for word in [
            "label",
            "report",
            "eval",
            "info",
            "text-column",
            "group-column",
            "jsonl",
        ] {
            assert!(script.contains(word), "{word} in the script for {shell}");
        }
    }
}

#[test]
fn info_describes_the_model() {
    let json = stdout(
        &sayso()
            .args(["info", "--format", "json"])
            .assert()
            .success()
            .stderr(""),
    );
    let info: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        info["stance"]["labels"],
        serde_json::json!(["assert", "deny", "no_comment", "none"])
    );
    let parameters = info["parameters"].as_u64().unwrap();
    assert!(parameters > 0);

    let table = stdout(&sayso().arg("info").assert().success().stderr(""));
    assert!(table.contains(&format!("{parameters} parameters")), "{table}");
    for word in ["stance", "no_comment", "unspecified", "explicit", "temperature"] {
        assert!(table.contains(word), "{word} in {table}");
    }
}

#[test]
fn info_on_a_closed_pipe_is_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sayso"))
        .arg("info")
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
