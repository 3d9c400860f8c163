//! Models that are incomplete or damaged: refused with the file's name, before anything is read or written.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::fs;
use std::path::Path;

use cli_common::{CORPUS, default_model, folder, label, names_in, sayso, stderr};

/// A copy of the default bundle, without its 8-bit weights, in which `damage` has changed something.
fn damaged_model(damage: impl FnOnce(&Path)) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        fs::copy(default_model().join(name), copy.path().join(name)).unwrap();
    }
    damage(copy.path());
    copy
}

/// Every command that takes a model refuses this one, naming `file`, before it writes anything.
fn is_refused(model: &Path, file: &str) {
    let gold = folder(&[("gold.jsonl", "")]);
    let gold = gold.path().join("gold.jsonl");
    for command in [vec!["label"], vec!["info"], vec!["eval", gold.to_str().unwrap()]] {
        let assert = sayso()
            .args(&command)
            .arg("--model")
            .arg(model)
            .write_stdin(CORPUS)
            .assert();
        let messages = stderr(&assert.code(2).stdout(""));
        assert!(
            messages.starts_with("sayso: cannot load the model: "),
            "{messages}"
        );
        assert!(messages.contains(file), "{messages}");
        assert_eq!(messages.lines().count(), 1, "{messages}");
    }
}

#[test]
fn a_model_folder_that_does_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    is_refused(&folder.path().join("nowhere"), "nowhere");
}

#[test]
fn a_model_without_its_weights() {
    let model = damaged_model(|folder| fs::remove_file(folder.join("model.safetensors")).unwrap());
    is_refused(model.path(), "model.safetensors");
}

#[test]
fn a_model_with_a_broken_configuration() {
    let model = damaged_model(|folder| fs::write(folder.join("config.json"), "{\"name\": ").unwrap());
    is_refused(model.path(), "config.json");
}

#[test]
fn a_model_with_a_broken_tokenizer() {
    let model = damaged_model(|folder| fs::write(folder.join("tokenizer.json"), "[]").unwrap());
    is_refused(model.path(), "tokenizer.json");
}

#[test]
fn a_model_cut_off_in_its_weights() {
    let model = damaged_model(|folder| {
        let path = folder.join("model.safetensors");
        let whole = fs::read(&path).unwrap();
        fs::write(path, &whole[..whole.len() / 2]).unwrap();
    });
    is_refused(model.path(), "model.safetensors");
}

#[test]
fn a_model_cut_off_in_its_8_bit_weights() {
    let model = damaged_model(|folder| {
        let whole = fs::read(default_model().join("model.int8.safetensors")).unwrap();
        fs::write(folder.join("model.int8.safetensors"), &whole[..whole.len() / 2]).unwrap();
    });
    is_refused(model.path(), "model.int8.safetensors");
}

#[test]
fn the_built_in_model_has_no_floats() {
    let corpus = folder(&[("corpus.jsonl", CORPUS)]);
    for engine in ["f32", "reference"] {
        let (status, documents, messages) = label(corpus.path(), &["corpus.jsonl", "--engine", engine]);
        assert_eq!((status, documents.len()), (2, 0));
        assert!(messages.contains("<embedded>/model.safetensors"), "{messages}");
    }
}

/// What `sayso label` says to these options, with the default model from its folder.
fn refusal(options: &[&str]) -> String {
    let assert = sayso()
        .args(["label", "--model"])
        .arg(default_model())
        .args(options)
        .write_stdin(CORPUS)
        .assert();
    stderr(&assert.code(2).stdout(""))
}

#[cfg(not(feature = "rust-bert"))]
#[test]
fn an_engine_that_is_not_built_in() {
    let message = refusal(&["--engine", "rust-bert"]);
    let expected =
        "sayso: cannot load the model: built without rust-bert: the engine rust-bert needs a program built";
    assert!(message.starts_with(expected), "{message}");
    let message = refusal(&["--engine", "rust-bert", "--device", "cuda:0"]);
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_gpu_for_an_engine_that_uses_none() {
    let message = refusal(&["--device", "cuda:1"]);
    let expected = "sayso: cannot load the model: device cuda:1 cannot be used: the engine int8 computes on the processor; \
                    rust-bert can use others\n";
    assert_eq!(message, expected);
    let assert = sayso()
        .args(["label", "--device", "gpu"])
        .write_stdin(CORPUS)
        .assert();
    assert!(stderr(&assert.code(2).stdout("")).contains("not cpu or cuda:N"));
}

#[test]
fn a_model_with_8_bit_weights_only() {
    let corpus = folder(&[("corpus.jsonl", CORPUS)]);
    let model = damaged_model(|folder| {
        fs::remove_file(folder.join("model.safetensors")).unwrap();
        fs::copy(
            default_model().join("model.int8.safetensors"),
            folder.join("model.int8.safetensors"),
        )
        .unwrap();
    });
    let model = model.path().to_str().unwrap();
    let (status, documents, _) = label(corpus.path(), &["corpus.jsonl", "--model", model]);
    assert_eq!((status, documents.is_empty()), (0, false));
    let (status, documents, messages) = label(
        corpus.path(),
        &["corpus.jsonl", "--model", model, "--engine", "f32"],
    );
    assert_eq!((status, documents.len()), (2, 0));
    assert!(
        messages.contains("model.safetensors: there is none"),
        "{messages}"
    );
}

#[test]
fn a_model_that_is_refused_leaves_the_output_alone() {
    let folder = folder(&[("corpus.jsonl", CORPUS), ("rows.csv", "older rows")]);
    let (status, ..) = label(
        folder.path(),
        &["corpus.jsonl", "-o", "rows.csv", "--model", "nowhere"],
    );
    assert_eq!(status, 2);
    assert_eq!(
        fs::read_to_string(folder.path().join("rows.csv")).unwrap(),
        "older rows"
    );
    assert_eq!(names_in(folder.path()), ["corpus.jsonl", "rows.csv"]);
}
