//! Attention on the 8-bit dot product, for the engine whose layers are 8-bit too.
//!
//! Queries are quantized to ±[`ACTIVATION_MAX`] per row, keys to ±`WEIGHT_MAX` per token, so that a score is an
//! exact integer sum times two scales. Exponentials become bytes: a row's largest is [`PROBABILITY_MAX`], and one that
//! rounds to zero has no say. Values are quantized to ±`WEIGHT_MAX` per column, the bytes meet them in exact sums
//! again, and the result is divided by the sum of the bytes, not of what they were rounded from, so that the weights
//! that are used add up to one. The ranges keep AVX2's 16-bit sums from saturating, as in [`int8`](crate::kernels::int8).

use super::packing::{Panels, Stored, pack_keys, pack_values};
use super::{AttentionArithmetic, Shape, grow, last_panel_mask, store_tile};
use crate::kernels::int8::{ACTIVATION_MAX, MAX_INPUTS, STEP, quantized_stride};
use crate::kernels::quantize::quantize_row;
use crate::kernels::simd::{LANES, Simd, TILE_ROWS};
use crate::kernels::softmax::{ROUND, exp2_lanes};
use crate::kernels::tile::panels;

/// What a row's largest exponential becomes.
pub const PROBABILITY_MAX: u8 = 255;

/// log2 of [`PROBABILITY_MAX`].
pub const LOG2_PROBABILITY_MAX: f32 = 7.994_353_4;

/// (2^x - 1) / x by powers of x, lowest first, fitted as [`softmax`](crate::kernels::softmax) fits its own; a power is
/// within 1.02e-4 relative, a twentieth of what rounding to a byte does.
pub const COARSE_COEFFICIENTS: [f32; 3] = [0.693_282_9, 0.242_210_95, 0.055_008_93];

/// Attention on 8-bit operands, and its working memory.
///
/// NaN in an operand counts as zero and an infinity as the largest finite value, as in
/// [`quantize_rows`](crate::kernels::Kernels::quantize_rows); a row with a score beyond the range of `f32` becomes NaN.
#[derive(Clone, Debug, Default)]
pub struct Int8AttentionScratch {
    keys: Panels,
    values: Panels,
    /// Tokens, or rows of queries, as they are quantized.
    bytes: Vec<u8>,
    scores: Vec<f32>,
    /// The bytes of the exponentials, four tokens a step.
    probabilities: Vec<[u8; STEP]>,
}

impl AttentionArithmetic for Int8AttentionScratch {
    /// # Panics
    ///
    /// If there are more than [`MAX_INPUTS`] tokens.
    fn grow(&mut self, tokens: usize, head_size: usize) {
        assert!(tokens <= MAX_INPUTS, "sums of {tokens} tokens");
        let stride = panels(tokens) * LANES;
        self.keys.grow(tokens, head_size.div_ceil(STEP));
        self.values.grow(head_size, tokens.div_ceil(STEP));
        grow(
            &mut self.bytes,
            TILE_ROWS.max(LANES) * quantized_stride(head_size),
            0,
        );
        grow(&mut self.scores, TILE_ROWS * stride, 0.0);
        grow(&mut self.probabilities, TILE_ROWS * stride / STEP, [0; STEP]);
    }

    #[inline(always)]
    fn pack<S: Simd>(&mut self, simd: S, shape: Shape, keys_values: &[f32]) {
        pack_keys(simd, shape, keys_values, &mut self.keys, &mut self.bytes);
        for panel in 0..panels(shape.head_size) {
            pack_values(simd, shape, keys_values, panel, &mut self.values);
        }
    }

