//! What the machine could do: loops of nothing but the two multiply instructions, so that benchmarks can say which
//! share of it the kernels reach.

use std::hint::black_box;

use super::level::Kernels;
use super::simd::{Kernel, LANES, Simd, TILE_ROWS, WeightLanes};

/// Independent chains of sixteen lanes, enough to cover the latency of two units: twice as many as AVX2, which needs two
/// registers for each, can keep in its sixteen. There one half runs after the other.
const CHAINS: usize = 2 * TILE_ROWS;

/// Multiply-adds that one iteration of either loop does.
pub const PEAK_FLOAT_STEP: usize = CHAINS * LANES;

/// See [`PEAK_FLOAT_STEP`]; the integer instruction does four per lane.
pub const PEAK_INTEGER_STEP: usize = 4 * PEAK_FLOAT_STEP;

impl Kernels {
    /// Runs `iterations` of [`PEAK_FLOAT_STEP`] multiply-adds on registers; the value only keeps them from being
    /// optimized away.
    pub fn peak_float(self, iterations: usize) -> f32 {
        self.run(PeakFloat(iterations))
    }

    /// Runs `iterations` of [`PEAK_INTEGER_STEP`] multiply-adds on registers.
    pub fn peak_integer(self, iterations: usize) -> f32 {
        self.run(PeakInteger(iterations))
    }
}

struct PeakFloat(usize);

impl Kernel for PeakFloat {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        if S::TILE_PANELS > 1 {
            self.chains::<S, CHAINS>(simd)
        } else {
            self.chains::<S, TILE_ROWS>(simd) + self.chains::<S, TILE_ROWS>(simd)
        }
    }
}

impl PeakFloat {
    #[inline(always)]
    fn chains<S: Simd, const CHAINS: usize>(&self, simd: S) -> f32 {
        let factor = simd.splat(black_box(0.5));
        let mut chains = [simd.splat(1.0); CHAINS];
        for _ in 0..self.0 {
            for chain in &mut chains {
                *chain = simd.mul_add(*chain, factor, factor);
            }
        }
        let mut sum = simd.splat(0.0);
        for chain in chains {
            sum = simd.add(sum, chain);
        }
        simd.sum_lanes(sum)
    }
}

struct PeakInteger(usize);

impl Kernel for PeakInteger {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        if S::TILE_PANELS > 1 {
            self.chains::<S, CHAINS>(simd)
        } else {
            self.chains::<S, TILE_ROWS>(simd) + self.chains::<S, TILE_ROWS>(simd)
        }
    }
}

impl PeakInteger {
    #[inline(always)]
    fn chains<S: Simd, const CHAINS: usize>(&self, simd: S) -> f32 {
        let rows = [[1, 2, 3, 4]; CHAINS];
        let mut chains = [simd.start_sums(&[0; LANES]); CHAINS];
        let weights = simd.load_weights(&black_box(WeightLanes([1; 4 * LANES])));
        for _ in 0..self.0 {
            // Opaque operands, or part of the product would be computed once and for all.
            let rows = black_box(&rows);
            for (chain, row) in chains.iter_mut().zip(rows) {
                *chain = simd.dot(*chain, simd.load_activations(*row), weights);
            }
        }
        let mut sum = simd.splat(0.0);
        for chain in chains {
            sum = simd.add(sum, simd.sums_to_floats(chain));
        }
        simd.sum_lanes(sum)
    }
}
