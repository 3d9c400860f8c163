//! A terminal obeys what it is shown: nothing that came with the input reaches one as it is.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;
mod hostile_common;

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use cli_common::{CORPUS, default_model, folder};
use hostile_common::{label, program};
use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;

/// Escape sequences in both forms, other controls, line ends of several kinds, and marks that reorder text.
const EVIL: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\r\nsayso: all well\u{85}\u{2028}\u{202e}txt\u{2066}\u{200f}\u{7f}\t\u{8}";

/// What `sayso ARGUMENTS` shows on a terminal, and its status. `$TERMINAL` in an argument is the terminal's own name.
fn on_terminal(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .custom_flags(OFlags::NOCTTY.bits().cast_signed());
    let end = options.open(&name).unwrap();
    let mut command = program();
    command.current_dir(folder).env("TERM", "xterm").args(
        arguments
            .iter()
            .map(|argument| argument.replace("$TERMINAL", &name)),
    );
    command
        .stdin(end.try_clone().unwrap())
        .stdout(end.try_clone().unwrap())
        .stderr(end);
    let mut child = command.spawn().unwrap();
    // It holds the other ends of the terminal.
    drop(command);
    let mut shown = Vec::new();
    let mut terminal = File::from(terminal);
    let mut piece = [0; 4096];
    // The last read fails, when nobody holds the other end any more.
    while let Ok(length @ 1..) = terminal.read(&mut piece) {
        shown.extend_from_slice(&piece[..length]);
    }
    let status = child.wait().unwrap();
    (status.code(), String::from_utf8_lossy(&shown).into_owned())
}

/// Nothing is shown that could move the cursor, change a title or reorder text, but for what the program itself
/// draws: colours, the line of progress and the tabs of TSV.
fn is_harmless(shown: &str) {
    let own = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]|\r").unwrap();
    let rest = own.replace_all(shown, "");
    let found: Vec<char> = rest
        .chars()
        .filter(|character| {
            (character.is_control() && !"\n\t".contains(*character))
                || "\u{202e}\u{2066}\u{200f}".contains(*character)
        })
        .collect();
    assert!(found.is_empty(), "{found:?} in {shown:?}");
    for sequence in ["\u{1b}[2J", "\u{1b}]"] {
        assert!(!shown.contains(sequence), "{shown:?}");
    }
    assert!(
        !shown.contains("\nsayso: all well"),
        "a line that the input has forged: {shown:?}"
    );
}

fn evil_record(id: &str) -> String {
    let text = format!("It rained, {EVIL} he said. The mayor{EVIL} denied it.");
    json!({"doc_id": id, "text": text, "outlet": EVIL, EVIL: EVIL}).to_string() + "\n"
}

#[test]
fn rows_on_a_terminal_are_disarmed_in_every_format_of_text() {
    let folder = folder(&[("corpus.jsonl", evil_record(EVIL))]);
    for format in ["csv", "tsv", "jsonl"] {
        for output in [
            &[][..],
            &["-o", "-"],
            &["-o", "/dev/stdout"],
            &["-o", "$TERMINAL"],
        ] {
            let mut arguments = vec![
                "label",
                "-q",
                "corpus.jsonl",
                "--keep",
                "outlet",
                "--format",
                format,
            ];
            arguments.extend(output);
            let (status, shown) = on_terminal(folder.path(), &arguments);
            assert_eq!(status, Some(0), "{shown}");
            assert!(
                shown.contains("\\u{1b}]0;owned\\u{7}") || shown.contains("\\\\u{1b}]0;owned\\\\u{7}"),
                "{shown}"
            );
            is_harmless(&shown);
        }
    }
}

#[test]
fn rows_in_a_pipe_or_a_file_are_exact() {
    let folder = folder(&[("corpus.jsonl", evil_record(EVIL))]);
    let run = label(folder.path(), &["corpus.jsonl", "--keep", "outlet"]);
    let mut rows = csv::Reader::from_reader(run.stdout.as_bytes());
    let row = rows.records().next().unwrap().unwrap();
    assert_eq!((&row[0], &row[row.len() - 1]), (EVIL, EVIL));
}

#[test]
fn formats_that_are_no_text_are_not_shown_at_all() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    for format in ["parquet", "arrow", "feather"] {
        let (status, shown) = on_terminal(folder.path(), &["label", "corpus.jsonl", "--format", format]);
        let expected = format!(
            "sayso: cannot write standard output: it is a terminal, and {format} is not text; name a file or use a pipe\r\n"
        );
        assert_eq!((status, shown), (Some(2), expected));
    }
}

#[test]
fn messages_are_disarmed() {
    let evil_name = format!("{}.jsonl", EVIL.replace('/', ""));
    let table = format!("\"{EVIL}\",\"text{EVIL}\"\n1,2,3\n");
    let corpus = evil_record("same") + &evil_record("same") + &evil_record(&"word ".repeat(9)) + EVIL + "\n";
    let folder = folder(&[(evil_name.as_str(), corpus), ("table.csv", table)]);
    let long = "no ".repeat(400);
    fs::write(
        folder.path().join("long.jsonl"),
        json!({"doc_id": EVIL, "text": long}).to_string(),
    )
    .unwrap();
    let (status, shown) = on_terminal(
        folder.path(),
        &["label", ".", "gone\u{1b}[2J.txt", "-o", "rows.csv", "--glob", "*"],
    );
    assert_eq!(status, Some(1), "{shown}");
    for expected in [
        "\\u{1b}]0;owned\\u{7}",
        "its id was already used by",
        "tokens; the model read",
        "no column is called",
    ] {
        assert!(shown.contains(expected), "{expected} in {shown}");
    }
    is_harmless(&shown);
}

#[test]
fn the_command_line_is_disarmed() {
    // A shell puts the names of files where `*` stands.
    for arguments in [
        &["label", "--\u{1b}]0;owned\u{7}"][..],
        &["label", "--format", EVIL],
        &[EVIL],
        &["label", "-o", EVIL, "gone"],
    ] {
        let (status, shown) = on_terminal(Path::new("."), arguments);
        assert_eq!(status, Some(2), "{shown}");
        is_harmless(&shown);
    }
}

#[test]
fn a_model_from_anywhere_is_disarmed() {
    let folder = folder::<&str>(&[]);
    for name in ["tokenizer.json", "model.int8.safetensors"] {
        fs::copy(default_model().join(name), folder.path().join(name)).unwrap();
    }
    let config = fs::read_to_string(default_model().join("config.json")).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&config).unwrap();
    config["name"] = EVIL.into();
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    for arguments in [
        &["info", "--model", "."][..],
        &["info", "--model", ".", "--format", "json"],
    ] {
        let (status, shown) = on_terminal(folder.path(), arguments);
        assert_eq!(status, Some(0), "{shown}");
        is_harmless(&shown);
    }
    config["version"] = json!([EVIL]);
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let (status, shown) = on_terminal(folder.path(), &["info", "--model", "."]);
    assert_eq!(status, Some(2), "{shown}");
    is_harmless(&shown);
}
