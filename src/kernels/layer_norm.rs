//! Layer normalization, with the residual sum before it.

use super::level::Kernels;
use super::simd::{Kernel, LANES, Simd, load_partial, store_partial};

/// The learned part of a layer normalization.
#[derive(Clone, Copy, Debug)]
pub struct LayerNorm<'a> {
    /// Factor per column.
    pub weight: &'a [f32],
    /// Addend per column.
    pub bias: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
}

impl Kernels {
    /// Adds `residual` to `values`, both `[rows, columns]`, where there is one, and normalizes every row:
    /// `(x - mean) / sqrt(variance + epsilon) * weight + bias`, the variance over all columns.
    ///
    /// # Panics
    ///
    /// If a slice does not fit the shape that `norm.weight` gives.
    pub fn layer_norm(self, values: &mut [f32], residual: Option<&[f32]>, norm: LayerNorm<'_>) {
        let columns = norm.weight.len();
        assert_eq!(norm.bias.len(), columns, "one bias per weight");
        if let Some(residual) = residual {
            assert_eq!(residual.len(), values.len(), "the residual has the values' shape");
        }
        if values.is_empty() {
            return;
        }
        assert!(
            columns > 0 && values.len().is_multiple_of(columns),
            "whole rows of {columns} columns"
        );
        self.run(Normalize {
            values,
            residual,
            norm,
        });
    }
}

struct Normalize<'a> {
    values: &'a mut [f32],
    residual: Option<&'a [f32]>,
    norm: LayerNorm<'a>,
}

impl Kernel for Normalize<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let columns = self.norm.weight.len();
        for (index, row) in self.values.chunks_exact_mut(columns).enumerate() {
            let residual = self
                .residual
                .map(|residual| &residual[index * columns..][..columns]);
            normalize_row(simd, row, residual, self.norm);
        }
    }
}

#[inline(always)]
fn normalize_row<S: Simd>(simd: S, row: &mut [f32], residual: Option<&[f32]>, norm: LayerNorm<'_>) {
    let columns = row.len() as f32;
    let (lanes, rest) = row.as_chunks_mut::<LANES>();

    let mut last = load_partial(simd, rest, 0.0);
    let mut sum = simd.splat(0.0);
    if let Some(residual) = residual {
        let (residual_lanes, residual_rest) = residual.as_chunks::<LANES>();
        for (lanes, residual) in lanes.iter_mut().zip(residual_lanes) {
            let added = simd.add(simd.load(lanes), simd.load(residual));
            simd.store(added, lanes);
            sum = simd.add(sum, added);
        }
        if !rest.is_empty() {
            last = simd.add(last, load_partial(simd, residual_rest, 0.0));
            store_partial(simd, last, rest);
        }
    } else {
        for lanes in &*lanes {
            sum = simd.add(sum, simd.load(lanes));
        }
    }
    let mean_value = simd.sum_lanes(simd.add(sum, last)) / columns;
    let mean = simd.splat(mean_value);

    // Lanes beyond the row hold the mean, so that they deviate by nothing.
    let deviation = simd.sub(load_partial(simd, rest, mean_value), mean);
    let mut squares = simd.mul(deviation, deviation);
    for lanes in &*lanes {
        let deviation = simd.sub(simd.load(lanes), mean);
        squares = simd.mul_add(deviation, deviation, squares);
    }
    let variance = simd.sum_lanes(squares) / columns;
    let factor = simd.splat(1.0 / (variance + norm.epsilon).sqrt());

    let (weights, weight_rest) = norm.weight.as_chunks::<LANES>();
    let (biases, bias_rest) = norm.bias.as_chunks::<LANES>();
    for ((lanes, weight), bias) in lanes.iter_mut().zip(weights).zip(biases) {
        let scaled = simd.mul(simd.sub(simd.load(lanes), mean), factor);
        simd.store(simd.mul_add(scaled, simd.load(weight), simd.load(bias)), lanes);
    }
    if !rest.is_empty() {
        let scaled = simd.mul(simd.sub(load_partial(simd, rest, 0.0), mean), factor);
        let weight = load_partial(simd, weight_rest, 0.0);
        let bias = load_partial(simd, bias_rest, 0.0);
        store_partial(simd, simd.mul_add(scaled, weight, bias), rest);
    }
}