    #[inline(always)]
    fn attend<S: Simd, const ROWS: usize>(
        &mut self,
        simd: S,
        shape: Shape,
        queries: &[f32],
        first_row: usize,
        out: &mut [f32],
    ) {
        let Shape {
            tokens,
            hidden,
            head_size,
            column,
            ..
        } = shape;
        let Self {
            keys,
            values,
            bytes,
            scores,
            probabilities,
        } = self;
        let key_panels = panels(tokens);
        let stride = key_panels * LANES;
        let query_stride = quantized_stride(head_size);

        let mut query_scales = [0.0; ROWS];
        for row in 0..ROWS {
            let query = shape.query(queries, first_row + row);
            let bytes = &mut bytes[row * query_stride..][..query_stride];
            query_scales[row] = quantize_row(simd, query, bytes, ACTIVATION_MAX, |floats, _| floats);
        }
        let queries: [&[[u8; STEP]]; ROWS] =
            std::array::from_fn(|row| bytes[row * query_stride..][..query_stride].as_chunks().0);

        let mut largest = [simd.splat(f32::NEG_INFINITY); ROWS];
        let mut panel = 0;
        while panel < key_panels {
            let scores = Scores {
                scores: &mut scores[panel * LANES..],
                stride,
                tokens: tokens - panel * LANES,
                largest: &mut largest,
            };
            if S::TILE_PANELS > 1 && panel + 4 <= key_panels {
                scores.compute::<S, ROWS, 4>(simd, queries, keys, panel);
                panel += 4;
            } else {
                scores.compute::<S, ROWS, 1>(simd, queries, keys, panel);
                panel += 1;
            }
        }

        let power = std::f32::consts::LOG2_E / (head_size as f32).sqrt();
        let mut factors = [0.0; ROWS];
        for row in 0..ROWS {
            // Not zero, which would leave masked lanes without a value.
            let scale = (query_scales[row] * power).max(f32::MIN_POSITIVE);
            let scores = scores[row * stride..][..stride].as_chunks_mut::<LANES>().0;
            let bytes = probabilities[row * stride / STEP..][..stride / STEP].as_flattened_mut();
            let largest = simd.max_lanes(largest[row]);
            factors[row] = 1.0 / exponentials(simd, scores, largest, scale, bytes.as_chunks_mut().0);
        }

        let steps = tokens.div_ceil(STEP);
        let weights: [&[[u8; STEP]]; ROWS] =
            std::array::from_fn(|row| &probabilities[row * stride / STEP..][..steps]);
        let out = &mut out[first_row * hidden..];
        let value_panels = panels(head_size);
        let mut panel = 0;
        while panel < value_panels {
            let columns = column + panel * LANES..column + head_size;
            if S::TILE_PANELS > 1 && panel + 2 <= value_panels {
                let tile = mix_panels::<S, ROWS, 2>(simd, weights, values, panel, factors);
                store_tile(simd, tile, out, hidden, columns);
                panel += 2;
            } else {
                let tile = mix_panels::<S, ROWS, 1>(simd, weights, values, panel, factors);
                store_tile(simd, tile, out, hidden, columns);
                panel += 1;
            }
        }
    }
}

/// Where the scores of a tile go, without the rows' scales, from a panel on.
struct Scores<'a, F> {
    scores: &'a mut [f32],
    /// Distance of rows.
    stride: usize,
    /// Tokens from the panel on.
    tokens: usize,
    /// The largest scores of each row, lane by lane.
    largest: &'a mut [F],
}

impl<F: Copy> Scores<'_, F> {
    /// Computes the scores against `PANELS` panels of keys.
    #[inline(always)]
    fn compute<S: Simd<Floats = F>, const ROWS: usize, const PANELS: usize>(
        self,
        simd: S,
        queries: [&[[u8; STEP]]; ROWS],
        keys: &Panels,
        first: usize,
    ) {
        let sums = keys.multiply::<S, ROWS, PANELS>(simd, queries, Stored::WithOffset, first);
        let scales = &keys.scales[first..][..PANELS];
        let mask = simd.load(&last_panel_mask(self.tokens, PANELS));
        for row in 0..ROWS {
            let scores = self.scores[row * self.stride..][..PANELS * LANES]
                .as_chunks_mut()
                .0;
            for panel in 0..PANELS {
                let mut scaled = simd.mul(sums[row][panel], simd.load(&scales[panel]));
                if panel + 1 == PANELS {
                    scaled = simd.add(scaled, mask);
                }
                simd.store(scaled, &mut scores[panel]);
                self.largest[row] = simd.max(scaled, self.largest[row]);
            }
        }
    }
}

/// Writes `2^(scale * (score - largest))`, times [`PROBABILITY_MAX`], as bytes; returns their sum.
#[inline(always)]
fn exponentials<S: Simd>(
    simd: S,
    scores: &[[f32; LANES]],
    largest: f32,
    scale: f32,
    bytes: &mut [[u8; LANES]],
) -> f32 {
    let (largest, scale) = (simd.splat(largest), simd.splat(scale));
    let mut sum = simd.splat(0.0);
    for (scores, bytes) in scores.iter().zip(bytes) {
        let distance = simd.sub(simd.load(scores), largest);
        let y = simd.mul_add(distance, scale, simd.splat(LOG2_PROBABILITY_MAX));
        let rounded = simd.add(exp2_lanes(simd, y, &COARSE_COEFFICIENTS), simd.splat(ROUND));
        *bytes = simd.low_bytes(rounded);
        sum = simd.add(sum, simd.sub(rounded, simd.splat(ROUND)));
    }
    simd.sum_lanes(sum)
}

/// The weighted sums of values in `PANELS` panels, each row times its factor.
#[inline(always)]
fn mix_panels<S: Simd, const ROWS: usize, const PANELS: usize>(
    simd: S,
    weights: [&[[u8; STEP]]; ROWS],
    values: &Panels,
    first: usize,
    factors: [f32; ROWS],
) -> [[S::Floats; PANELS]; ROWS] {
    let mut tile = values.multiply::<S, ROWS, PANELS>(simd, weights, Stored::Unsigned, first);
    for panel in 0..PANELS {
        let scale = simd.load(&values.scales[first + panel]);
        for row in 0..ROWS {
            tile[row][panel] = simd.mul(simd.mul(tile[row][panel], simd.splat(factors[row])), scale);
        }
    }
    tile
}
