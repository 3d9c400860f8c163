//! AVX-512 with VNNI (Intel since Ice Lake and Cascade Lake, AMD since Zen 4): sixteen lanes are one register.

use std::arch::x86_64::*;

use super::avx2::{max_register, sum_register};
use super::{Kernel, LANES, Simd, WeightLanes};

/// Proof that the machine has AVX-512 F, BW, VL, DQ and VNNI.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

/// Calls intrinsics.
///
/// SAFETY (of every use in this file): an `Avx512` value is made only by [`Avx512::new`], which looks for the
/// instructions; loads and stores go through references to arrays or lanes of exactly the register's size, and the
/// unaligned forms are used.
macro_rules! intrinsic {
    ($call:expr) => {
        unsafe { $call }
    };
}

impl Avx512 {
    /// The level, where the machine has it.
    pub fn new() -> Option<Self> {
        let here = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vnni");
        here.then_some(Self(()))
    }
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn enter<K: Kernel>(simd: Avx512, kernel: K) -> K::Output {
    kernel.run(simd)
}

impl Simd for Avx512 {
    type Floats = __m512;
    type Sums = __m512i;
    type Activations = __m512i;
    type Weights = __m512i;

    const TILE_PANELS: usize = 4;

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        intrinsic!(enter(self, kernel))
    }

    #[inline(always)]
    fn prefetch<T>(self, ahead: &T) {
        intrinsic!(_mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(ahead).cast()));
    }

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        intrinsic!(_mm512_set1_ps(value))
    }

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> __m512 {
        intrinsic!(_mm512_loadu_ps(lanes.as_ptr()))
    }

    #[inline(always)]
    fn store(self, lanes: __m512, into: &mut [f32; LANES]) {
        intrinsic!(_mm512_storeu_ps(into.as_mut_ptr(), lanes));
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_add_ps(a, b))
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_sub_ps(a, b))
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_mul_ps(a, b))
    }

    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        intrinsic!(_mm512_fmadd_ps(a, b, c))
    }

    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_max_ps(a, b))
    }

    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        intrinsic!(_mm512_min_ps(a, b))
    }

    #[inline(always)]
    fn abs(self, a: __m512) -> __m512 {
        intrinsic!(_mm512_abs_ps(a))
    }

    #[inline(always)]
    fn zero_nan(self, a: __m512) -> __m512 {
        intrinsic!(_mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_ORD_Q>(a, a), a))
    }

    #[inline(always)]
    fn shift_exponent(self, a: __m512, shift: __m512) -> __m512 {
        intrinsic!({
            let shift = _mm512_slli_epi32::<23>(_mm512_castps_si512(shift));
            _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), shift))
        })
    }

    #[inline(always)]
    fn sum_lanes(self, a: __m512) -> f32 {
        intrinsic!(sum_register(_mm256_add_ps(
            _mm512_castps512_ps256(a),
            _mm512_extractf32x8_ps::<1>(a)
        )))
    }

    #[inline(always)]
    fn max_lanes(self, a: __m512) -> f32 {
        intrinsic!(max_register(_mm256_max_ps(
            _mm512_castps512_ps256(a),
            _mm512_extractf32x8_ps::<1>(a)
        )))
    }

    #[inline(always)]
    fn round_to_offset_bytes(self, a: __m512) -> [u8; LANES] {
        let mut bytes = [0; LANES];
        intrinsic!({
            let rounded = _mm512_add_epi32(_mm512_cvtps_epi32(a), _mm512_set1_epi32(128));
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(rounded));
        });
        bytes
    }

    #[inline(always)]
    fn low_bytes(self, a: __m512) -> [u8; LANES] {
        let mut bytes = [0; LANES];
        intrinsic!(_mm_storeu_si128(
            bytes.as_mut_ptr().cast(),
            _mm512_cvtepi32_epi8(_mm512_castps_si512(a))
        ));
        bytes
    }

    #[inline(always)]
    fn start_sums(self, corrections: &[i32; LANES]) -> __m512i {
        intrinsic!(_mm512_loadu_si512(corrections.as_ptr().cast()))
    }

    #[inline(always)]
    fn start_unsigned_sums(self, _corrections: &[i32; LANES]) -> __m512i {
        intrinsic!(_mm512_setzero_si512())
    }

    #[inline(always)]
    fn load_activations(self, activations: [u8; 4]) -> __m512i {
        intrinsic!(_mm512_set1_epi32(i32::from_le_bytes(activations)))
    }

    #[inline(always)]
    fn load_weights(self, weights: &WeightLanes) -> __m512i {
        intrinsic!(_mm512_loadu_si512(weights.0.as_ptr().cast()))
    }

    #[inline(always)]
    fn dot(self, sums: __m512i, activations: __m512i, weights: __m512i) -> __m512i {
        intrinsic!(_mm512_dpbusd_epi32(sums, activations, weights))
    }

    #[inline(always)]
    fn sums_to_floats(self, sums: __m512i) -> __m512 {
        intrinsic!(_mm512_cvtepi32_ps(sums))
    }
}
