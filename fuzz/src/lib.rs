//! What must hold of any bytes at all, one function per part of sayso that reads bytes from outside.
//!
//! A target panics where its property does not hold. It is run by libFuzzer, which looks for such bytes
//! (`fuzz_targets/`), and, over the seeds and some mutations of them, by the tests of every build
//! (`tests/fuzz_smoke/`, which includes this file).

mod binary;
mod compressed;
mod labelling;
mod lines;
pub mod models;
mod reading;
mod tables;
mod text;
mod windows;

/// One target: its name, which is also that of its folder of seeds, and its property.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("jsonl", lines::jsonl),
    ("gold", lines::gold),
    ("csv", tables::csv),
    ("tsv", tables::tsv),
    ("text", text::reader),
    ("guessed", text::guessed),
    ("parquet", binary::parquet),
    ("arrow", binary::arrow),
    ("compressed", compressed::archive),
    ("cut_off", compressed::cut_off),
    ("segmenter", text::segmenter),
    ("windows", windows::packer),
    ("labelling", labelling::classifier),
    ("config", models::config),
    ("tokenizer", models::tokenizer),
    ("weights", models::weights),
];

/// Runs the target called `name`.
///
/// # Panics
/// If there is none, or if its property does not hold of `data`.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, property) = target.unwrap_or_else(|| panic!("no target {name}"));
    property(data);
}

/// Takes back what libFuzzer does at a panic, which is to end the process, so that a reader can contain the panics of
/// its library. A panic that leaves a target still ends it.
pub fn let_readers_contain_panics() {
    let _ = std::panic::take_hook();
}
