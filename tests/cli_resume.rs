//! What a run leaves when it does not end, and what may be done with it. Random kills are in `cli_kill.rs`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cli_common::{corpus, folder, names_in, sayso, stderr};
use predicates::str::contains;
use tempfile::TempDir;

/// A corpus that a run has given up after some documents: the fifth line is broken.
fn unfinished(more: &[&str]) -> TempDir {
    let folder = folder(&[("corpus.jsonl", corpus(40))]);
    let assert = run(folder.path(), &[&["--max-rejects", "0"], more].concat());
    assert_eq!(assert.status, Some(2), "{}", assert.messages);
    assert_eq!(
        names_in(folder.path()),
        ["corpus.jsonl", "rows.csv.partial", "rows.csv.progress"]
    );
    folder
}

struct Ended {
    status: Option<i32>,
    messages: String,
}

/// Runs `sayso label corpus.jsonl -o rows.csv`.
fn run(folder: &Path, more: &[&str]) -> Ended {
    let assert = sayso()
        .current_dir(folder)
        .args(["label", "corpus.jsonl", "-o", "rows.csv"])
        .args(more)
        .assert();
    Ended {
        status: assert.get_output().status.code(),
        messages: stderr(&assert),
    }
}

/// The rows of an undisturbed run over the same input.
fn undisturbed(folder: &Path) -> Vec<u8> {
    let assert = sayso()
        .current_dir(folder)
        .args(["label", "-q", "corpus.jsonl"])
        .assert()
        .code(1);
    assert.get_output().stdout.clone()
}

#[test]
fn a_run_that_stopped_says_how_to_go_on_and_goes_on() {
    let folder = unfinished(&[]);
    let ended = run(folder.path(), &["--resume"]);
    assert_eq!(ended.status, Some(1));
    assert!(
        ended
            .messages
            .contains("sayso: going on after 5 records of the unfinished run\n"),
        "{}",
        ended.messages
    );
    assert!(
        ended.messages.contains("\n  of them 4 documents, "),
        "{}",
        ended.messages
    );
    assert!(ended.messages.contains("39 documents, "), "{}", ended.messages);
    assert_eq!(names_in(folder.path()), ["corpus.jsonl", "rows.csv"]);
    assert_eq!(
        fs::read(folder.path().join("rows.csv")).unwrap(),
        undisturbed(folder.path())
    );
}

#[test]
fn what_was_done_is_said_where_a_run_stops() {
    let folder = folder(&[("corpus.jsonl", corpus(40))]);
    let ended = run(folder.path(), &["--max-rejects", "0", "--quiet"]);
    let expected = "sayso: corpus.jsonl:5: broken JSON at column 14: EOF while parsing a string\n\
                    sayso: 5 records done and kept; the same command with --resume goes on\n\
                    sayso: stopped: more than 0 records rejected\n";
    assert_eq!((ended.status, ended.messages.as_str()), (Some(2), expected));
}

#[test]
fn an_unfinished_run_is_not_begun_anew_by_accident() {
    let folder = unfinished(&[]);
    let kept = fs::read(folder.path().join("rows.csv.progress")).unwrap();
    let ended = run(folder.path(), &[]);
    let expected = "sayso: rows.csv.progress is what an unfinished run has done; go on with it by --resume, or begin \
                    anew with --force\n";
    assert_eq!((ended.status, ended.messages.as_str()), (Some(2), expected));
    assert_eq!(fs::read(folder.path().join("rows.csv.progress")).unwrap(), kept);

    let ended = run(folder.path(), &["--force"]);
    assert_eq!(ended.status, Some(1));
    assert!(!ended.messages.contains("unfinished"), "{}", ended.messages);
    assert_eq!(names_in(folder.path()), ["corpus.jsonl", "rows.csv"]);
}

#[test]
fn another_option_is_refused() {
    let folder = unfinished(&["--keep", "id"]);
    let ended = run(folder.path(), &["--resume"]);
    let expected = "sayso: cannot go on with the unfinished run: --keep was id, now it is not given; give the command as \
                    it was, or begin anew with --force\n";
    assert_eq!((ended.status, ended.messages.as_str()), (Some(2), expected));
    assert_eq!(
        run(folder.path(), &["--resume", "--keep", "id", "--threads", "1"]).status,
        Some(1)
    );
}

#[test]
fn a_changed_input_is_refused() {
    let folder = unfinished(&[]);
    let mut input = fs::OpenOptions::new()
        .append(true)
        .open(folder.path().join("corpus.jsonl"))
        .unwrap();
    input
        .write_all(b"{\"id\": \"more\", \"text\": \"It snowed.\"}\n")
        .unwrap();
    let ended = run(folder.path(), &["--resume"]);
    assert_eq!(ended.status, Some(2));
    assert!(
        ended
            .messages
            .contains("unfinished run: corpus.jsonl has changed since; "),
        "{}",
        ended.messages
    );
}

/// Standard input has no time of change, so that its records are compared.
#[test]
fn a_changed_record_of_standard_input_is_refused() {
    let folder = folder::<&str>(&[]);
    let run = |text: String, more: &[&str]| {
        let mut command = sayso();
        command
            .current_dir(&folder)
            .args(["label", "-o", "rows.csv"])
            .args(more)
            .write_stdin(text)
            .assert()
    };
    run(corpus(40), &["--max-rejects", "0"]).code(2);
    let changed = corpus(40).replace("It rained for 4 days", "It rained for 5 days");
    let message = "sayso: <stdin>:2 is not what the unfinished run read there: the input has changed; begin anew with --force\n";
    run(changed, &["--resume"]).code(2).stderr(contains(message));
    run(corpus(3), &["--resume"])
        .code(2)
        .stderr(contains("the input is not what the unfinished run read there"));
    run(corpus(40), &["--resume"]).code(1);
    assert_eq!(names_in(folder.path()), ["rows.csv"]);
}

