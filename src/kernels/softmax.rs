//! Softmax over rows, and the exponential that it and attention share.
//!
//! exp(x) = 2^y, y = x log2(e): y is split into its nearest integer, which goes into the exponent bits, and a rest in
//! [-1/2, 1/2] for which a polynomial of degree six, fitted for the largest relative error, is exact to 2e-9; with its
//! roundings, and y's own up to 2^-24 |y|, an exponential of x ≥ -87 is within (1e-7 + 6e-8 |x|) relative.

use super::level::Kernels;
use super::simd::{Kernel, LANES, Simd, load_partial, store_partial};

/// Largest absolute error of a probability from [`Kernels::softmax_rows`]: an exponential's relative error above,
/// weighted by the exponential itself, at most 1e-7 + 6e-8 / e; the sum of n terms adds, by its sixteen partial sums,
/// at most (n / 16 + 5) 2^-24 relative, 1.5e-6 at n = 320, times a probability of at most 1.
pub const SOFTMAX_ERROR: f32 = 2e-6;

/// Adding this to a float leaves its nearest integer in the lowest bits: 1.5 * 2^23.
pub const ROUND: f32 = 12_582_912.0;

/// Least exponent: the result stays a normal number.
const LEAST_EXPONENT: f32 = -125.0;

/// (2^x - 1) / x by powers of x, lowest first; a Lawson fit in double precision at 4000 Chebyshev nodes of
/// [-1/2, 1/2].
#[allow(clippy::approx_constant)]
const COEFFICIENTS: [f32; 6] = [
    0.6931472,
    0.24022648,
    0.055503324,
    0.009618437,
    0.0013398874,
    0.00015353362,
];

impl Kernels {
    /// Turns every row of `columns` values into probabilities, within [`SOFTMAX_ERROR`]. Minus infinity becomes 0 (to
    /// within 1e-37); a row with NaN or plus infinity, or of minus infinity alone, becomes NaN.
    ///
    /// # Panics
    ///
    /// If `values` is not whole rows.
    pub fn softmax_rows(self, values: &mut [f32], columns: usize) {
        if values.is_empty() {
            return;
        }
        assert!(
            columns > 0 && values.len().is_multiple_of(columns),
            "whole rows of {columns} columns"
        );
        self.run(Softmax { values, columns });
    }
}

struct Softmax<'a> {
    values: &'a mut [f32],
    columns: usize,
}

impl Kernel for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for row in self.values.chunks_exact_mut(self.columns) {
            let factor = simd.splat(1.0 / exponentiate_row(simd, row, 1.0));
            let (lanes, rest) = row.as_chunks_mut::<LANES>();
            for lanes in lanes {
                simd.store(simd.mul(simd.load(lanes), factor), lanes);
            }
            if !rest.is_empty() {
                let last = simd.mul(load_partial(simd, rest, 0.0), factor);
                store_partial(simd, last, rest);
            }
        }
    }
}

/// Replaces each value by `exp(scale * (value - max))`, max being the row's, and returns their sum. `scale` is
/// positive.
#[inline(always)]
pub fn exponentiate_row<S: Simd>(simd: S, row: &mut [f32], scale: f32) -> f32 {
    let (lanes, rest) = row.as_chunks_mut::<LANES>();
    let last = load_partial(simd, rest, f32::NEG_INFINITY);
    let mut largest = last;
    for lanes in &*lanes {
        largest = simd.max(simd.load(lanes), largest);
    }
    let largest = simd.splat(simd.max_lanes(largest));
    let scale = simd.splat(scale * std::f32::consts::LOG2_E);

    let mut sum = simd.splat(0.0);
    for lanes in lanes {
        let power = exp2_lanes(
            simd,
            simd.mul(simd.sub(simd.load(lanes), largest), scale),
            &COEFFICIENTS,
        );
        simd.store(power, lanes);
        sum = simd.add(sum, power);
    }
    if !rest.is_empty() {
        let power = exp2_lanes(simd, simd.mul(simd.sub(last, largest), scale), &COEFFICIENTS);
        store_partial(simd, power, rest);
        // Lanes beyond the row add 2^-125 each, which no sum that holds the largest element's 1 can notice.
        sum = simd.add(sum, power);
    }
    simd.sum_lanes(sum)
}

/// 2^y for y ≤ 127 by a polynomial as [`COEFFICIENTS`]; below [`LEAST_EXPONENT`] its power. NaN stays NaN.
#[inline(always)]
pub fn exp2_lanes<S: Simd, const DEGREE: usize>(
    simd: S,
    y: S::Floats,
    coefficients: &[f32; DEGREE],
) -> S::Floats {
    // The second operand survives where it is NaN.
    let y = simd.max(simd.splat(LEAST_EXPONENT), y);
    let shifted = simd.add(y, simd.splat(ROUND));
    let rest = simd.sub(y, simd.sub(shifted, simd.splat(ROUND)));
    let mut ratio = simd.splat(coefficients[DEGREE - 1]);
    for power in (0..DEGREE - 1).rev() {
        ratio = simd.mul_add(ratio, rest, simd.splat(coefficients[power]));
    }
    simd.shift_exponent(simd.mul_add(ratio, rest, simd.splat(1.0)), shifted)
}
