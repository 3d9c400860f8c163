//! Every fuzz target over its seeds and some thousand mutations of them, the same in every run; `FUZZ_ROUNDS` asks for so many
//! times as many. `fuzz/README.md` describes the long runs.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

#[allow(dead_code, reason = "a part is for libFuzzer alone")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;
mod mutations;
mod seeds;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mutations::{Numbers, mutated};

/// Mutations per target; twenty times as many where a target takes no more than a few microseconds.
const MUTATIONS: usize = 1000;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target)
}

/// The seeds of a target, by their names.
fn seeds_of(target: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
    let mut seeds: Vec<_> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

/// Runs a target; a failure says how to repeat it.
fn run(target: &str, name: &str, data: &[u8]) {
    let property = || fuzz::run(target, data);
    if let Err(panic) = std::panic::catch_unwind(property) {
        let path = std::env::temp_dir().join(format!("sayso-{target}"));
        fs::write(&path, data).unwrap();
        eprintln!("{target} fails on {name}; the bytes are in {}", path.display());
        std::panic::resume_unwind(panic);
    }
}

fn smoke(target: &str, mutations: usize) {
    let seeds = seeds_of(target);
    for (name, seed) in &seeds {
        run(target, name, seed);
    }
    run(target, "nothing", b"");
    let begun = Instant::now();
    let mut executions = 0;
    for round in 0..setting("FUZZ_ROUNDS") {
        // Each round has its own mutations, whatever the rounds before it.
        let mut numbers = Numbers(mutations as u64 + (round << 32));
        for number in 0..mutations {
            let (name, seed) = &seeds[number % seeds.len()];
            let other = &seeds[numbers.below(seeds.len())].1;
            let data = mutated(seed, other, &mut numbers);
            run(
                target,
                &format!("mutation {number} of {name} in round {round}"),
                &data,
            );
        }
        executions += mutations;
    }
    println!(
        "{target}: {executions} executions in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
}

/// A number from the environment, else 1.
fn setting(name: &str) -> u64 {
    env::var(name).map_or(1, |text| text.parse().unwrap())
}

/// A test per target, and one that there is no other target.
macro_rules! targets {
    ($($target:ident $mutations:expr;)+) => {
        $(
            #[test]
            fn $target() {
                smoke(stringify!($target), $mutations);
            }
        )+

        #[test]
        fn every_target_is_run() {
            let names: Vec<&str> = fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($target)),+]);
        }
    };
}

targets! {
    jsonl 20 * MUTATIONS;
    gold 20 * MUTATIONS;
    csv 20 * MUTATIONS;
    tsv 20 * MUTATIONS;
    text 20 * MUTATIONS;
    guessed 5 * MUTATIONS;
    parquet 3 * MUTATIONS;
    arrow 20 * MUTATIONS;
    compressed 20 * MUTATIONS;
    cut_off 5 * MUTATIONS;
    segmenter 5 * MUTATIONS;
    windows 20 * MUTATIONS;
    labelling 2 * MUTATIONS;
    config 20 * MUTATIONS;
    tokenizer 2 * MUTATIONS;
    weights 5 * MUTATIONS;
}

#[test]
fn the_seeds_are_on_disk() {
    for (target, name, bytes) in seeds::all() {
        let path = folder(target).join(name);
        assert!(path.exists(), "{}: see write_the_seeds", path.display());
        // The libraries that write binary files may change how; what matters is that a seed is of its kind.
        if !["parquet", "arrow", "compressed", "guessed"].contains(&target) {
            assert_eq!(fs::read(&path).unwrap(), bytes, "{}", path.display());
        }
    }
}

/// `cargo test --release --test fuzz_smoke -- --ignored write_the_seeds`
#[test]
#[ignore = "writes fuzz/seeds"]
fn write_the_seeds() {
    for (target, name, bytes) in seeds::all() {
        fs::write(folder(target).join(name), bytes).unwrap();
    }
}
