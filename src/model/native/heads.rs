//! One linear head per axis, over what was pooled from each sentence.

use ndarray::{Array2, ArrayView2};

use super::linear::Linear;
use crate::error::ModelError;
use crate::model::weights::Weights;
use crate::prediction::{Anonymity, Attribution, Logits, Stance};

pub(super) struct Heads {
    stance: Linear,
    attribution: Linear,
    anonymity: Linear,
}

impl Heads {
    /// Heads that read `pooled_size` numbers of a sentence.
    pub(super) fn load(pooled_size: usize, weights: &Weights<'_>) -> Result<Self, ModelError> {
        let head = |axis: &str, classes: usize| {
            Linear::load(weights, &format!("heads.{axis}"), pooled_size, classes)
        };
        Ok(Self {
            stance: head("stance", Stance::ALL.len())?,
            attribution: head("attribution", Attribution::ALL.len())?,
            anonymity: head("anonymity", Anonymity::ALL.len())?,
        })
    }

    /// `[sentences, pooled_size]` to one set of logits per sentence.
    pub(super) fn forward(&self, pooled: ArrayView2<'_, f32>, logits: &mut Vec<Logits>) {
        let stance = self.stance.forward(pooled);
        let attribution = self.attribution.forward(pooled);
        let anonymity = self.anonymity.forward(pooled);
        let four = |matrix: &Array2<f32>, row: usize| std::array::from_fn(|column| matrix[[row, column]]);
        logits.clear();
        logits.extend((0..pooled.nrows()).map(|row| Logits {
            stance: four(&stance, row),
            attribution: four(&attribution, row),
            anonymity: four(&anonymity, row),
        }));
    }
}
