//! What the fast engine promises whatever the model: the same bits at every vector width and in any company.

use std::fs;
use std::path::Path;

use sayso::error::ModelError;
use sayso::kernels::{Kernels, Level};
use sayso::model::fast::{F32Projection, FastEngine, Int8Projection, Projection};
use sayso::model::{Answers, Batch, Bundle, BundleFile, Engine, ModelConfig, Weights, Workspace};
use sayso::tokenize::Tokenizer;
use sayso::window::{Window, pack, shorten};
use serde_json::Value;

struct Fixture {
    bundle: Bundle,
    config: ModelConfig,
}

impl Fixture {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
        let bundle = Bundle::read(&folder).expect("the default bundle");
        let config = ModelConfig::from_bytes(&bundle.config.bytes, &bundle.config.path)
            .expect("the default configuration");
        Self { bundle, config }
    }

    fn int8(&self, kernels: Kernels) -> FastEngine<Int8Projection> {
        self.engine(self.bundle.int8_weights(), kernels)
    }

    fn f32(&self, kernels: Kernels) -> FastEngine<F32Projection> {
        self.engine(self.bundle.float_weights(), kernels)
    }

    fn engine<P: Projection>(&self, file: Result<BundleFile, ModelError>, kernels: Kernels) -> FastEngine<P> {
        let file = file.expect("the bundle has both precisions");
        let weights = Weights::from_bytes(&file.bytes, &file.path).expect("the default weights");
        FastEngine::load(&self.config, &weights, kernels).expect("the default model")
    }

    /// The windows of every `step`th document of the fictional fixtures.
    fn windows(&self, step: usize) -> Vec<Window> {
        let file = &self.bundle.tokenizer;
        let tokenizer = Tokenizer::from_bytes(&file.bytes, &file.path).expect("the default tokenizer");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fictional.jsonl");
        let texts = fs::read_to_string(path).expect("fictional.jsonl");
        let encode = |texts: &Value| -> Vec<Vec<u32>> {
            let texts = texts.as_array().cloned().unwrap_or_default();
            let encoded = texts.iter().map(|text| {
                let mut ids = tokenizer
                    .encode(text.as_str().expect("a string"))
                    .expect("tokenizes");
                shorten(&mut ids, &self.config.window);
                ids
            });
            encoded.collect()
        };
        let records = texts
            .lines()
            .step_by(step)
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        records
            .flat_map(|record| {
                pack(
                    &encode(&record["context"]),
                    &encode(&record["sentences"]),
                    &self.config.window,
                )
            })
            .collect()
    }
}

fn run(engine: &dyn Engine, windows: &[Window], workspace: &mut Workspace) -> Answers {
    let mut batch = Batch::default();
    for window in windows {
        batch.push(&window.ids, &window.sentences);
    }
    let mut answers = Answers::default();
    engine
        .forward(&batch, workspace, &mut answers)
        .expect("fixture windows run");
    answers
}

fn assert_same_bits(found: &Answers, expected: &Answers, what: &str) {
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let sentences = |answers: &Answers| -> Vec<Vec<u32>> {
        let logits = answers.sentences.iter();
        logits
            .map(|logits| bits(&[logits.stance, logits.attribution, logits.anonymity].concat()))
            .collect()
    };
    assert_eq!(sentences(found), sentences(expected), "{what}, sentences");
    let tags = |answers: &Answers| -> Vec<Vec<u32>> {
        let logits = answers.tags.iter();
        logits.map(|logits| bits(logits.as_flattened())).collect()
    };
    assert_eq!(tags(found), tags(expected), "{what}, tags");
}

fn every_level_gives_the_same_bits<P: Projection>(
    fixture: &Fixture,
    engine: impl Fn(&Fixture, Kernels) -> FastEngine<P>,
) {
    let windows = fixture.windows(9);
    let best = engine(fixture, Kernels::detect());
    let expected = run(&best, &windows, &mut Workspace::default());
    assert!(expected.sentences.len() > 20);
    for level in Level::available() {
        let kernels = Kernels::at(level).expect("an available level");
        let found = run(&engine(fixture, kernels), &windows, &mut Workspace::default());
        assert_same_bits(&found, &expected, &level.to_string());
    }
}

#[test]
fn int8_gives_the_same_bits_at_every_level() {
    every_level_gives_the_same_bits(&Fixture::new(), Fixture::int8);
}

#[test]
fn f32_gives_the_same_bits_at_every_level() {
    every_level_gives_the_same_bits(&Fixture::new(), Fixture::f32);
}

fn company_changes_nothing(fixture: &Fixture, engine: &dyn Engine) {
    let windows = fixture.windows(3);
    let together = run(engine, &windows, &mut Workspace::default());
    let mut workspace = Workspace::default();
    let mut alone = Answers::default();
    for window in &windows {
        let own = run(engine, std::slice::from_ref(window), &mut workspace);
        alone.sentences.extend(own.sentences);
        alone.tags.extend(own.tags);
    }
    assert_same_bits(&alone, &together, "alone and together");
}

#[test]
fn int8_does_not_depend_on_the_rest_of_a_batch() {
    let fixture = Fixture::new();
    company_changes_nothing(&fixture, &fixture.int8(Kernels::detect()));
}

#[test]
fn f32_does_not_depend_on_the_rest_of_a_batch() {
    let fixture = Fixture::new();
    company_changes_nothing(&fixture, &fixture.f32(Kernels::detect()));
}
