//! rust-bert on the same checkpoint: it must say what our `f32` engine says.
//!
//! **Tolerance.** Both engines are within the tolerance of `tests/golden.rs` of the exact logits, so that they are within
//! twice that of each other. Padding adds nothing to it: a masked score is 10,000 below the others, and its exponential is
//! exactly 0 in `f32`.

use std::fs;
use std::path::{Path, PathBuf};

use sayso::classifier::{Classifier, EngineKind, EngineOptions};
use sayso::device::Device;
use sayso::document::{Body, Document};
use sayso::error::ModelError;
use sayso::kernels::Kernels;
use sayso::model::fast::{F32Projection, FastEngine};
use sayso::model::rust_bert::RustBertEngine;
use sayso::model::{Answers, Batch, Bundle, Engine, ModelConfig, Weights, Workspace};
use sayso::prediction::{Attribution, Logits, Stance};
use sayso::tokenize::Tokenizer;
use sayso::window::{Window, pack, shorten};
use serde_json::Value;

const TOLERANCE: f32 = 2.0 * 1.1e-4;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default")
}

struct Engines {
    config: ModelConfig,
    tokenizer: Tokenizer,
    ours: FastEngine<F32Projection>,
    theirs: RustBertEngine,
}

impl Engines {
    fn load() -> Self {
        let bundle = Bundle::read(&folder()).expect("the default bundle");
        let config = ModelConfig::from_bytes(&bundle.config.bytes, &bundle.config.path)
            .expect("the default configuration");
        let file = bundle.float_weights().expect("the default bundle's floats");
        let weights = Weights::from_bytes(&file.bytes, &file.path).expect("the default weights");
        let tokenizer = Tokenizer::from_bytes(&bundle.tokenizer.bytes, &bundle.tokenizer.path)
            .expect("the default tokenizer");
        Self {
            ours: FastEngine::load(&config, &weights, Kernels::detect()).expect("the default model"),
            theirs: RustBertEngine::load(&config, &weights, Device::Cpu).expect("the default model"),
            config,
            tokenizer,
        }
    }

    fn windows_of(&self, context: &[String], sentences: &[String]) -> Vec<Window> {
        let encode = |texts: &[String]| -> Vec<Vec<u32>> {
            let encoded = texts.iter().map(|text| {
                let mut ids = self.tokenizer.encode(text).expect("tokenizes");
                shorten(&mut ids, &self.config.window);
                ids
            });
            encoded.collect()
        };
        pack(&encode(context), &encode(sentences), &self.config.window)
    }

    /// Windows of the invented documents as they are, of each sentence alone, of words repeated to every length, and
    /// of texts that no tokenizer likes.
    fn windows(&self) -> Vec<Window> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fictional.jsonl");
        let texts = fs::read_to_string(path).expect("fictional.jsonl");
        let strings = |value: &Value| -> Vec<String> {
            let values = value.as_array().cloned().unwrap_or_default();
            values
                .iter()
                .map(|text| text.as_str().expect("a string").to_owned())
                .collect()
        };
        let mut windows = Vec::new();
        for line in texts.lines() {
            let record: Value = serde_json::from_str(line).expect("JSON");
            let sentences = strings(&record["sentences"]);
            windows.extend(self.windows_of(&strings(&record["context"]), &sentences));
            for sentence in sentences.into_iter().take(2) {
                windows.extend(self.windows_of(&[], &[sentence]));
            }
        }
        for words in 0..192 {
            windows.extend(self.windows_of(&[], &["denied ".repeat(words)]));
        }
        for odd in [
            "",
            "\u{200b}\u{feff}",
            "e\u{301}\u{301}\u{301} ÉCLAIR ﬁ",
            "他们否认了。",
            "\u{202e}desrever",
            "👩‍👩‍👧‍👦 said 🇨🇳",
            "\u{fffd}\u{0}\u{7}",
        ] {
            windows.extend(self.windows_of(&[], &[odd.to_owned()]));
        }
        windows
    }
}

fn answers(engine: &dyn Engine, windows: &[Window]) -> Answers {
    let mut batch = Batch::default();
    for window in windows {
        batch.push(&window.ids, &window.sentences);
    }
    let mut answers = Answers::default();
    engine
        .forward(&batch, &mut Workspace::default(), &mut answers)
        .expect("the windows run");
    answers
}

fn numbers(logits: &Logits) -> Vec<f32> {
    [logits.stance, logits.attribution, logits.anonymity].concat()
}

fn largest_error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let errors = found.iter().zip(expected);
    errors.fold(0.0, |most, (found, expected)| {
        assert!(found.is_finite());
        most.max((found - expected).abs() / expected.abs().max(1.0))
    })
}

