//! What the tests of the command line share: the program, and invented news to feed it.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use assert_cmd::cargo::cargo_bin_cmd;

/// Four sentences; one of them has characters of two, three and four bytes.
pub const HARBOUR: &str = "Mayor Ilse Brønlund denied on Monday that the harbour fund of Nordhaven is empty. \
“Not one krone is missing,” she told the council 🙂. Two officials, who asked not to be named, said an audit \
had begun in March.\n\nThe council meets again on Tuesday.\n";

/// One document whose sentences are split already, one of running text.
pub const CORPUS: &str = concat!(
    r#"{"doc_id": "ferry", "outlet": "Ostby Courier", "context": ["The ferry Alma ran aground."], "#,
    r#""sentences": ["The owner rejected claims of a drunken crew.", "The inquiry opens in May."]}"#,
    "\n",
    r#"{"doc_id": "dam", "text": "Engineers said the Velm dam is safe. Nobody was hurt.", "outlet": "Velm, Daily"}"#,
    "\n",
);

/// So many invented documents in JSONL, of one to twelve sentences; the fifth line is broken.
pub fn corpus(documents: usize) -> String {
    const SENTENCES: [&str; 6] = [
        "The mayor of Karst denied on {} that she had sold the ferry.",
        "“Not one krone is missing,” said Odd Velm, who keeps the fund of quay {}.",
        "Two officials, who asked not to be named, said {} audits had begun.",
        "The ministry rejected the report of page {} as invented.",
        "It rained for {} days.",
        "Who will pay for bridge {}?",
    ];
    let line = |number: usize| {
        let sentences = (0..1 + number * 7 % 12).map(|place| {
            SENTENCES[(number + place) % SENTENCES.len()].replace("{}", &(number + place).to_string())
        });
        let text = sentences.collect::<Vec<_>>().join(" ");
        match number {
            4 => "{\"id\": \"broken\n".to_owned(),
            _ => format!(
                "{}\n",
                serde_json::json!({ "id": format!("karst/{number}"), "text": text })
            ),
        }
    };
    (0..documents).map(line).collect()
}

pub const COLUMNS: [&str; 18] = [
    "doc_id",
    "sentence",
    "start",
    "end",
    "text",
    "label",
    "confidence",
    "stance",
    "p_assert",
    "p_deny",
    "p_no_comment",
    "attribution",
    "p_named",
    "p_anonymous",
    "p_unspecified",
    "anonymity",
    "source",
    "cue",
];

pub fn sayso() -> Command {
    let mut command = cargo_bin_cmd!("sayso");
    command.env_remove("CLICOLOR_FORCE");
    command
}

/// A folder with one file per pair of name and content.
pub fn folder<C: AsRef<[u8]>>(files: &[(&str, C)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// The names of the files in `folder`, hidden ones included.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

pub fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// The rows of a CSV, each cell under its column's name.
pub struct Rows {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Rows {
    pub fn of_csv(csv: &str) -> Self {
        Self::read(csv, b',')
    }

    pub fn read(text: &str, delimiter: u8) -> Self {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let strings = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = strings(reader.headers().unwrap());
        let rows = reader.records().map(|record| strings(&record.unwrap())).collect();
        Self { header, rows }
    }

    pub fn column(&self, name: &str) -> Vec<&str> {
        let index = self.header.iter().position(|column| column == name);
        let index = index.unwrap_or_else(|| panic!("no column {name} in {:?}", self.header));
        self.rows.iter().map(|row| row[index].as_str()).collect()
    }
}

/// The bundle that the binary carries.
pub fn default_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default")
}

/// Runs `sayso label ARGUMENTS` in `folder`; returns the exit status, the documents in the rows, and the messages.
pub fn label(folder: &Path, arguments: &[&str]) -> (i32, Vec<String>, String) {
    let assert = sayso()
        .current_dir(folder)
        .args(["label", "-q"])
        .args(arguments)
        .assert();
    let mut documents = Vec::new();
    let rows = stdout(&assert);
    if !rows.is_empty() {
        documents = Rows::of_csv(&rows)
            .column("doc_id")
            .into_iter()
            .map(str::to_owned)
            .collect();
        documents.dedup();
    }
    (
        assert.get_output().status.code().unwrap(),
        documents,
        stderr(&assert),
    )
}
