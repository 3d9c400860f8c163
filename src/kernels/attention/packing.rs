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

/// Quantizes every token's key into one column.
#[inline(always)]
pub fn pack_keys<S: Simd>(simd: S, shape: Shape, keys_values: &[f32], keys: &mut Panels, bytes: &mut [u8]) {
    let steps = shape.head_size.div_ceil(STEP);
    let bytes = &mut bytes[..steps * STEP];
    for token in 0..shape.tokens {
        let (panel, lane) = (token / LANES, token % LANES);
        let weights = &mut keys.weights[panel * steps..][..steps];
        if lane == 0 {
            // A window's last panel must not keep columns of a longer window before it.
            weights.fill(WeightLanes([0; STEP * LANES]));
            keys.scales[panel].fill(0.0);
            keys.corrections[panel].fill(0);
        }
        let key = shape.key(keys_values, token);
        keys.scales[panel][lane] = quantize_row(simd, key, bytes, WEIGHT_MAX, |floats, _| floats);
        for (weights, &bytes) in weights.iter_mut().zip(bytes.as_chunks::<STEP>().0) {
            weights.0.as_chunks_mut().0[lane] = without_offset(u32::from_le_bytes(bytes));
        }
        let sum = bytes.iter().map(|&byte| i32::from(byte)).sum::<i32>();
        keys.corrections[panel][lane] = correction(sum, bytes.len());
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
        for (lane, weights) in weights.0.as_chunks_mut().0.iter_mut().enumerate() {
            let [a, b, c, d] = [0, 1, 2, 3].map(|row: usize| u32::from(rows[row][lane]));
            *weights = without_offset(a | b << 8 | c << 16 | d << 24);
            sums[lane] += (a + b + c + d) as i32;
        }
    }
    for (correction_of, sum) in values.corrections[panel].iter_mut().zip(sums) {
        *correction_of = correction(sum, steps * STEP);
    }
}

/// Four stored bytes, the lowest first, as the numbers that they stand for.
#[inline(always)]
fn without_offset(bytes: u32) -> [i8; STEP] {
    let bytes = bytes ^ u32::from_le_bytes([ACTIVATION_OFFSET; STEP]);
    [
        bytes as i8,
        (bytes >> 8) as i8,
        (bytes >> 16) as i8,
        (bytes >> 24) as i8,
    ]
}

/// The correction of a column whose stored bytes, `count` of them, add up to `sum`.
#[inline(always)]
fn correction(sum: i32, count: usize) -> i32 {
    let offset = i32::from(ACTIVATION_OFFSET);
    -offset * (sum - offset * count as i32)
}
