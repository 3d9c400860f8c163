//! `y = x Wᵀ + b`, the layout in which PyTorch stores its linear layers.

use ndarray::{Array1, Array2, ArrayView2};

use crate::error::ModelError;
use crate::model::weights::Weights;

/// A dense layer.
pub(super) struct Linear {
    /// `[outputs, inputs]`
    weight: Array2<f32>,
    bias: Array1<f32>,
}

impl Linear {
    /// Takes `<name>.weight` and `<name>.bias`.
    pub(super) fn load(
        weights: &Weights<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            weight: weights.matrix(&format!("{name}.weight"), outputs, inputs)?,
            bias: weights.vector(&format!("{name}.bias"), outputs)?,
        })
    }

    /// `[rows, inputs]` to `[rows, outputs]`.
    pub(super) fn forward(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        x.dot(&self.weight.t()) + &self.bias
    }
}
