//! The reference engine: BERT in f32, in small functions that read like the paper.
//!
//! It is what every faster engine is compared with, so it stays plain: `ndarray` views, one window at a
//! time at its exact length, a library's blocked matrix product. The architecture is that of Devlin et al.
//! (2019), "BERT: Pre-training of Deep Bidirectional Transformers", with post-layer normalization; tensor
//! names are those of Hugging Face's `BertModel`.

mod attention;
mod embeddings;
mod encoder;
mod gelu;
mod heads;
mod layer_norm;
mod linear;

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut1, Axis, s};

use self::embeddings::Embeddings;
use self::encoder::EncoderLayer;
use self::heads::Heads;
use super::config::{ModelConfig, Pooling};
use super::engine::{Answers, Batch, Engine, Workspace};
use super::weights::Weights;
use crate::error::{EngineError, ModelError};

/// The f32 engine.
pub struct NativeF32 {
    embeddings: Embeddings,
    layers: Vec<EncoderLayer>,
    heads: Heads,
    pooling: Pooling,
    pooled_size: usize,
}

impl NativeF32 {
    /// Takes every tensor that the configuration asks for out of `weights`.
    pub fn load(config: &ModelConfig, weights: &Weights<'_>) -> Result<Self, ModelError> {
        Ok(Self {
            embeddings: Embeddings::load(&config.encoder, weights)?,
            layers: (0..config.encoder.num_hidden_layers)
                .map(|layer| EncoderLayer::load(&config.encoder, weights, layer))
                .collect::<Result<_, _>>()?,
            heads: Heads::load(config, weights)?,
            pooling: config.pooling,
            pooled_size: config.pooled_size(),
        })
    }

    /// Every hidden state `[tokens, hidden]` of one window: the embeddings, then one after each layer.
    pub fn hidden_states(&self, ids: &[u32]) -> Result<Vec<Array2<f32>>, EngineError> {
        let mut states = vec![self.embeddings.forward(ids)?];
        for layer in &self.layers {
            let next = layer.forward(states[states.len() - 1].view());
            states.push(next);
        }
        Ok(states)
    }

    /// Writes what the heads read of the sentence at `sentence` of a window with these hidden states.
    fn pool(&self, states: &[Array2<f32>], sentence: Range<usize>, pooled: ArrayViewMut1<'_, f32>) {
        let (last, below) = (&states[states.len() - 1], &states[states.len() - 2]);
        let (mut separator, mut mean) = pooled.split_at(Axis(0), last.ncols());
        separator.assign(&last.row(sentence.end - 1));
        match self.pooling {
            Pooling::Separator => {}
            Pooling::SeparatorAndMean => mean.assign(&mean_of_rows(below.slice(s![sentence, ..]))),
        }
    }
}

impl Engine for NativeF32 {
    fn forward(
        &self,
        batch: &Batch,
        _workspace: &mut Workspace,
        answers: &mut Answers,
    ) -> Result<(), EngineError> {
        answers.clear();
        let mut pooled = Array2::zeros((batch.sentences.len(), self.pooled_size));
        for (window, sentences) in batch.windows_with_sentences() {
            let states = self.hidden_states(&batch.ids[window.clone()])?;
            self.heads.tag(states[states.len() - 2].view(), &mut answers.tags);
            for sentence in sentences {
                let range = &batch.sentences[sentence];
                let own = range.start - window.start..range.end - window.start;
                self.pool(&states, own, pooled.row_mut(sentence));
            }
        }
        self.heads.forward(pooled.view(), &mut answers.sentences);
        Ok(())
    }
}

/// The mean over the rows of a matrix that has at least one.
fn mean_of_rows(matrix: ArrayView2<'_, f32>) -> ndarray::Array1<f32> {
    matrix.sum_axis(Axis(0)) / matrix.nrows() as f32
}
