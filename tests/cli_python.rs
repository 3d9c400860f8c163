//! What the program writes, in the hands of the Python packages that its users have.
//!
//! Each test needs some packages; where python3 or one of them is missing, it says so and checks nothing.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::path::Path;
use std::process::Command;

use cli_common::{folder, sayso};

/// Articles with characters of every width, quotation marks and a text that looks like a formula.
const ARTICLES: &str = concat!(
    r#"{"doc_id": "harbour", "outlet": "Ostby Courier", "text": "Mayor Ilse Brønlund denied on Monday that the "#,
    r#"fund is empty. “Not one krone is missing,” she told the council 🙂. Two officials, who asked not to be "#,
    r#"named, said an audit, \"a small one\", had begun in March."}"#,
    "\n",
    r#"{"doc_id": "dam", "text": "=1+1 is what engineers said of the Velm dam.\n\nWho was hurt? Nobody."}"#,
    "\n",
);

/// Whether python3 can import all of `packages`; says so where it cannot.
fn python_has(packages: &str) -> bool {
    let output = Command::new("python3")
        .args(["-c", &format!("import {packages}")])
        .output();
    let has = output.is_ok_and(|output| output.status.success());
    if !has {
        println!("skipped: there is no python3 with {packages}");
    }
    has
}

fn run_python(script: &str, arguments: &[&Path]) {
    let output = Command::new("python3")
        .arg(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/python")
                .join(script),
        )
        .args(arguments)
        .env("SAYSO", assert_cmd::cargo::cargo_bin!("sayso"))
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {messages}");
    print!("{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn pandas_and_polars_open_the_rows_without_a_flag() {
    if !python_has("pandas, polars") {
        return;
    }
    let folder = folder(&[("articles.jsonl", ARTICLES)]);
    for name in [
        "rows.csv",
        "rows.csv.gz",
        "rows.csv.zst",
        "rows.tsv",
        "rows.jsonl",
        "rows.parquet",
        "rows.feather",
        "rows.arrows",
    ] {
        let mut command = sayso();
        command.current_dir(&folder);
        command.args(["label", "articles.jsonl", "-q", "--keep", "outlet"]);
        command
            .args(["--min-confidence", "0.9", "-o", name])
            .assert()
            .success();
    }
    run_python(
        "read_rows.py",
        &[folder.path(), &folder.path().join("articles.jsonl")],
    );
}

#[test]
fn the_example_labels_record_batches_in_a_map() {
    if !python_has("pyarrow") {
        return;
    }
    run_python(
        "map_batches.py",
        &[&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")],
    );
}
