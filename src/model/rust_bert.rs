//! The independent engine: the same weights in rust-bert's `BertModel`, on libtorch, on the CPU or a GPU.
//!
//! It shares no arithmetic with the other engines, which is its use as a check, and it pads where they do not: windows
//! of similar length go through the model together.
//!
//! A tensor of `tch` may move to another thread but not be used by two at once, and so may a model made of them
//! (rust-bert's issues 389 and 452). So every labelling thread has a model of its own, made when it first needs one;
//! its variables then take the storage of the engine's, so that the weights are in memory once. Each runs on one
//! thread of libtorch: several forwards at a time are faster than several threads in one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Device as TorchDevice, Kind, Tensor, nn};

use super::config::{EncoderConfig, ModelConfig, Pooling};
use super::engine::{Answers, Batch, Engine, Workspace};
use super::weights::Weights;
use crate::device::Device;
use crate::error::{EngineError, ModelError};
use crate::prediction::{Logits, TAG_LOGITS, TagLogits, tags_of_row};

/// rust-bert has it written into its layers.
const LAYER_NORM_EPS: f32 = 1e-12;

/// A batch takes windows up to this many times as long as its shortest: at most a fifth of it is padding.
const LONGEST_BY_SHORTEST: f32 = 1.25;

/// rust-bert's model with the heads of a bundle.
pub struct RustBertEngine {
    config: ModelConfig,
    device: TorchDevice,
    /// Every variable by its name, for the models of the threads.
    variables: Mutex<HashMap<String, Tensor>>,
    /// Tells apart the engines that a thread has worked for.
    number: u64,
}

