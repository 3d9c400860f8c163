//! The engine for large corpora: the same network as [`native`](super::native), on the vector kernels.
//!
//! Three things set it apart from the reference. All windows of a batch go through a linear layer together, so
//! that its weights are read once for many rows. The last layer is computed only where its output is read, at
//! the separators of the reported sentences. And memory is kept in a [`Workspace`] from batch to batch, so
//! that a thread that has seen its largest batch allocates nothing more.
//!
//! It is generic over [`Projection`], the arithmetic of its linear layers and attention: `f32`, or 8-bit integers
//! with exact sums. In both a result has the same bits on every machine and whatever else is in the batch.

mod buffers;
mod embeddings;
mod layer;
mod projection;

use self::buffers::{Buffers, sized};
use self::embeddings::Embeddings;
use self::layer::Layer;
pub use self::projection::{F32Projection, Group, Int8Projection, Projection};
use super::config::{ModelConfig, Pooling};
use super::engine::{Answers, Batch, Engine, Workspace};
use super::weights::Weights;
use crate::error::{EngineError, ModelError};
use crate::kernels::{Epilogue, Kernels, PackedF32Weights};
use crate::prediction::{Anonymity, Attribution, Logits, Stance, TAG_LOGITS, TagLogits, tags_of_row};

/// An engine on the vector kernels.
pub struct FastEngine<P> {
    kernels: Kernels,
    embeddings: Embeddings,
    layers: Vec<Layer<P>>,
    /// The heads of all axes as one layer; they are small, so they stay `f32`.
    heads: PackedF32Weights,
    /// Reads every token, below the last layer.
    tags: Option<PackedF32Weights>,
    pooling: Pooling,
    hidden_size: usize,
    attention_heads: usize,
}

impl<P: Projection> FastEngine<P> {
    /// Takes every tensor that the configuration asks for out of `weights`, packed for `kernels`.
    pub fn load(config: &ModelConfig, weights: &Weights<'_>, kernels: Kernels) -> Result<Self, ModelError> {
        let encoder = &config.encoder;
        let axes = [
            ("heads.stance", Stance::ALL.len()),
            ("heads.attribution", Attribution::ALL.len()),
            ("heads.anonymity", Anonymity::ALL.len()),
        ];
        Ok(Self {
            kernels,
            embeddings: Embeddings::load(encoder, weights)?,
            layers: (0..encoder.num_hidden_layers)
                .map(|layer| Layer::load(encoder, weights, layer))
                .collect::<Result<_, _>>()?,
            heads: projection::packed_floats(weights, &axes, config.pooled_size())?,
            tags: config
                .marks_spans()
                .then(|| projection::packed_floats(weights, &[("tags", TAG_LOGITS)], encoder.hidden_size))
                .transpose()?,
            pooling: config.pooling,
            hidden_size: encoder.hidden_size,
            attention_heads: encoder.num_attention_heads,
        })
    }

    /// Replaces `tags` with those of every row of `hidden`.
    fn tag(&self, hidden: &[f32], scores: &mut Vec<f32>, tags: &mut Vec<TagLogits>) {
        let Some(head) = &self.tags else {
            return;
        };
        let tokens = hidden.len() / self.hidden_size;
        let scores = sized(scores, tokens * TAG_LOGITS);
        self.kernels
            .linear_f32(hidden, tokens, head, Epilogue::Plain, scores);
        tags.extend(scores.chunks_exact(TAG_LOGITS).map(tags_of_row));
    }

    /// Writes the mean over each sentence's tokens of `hidden` into the second half of its row of `pooled`.
    fn pool_means(&self, batch: &Batch, hidden: &[f32], pooled: &mut [f32]) {
        let size = self.hidden_size;
        for (sentence, row) in batch.sentences.iter().zip(pooled.chunks_exact_mut(2 * size)) {
            let mean = &mut row[size..];
            mean.fill(0.0);
            for token in hidden[sentence.start * size..sentence.end * size].chunks_exact(size) {
                mean.iter_mut().zip(token).for_each(|(sum, value)| *sum += value);
            }
            let share = 1.0 / sentence.len() as f32;
            mean.iter_mut().for_each(|sum| *sum *= share);
        }
    }
}

impl<P: Projection> Engine for FastEngine<P> {
    fn forward(
        &self,
        batch: &Batch,
        workspace: &mut Workspace,
        answers: &mut Answers,
    ) -> Result<(), EngineError> {
        answers.clear();
        let Some((last, layers)) = self.layers.split_last() else {
            return Ok(());
        };
        if batch.sentences.is_empty() {
            return Ok(());
        }
        let size = self.hidden_size;
        let (sentences, tokens) = (batch.sentences.len(), batch.ids.len());
        let Buffers {
            hidden,
            selected,
            pooled,
            scores,
            layer: scratch,
        } = workspace.memory();
        let hidden = sized(hidden, tokens * size);
        self.embeddings.forward(self.kernels, batch, hidden)?;
        for layer in layers {
            layer.forward(self.kernels, batch, self.attention_heads, hidden, scratch);
        }

        self.tag(hidden, scores, &mut answers.tags);

        let width = self.heads.inputs();
        let pooled = sized(pooled, sentences * width);
        if self.pooling == Pooling::SeparatorAndMean {
            self.pool_means(batch, hidden, pooled);
        }
        let selected = sized(selected, sentences * size);
        for (sentence, row) in batch.sentences.iter().zip(selected.chunks_exact_mut(size)) {
            row.copy_from_slice(&hidden[(sentence.end - 1) * size..sentence.end * size]);
        }
        last.forward_selected(
            self.kernels,
            batch,
            self.attention_heads,
            hidden,
            selected,
            scratch,
        );
        for (row, separator) in pooled.chunks_exact_mut(width).zip(selected.chunks_exact(size)) {
            row[..size].copy_from_slice(separator);
        }

        let scores = sized(scores, sentences * self.heads.outputs());
        self.kernels
            .linear_f32(pooled, sentences, &self.heads, Epilogue::Plain, scores);
        let rows = scores.chunks_exact(self.heads.outputs());
        answers.sentences.extend(rows.map(Logits::from_row));
        Ok(())
    }
}
