//! One linear head per axis, over what was pooled from each sentence, and one that tags tokens.

use ndarray::{Array2, ArrayView2};

use super::linear::Linear;
use crate::error::ModelError;
use crate::model::config::ModelConfig;
use crate::model::weights::Weights;
use crate::prediction::{Anonymity, Attribution, Logits, Stance, TAG_LOGITS, TagLogits, tags_of_row};

pub(super) struct Heads {
    stance: Linear,
    attribution: Linear,
    anonymity: Linear,
    tags: Option<Linear>,
}

impl Heads {
    pub(super) fn load(config: &ModelConfig, weights: &Weights<'_>) -> Result<Self, ModelError> {
        let pooled_size = config.pooled_size();
        let head = |axis: &str, classes: usize| {
            Linear::load(weights, &format!("heads.{axis}"), pooled_size, classes)
        };
        Ok(Self {
            stance: head("stance", Stance::ALL.len())?,
            attribution: head("attribution", Attribution::ALL.len())?,
            anonymity: head("anonymity", Anonymity::ALL.len())?,
            tags: config
                .marks_spans()
                .then(|| Linear::load(weights, "tags", config.encoder.hidden_size, TAG_LOGITS))
                .transpose()?,
        })
    }

    /// Appends the tags of the tokens with these states, `[tokens, hidden]`, of the layer below the last.
    pub(super) fn tag(&self, states: ArrayView2<'_, f32>, tags: &mut Vec<TagLogits>) {
        let Some(head) = &self.tags else {
            return;
        };
        let scores = head.forward(states);
        let rows = scores.rows();
        tags.extend(rows.into_iter().map(|row| tags_of_row(&row.to_vec())));
    }

    /// `[sentences, pooled_size]` to one set of logits per sentence.
    pub(super) fn forward(&self, pooled: ArrayView2<'_, f32>, logits: &mut Vec<Logits>) {
        let stance = self.stance.forward(pooled);
        let attribution = self.attribution.forward(pooled);
        let anonymity = self.anonymity.forward(pooled);
        let four = |matrix: &Array2<f32>, row: usize| std::array::from_fn(|column| matrix[[row, column]]);
        logits.extend((0..pooled.nrows()).map(|row| Logits {
            stance: four(&stance, row),
            attribution: four(&attribution, row),
            anonymity: four(&anonymity, row),
        }));
    }
}
