//! One transformer layer: attention and feed-forward, each with its residual sum and normalization.

use ndarray::{Array2, ArrayView2};

use super::attention::Attention;
use super::gelu::gelu;
use super::layer_norm::LayerNorm;
use super::linear::Linear;
use crate::error::ModelError;
use crate::model::config::EncoderConfig;
use crate::model::weights::Weights;

pub(super) struct EncoderLayer {
    attention: Attention,
    attention_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
}

impl EncoderLayer {
    pub(super) fn load(
        config: &EncoderConfig,
        weights: &Weights<'_>,
        layer: usize,
    ) -> Result<Self, ModelError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let name = |part: &str| format!("bert.encoder.layer.{layer}.{part}");
        Ok(Self {
            attention: Attention::load(config, weights, &name("attention"))?,
            attention_norm: LayerNorm::load(weights, &name("attention.output.LayerNorm"), config)?,
            intermediate: Linear::load(weights, &name("intermediate.dense"), hidden, inner)?,
            output: Linear::load(weights, &name("output.dense"), inner, hidden)?,
            output_norm: LayerNorm::load(weights, &name("output.LayerNorm"), config)?,
        })
    }

    /// `[tokens, hidden]` to `[tokens, hidden]`.
    pub(super) fn forward(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        let attended = self.attention_norm.forward(self.attention.forward(x) + x);
        let inner = self.intermediate.forward(attended.view()).mapv_into(gelu);
        self.output_norm
            .forward(self.output.forward(inner.view()) + &attended)
    }
}
