//! Runs that are killed at random instants and gone on with, until they end: the file must be that of an undisturbed run,
//! to the byte, in every format.
//!
//! An instant is drawn between the start of the program and a little after its usual end, so that kills fall into every
//! stage: before the model is loaded, while the answers of an earlier run are replayed, while documents are labelled, while
//! the rows are finished and moved into place. `KILLS` asks for another number of kills per format than [`KILLS`], `SEED`
//! for another seed; each test prints its own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use cli_common::{corpus, names_in, sayso};

/// Kills per format.
const KILLS: u32 = 50;

/// A generator of SplitMix64 (Steele, Lea and Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn setting<T: FromStr>(name: &str, default: T) -> T {
    env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn start(folder: &Path, rows: &str) -> Child {
    let mut command = Command::new(sayso().get_program());
    command
        .current_dir(folder)
        .args(["label", "corpus.jsonl", "--quiet", "--resume", "--output", rows])
        .args(["--rejects", "rejects.jsonl"])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Waits for at most `patience`, then kills.
fn wait_or_kill(mut child: Child, patience: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if begun.elapsed() >= patience {
            child.kill().unwrap();
            let status = child.wait().unwrap();
            // It may have ended by itself just before.
            return status.code().map(|_| status);
        }
        thread::sleep(Duration::from_micros(500));
    }
}

/// Kills runs that write `rows` until there were enough kills, and compares whatever they end with.
fn kill(rows: &str) {
    let (kills, seed) = (setting("KILLS", KILLS), setting("SEED", 1u64));
    let mut random = Random(seed ^ rows.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte)));
    let folder = cli_common::folder(&[("corpus.jsonl", corpus(50))]);
    let path = |name: &str| folder.path().join(name);

    let begun = Instant::now();
    let undisturbed = start(folder.path(), rows).wait().unwrap();
    let usual = begun.elapsed();
    assert_eq!(undisturbed.code(), Some(1), "one record is bad");
    let files = [rows, "rejects.jsonl"];
    let expected = files.map(|name| fs::read(path(name)).unwrap());
    assert!(!expected[0].is_empty() && !expected[1].is_empty());

    let (mut killed, mut ended, mut went_on) = (0, 0, 0);
    while killed < kills || ended == 0 {
        files.iter().for_each(|name| {
            let _ = fs::remove_file(path(name));
        });
        // A run that is killed again and again, until it comes through.
        loop {
            went_on += u32::from(
                fs::metadata(path(&format!("{rows}.progress"))).is_ok_and(|file| file.len() > 1000),
            );
            let patience = if killed < kills {
                usual.mul_f64(1.1 * random.share())
            } else {
                Duration::MAX
            };
            match wait_or_kill(start(folder.path(), rows), patience) {
                Some(status) => {
                    assert_eq!(
                        status.code(),
                        Some(1),
                        "{rows}, seed {seed}, after {killed} kills"
                    );
                    break;
                }
                None => killed += 1,
            }
        }
        ended += 1;
        assert_eq!(
            names_in(folder.path()),
            sorted(["corpus.jsonl", "rejects.jsonl", rows])
        );
        for (name, expected) in files.iter().zip(&expected) {
            let found = fs::read(path(name)).unwrap();
            assert!(
                found == *expected,
                "{name} of {rows}, seed {seed}, after {killed} kills"
            );
        }
    }
    println!(
        "{rows}: {killed} kills (seed {seed}), {went_on} runs went on with what was done, {ended} ended"
    );
    assert!(
        went_on > 0 || kills < KILLS,
        "no kill came late enough to leave anything"
    );
}

fn sorted<const N: usize>(mut names: [&str; N]) -> [&str; N] {
    names.sort_unstable();
    names
}

#[test]
fn csv() {
    kill("rows.csv");
}

#[test]
fn tsv_in_gzip() {
    kill("rows.tsv.gz");
}

#[test]
fn jsonl() {
    kill("rows.jsonl");
}

#[test]
fn jsonl_in_zstd() {
    kill("rows.jsonl.zst");
}

#[test]
fn parquet() {
    kill("rows.parquet");
}

#[test]
fn arrow_stream() {
    kill("rows.arrows");
}

#[test]
fn arrow_file() {
    kill("rows.feather");
}
