//! A corpus that several machines share: the parts together are the whole.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::fs;

use cli_common::{corpus, folder, sayso, stdout};
use predicates::str::contains;

/// Documents with ids of their own, in a folder with files that have none, and records that cannot be read.
#[test]
fn the_parts_are_the_whole() {
    let tables: String = (0..20)
        .map(|number| format!("\"It rained on {number}.\"\n"))
        .collect();
    let folder = folder(&[
        ("corpus/a.jsonl", corpus(60)),
        ("corpus/b.csv", format!("text\n{tables}\"one\",\"too many\"\n")),
        ("corpus/c.txt", "It snowed.".to_owned()),
    ]);
    let run = |shard: &str| {
        let mut command = sayso();
        command
            .current_dir(&folder)
            .args(["label", "corpus", "-q", "--rejects", "rejects.jsonl"]);
        if !shard.is_empty() {
            command.args(["--shard", shard]);
        }
        let assert = command.assert();
        assert!(assert.get_output().status.code().unwrap() < 2);
        let rejects = fs::read_to_string(folder.path().join("rejects.jsonl")).unwrap();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        (lines(&stdout(&assert)), lines(&rejects))
    };
    let (rows, rejects) = run("");
    assert_eq!(rejects.len(), 2);
    for count in [1, 2, 7] {
        let (mut all_rows, mut all_rejects) = (Vec::new(), Vec::new());
        for index in 1..=count {
            let (part, rejects) = run(&format!("{index}/{count}"));
            assert_eq!(part[0], rows[0], "every part has the header");
            assert!(count == 1 || part.len() < rows.len());
            all_rows.extend_from_slice(&part[1..]);
            all_rejects.extend(rejects);
        }
        let sorted = |mut lines: Vec<String>| {
            lines.sort();
            lines
        };
        assert_eq!(sorted(all_rows), sorted(rows[1..].to_vec()), "{count} parts");
        assert_eq!(sorted(all_rejects), sorted(rejects.clone()), "{count} parts");
    }
}

#[test]
fn what_is_no_part_is_refused() {
    let mut command = sayso();
    let refused = command
        .args(["label", "x.txt", "--shard", "8/7"])
        .assert()
        .code(2);
    refused.stderr(contains(
        "invalid value '8/7' for '--shard <I/N>': expected I/N, a number from 1 to N and how many there are, as in 2/7",
    ));
}
