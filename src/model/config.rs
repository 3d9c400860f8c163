//! A bundle's `config.json`: sizes, window rules, and how logits become probabilities and decisions.
//!
//! The file may come from anywhere, so it is checked whole before anything is built from it: an engine may
//! rely on every size here.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::ModelError;
use crate::kernels::MAX_INPUTS;
use crate::prediction::{Anonymity, Attribution, SpanKind, Stance};
use crate::window::WindowConfig;

/// The whole of `config.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// The bundle's name, e.g. `default`.
    pub name: String,
    /// The bundle's version; `models/CHANGELOG.md` tells what changed.
    pub version: String,
    pub pooling: Pooling,
    pub encoder: EncoderConfig,
    pub window: WindowConfig,
    pub stance: AxisConfig,
    pub attribution: AxisConfig,
    pub anonymity: AxisConfig,
    /// The kinds of spans that the model marks, [`SpanKind::NAMES`], or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<String>,
}

/// What the heads read of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pooling {
    /// Its `[SEP]` after the last layer.
    #[serde(rename = "sep")]
    Separator,
    /// The same, then the mean of its tokens (`[SEP]` included) after the layer before the last. The last
    /// layer is thus needed at separators only.
    #[serde(rename = "sep+mean")]
    SeparatorAndMean,
}

/// Sizes of the BERT encoder, named as in Hugging Face's configuration files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderConfig {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    pub type_vocab_size: usize,
    pub layer_norm_eps: f32,
}

impl ModelConfig {
    /// Whether the model marks sources, cues and contents.
    pub fn marks_spans(&self) -> bool {
        !self.spans.is_empty()
    }

    /// How many numbers the heads read of a sentence.
    pub fn pooled_size(&self) -> usize {
        match self.pooling {
            Pooling::Separator => self.encoder.hidden_size,
            Pooling::SeparatorAndMean => 2 * self.encoder.hidden_size,
        }
    }
}

/// One axis: its values in logit order, its calibration and its decision rule.
///
/// With logits *z*, the probabilities are `softmax(z / temperature + bias)`, and the decision is the value
/// with the largest `ln(probability) + decision_bias`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AxisConfig {
    pub labels: Vec<String>,
    pub temperature: f32,
    pub bias: [f32; 4],
    pub decision_bias: [f32; 4],
}

/// Every size of a configuration stays below this, so that products of two sizes cannot overflow.
const LARGEST_SIZE: usize = 1 << 22;

impl ModelConfig {
    /// Parses and checks `config.json`; `path` only names it in errors.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, ModelError> {
        let config: Self = serde_json::from_slice(bytes).map_err(|source| ModelError::BrokenConfig {
            path: path.to_owned(),
            source,
        })?;
        match config.fault() {
            None => Ok(config),
            Some((field, found, expected)) => Err(ModelError::UnsupportedConfig {
                path: path.to_owned(),
                field,
                found,
                expected,
            }),
        }
    }

    /// The first field that no engine could honour: its name, its value and what it should be.
    fn fault(&self) -> Option<(&'static str, String, String)> {
        let encoder = &self.encoder;
        let sizes = [
            ("vocab_size", encoder.vocab_size),
            ("hidden_size", encoder.hidden_size),
            ("num_hidden_layers", encoder.num_hidden_layers),
            ("num_attention_heads", encoder.num_attention_heads),
            ("intermediate_size", encoder.intermediate_size),
            ("max_position_embeddings", encoder.max_position_embeddings),
            ("type_vocab_size", encoder.type_vocab_size),
        ];
        for (field, size) in sizes {
            if !(1..LARGEST_SIZE).contains(&size) {
                return Some((field, size.to_string(), format!("1 to {}", LARGEST_SIZE - 1)));
            }
        }
        if !encoder.hidden_size.is_multiple_of(encoder.num_attention_heads) {
            let expected = format!("a divisor of hidden_size {}", encoder.hidden_size);
            return Some((
                "num_attention_heads",
                encoder.num_attention_heads.to_string(),
                expected,
            ));
        }
        if !(encoder.layer_norm_eps > 0.0 && encoder.layer_norm_eps < 1.0) {
            return Some((
                "layer_norm_eps",
                encoder.layer_norm_eps.to_string(),
                "between 0 and 1".into(),
            ));
        }
        let window = &self.window;
        let longest = encoder.max_position_embeddings.min(MAX_INPUTS);
        if !window.is_consistent() || window.max_window > longest {
            let expected = format!("max_context + max_sentence + 1 < max_window <= {longest}, its positions");
            return Some(("window", format!("{window:?}"), expected));
        }
        let vocabulary = encoder.vocab_size;
        if window.cls as usize >= vocabulary || window.sep as usize >= vocabulary {
            return Some((
                "window",
                format!("{window:?}"),
                format!("cls and sep below {vocabulary}"),
            ));
        }
        if self.marks_spans() && self.spans != SpanKind::NAMES {
            let expected = format!("{:?}", SpanKind::NAMES);
            return Some(("spans", format!("{:?}", self.spans), expected));
        }
        self.stance
            .fault("stance", Stance::NAMES)
            .or_else(|| self.attribution.fault("attribution", Attribution::NAMES))
            .or_else(|| self.anonymity.fault("anonymity", Anonymity::NAMES))
    }
}

impl AxisConfig {
    fn fault(&self, axis: &'static str, names: &[&str]) -> Option<(&'static str, String, String)> {
        if self.labels != names {
            return Some((axis, format!("{:?}", self.labels), format!("{names:?}")));
        }
        let numbers = self
            .bias
            .iter()
            .chain(&self.decision_bias)
            .all(|value| value.is_finite());
        if !numbers || !self.temperature.is_finite() || self.temperature <= 0.0 {
            return Some((
                axis,
                format!("temperature {}", self.temperature),
                "a positive number".into(),
            ));
        }
        None
    }
}