#[test]
fn another_model_is_refused() {
    let folder = unfinished(&[]);
    let model = folder.path().join("model");
    fs::create_dir(&model).unwrap();
    for name in ["config.json", "tokenizer.json", "model.int8.safetensors"] {
        fs::copy(cli_common::default_model().join(name), model.join(name)).unwrap();
    }
    // The same files are the same model, wherever they lie.
    assert_eq!(
        run(
            folder.path(),
            &["--resume", "--model", "model", "--max-rejects", "0"]
        )
        .status,
        Some(2)
    );
    let config = fs::read_to_string(model.join("config.json")).unwrap();
    fs::write(model.join("config.json"), format!("{config}\n")).unwrap();
    let ended = run(folder.path(), &["--resume", "--model", "model"]);
    assert!(
        ended
            .messages
            .contains("unfinished run: it was begun with another model; "),
        "{}",
        ended.messages
    );
}

#[test]
fn resuming_what_was_never_begun_begins_it() {
    let folder = folder(&[("corpus.jsonl", corpus(10))]);
    assert_eq!(run(folder.path(), &["--resume"]).status, Some(1));
    assert_eq!(
        fs::read(folder.path().join("rows.csv")).unwrap(),
        undisturbed(folder.path())
    );
}

#[test]
fn a_run_without_a_file_cannot_be_resumed() {
    let folder = folder(&[("corpus.jsonl", corpus(3))]);
    let message = "sayso: only rows in a file can be gone on with: --resume needs --output FILE\n";
    for output in [&[][..], &["-o", "-"], &["-o", "/dev/null"]] {
        let mut command = sayso();
        command
            .current_dir(&folder)
            .args(["label", "corpus.jsonl", "--resume"])
            .args(output);
        command.assert().code(2).stdout("").stderr(message);
    }
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = folder(&[
        ("corpus.jsonl", corpus(3)),
        ("rows.csv.progress", "my notes".to_owned()),
    ]);
    let ended = run(folder.path(), &["--resume"]);
    let expected = "sayso: cannot read rows.csv.progress: it is no journal of this program\n";
    assert_eq!((ended.status, ended.messages.as_str()), (Some(2), expected));
    assert_eq!(
        fs::read_to_string(folder.path().join("rows.csv.progress")).unwrap(),
        "my notes"
    );

    fs::rename(
        folder.path().join("rows.csv.progress"),
        folder.path().join("rows.csv.partial"),
    )
    .unwrap();
    let ended = run(folder.path(), &[]);
    assert_eq!(ended.status, Some(2));
    assert!(
        ended
            .messages
            .starts_with("sayso: rows.csv.partial is in the way"),
        "{}",
        ended.messages
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("rows.csv.partial")).unwrap(),
        "my notes"
    );
}

#[test]
fn the_files_of_a_run_are_not_its_input() {
    let folder = folder(&[("corpus.jsonl", corpus(40))]);
    let run = |more: &[&str]| {
        let mut command = sayso();
        command
            .current_dir(&folder)
            .args(["label", ".", "-o", "rows.csv", "--glob", "*", "-q"])
            .args(more)
            .assert()
    };
    run(&["--max-rejects", "0"]).code(2);
    run(&["--resume"]).code(1);
    let first = fs::read(folder.path().join("rows.csv")).unwrap();
    run(&[]).code(1);
    assert_eq!(fs::read(folder.path().join("rows.csv")).unwrap(), first);
}

/// Documents with so much to carry along that not all of them can be between reading and writing at once.
fn heavy() -> String {
    let carried = "x".repeat(4000);
    let line =
        |number| format!("{{\"id\": \"{number}\", \"text\": \"It rained.\", \"carried\": \"{carried}\"}}\n");
    (0..400).map(line).collect()
}

/// Starts a run that waits for more of its standard input, once it has done something.
fn waiting(folder: &Path) -> std::process::Child {
    let mut child = Command::new(sayso().get_program())
        .current_dir(folder)
        .args(["label", "-", "-o", "rows.csv", "--keep", "carried"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(heavy().as_bytes())
        .unwrap();
    let begun = Instant::now();
    while fs::metadata(folder.join("rows.csv.progress")).map_or(0, |file| file.len()) < 2000 {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was done");
        thread::sleep(Duration::from_millis(5));
    }
    child
}

fn signal(child: &std::process::Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_keeps_what_is_done() {
    for name in ["-INT", "-TERM"] {
        let folder = folder::<&str>(&[]);
        let mut child = waiting(folder.path());
        signal(&child, name);
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(130), "{name}");
        assert_eq!(names_in(folder.path()), ["rows.csv.partial", "rows.csv.progress"]);
        let mut again = sayso();
        again
            .current_dir(&folder)
            .args(["label", "-", "-o", "rows.csv", "--keep", "carried", "--resume"]);
        let assert = again.write_stdin(heavy()).assert().success();
        assert!(
            stderr(&assert).contains("sayso: going on after "),
            "{}",
            stderr(&assert)
        );
    }
}

#[test]
fn two_runs_cannot_write_one_file() {
    let folder = folder(&[("corpus.jsonl", corpus(10))]);
    let mut child = waiting(folder.path());
    for choice in ["--force", "--resume"] {
        let ended = run(folder.path(), &[choice]);
        let expected = "sayso: another run is writing rows.csv.progress\n";
        assert_eq!(
            (ended.status, ended.messages.as_str()),
            (Some(2), expected),
            "{choice}"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
