//! Keys and values of one head, quantized and packed for the 8-bit dot product.

use super::{Shape, grow};
use crate::kernels::int8::{ACTIVATION_OFFSET, STEP, WEIGHT_MAX};
use crate::kernels::quantize::{SMALLEST_ROW_MAX, quantize_lanes, quantize_row};
use crate::kernels::simd::{LANES, Simd, WeightLanes, load_part};
use crate::kernels::tile::{IntegerProduct, multiply, panels};

/// A quantized right matrix in panels of sixteen columns.
#[derive(Clone, Debug, Default)]
pub struct Panels {
    /// Panel by panel, step by step.
    pub weights: Vec<WeightLanes>,
    /// One per column.
    pub scales: Vec<[f32; LANES]>,
    /// `-ACTIVATION_OFFSET` times the sum of each column.
    pub corrections: Vec<[i32; LANES]>,
}

/// What the bytes of a left matrix stand for.
#[derive(Clone, Copy)]
pub enum Stored {
    /// Signed values, `ACTIVATION_OFFSET` added.
    WithOffset,
    /// Themselves.
    Unsigned,
}

impl Panels {
    /// Makes room for `columns` columns of `steps` steps.
    pub fn grow(&mut self, columns: usize, steps: usize) {
        grow(
            &mut self.weights,
            panels(columns) * steps,
            WeightLanes([0; STEP * LANES]),
        );
        grow(&mut self.scales, panels(columns), [0.0; LANES]);
        grow(&mut self.corrections, panels(columns), [0; LANES]);
    }

    /// Multiplies rows of bytes with `PANELS` panels from `first` on: exact sums, as floats.
    #[inline(always)]
    pub fn multiply<S: Simd, const ROWS: usize, const PANELS: usize>(
        &self,
        simd: S,
        rows: [&[[u8; STEP]]; ROWS],
        stored: Stored,
        first: usize,
    ) -> [[S::Floats; PANELS]; ROWS] {
        let steps = rows[0].len();
        // Loops over vectors, because `array::map` is not always inlined, and then lacks the level's instructions.
        let mut starts = [simd.start_sums(&self.corrections[first]); PANELS];
        for panel in 0..PANELS {
            let corrections = &self.corrections[first + panel];
            starts[panel] = match stored {
                Stored::WithOffset => simd.start_sums(corrections),
                Stored::Unsigned => simd.start_unsigned_sums(corrections),
            };
        }
        let panels = std::array::from_fn(|panel| &self.weights[(first + panel) * steps..][..steps]);
        let sums = multiply(simd, IntegerProduct, steps, rows, panels, &[], [starts; ROWS]);
        let mut floats = [[simd.splat(0.0); PANELS]; ROWS];
        for row in 0..ROWS {
            for panel in 0..PANELS {
                floats[row][panel] = simd.sums_to_floats(sums[row][panel]);
            }
        }
        floats
    }
}

/// Quantizes every token's key into one column. `bytes` has room for sixteen of them.
#[inline(always)]
pub fn pack_keys<S: Simd>(simd: S, shape: Shape, keys_values: &[f32], keys: &mut Panels, bytes: &mut [u8]) {
    let steps = shape.head_size.div_ceil(STEP);
    let bytes = &mut bytes[..LANES * steps * STEP];
    for (panel, first) in (0..shape.tokens).step_by(LANES).enumerate() {
        let scales = &mut keys.scales[panel];
        for (lane, bytes) in bytes.chunks_exact_mut(steps * STEP).enumerate() {
            if first + lane < shape.tokens {
                let key = shape.key(keys_values, first + lane);
                scales[lane] = quantize_row(simd, key, bytes, WEIGHT_MAX, |floats, _| floats);
            } else {
                bytes.fill(ACTIVATION_OFFSET);
                scales[lane] = 0.0;
            }
        }
        let quantized = bytes.as_chunks::<STEP>().0;
        let mut sums = [0; LANES];
        for (step, weights) in keys.weights[panel * steps..][..steps].iter_mut().enumerate() {
            let mut words = [0; LANES];
            for lane in 0..LANES {
                words[lane] = u32::from_le_bytes(quantized[lane * steps + step]);
            }
            store_step(words, weights, &mut sums);
        }
        keys.corrections[panel] = corrections(sums, steps);
    }
}

/// Quantizes sixteen columns of all tokens' values.
#[inline(always)]
pub fn pack_values<S: Simd>(simd: S, shape: Shape, keys_values: &[f32], panel: usize, values: &mut Panels) {
    let first = panel * LANES;
    let load = |token| load_part(simd, &shape.value(keys_values, token)[first..], 0.0);
    // `max` keeps its second operand where the first is NaN.
    let mut largest = simd.splat(0.0);
    for token in 0..shape.tokens {
        largest = simd.max(simd.abs(load(token)), largest);
    }
    let mut inverses = [0.0; LANES];
    simd.store(simd.min(largest, simd.splat(f32::MAX)), &mut inverses);
    for (scale, inverse) in values.scales[panel].iter_mut().zip(&mut inverses) {
        let limit = f32::from(WEIGHT_MAX);
        (*scale, *inverse) = if *inverse < SMALLEST_ROW_MAX {
            (0.0, 0.0)
        } else {
            (*inverse / limit, limit / *inverse)
        };
    }

    let inverses = simd.load(&inverses);
    let steps = shape.tokens.div_ceil(STEP);
    let mut sums = [0; LANES];
    for (step, weights) in values.weights[panel * steps..][..steps].iter_mut().enumerate() {
        let mut rows = [[ACTIVATION_OFFSET; LANES]; STEP];
        for (row, token) in rows.iter_mut().zip(step * STEP..shape.tokens) {
            *row = quantize_lanes(simd, load(token), inverses, WEIGHT_MAX);
        }
        let mut words = [0; LANES];
        for (row, bytes) in rows.iter().enumerate() {
            for lane in 0..LANES {
                words[lane] |= u32::from(bytes[lane]) << (8 * row);
            }
        }
        store_step(words, weights, &mut sums);
    }
    values.corrections[panel] = corrections(sums, steps);
}

/// Stores one step of a panel, four bytes for every column, the lowest first, as the numbers that they stand for, and adds
/// the bytes to the columns' sums. Loops over words, which the compiler makes vectors of.
#[inline(always)]
fn store_step(words: [u32; LANES], weights: &mut WeightLanes, sums: &mut [i32; LANES]) {
    for lane in 0..LANES {
        let word = words[lane];
        sums[lane] += ((word & 0xff) + (word >> 8 & 0xff) + (word >> 16 & 0xff) + (word >> 24)) as i32;
    }
    let offset = u32::from_le_bytes([ACTIVATION_OFFSET; STEP]);
    for (weights, word) in weights.0.as_chunks_mut::<STEP>().0.iter_mut().zip(words) {
        *weights = (word ^ offset).to_le_bytes().map(|byte| byte as i8);
    }
}

/// The corrections of columns whose stored bytes, of so many steps, add up to `sums`.
#[inline(always)]
fn corrections(sums: [i32; LANES], steps: usize) -> [i32; LANES] {
    let offset = i32::from(ACTIVATION_OFFSET);
    let zero = offset * (steps * STEP) as i32;
    let mut corrections = [0; LANES];
    for lane in 0..LANES {
        corrections[lane] = -offset * (sums[lane] - zero);
    }
    corrections
}
