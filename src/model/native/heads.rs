//! One linear head per axis, over what was pooled from each sentence.

use ndarray::ArrayView2;

use super::linear::Linear;
use crate::error::ModelError;
use crate::model::engine::Logits;
use crate::model::weights::Weights;
use crate::prediction::{Anonymity, Attribution, Stance};

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

    /// `[sentences, pooled_size]` to logits.
    pub(super) fn forward(&self, pooled: ArrayView2<'_, f32>) -> Logits {
        Logits {
            stance: self.stance.forward(pooled),
            attribution: self.attribution.forward(pooled),
            anonymity: self.anonymity.forward(pooled),
        }
    }
}
