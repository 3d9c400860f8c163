//! Layer normalization: `(x - mean) / sqrt(variance + eps) * weight + bias`, row by row.
//!
//! Ba, Kiros and Hinton (2016), "Layer Normalization"; the variance is the biased one, as in PyTorch.

use ndarray::{Array1, Array2};

use crate::error::ModelError;
use crate::model::config::EncoderConfig;
use crate::model::weights::Weights;

pub(super) struct LayerNorm {
    weight: Array1<f32>,
    bias: Array1<f32>,
    eps: f32,
}

impl LayerNorm {
    /// Takes `<name>.weight` and `<name>.bias`.
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        config: &EncoderConfig,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            weight: weights.vector(&format!("{name}.weight"), config.hidden_size)?,
            bias: weights.vector(&format!("{name}.bias"), config.hidden_size)?,
            eps: config.layer_norm_eps,
        })
    }

    pub(super) fn forward(&self, mut x: Array2<f32>) -> Array2<f32> {
        let size = x.ncols() as f32;
        for mut row in x.rows_mut() {
            let mean = row.sum() / size;
            row -= mean;
            let variance = row.dot(&row) / size;
            row *= 1.0 / (variance + self.eps).sqrt();
            row *= &self.weight;
            row += &self.bias;
        }
        x
    }
}
