//! Our own wordpieces against the `tokenizers` library, which is the reference.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use sayso::model::Bundle;
use sayso::tokenize::Tokenizer;
use unicode_normalization_alignments::char::{canonical_combining_class, decompose_canonical};

static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| {
    let file = Bundle::embedded().tokenizer;
    Tokenizer::from_bytes(&file.bytes, &file.path).expect("embedded tokenizer")
});

fn assert_same(text: &str) {
    let expected = TOKENIZER.encode_by_library(text).expect("the library tokenizes");
    assert_eq!(TOKENIZER.encode(text).expect("tokenizes"), expected, "{text:?}");
    if reorders_marks(text) {
        // The library then takes a mark's place in the normalized text for its place in the text.
        return;
    }
    let expected = TOKENIZER
        .character_ranges_by_library(text)
        .expect("the library tokenizes");
    assert_eq!(
        TOKENIZER.character_ranges(text).expect("tokenizes"),
        expected,
        "{text:?}"
    );
}

/// Whether normalization brings marks of `text` into another order (canonical ordering, Unicode 3.11).
fn reorders_marks(text: &str) -> bool {
    let mut classes = Vec::new();
    for character in text.chars() {
        decompose_canonical(character, |part| classes.push(canonical_combining_class(part)));
    }
    classes.windows(2).any(|pair| pair[0] > pair[1] && pair[1] > 0)
}

/// Found by the property below: a mark that the library does not know for one, behind which another is sorted.
#[test]
fn marks_in_another_order_have_the_same_ids() {
    let text = "\u{1e01b}\u{670}";
    assert!(reorders_marks(text));
    assert_same(text);
    assert_same("e\u{301}\u{323}");
}

#[test]
fn every_text_of_the_project_has_the_same_ids() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = [
        "tests/fixtures/fictional.jsonl",
        "tests/robustness/suite.jsonl",
        "examples/gold.jsonl",
        "examples/wire-story.txt",
        "README.md",
    ];
    let mut lines = 0;
    for file in files {
        let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        for line in text.lines() {
            // JSON as it stands, and with its escapes resolved.
            assert_same(line);
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(line) {
                assert_same(&value.to_string());
                strings(&value);
            }
            lines += 1;
        }
    }
    assert!(lines > 500);
}

fn strings(value: &serde_json::Value) {
    match value {
        serde_json::Value::String(text) => assert_same(text),
        serde_json::Value::Array(values) => values.iter().for_each(strings),
        serde_json::Value::Object(fields) => fields.values().for_each(strings),
        _ => {}
    }
}

/// A corpus of one's own, where there is one: `SAYSO_CORPUS=FILE cargo test --release --test tokenizer`.
#[test]
fn a_corpus_has_the_same_ids() {
    if let Some(file) = std::env::var_os("SAYSO_CORPUS") {
        fs::read_to_string(file)
            .expect("the corpus is readable")
            .lines()
            .for_each(assert_same);
    }
}

#[test]
fn every_character_has_the_same_ids() {
    for character in (0..=0x3_ffff).filter_map(char::from_u32) {
        assert_same(&format!("a{character}b {character}"));
    }
}

proptest! {
    #[test]
    fn any_text_has_the_same_ids(text in "\\PC{0,60}") {
        assert_same(&text);
    }

    #[test]
    fn words_and_marks_have_the_same_ids(
        text in "([a-zA-Z]{1,12}|[0-9]{1,6}|[ \\t\\n\u{a0}]|[.,;:'\"“”’—–…!?()\\[\\]-]|[éÉñüßİıœﬁ]|\\p{M}|[\u{200b}\u{ad}\u{feff}]){0,30}",
    ) {
        assert_same(&text);
    }
}
