//! Bundles from anywhere: each file of one is refused with a reason or used without a panic.

use std::path::Path;
use std::sync::LazyLock;

use sayso::kernels::Kernels;
use sayso::model::fast::{F32Projection, FastEngine, Int8Projection};
use sayso::model::native::NativeF32;
use sayso::model::{Answers, Batch, Engine, ModelConfig, Weights, Workspace};
use sayso::tokenize::Tokenizer;

/// The configuration of a model of a few hundred numbers, whose tensors a fuzzer can reach.
pub const TINY: &str = include_str!("../seeds/config/tiny.json");

static CONFIG: LazyLock<ModelConfig> = LazyLock::new(|| {
    ModelConfig::from_bytes(TINY.as_bytes(), Path::new("config.json")).expect("the tiny configuration")
});

/// `config.json`: what is taken means the same when it is written again.
pub fn config(data: &[u8]) {
    let path = Path::new("config.json");
    match ModelConfig::from_bytes(data, path) {
        Ok(config) => {
            assert!(config.window.is_consistent());
            let written = serde_json::to_vec(&config).expect("a configuration is JSON");
            assert_eq!(
                ModelConfig::from_bytes(&written, path).expect("what was written"),
                config
            );
        }
        Err(error) => assert!(error.to_string().starts_with("config.json: "), "{error}"),
    }
}

/// `tokenizer.json`: every id is below the size of the vocabulary, and every place within the text.
pub fn tokenizer(data: &[u8]) {
    let tokenizer = match Tokenizer::from_bytes(data, Path::new("tokenizer.json")) {
        Ok(tokenizer) => tokenizer,
        Err(error) => {
            assert!(error.to_string().starts_with("tokenizer.json: "), "{error}");
            return;
        }
    };
    for text in [
        "",
        "It rained in Karst.",
        "“No,” she said: [SEP] Übel 新聞 \u{301} ##ed",
        "aaaaaaaaaaaaa",
    ] {
        if let Ok(ids) = tokenizer.encode(text) {
            let size = tokenizer.vocabulary_size();
            assert!(ids.iter().all(|id| (*id as usize) < size), "{ids:?} of {size}");
        }
        if let Ok(ranges) = tokenizer.character_ranges(text) {
            let length = text.chars().count();
            assert!(
                ranges.iter().all(|range| range.end <= length),
                "{ranges:?} of {length}"
            );
        }
    }
}

/// `model.safetensors`: an engine is made of it or not, and one that is made can be run.
pub fn weights(data: &[u8]) {
    let path = Path::new("model.safetensors");
    let weights = match Weights::from_bytes(data, path) {
        Ok(weights) => weights,
        Err(error) => {
            assert!(error.to_string().starts_with("model.safetensors: "), "{error}");
            return;
        }
    };
    assert!(weights.parameters() <= data.len());
    assert!(["int8", "f16", "f32"].contains(&weights.precision()));
    let kernels = Kernels::detect();
    if let Ok(engine) = FastEngine::<Int8Projection>::load(&CONFIG, &weights, kernels) {
        answer(&engine);
    }
    if let Ok(engine) = FastEngine::<F32Projection>::load(&CONFIG, &weights, kernels) {
        answer(&engine);
    }
    if let Ok(engine) = NativeF32::load(&CONFIG, &weights) {
        answer(&engine);
    }
}

/// Two windows, each with a sentence.
fn answer(engine: &impl Engine) {
    let (mut batch, mut answers) = (Batch::default(), Answers::default());
    batch.push(&[1, 3, 4, 2], std::slice::from_ref(&(1..4)));
    batch.push(&[1, 5, 2, 9, 2], &[1..3, 3..5]);
    let answered = engine.forward(&batch, &mut Workspace::default(), &mut answers);
    answered.expect("known tokens in short windows");
    assert_eq!(
        (answers.sentences.len(), answers.tags.len()),
        (3, batch.ids.len())
    );
}
