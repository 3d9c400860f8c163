//! AArch64: the compiler vectorizes the float lanes, and the integer dot product is written here.
//!
//! Activations are turned from offset 128 to signed bytes as they are loaded, so sums start from zero. `DOTPROD` uses
//! the dot product instruction of Armv8.2 (Apple M1, Graviton 2, and most since); its intrinsic is not stable at our
//! minimum Rust version, the instruction in assembly is.

use std::arch::aarch64::*;
use std::arch::asm;

use super::portable::{DotProduct, Portable};
use super::{Kernel, LANES, WeightLanes};

/// Proof that the machine has NEON, and the dot product where `DOTPROD`.
#[derive(Clone, Copy, Debug)]
pub struct Neon<const DOTPROD: bool>(());

/// Calls intrinsics.
///
/// SAFETY (of every use in this file): a `Neon` value is made only by [`Neon::new`], which looks for the instructions;
/// loads and stores go through references to arrays, at offsets of one register within them.
macro_rules! intrinsic {
    ($call:expr) => {
        unsafe { $call }
    };
}

impl<const DOTPROD: bool> Neon<DOTPROD> {
    /// The level, where the machine has it.
    pub fn new() -> Option<Portable<Self>> {
        let here = std::arch::is_aarch64_feature_detected!("neon")
            && (!DOTPROD || std::arch::is_aarch64_feature_detected!("dotprod"));
        here.then_some(Portable(Self(())))
    }
}

#[inline(never)]
#[target_feature(enable = "neon")]
fn enter_plain<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Portable(Neon::<false>(())))
}

#[inline(never)]
#[target_feature(enable = "neon,dotprod")]
fn enter_dotprod<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Portable(Neon::<true>(())))
}

/// Adds four outputs' products. In the plain form a sum of two products is at most 2 * 128 * 64 = 16384 (a byte without
/// offset may become -128), which 16 bits hold.
#[inline(always)]
fn dot_register<const DOTPROD: bool>(
    mut sums: int32x4_t,
    activations: int8x16_t,
    weights: int8x16_t,
) -> int32x4_t {
    if DOTPROD {
        intrinsic!(asm!(
            ".arch_extension dotprod",
            "sdot {sums:v}.4s, {activations:v}.16b, {weights:v}.16b",
            sums = inout(vreg) sums,
            activations = in(vreg) activations,
            weights = in(vreg) weights,
            options(pure, nomem, nostack, preserves_flags),
        ));
        sums
    } else {
        intrinsic!({
            let low = vmull_s8(vget_low_s8(activations), vget_low_s8(weights));
            let high = vmull_high_s8(activations, weights);
            vpadalq_s16(sums, vpaddq_s16(low, high))
        })
    }
}

impl<const DOTPROD: bool> DotProduct for Neon<DOTPROD> {
    type Sums = [int32x4_t; 4];
    type Activations = int8x16_t;
    type Weights = [int8x16_t; 4];

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        if DOTPROD {
            intrinsic!(enter_dotprod(kernel))
        } else {
            intrinsic!(enter_plain(kernel))
        }
    }

    #[inline(always)]
    fn start_sums(self, _corrections: &[i32; LANES]) -> Self::Sums {
        intrinsic!([vdupq_n_s32(0); 4])
    }

    #[inline(always)]
    fn start_unsigned_sums(self, corrections: &[i32; LANES]) -> Self::Sums {
        let at = corrections.as_ptr();
        intrinsic!([
            vnegq_s32(vld1q_s32(at)),
            vnegq_s32(vld1q_s32(at.add(4))),
            vnegq_s32(vld1q_s32(at.add(8))),
            vnegq_s32(vld1q_s32(at.add(12)))
        ])
    }

    #[inline(always)]
    fn load_activations(self, activations: [u8; 4]) -> int8x16_t {
        let signed = u32::from_le_bytes(activations) ^ 0x8080_8080;
        intrinsic!(vreinterpretq_s8_u32(vdupq_n_u32(signed)))
    }

    #[inline(always)]
    fn load_weights(self, weights: &WeightLanes) -> Self::Weights {
        let at = weights.0.as_ptr();
        intrinsic!([
            vld1q_s8(at),
            vld1q_s8(at.add(16)),
            vld1q_s8(at.add(32)),
            vld1q_s8(at.add(48))
        ])
    }

    #[inline(always)]
    fn dot(self, mut sums: Self::Sums, activations: int8x16_t, weights: Self::Weights) -> Self::Sums {
        for quarter in 0..4 {
            sums[quarter] = dot_register::<DOTPROD>(sums[quarter], activations, weights[quarter]);
        }
        sums
    }

    #[inline(always)]
    fn sums(self, sums: Self::Sums) -> [i32; LANES] {
        let mut lanes = [0; LANES];
        for quarter in 0..4 {
            intrinsic!(vst1q_s32(lanes.as_mut_ptr().add(4 * quarter), sums[quarter]));
        }
        lanes
    }
}
