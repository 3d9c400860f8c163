//! Multi-head self-attention over one window.
//!
//! Vaswani et al. (2017), "Attention Is All You Need": per head, `softmax(Q Kᵀ / √size) V`. A window is
//! never padded, so there is no mask.

use ndarray::{Array2, ArrayView2, ArrayViewMut1, s};

use super::linear::Linear;
use crate::error::ModelError;
use crate::model::config::EncoderConfig;
use crate::model::weights::Weights;

pub(super) struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    heads: usize,
}

impl Attention {
    pub(super) fn load(
        config: &EncoderConfig,
        weights: &Weights<'_>,
        name: &str,
    ) -> Result<Self, ModelError> {
        let hidden = config.hidden_size;
        let linear = |part: &str| Linear::load(weights, &format!("{name}.{part}"), hidden, hidden);
        Ok(Self {
            query: linear("self.query")?,
            key: linear("self.key")?,
            value: linear("self.value")?,
            output: linear("output.dense")?,
            heads: config.num_attention_heads,
        })
    }

    /// `[tokens, hidden]` to `[tokens, hidden]`, before the residual sum.
    pub(super) fn forward(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        let (query, key, value) = (self.query.forward(x), self.key.forward(x), self.value.forward(x));
        let size = x.ncols() / self.heads;
        let scale = 1.0 / (size as f32).sqrt();
        let mut mixed = Array2::zeros(x.dim());
        for head in 0..self.heads {
            let own = s![.., head * size..(head + 1) * size];
            let mut scores = query.slice(own).dot(&key.slice(own).t());
            scores *= scale;
            scores.rows_mut().into_iter().for_each(softmax);
            mixed.slice_mut(own).assign(&scores.dot(&value.slice(own)));
        }
        self.output.forward(mixed.view())
    }
}

/// Softmax in place; the maximum is taken out first so that `exp` cannot overflow.
fn softmax(mut row: ArrayViewMut1<'_, f32>) {
    let largest = row.fold(f32::NEG_INFINITY, |most, &score| most.max(score));
    row.mapv_inplace(|score| (score - largest).exp());
    let total = row.sum();
    row /= total;
}
