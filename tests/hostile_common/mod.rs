//! What the tests of hostile input share: a run of the program, told by all that a user sees of it.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

pub mod stand_in;

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;

/// What a run leaves behind.
#[derive(Debug, PartialEq)]
pub struct Run {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Run {
    /// Status and messages, the two by which a user knows what happened.
    pub fn verdict(&self) -> (Option<i32>, &str) {
        (self.status, &self.stderr)
    }

    /// How many rows were written, of a CSV with its header.
    pub fn rows(&self) -> usize {
        csv::Reader::from_reader(self.stdout.as_bytes())
            .records()
            .map(Result::unwrap)
            .count()
    }
}

pub fn program() -> Command {
    Command::new(cargo_bin!("sayso"))
}

/// Runs `sayso label -q ARGUMENTS` in `folder`.
pub fn label<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Run {
    let mut command = program();
    command.current_dir(folder).args(["label", "-q"]).args(arguments);
    command.output().unwrap().into()
}

/// Runs a line of shell in `folder`, in which `$SAYSO` is the program.
pub fn shell(folder: &Path, line: &str) -> Run {
    let mut command = Command::new("bash");
    command.current_dir(folder).env("SAYSO", cargo_bin!("sayso"));
    command.args(["-c", line]).output().unwrap().into()
}

/// The same as the only user of a machine of one's own, who may mount file systems; `None` where nobody may.
pub fn shell_that_mounts(folder: &Path, line: &str) -> Option<Run> {
    let mut command = Command::new("unshare");
    command.current_dir(folder).env("SAYSO", cargo_bin!("sayso"));
    let command = command.args(["--user", "--map-root-user", "--mount", "bash", "-c"]);
    let can = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "mount",
            "-t",
            "tmpfs",
            "none",
            "/mnt",
        ])
        .output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this machine lets nobody mount a file system (unshare --user --mount)");
        return None;
    }
    Some(command.arg(line).output().unwrap().into())
}

/// JSON Lines of `count` documents, each of a sentence and of a field `pad` of `padding` bytes.
pub fn padded_corpus(count: usize, padding: usize) -> String {
    let pad = "x".repeat(padding);
    let line = |number: usize| {
        format!("{{\"doc_id\": \"{number}\", \"text\": \"It rained in Karst.\", \"pad\": \"{pad}\"}}\n")
    };
    (0..count).map(line).collect()
}
