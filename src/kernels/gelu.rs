//! The activation of BERT: `x * Φ(x)`, Φ the normal distribution function (the exact form, not the one with tanh).
//!
//! Φ(x) = 1/2 + x R(x²), R a polynomial fitted to minimize the largest error of the product over |x| ≤ √27.04 = 5.2 and
//! written in t = x² / 13.52 - 1, which keeps its terms small. Beyond that range x² is held at its bound, so that x R(x²)
//! runs past ±1/2 and Φ is cut to [0, 1] exactly.

use super::level::Kernels;
use super::simd::{Kernel, LANES, Simd, load_partial, store_partial};

/// Largest absolute error of [`Kernels::gelu`], besides one rounding of the result: 6.8e-7 by the fit of the
/// polynomial, 5.2e-7 at the cut (5.2 Φ(-5.2)), the rest by rounding of Φ near 1 times x up to 5.2.
pub const GELU_ERROR: f32 = 1.3e-6;

/// Where x² is held.
const SQUARE_LIMIT: f32 = 27.04;

/// R by powers of t, lowest first; a Lawson fit in double precision at 6000 Chebyshev nodes, weights x².
const COEFFICIENTS: [f32; 13] = [
    0.13594992,
    -0.0677434,
    0.05003017,
    -0.0399413,
    0.031907264,
    -0.024593404,
    0.01838715,
    -0.013103356,
    0.007557866,
    -0.0035057,
    0.0028535745,
    -0.0025037248,
    0.00085878145,
];

impl Kernels {
    /// Replaces every value by its GELU, within [`GELU_ERROR`]. NaN stays NaN, minus infinity becomes NaN.
    pub fn gelu(self, values: &mut [f32]) {
        self.run(Gelu { values });
    }
}

struct Gelu<'a> {
    values: &'a mut [f32],
}

impl Kernel for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        gelu_row(simd, self.values);
    }
}

/// GELU in place.
#[inline(always)]
fn gelu_row<S: Simd>(simd: S, values: &mut [f32]) {
    let (lanes, rest) = values.as_chunks_mut::<LANES>();
    for lanes in lanes {
        simd.store(gelu_lanes(simd, simd.load(lanes)), lanes);
    }
    if !rest.is_empty() {
        store_partial(simd, gelu_lanes(simd, load_partial(simd, rest, 0.0)), rest);
    }
}

/// GELU of sixteen lanes.
#[inline(always)]
pub fn gelu_lanes<S: Simd>(simd: S, x: S::Floats) -> S::Floats {
    let square = simd.min(simd.mul(x, x), simd.splat(SQUARE_LIMIT));
    let t = simd.mul_add(square, simd.splat(2.0 / SQUARE_LIMIT), simd.splat(-1.0));
    let mut ratio = simd.splat(COEFFICIENTS[12]);
    for power in (0..12).rev() {
        ratio = simd.mul_add(ratio, t, simd.splat(COEFFICIENTS[power]));
    }
    let distribution = simd.mul_add(x, ratio, simd.splat(0.5));
    simd.mul(
        x,
        simd.max(simd.min(distribution, simd.splat(1.0)), simd.splat(0.0)),
    )
}