fn largest(values: &[f32]) -> Option<usize> {
    (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b]))
}

#[test]
fn logits_and_labels_are_those_of_our_engine() {
    let engines = Engines::load();
    let windows = engines.windows();
    assert!(windows.len() >= 200, "{} windows", windows.len());
    let (mut worst, mut sentences) = (0.0_f32, 0);
    for windows in windows.chunks(16) {
        let (ours, theirs) = (answers(&engines.ours, windows), answers(&engines.theirs, windows));
        assert_eq!(ours.sentences.len(), theirs.sentences.len());
        for (ours, theirs) in ours.sentences.iter().zip(&theirs.sentences) {
            worst = worst.max(largest_error(&numbers(theirs), &numbers(ours)));
            for (ours, theirs) in [
                (ours.stance, theirs.stance),
                (ours.attribution, theirs.attribution),
            ] {
                assert_eq!(largest(&ours), largest(&theirs), "{ours:?}, {theirs:?}");
            }
            sentences += 1;
        }
        let tags = |answers: &Answers| answers.tags.as_flattened().as_flattened().to_vec();
        // Ours also tags context and separators of windows without a sentence of their own; there are none here.
        worst = worst.max(largest_error(&tags(&theirs), &tags(&ours)));
    }
    println!(
        "{} windows, {sentences} sentences, largest relative difference {worst:.2e}",
        windows.len()
    );
    assert!(worst <= TOLERANCE, "{worst:.2e}");
}

#[test]
fn padding_changes_nothing_but_noise() {
    let engines = Engines::load();
    let windows: Vec<Window> = engines.windows().into_iter().step_by(5).collect();
    let together = answers(&engines.theirs, &windows);
    let mut from = 0;
    for window in &windows {
        let alone = answers(&engines.theirs, std::slice::from_ref(window));
        let own = &together.sentences[from..from + alone.sentences.len()];
        for (alone, together) in alone.sentences.iter().zip(own) {
            let error = largest_error(&numbers(together), &numbers(alone));
            assert!(error <= TOLERANCE, "{error:.2e}");
        }
        from += alone.sentences.len();
    }
    assert_eq!(from, together.sentences.len());
}

#[test]
fn a_workspace_that_served_another_engine_serves_this_one() {
    let (first, second) = (Engines::load(), Engines::load());
    let windows = &first.windows()[..3];
    let mut batch = Batch::default();
    for window in windows {
        batch.push(&window.ids, &window.sentences);
    }
    let (mut workspace, mut answers) = (Workspace::default(), Answers::default());
    let mut all = Vec::new();
    for engine in [
        &first.theirs as &dyn Engine,
        &second.theirs,
        &first.ours,
        &first.theirs,
    ] {
        engine
            .forward(&batch, &mut workspace, &mut answers)
            .expect("runs");
        all.push(answers.sentences.clone());
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[3]);
}

/// Threads share the weights, each with a model of its own.
#[test]
fn threads_agree() {
    let classifier = Classifier::load(&folder(), EngineKind::RustBert).expect("the default model");
    let document = Document {
        body: Body::Sentences {
            context: vec!["The minister met reporters on Monday.".to_owned()],
            sentences: vec![
                "She denied it.".to_owned(),
                "Two aides said otherwise.".to_owned(),
            ],
        },
        ..Document::from_text("story", "")
    };
    let expected = classifier.label(&document).expect("labels");
    assert_eq!(expected.sentences[0].prediction.stance, Stance::Deny);
    assert_eq!(
        expected.sentences[1].prediction.attribution,
        Attribution::Anonymous
    );
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(classifier.label(&document).expect("labels"), expected));
        }
    });
}

#[test]
fn a_gpu_that_is_not_there_is_named() {
    let engine = EngineOptions {
        kind: EngineKind::RustBert,
        device: Device::Cuda(63),
    };
    match Classifier::load(&folder(), engine) {
        Err(error @ ModelError::NoDevice { .. }) => {
            assert!(
                error.to_string().starts_with("device cuda:63 cannot be used: "),
                "{error}"
            );
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nobody has 64 GPUs"),
    }
}

#[test]
fn a_token_beyond_the_vocabulary_is_an_error() {
    let engines = Engines::load();
    let mut batch = Batch::default();
    let sentence = 1..3;
    batch.push(&[101, 40_000, 102], std::slice::from_ref(&sentence));
    let error = engines
        .theirs
        .forward(&batch, &mut Workspace::default(), &mut Answers::default())
        .expect_err("a vocabulary of 30,522");
    assert_eq!(
        error.to_string(),
        "token 40000 is outside the model's vocabulary of 30522"
    );
}
