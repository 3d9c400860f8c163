//! Memory does not follow the size of the input, whatever the formats, nor what an archive unfolds to.
//!
//! Each measurement is a process of its own, which reports its greatest resident size: this test binary again, with a
//! task in its environment. The encoder is a stand-in; the real one adds a workspace per thread, whatever the corpus.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

#[path = "../hostile_common/mod.rs"]
mod hostile_common;

mod bombs;
mod corpus;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;

use hostile_common::stand_in;
use sayso::batch::{BatchRunner, Outcome};
use sayso::input::{InputOptions, documents};
use sayso::output::{Compression, OutputFormat, TableOptions, writer};

/// That of the program.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const TASK: &str = "SAYSO_MEASURED_TASK";

/// Inputs in all formats, each to an output, which together are in all formats.
const PAIRS: [(&str, &str); 13] = [
    ("txt", "csv"),
    ("jsonl", "tsv"),
    ("csv", "jsonl"),
    ("tsv", "parquet"),
    ("jsonl.gz", "arrow"),
    ("csv.gz", "feather"),
    ("tsv.gz", "csv.gz"),
    ("jsonl.zst", "csv.zst"),
    ("csv.zst", "jsonl.gz"),
    ("tsv.zst", "jsonl.zst"),
    ("arrow", "tsv.gz"),
    ("arrow.lz4", "tsv.zst"),
    ("parquet", "parquet"),
];

/// A destination that holds nothing.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Kilobytes of memory that this process has had at most.
fn greatest_size() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Megabytes that a process takes for `task`.
fn measure(task: &str) -> f64 {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "measured", "--ignored", "--nocapture"])
        .env(TASK, task)
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    let size = report
        .lines()
        .find_map(|line| line.split_once("greatest size: "))
        .map(|(_, size)| size);
    let size = size.unwrap_or_else(|| panic!("{task}: {report}{}", String::from_utf8_lossy(&output.stderr)));
    size.trim().parse::<f64>().unwrap() / 1e3
}

#[test]
#[ignore = "measured by the other tests, in a process of its own"]
fn measured() {
    let Ok(task) = env::var(TASK) else { return };
    match task.split(' ').collect::<Vec<_>>()[..] {
        ["bomb", kind] => bombs::read(kind),
        ["write", path, megabytes] => corpus::write_parquet(Path::new(path), megabytes.parse().unwrap()),
        [input, output, megabytes] => label(input, output, megabytes.parse().unwrap()),
        _ => panic!("{task}"),
    }
    println!("greatest size: {}", greatest_size());
}

/// Labels a corpus of `megabytes` by the stand-in.
fn label(input: &str, output: &str, megabytes: usize) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (format, packing) = output.split_once('.').unwrap_or((output, ""));
    let options = TableOptions {
        compression: Compression::ALL
            .into_iter()
            .find(|kind| kind.extension() == packing),
        ..TableOptions::default()
    };
    let format: OutputFormat = format.parse().unwrap();
    let mut rows = writer(format, &options, Box::new(Nowhere)).unwrap();
    let mut sentences = 0;
    if input == "parquet" {
        // To write it takes memory, too.
        measure(&format!("write {} {megabytes}", file.path().display()));
    }
    let records = documents(
        corpus::sources(input, megabytes, file.path()),
        &InputOptions::default(),
    );
    let runner = BatchRunner::new(NonZeroUsize::new(2)).unwrap();
    let run = runner.run(&stand_in::classifier(), records, |outcome| match outcome {
        Outcome::Labeled(document) => {
            sentences += document.sentences.len();
            rows.write(&document)
        }
        Outcome::Rejected(reject) => panic!("{reject}"),
    });
    run.unwrap();
    rows.finish().unwrap();
    assert!(sentences >= 50 * corpus::count(megabytes), "{sentences}");
}

/// By what share memory may grow. Nine bytes for every document's id are within it at a gigabyte.
const LEEWAY: f64 = 0.1;

/// Memory at each of `sizes`, in megabytes of input, is that at the first, in every pair of formats.
fn is_flat(sizes: &[usize]) {
    let mut table = format!("MB of memory at {sizes:?} MB of input\n");
    let mut worst: f64 = 0.0;
    for (input, output) in PAIRS {
        let task = |size: &usize| format!("{input} {output} {size}");
        // Threads meet differently in every run, by some megabytes.
        let least = |size: &usize| measure(&task(size)).min(measure(&task(size)));
        let taken: Vec<f64> = sizes.iter().map(least).collect();
        table += &format!("{input} to {output}: {taken:.1?}\n");
        worst = taken
            .iter()
            .map(|after| after / taken[0] - 1.0)
            .fold(worst, f64::max);
    }
    println!("{table}");
    assert!(worst <= LEEWAY, "{table}");
}

#[test]
fn every_format_is_measured() {
    let inputs = PAIRS.map(|(input, _)| input);
    assert_eq!(inputs, corpus::INPUTS);
    for format in OutputFormat::names() {
        assert!(PAIRS.iter().any(|(_, output)| *output == format), "{format}");
    }
}

#[test]
fn memory_is_flat() {
    // At the first size a row group that is read is full, and one that is written nearly so: before that, memory grows
    // with the buffers, by nearly as much as may be.
    is_flat(&[10, 28]);
}

/// `cargo test --release --test hostile_memory -- --ignored --nocapture flat_to_100`
#[test]
#[ignore = "takes minutes"]
fn memory_is_flat_to_100_megabytes() {
    is_flat(&[10, 100]);
}

/// `cargo test --release --test hostile_memory -- --ignored --nocapture flat_to_a_gigabyte`
#[test]
#[ignore = "takes half an hour"]
fn memory_is_flat_to_a_gigabyte() {
    is_flat(&[10, 100, 1000]);
}

/// What takes part in no bomb: the program, its tables, and what it reads ahead.
const QUIET: f64 = 40.0;

#[test]
fn bombs_do_not_fill_memory() {
    for (kind, most) in bombs::KINDS {
        let size = measure(&format!("bomb {kind}"));
        assert!(size <= QUIET + most, "{kind} takes {size:.1} MB");
    }
}
