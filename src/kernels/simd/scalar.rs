//! The level that every machine has, and the one that says what the others must compute.

use super::portable::{DotProduct, Portable};
use super::{Kernel, LANES, WeightLanes};

/// Integer products one at a time.
#[derive(Clone, Copy, Debug)]
pub struct PlainDot;

/// All lanes in plain Rust.
pub const SCALAR: Portable<PlainDot> = Portable(PlainDot);

impl DotProduct for PlainDot {
    type Sums = [i32; LANES];
    type Activations = [u8; 4];
    type Weights = WeightLanes;

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(SCALAR)
    }

    #[inline(always)]
    fn start_sums(self, corrections: &[i32; LANES]) -> Self::Sums {
        *corrections
    }

    #[inline(always)]
    fn start_unsigned_sums(self, _corrections: &[i32; LANES]) -> Self::Sums {
        [0; LANES]
    }

    #[inline(always)]
    fn load_activations(self, activations: [u8; 4]) -> Self::Activations {
        activations
    }

    #[inline(always)]
    fn load_weights(self, weights: &WeightLanes) -> Self::Weights {
        *weights
    }

    #[inline(always)]
    fn dot(self, mut sums: Self::Sums, activations: Self::Activations, weights: Self::Weights) -> Self::Sums {
        for (sum, weights) in sums.iter_mut().zip(weights.0.as_chunks::<4>().0) {
            for (&activation, &weight) in activations.iter().zip(weights) {
                *sum += i32::from(activation) * i32::from(weight);
            }
        }
        sums
    }

    #[inline(always)]
    fn sums(self, sums: Self::Sums) -> [i32; LANES] {
        sums
    }
}