impl RustBertEngine {
    /// Takes every tensor that the configuration asks for out of `weights`, which must be floats.
    ///
    /// # Errors
    ///
    /// If rust-bert cannot compute what the configuration says, or the device is not there.
    pub fn load(config: &ModelConfig, weights: &Weights<'_>, device: Device) -> Result<Self, ModelError> {
        static ENGINES: AtomicU64 = AtomicU64::new(0);
        let unsupported =
            |field, found: String, expected: &str| Err(weights.unsupported(field, found, expected));
        let encoder = &config.encoder;
        if encoder.layer_norm_eps != LAYER_NORM_EPS {
            return unsupported(
                "layer_norm_eps",
                encoder.layer_norm_eps.to_string(),
                "1e-12 in rust-bert",
            );
        }
        if encoder.num_hidden_layers < 2 {
            let expected = "2 or more, because rust-bert does not show the embeddings";
            return unsupported(
                "num_hidden_layers",
                encoder.num_hidden_layers.to_string(),
                expected,
            );
        }
        let device = torch_device(device)?;
        let mut variables = HashMap::new();
        for (name, shape) in shapes(config) {
            let numbers = weights.numbers(&name, &shape)?;
            let shape: Vec<i64> = shape.iter().map(|&size| size as i64).collect();
            variables.insert(
                name,
                Tensor::from_slice(&numbers).reshape(shape).to_device(device),
            );
        }
        Ok(Self {
            config: config.clone(),
            device,
            variables: Mutex::new(variables),
            number: ENGINES.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// A model for one thread.
    fn model(&self) -> ThreadModel {
        tch::set_num_threads(1);
        let shared = self.variables.lock().unwrap_or_else(PoisonError::into_inner);
        let store = nn::VarStore::new(self.device);
        let bert = BertModel::new_with_optional_pooler(
            store.root() / "bert",
            &bert_config(&self.config.encoder),
            false,
        );
        for (name, mut variable) in store.variables() {
            // `shapes` lists what rust-bert asks for; the parity suite would show a variable left as it was made.
            if let Some(weights) = shared.get(&name) {
                tch::no_grad(|| variable.set_data(weights));
            }
        }
        let heads = |kind: &str| {
            let parts =
                ["stance", "attribution", "anonymity"].map(|axis| &shared[&format!("heads.{axis}.{kind}")]);
            Tensor::cat(&parts, 0)
        };
        let tags = self.config.marks_spans().then(|| {
            (
                shared["tags.weight"].shallow_clone(),
                shared["tags.bias"].shallow_clone(),
            )
        });
        ThreadModel {
            engine: self.number,
            bert,
            heads: (heads("weight"), heads("bias")),
            tags,
        }
    }

    /// Runs windows of similar length and writes their answers where they belong.
    fn run(
        &self,
        model: &ThreadModel,
        batch: &Batch,
        windows: &[Placed],
        answers: &mut Answers,
    ) -> Result<(), EngineError> {
        let longest = windows
            .iter()
            .map(|window| window.tokens.len())
            .max()
            .unwrap_or(0);
        let (mut ids, mut mask) = (Vec::new(), Vec::new());
        for window in windows {
            let own = &batch.ids[window.tokens.clone()];
            ids.extend(own.iter().map(|&id| i64::from(id)));
            ids.resize(ids.len() + longest - own.len(), 0);
            mask.extend(std::iter::repeat_n(1_i64, own.len()));
            mask.resize(ids.len(), 0);
        }
        let shape = [windows.len() as i64, longest as i64];
        let matrix = |numbers: &[i64]| Tensor::from_slice(numbers).reshape(shape).to_device(self.device);
        let output = model
            .bert
            .forward_t(
                Some(&matrix(&ids)),
                Some(&matrix(&mask)),
                None,
                None,
                None,
                None,
                None,
                false,
            )
            .map_err(|error| EngineError::Torch(error.to_string()))?;
        let states = output.all_hidden_states.unwrap_or_default();
        let [.., below, last] = states.as_slice() else {
            return Err(EngineError::Torch("rust-bert gave no hidden states".to_owned()));
        };
        let (below, last) = (below.flatten(0, 1), last.flatten(0, 1));

        // Rows of sentences and tokens in the padded matrix.
        let mut sentences = Vec::new();
        for (row, window) in windows.iter().enumerate() {
            for sentence in window.sentences.clone() {
                let range = &batch.sentences[sentence];
                let start = row * longest + range.start - window.tokens.start;
                sentences.push((sentence, start..start + range.len()));
            }
        }
        let pooled = self.pool(&below, &last, &sentences);
        let (weight, bias) = &model.heads;
        let logits = floats(&pooled.linear(weight, Some(bias)))?;
        for ((sentence, _), row) in sentences.iter().zip(logits.chunks_exact(Logits::COUNT)) {
            answers.sentences[*sentence] = Logits::from_row(row);
        }
        if let Some((weight, bias)) = &model.tags {
            let tags = floats(&below.linear(weight, Some(bias)))?;
            let rows = tags.chunks_exact(longest * TAG_LOGITS);
            for (window, rows) in windows.iter().zip(rows) {
                let own = answers.tags[window.tokens.clone()].iter_mut();
                own.zip(rows.chunks_exact(TAG_LOGITS))
                    .for_each(|(tags, row)| *tags = tags_of_row(row));
            }
        }
        Ok(())
    }

    /// What the heads read of the sentences at these rows: see [`Pooling`].
    fn pool(&self, below: &Tensor, last: &Tensor, sentences: &[(usize, Range<usize>)]) -> Tensor {
        let ends: Vec<i64> = sentences.iter().map(|(_, rows)| rows.end as i64 - 1).collect();
        let separators = last.index_select(0, &Tensor::from_slice(&ends).to_device(self.device));
        match self.config.pooling {
            Pooling::Separator => separators,
            Pooling::SeparatorAndMean => {
                let width = below.size()[0] as usize;
                let mut shares = vec![0.0_f32; sentences.len() * width];
                for ((_, rows), shares) in sentences.iter().zip(shares.chunks_exact_mut(width)) {
                    shares[rows.clone()].fill(1.0 / rows.len() as f32);
                }
                let shares = Tensor::from_slice(&shares).reshape([sentences.len() as i64, width as i64]);
                Tensor::cat(&[separators, shares.to_device(self.device).matmul(below)], 1)
            }
        }
    }
}

impl Engine for RustBertEngine {
    fn forward(
        &self,
        batch: &Batch,
        workspace: &mut Workspace,
        answers: &mut Answers,
    ) -> Result<(), EngineError> {
        answers.clear();
        let mut windows = self.windows(batch)?;
        answers.sentences.resize(batch.sentences.len(), Logits::default());
        if self.config.marks_spans() {
            answers.tags.resize(batch.ids.len(), TagLogits::default());
        }
        let seat: &mut Seat = workspace.memory();
        let model = match &mut seat.0 {
            Some(model) if model.engine == self.number => model,
            other => other.insert(self.model()),
        };
        windows.sort_by_key(|window| window.tokens.len());
        let mut rest = windows.as_slice();
        while let Some(shortest) = rest.first() {
            let limit = (shortest.tokens.len() as f32 * LONGEST_BY_SHORTEST) as usize;
            let count =
                rest.partition_point(|window| window.tokens.len() <= limit.max(shortest.tokens.len()));
            tch::no_grad(|| self.run(model, batch, &rest[..count], answers))?;
            rest = &rest[count..];
        }
        Ok(())
    }
}

impl RustBertEngine {
    /// The windows with the sentences in each, after a check of what libtorch would only abort on.
    fn windows(&self, batch: &Batch) -> Result<Vec<Placed>, EngineError> {
        let encoder = &self.config.encoder;
        let vocabulary = encoder.vocab_size;
        if let Some(&token) = batch.ids.iter().find(|&&token| token as usize >= vocabulary) {
            return Err(EngineError::UnknownToken { token, vocabulary });
        }
        let mut windows = Vec::new();
        for (tokens, sentences) in batch.windows_with_sentences() {
            let (length, limit) = (tokens.len(), encoder.max_position_embeddings);
            if length > limit {
                return Err(EngineError::TooLong { length, limit });
            }
            if !sentences.is_empty() {
                windows.push(Placed { tokens, sentences });
            }
        }
        Ok(windows)
    }
}

/// A window of a batch: its tokens, and which sentences are in it.
struct Placed {
    tokens: Range<usize>,
    sentences: Range<usize>,
}

/// A thread's model, if it has one yet.
#[derive(Default)]
struct Seat(Option<ThreadModel>);

struct ThreadModel {
    /// Number of the engine that it belongs to.
    engine: u64,
    bert: BertModel<BertEmbeddings>,
    /// Weight and bias of the heads of all axes.
    heads: (Tensor, Tensor),
    tags: Option<(Tensor, Tensor)>,
}

/// Every tensor of the network with its shape.
fn shapes(config: &ModelConfig) -> Vec<(String, Vec<usize>)> {
    let EncoderConfig {
        vocab_size,
        hidden_size: hidden,
        num_hidden_layers,
        intermediate_size: inner,
        max_position_embeddings,
        type_vocab_size,
        ..
    } = config.encoder;
    let mut shapes = Vec::new();
    let mut linear = |name: &str, outputs: usize, inputs: usize| {
        shapes.push((format!("{name}.weight"), vec![outputs, inputs]));
        shapes.push((format!("{name}.bias"), vec![outputs]));
    };
    for layer in 0..num_hidden_layers {
        let name = |part: &str| format!("bert.encoder.layer.{layer}.{part}");
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            linear(&name(&format!("attention.{part}")), hidden, hidden);
        }
        linear(&name("intermediate.dense"), inner, hidden);
        linear(&name("output.dense"), hidden, inner);
    }
    for axis in ["stance", "attribution", "anonymity"] {
        linear(&format!("heads.{axis}"), 4, config.pooled_size());
    }
    if config.marks_spans() {
        linear("tags", TAG_LOGITS, hidden);
    }
    let mut norms = vec!["bert.embeddings".to_owned()];
    for layer in 0..num_hidden_layers {
        norms.push(format!("bert.encoder.layer.{layer}.attention.output"));
        norms.push(format!("bert.encoder.layer.{layer}.output"));
    }
    for name in norms {
        shapes.push((format!("{name}.LayerNorm.weight"), vec![hidden]));
        shapes.push((format!("{name}.LayerNorm.bias"), vec![hidden]));
    }
    for (part, rows) in [
        ("word", vocab_size),
        ("position", max_position_embeddings),
        ("token_type", type_vocab_size),
    ] {
        shapes.push((
            format!("bert.embeddings.{part}_embeddings.weight"),
            vec![rows, hidden],
        ));
    }
    shapes
}

fn bert_config(encoder: &EncoderConfig) -> BertConfig {
    BertConfig {
        hidden_act: rust_bert::Activation::gelu,
        attention_probs_dropout_prob: 0.0,
        hidden_dropout_prob: 0.0,
        hidden_size: encoder.hidden_size as i64,
        initializer_range: 0.02,
        intermediate_size: encoder.intermediate_size as i64,
        max_position_embeddings: encoder.max_position_embeddings as i64,
        num_attention_heads: encoder.num_attention_heads as i64,
        num_hidden_layers: encoder.num_hidden_layers as i64,
        type_vocab_size: encoder.type_vocab_size as i64,
        vocab_size: encoder.vocab_size as i64,
        output_attentions: Some(false),
        output_hidden_states: Some(true),
        is_decoder: Some(false),
        id2label: None,
        label2id: None,
    }
}

/// The device as libtorch knows it, if it is there.
fn torch_device(device: Device) -> Result<TorchDevice, ModelError> {
    match device {
        Device::Cpu => Ok(TorchDevice::Cpu),
        Device::Cuda(_) if !tch::Cuda::is_available() => Err(ModelError::NoDevice {
            device,
            reason: "this libtorch sees no CUDA device".to_owned(),
        }),
        Device::Cuda(number) => {
            let count = tch::Cuda::device_count() as usize;
            if number >= count {
                let reason = format!("there are {count} CUDA devices, counted from 0");
                return Err(ModelError::NoDevice { device, reason });
            }
            Ok(TorchDevice::Cuda(number))
        }
    }
}

/// All numbers of a tensor, row by row.
fn floats(tensor: &Tensor) -> Result<Vec<f32>, EngineError> {
    let flat = tensor
        .flatten(0, -1)
        .to_device(TorchDevice::Cpu)
        .to_kind(Kind::Float);
    Vec::try_from(flat).map_err(|error: tch::TchError| EngineError::Torch(error.to_string()))
}
