//! The engines against exact answers from PyTorch, window by window and layer by layer.
//!
//! `scripts/sayso_train/golden.py` computed the answers in f64 from the bundle's own weights.
//!
//! **Tolerance.** With u = 2⁻²⁴, a dot product of n terms whose rounding errors are independent carries a relative
//! error of about √n·u (Higham and Mary 2019, "A new approach to probabilistic rounding error analysis"), at most
//! √1536·u = 2.3e-6 here. A layer chains 8 such stages (query/key, scores, softmax·value, output, norm, intermediate,
//! output, norm), and after each norm the hidden state has entries of order 1. The residual path adds the errors of the layers:
//! 6 layers × 8 stages × 2.3e-6 = 1.1e-4 for a worst entry if every stage erred at its bound in the same
//! direction, which is the tolerance for hidden states in units of the largest entry of the state. The heads sum
//! over the hidden state once more and their logits are of order 1 to 10, so logits get the same relative
//! tolerance with a floor of one unit.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use sayso::kernels::Kernels;
use sayso::model::fast::{F32Projection, FastEngine, Int8Projection};
use sayso::model::native::NativeF32;
use sayso::model::{Answers, Batch, Bundle, BundleFile, Engine, ModelConfig, Weights, Workspace};
use sayso::prediction::TagLogits;
use sayso::tokenize::Tokenizer;
use sayso::window::{Window, pack, shorten};
use serde_json::Value;

const TOLERANCE: f64 = 1.1e-4;

struct Fixture {
    bundle: Bundle,
    floats: BundleFile,
    config: ModelConfig,
}

impl Fixture {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
        let bundle = Bundle::read(&folder).expect("the default bundle");
        let config = ModelConfig::from_bytes(&bundle.config.bytes, &bundle.config.path)
            .expect("the default configuration");
        let floats = bundle.float_weights().expect("the default bundle's floats");
        Self {
            bundle,
            floats,
            config,
        }
    }

    fn weights(&self) -> Weights<'_> {
        Weights::from_bytes(&self.floats.bytes, &self.floats.path).expect("the default weights")
    }

    fn engine(&self) -> NativeF32 {
        NativeF32::load(&self.config, &self.weights()).expect("the default model")
    }
}

fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn golden() -> Vec<(String, Vec<(Window, Value)>)> {
    let documents: Value = serde_json::from_slice(&read("golden.json")).expect("golden.json");
    let array = |value: &Value| value.as_array().expect("an array").clone();
    let number = |value: &Value| value.as_u64().expect("a number");
    array(&documents)
        .iter()
        .map(|document| {
            let windows = array(&document["windows"]).into_iter().map(|entry| {
                let window = Window {
                    ids: array(&entry["ids"]).iter().map(|id| number(id) as u32).collect(),
                    first: number(&entry["first"]) as usize,
                    sentences: array(&entry["sentences"])
                        .iter()
                        .map(|pair| number(&pair[0]) as usize..number(&pair[1]) as usize)
                        .collect(),
                };
                (window, entry)
            });
            let id = document["doc_id"].as_str().expect("an id").to_owned();
            (id, windows.collect())
        })
        .collect()
}

#[test]
fn windows_are_packed_as_in_training() {
    let fixture = Fixture::new();
    let file = &fixture.bundle.tokenizer;
    let tokenizer = Tokenizer::from_bytes(&file.bytes, &file.path).expect("the default tokenizer");
    let texts = String::from_utf8(read("fictional.jsonl")).expect("fictional.jsonl is UTF-8");
    let golden = golden();
    assert_eq!(texts.lines().count(), golden.len());
    for (line, (id, expected)) in texts.lines().zip(&golden) {
        let record: Value = serde_json::from_str(line).expect("fictional.jsonl");
        assert_eq!(record["doc_id"], id.as_str());
        let encode = |part: &str| -> Vec<Vec<u32>> {
            let texts = record[part].as_array().cloned().unwrap_or_default();
            let encoded = texts.iter().map(|text| {
                let mut ids = tokenizer
                    .encode(text.as_str().expect("a string"))
                    .expect("tokenizes");
                shorten(&mut ids, &fixture.config.window);
                ids
            });
            encoded.collect()
        };
        let windows = pack(&encode("context"), &encode("sentences"), &fixture.config.window);
        let expected: Vec<Window> = expected.iter().map(|(window, _)| window.clone()).collect();
        assert_eq!(windows, expected, "document {id}");
    }
}

#[test]
fn the_reference_engine_agrees_with_pytorch() {
    assert_golden(&Fixture::new().engine());
}

#[test]
fn the_fast_f32_engine_agrees_with_pytorch() {
    let fixture = Fixture::new();
    let engine = FastEngine::<F32Projection>::load(&fixture.config, &fixture.weights(), Kernels::detect());
    assert_golden(&engine.expect("the default model"));
}

