//! Token embeddings of all windows of a batch. The word table stays in its stored precision: as `f32` it would
//! be half of the program's memory, and only one row a token is ever read.

use half::f16;

use crate::error::{EngineError, ModelError};
use crate::kernels::{Kernels, LayerNorm};
use crate::model::config::EncoderConfig;
use crate::model::engine::Batch;
use crate::model::weights::{Matrix, Weights};

pub(super) struct Embeddings {
    words: WordTable,
    /// `[positions, hidden]`, with the embedding of token type 0 added.
    positions: Vec<f32>,
    norm: Norm,
    vocabulary: usize,
}

/// `[vocabulary, hidden]`
enum WordTable {
    Half(Vec<f16>),
    Int8 { values: Vec<i8>, scales: Vec<f32> },
}

/// The weights of a layer normalization.
pub(super) struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    /// Takes `<name>.weight` and `<name>.bias`.
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        config: &EncoderConfig,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            weight: weights
                .vector(&format!("{name}.weight"), config.hidden_size)?
                .to_vec(),
            bias: weights
                .vector(&format!("{name}.bias"), config.hidden_size)?
                .to_vec(),
            epsilon: config.layer_norm_eps,
        })
    }

    /// Normalizes rows in place.
    pub(super) fn apply(&self, kernels: Kernels, rows: &mut [f32]) {
        let norm = LayerNorm {
            weight: &self.weight,
            bias: &self.bias,
            epsilon: self.epsilon,
        };
        kernels.layer_norm(rows, None, norm);
    }
}

impl Embeddings {
    pub(super) fn load(config: &EncoderConfig, weights: &Weights<'_>) -> Result<Self, ModelError> {
        let hidden = config.hidden_size;
        let name = |part: &str| format!("bert.embeddings.{part}.weight");
        let types = weights.matrix(&name("token_type_embeddings"), config.type_vocab_size, hidden)?;
        let positions = weights.matrix(
            &name("position_embeddings"),
            config.max_position_embeddings,
            hidden,
        )?;
        let words = match weights.stored(&name("word_embeddings"), config.vocab_size, hidden)? {
            Matrix::Int8 { values, scales } => WordTable::Int8 { values, scales },
            Matrix::Floats(floats) => WordTable::Half(floats.into_iter().map(f16::from_f32).collect()),
        };
        Ok(Self {
            words,
            positions: (positions + types.row(0)).into_raw_vec_and_offset().0,
            norm: Norm::load(weights, "bert.embeddings.LayerNorm", config)?,
            vocabulary: config.vocab_size,
        })
    }

    /// Fills `hidden` `[tokens, hidden]`; the first token of every window has position 0.
    pub(super) fn forward(
        &self,
        kernels: Kernels,
        batch: &Batch,
        hidden: &mut [f32],
    ) -> Result<(), EngineError> {
        let size = self.norm.weight.len();
        let limit = self.positions.len() / size;
        for window in batch.windows() {
            if window.len() > limit {
                let length = window.len();
                return Err(EngineError::TooLong { length, limit });
            }
            let rows = hidden[window.start * size..window.end * size].chunks_exact_mut(size);
            let positions = self.positions.chunks_exact(size);
            for ((&token, position), row) in batch.ids[window.clone()].iter().zip(positions).zip(rows) {
                if token as usize >= self.vocabulary {
                    let vocabulary = self.vocabulary;
                    return Err(EngineError::UnknownToken { token, vocabulary });
                }
                self.words.add(token as usize, position, row);
            }
        }
        self.norm.apply(kernels, &mut hidden[..batch.ids.len() * size]);
        Ok(())
    }
}

impl WordTable {
    /// `row = word + position`
    fn add(&self, token: usize, position: &[f32], row: &mut [f32]) {
        let own = token * row.len()..(token + 1) * row.len();
        match self {
            Self::Half(values) => {
                for ((sum, word), position) in row.iter_mut().zip(&values[own]).zip(position) {
                    *sum = word.to_f32() + position;
                }
            }
            Self::Int8 { values, scales } => {
                let scale = scales[token];
                for ((sum, word), position) in row.iter_mut().zip(&values[own]).zip(position) {
                    // Not fused: on x86, outside the kernels, a fused multiply-add is a call of a function.
                    *sum = f32::from(*word) * scale + position;
                }
            }
        }
    }
}
