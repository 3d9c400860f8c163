//! Sixteen lanes as an array, for machines and instruction sets that have no file of their own.
//!
//! Plain Rust: on AArch64, where NEON and its fused multiply-add are always there, the compiler turns these loops into
//! vector instructions itself, so that only the integer dot product needs a hand-written form.

use super::{Kernel, LANES, Simd, WeightLanes};

/// The integer half of [`Simd`], which differs among the machines that share [`Portable`].
pub trait DotProduct: Copy {
    /// See [`Simd::Sums`].
    type Sums: Copy;
    /// See [`Simd::Activations`].
    type Activations: Copy;
    /// See [`Simd::Weights`].
    type Weights: Copy;
    /// See [`Simd::enter`].
    fn enter<K: Kernel>(self, kernel: K) -> K::Output;
    /// See [`Simd::start_sums`].
    fn start_sums(self, corrections: &[i32; LANES]) -> Self::Sums;
    /// See [`Simd::start_unsigned_sums`].
    fn start_unsigned_sums(self, corrections: &[i32; LANES]) -> Self::Sums;
    /// See [`Simd::load_activations`].
    fn load_activations(self, activations: [u8; 4]) -> Self::Activations;
    /// See [`Simd::load_weights`].
    fn load_weights(self, weights: &WeightLanes) -> Self::Weights;
    /// See [`Simd::dot`].
    fn dot(self, sums: Self::Sums, activations: Self::Activations, weights: Self::Weights) -> Self::Sums;
    /// The sums as integers.
    fn sums(self, sums: Self::Sums) -> [i32; LANES];
}

/// Lanes left after each step of a reduction.
const HALVES: [usize; 4] = [8, 4, 2, 1];

/// Floats in arrays, integer products by `D`.
#[derive(Clone, Copy, Debug)]
pub struct Portable<D>(pub D);

/// Applies `$value`, written in terms of the index `$lane`, to all lanes.
macro_rules! lanes {
    ($lane:ident => $value:expr) => {{
        let mut result = [Default::default(); LANES];
        for $lane in 0..LANES {
            result[$lane] = $value;
        }
        result
    }};
}

impl<D: DotProduct> Simd for Portable<D> {
    type Floats = [f32; LANES];
    type Sums = D::Sums;
    type Activations = D::Activations;
    type Weights = D::Weights;

    const TILE_PANELS: usize = 1;

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        self.0.enter(kernel)
    }

    #[inline(always)]
    fn prefetch<T>(self, _ahead: &T) {}

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Floats {
        [value; LANES]
    }

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> Self::Floats {
        *lanes
    }

    #[inline(always)]
    fn store(self, lanes: Self::Floats, into: &mut [f32; LANES]) {
        *into = lanes;
    }

    #[inline(always)]
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        lanes!(lane => a[lane] + b[lane])
    }

    #[inline(always)]
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        lanes!(lane => a[lane] - b[lane])
    }

    #[inline(always)]
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        lanes!(lane => a[lane] * b[lane])
    }

    #[inline(always)]
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        lanes!(lane => a[lane].mul_add(b[lane], c[lane]))
    }

    #[inline(always)]
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        lanes!(lane => if a[lane] > b[lane] { a[lane] } else { b[lane] })
    }

    #[inline(always)]
    fn min(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        lanes!(lane => if a[lane] < b[lane] { a[lane] } else { b[lane] })
    }

    #[inline(always)]
    fn abs(self, a: Self::Floats) -> Self::Floats {
        lanes!(lane => a[lane].abs())
    }

    #[inline(always)]
    fn zero_nan(self, a: Self::Floats) -> Self::Floats {
        lanes!(lane => if a[lane].is_nan() { 0.0 } else { a[lane] })
    }

    #[inline(always)]
    fn shift_exponent(self, a: Self::Floats, shift: Self::Floats) -> Self::Floats {
        lanes!(lane => f32::from_bits(a[lane].to_bits().wrapping_add(shift[lane].to_bits() << 23)))
    }

    #[inline(always)]
    fn sum_lanes(self, mut a: Self::Floats) -> f32 {
        for half in HALVES {
            for lane in 0..half {
                a[lane] += a[lane + half];
            }
        }
        a[0]
    }

    #[inline(always)]
    fn max_lanes(self, mut a: Self::Floats) -> f32 {
        for half in HALVES {
            for lane in 0..half {
                a[lane] = if a[lane] > a[lane + half] {
                    a[lane]
                } else {
                    a[lane + half]
                };
            }
        }
        a[0]
    }

    #[inline(always)]
    fn round_to_offset_bytes(self, a: Self::Floats) -> [u8; LANES] {
        lanes!(lane => (a[lane].round_ties_even() as i32).wrapping_add(128) as u8)
    }

    #[inline(always)]
    fn low_bytes(self, a: Self::Floats) -> [u8; LANES] {
        lanes!(lane => a[lane].to_bits() as u8)
    }

    #[inline(always)]
    fn start_sums(self, corrections: &[i32; LANES]) -> Self::Sums {
        self.0.start_sums(corrections)
    }

    #[inline(always)]
    fn start_unsigned_sums(self, corrections: &[i32; LANES]) -> Self::Sums {
        self.0.start_unsigned_sums(corrections)
    }

    #[inline(always)]
    fn load_activations(self, activations: [u8; 4]) -> Self::Activations {
        self.0.load_activations(activations)
    }

    #[inline(always)]
    fn load_weights(self, weights: &WeightLanes) -> Self::Weights {
        self.0.load_weights(weights)
    }

    #[inline(always)]
    fn dot(self, sums: Self::Sums, activations: Self::Activations, weights: Self::Weights) -> Self::Sums {
        self.0.dot(sums, activations, weights)
    }

    #[inline(always)]
    fn sums_to_floats(self, sums: Self::Sums) -> Self::Floats {
        let sums = self.0.sums(sums);
        lanes!(lane => sums[lane] as f32)
    }
}