/// Rounding to 8 bits has no tight bound on logits; what it must keep is the answer. A sentence whose two best values
/// nearly tie may turn, and of real sentences about one in two hundred does.
#[test]
fn the_int8_engine_gives_the_answers_of_pytorch() {
    let fixture = Fixture::new();
    let file = fixture
        .bundle
        .int8_weights()
        .expect("the default bundle's 8-bit weights");
    let weights = Weights::from_bytes(&file.bytes, &file.path).expect("the default weights");
    let engine = FastEngine::<Int8Projection>::load(&fixture.config, &weights, Kernels::detect())
        .expect("the default model");
    let (mut answers, mut kept) = (0, 0);
    for (_, entries) in golden() {
        for (window, expected) in entries {
            for (sentence, found) in forward(&engine, &window).sentences.iter().enumerate() {
                for (axis, values) in [("stance", &found.stance), ("attribution", &found.attribution)] {
                    let exact: Vec<f64> = (0..values.len())
                        .map(|class| expected[axis][sentence][class].as_f64().expect("a logit"))
                        .collect();
                    let found: Vec<f64> = values.iter().copied().map(f64::from).collect();
                    answers += 1;
                    kept += usize::from(largest(&found) == largest(&exact));
                }
            }
        }
    }
    println!("{kept} of {answers} answers");
    assert!(kept * 100 >= answers * 98, "{kept} of {answers} answers");
}

fn largest(values: &[f64]) -> Option<usize> {
    (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b]))
}

fn forward(engine: &dyn Engine, window: &Window) -> Answers {
    let mut batch = Batch::default();
    batch.push(&window.ids, &window.sentences);
    let mut answers = Answers::default();
    engine
        .forward(&batch, &mut Workspace::default(), &mut answers)
        .expect("a golden window runs");
    assert_eq!(answers.sentences.len(), window.sentences.len());
    answers
}

fn assert_golden(engine: &dyn Engine) {
    let (mut windows, mut worst) = (0, 0.0_f64);
    let bytes = read("golden_states.safetensors");
    let states = SafeTensors::deserialize(&bytes).expect("golden_states.safetensors");
    assert!(states.names().iter().any(|name| name.starts_with("tags/")));
    for (id, entries) in golden() {
        for (window, expected) in entries {
            let answers = forward(engine, &window);
            assert_tags(&answers.tags, &states, &format!("tags/{id}/{}", window.first));
            for (sentence, found) in answers.sentences.iter().enumerate() {
                let axes = [
                    ("stance", &found.stance),
                    ("attribution", &found.attribution),
                    ("anonymity", &found.anonymity),
                ];
                for (axis, values) in axes {
                    for (class, value) in values.iter().enumerate() {
                        let exact = expected[axis][sentence][class].as_f64().expect("a logit");
                        let error = (f64::from(*value) - exact).abs() / exact.abs().max(1.0);
                        worst = worst.max(error);
                        assert!(
                            error <= TOLERANCE,
                            "{id}, window {}, sentence {sentence}: {axis} {class} is {value}, not {exact}",
                            window.first
                        );
                    }
                }
            }
            windows += 1;
        }
    }
    assert!(windows >= 50, "only {windows} golden windows");
    println!("{windows} windows, largest relative error {worst:.2e}");
}

fn floats(tensor: &TensorView<'_>) -> Vec<f32> {
    let words = tensor.data().as_chunks().0.iter();
    words.map(|word| f32::from_le_bytes(*word)).collect()
}

/// Tags are a head's logits, so that their tolerance is that of the others. Only a few windows have golden tags.
fn assert_tags(found: &[TagLogits], golden: &SafeTensors<'_>, name: &str) {
    let Ok(expected) = golden.tensor(name) else {
        return;
    };
    let (found, exact) = (found.as_flattened().as_flattened(), floats(&expected));
    assert_eq!(found.len(), exact.len(), "{name}");
    for (found, exact) in found.iter().zip(exact) {
        let error = f64::from((found - exact).abs() / exact.abs().max(1.0));
        assert!(error <= TOLERANCE, "{name} has {found}, not {exact}");
    }
}

#[test]
fn every_layer_agrees_with_pytorch() {
    let fixture = Fixture::new();
    let engine = fixture.engine();
    let bytes = read("golden_states.safetensors");
    let states = SafeTensors::deserialize(&bytes).expect("golden_states.safetensors");
    let mut compared = 0;
    for (id, entries) in golden() {
        for (window, _) in entries {
            let Ok(expected) = states.tensor(&format!("{id}/{}", window.first)) else {
                continue;
            };
            let numbers = floats(&expected);
            let found = engine.hidden_states(&window.ids).expect("a golden window runs");
            assert_eq!(expected.shape()[0], found.len());
            for (layer, (state, exact)) in found.iter().zip(numbers.chunks_exact(found[0].len())).enumerate()
            {
                let largest = exact.iter().fold(1.0_f32, |most, value| most.max(value.abs()));
                for (value, exact) in state.iter().zip(exact) {
                    let error = f64::from((value - exact).abs() / largest);
                    assert!(
                        error <= TOLERANCE,
                        "{id}, window {}: hidden state {layer} (0 is the embeddings) has {value}, not {exact}",
                        window.first
                    );
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 3 * (fixture.config.encoder.num_hidden_layers + 1));
}
