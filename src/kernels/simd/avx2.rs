//! AVX2 with FMA (nearly every x86 machine since 2013): sixteen lanes are two registers.
//!
//! With `VNNI` the integer dot product is the one instruction that Intel's client processors (since Alder Lake) and
//! AMD Zen 5 have in AVX2 form.

use std::arch::x86_64::*;

use super::{Kernel, LANES, Simd, WeightLanes};

/// Proof that the machine has AVX2 and FMA, and AVX-VNNI where `VNNI`.
#[derive(Clone, Copy, Debug)]
pub struct Avx2<const VNNI: bool>(());

/// Calls intrinsics.
///
/// SAFETY (of every use in this file): an `Avx2` value is made only by [`Avx2::new`], which looks for the
/// instructions; loads and stores go through references to arrays of two registers' size, at offsets of one register,
/// and the unaligned forms are used.
macro_rules! intrinsic {
    ($call:expr) => {
        unsafe { $call }
    };
}

/// Applies an intrinsic to both registers of its operands.
macro_rules! both {
    ($call:ident($($operand:expr),*)) => {
        intrinsic!([$call($($operand[0]),*), $call($($operand[1]),*)])
    };
}

impl<const VNNI: bool> Avx2<VNNI> {
    /// The level, where the machine has it.
    pub fn new() -> Option<Self> {
        let here = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && (!VNNI || is_x86_feature_detected!("avxvnni"));
        here.then_some(Self(()))
    }
}

#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn enter_plain<K: Kernel>(simd: Avx2<false>, kernel: K) -> K::Output {
    kernel.run(simd)
}

#[inline(never)]
#[target_feature(enable = "avx2,fma,avxvnni")]
fn enter_vnni<K: Kernel>(simd: Avx2<true>, kernel: K) -> K::Output {
    kernel.run(simd)
}

/// The sum of eight lanes, by halves.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sum_register(a: __m256) -> f32 {
    let four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
}

/// The largest of eight lanes, by halves.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn max_register(a: __m256) -> f32 {
    let four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
    let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
}

/// Adds eight outputs' products. A product pair is at most 2 * 255 * 64 = 32640, so the 16-bit sum that `maddubs`
/// saturates never does: this is why [`WEIGHT_MAX`](crate::kernels::WEIGHT_MAX) is 64.
#[inline(always)]
fn dot_register<const VNNI: bool>(sums: __m256i, activations: __m256i, weights: __m256i) -> __m256i {
    if VNNI {
        intrinsic!(_mm256_dpbusd_avx_epi32(sums, activations, weights))
    } else {
        intrinsic!({
            let pairs = _mm256_maddubs_epi16(activations, weights);
            _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
        })
    }
}

/// Sixteen integers of at most a byte, as bytes.
#[inline(always)]
fn pack_bytes(integers: [__m256i; 2]) -> [u8; LANES] {
    let mut bytes = [0; LANES];
    intrinsic!({
        // The pack works within 128-bit halves, so the quarters come out as 0, 2, 1, 3.
        let words = _mm256_packs_epi32(integers[0], integers[1]);
        let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
        let packed = _mm_packus_epi16(
            _mm256_castsi256_si128(words),
            _mm256_extracti128_si256::<1>(words),
        );
        _mm_storeu_si128(bytes.as_mut_ptr().cast(), packed);
    });
    bytes
}

impl<const VNNI: bool> Simd for Avx2<VNNI> {
    type Floats = [__m256; 2];
    type Sums = [__m256i; 2];
    type Activations = __m256i;
    type Weights = [__m256i; 2];

    const TILE_PANELS: usize = 1;

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        if VNNI {
            intrinsic!(enter_vnni(Avx2(()), kernel))
        } else {
            intrinsic!(enter_plain(Avx2(()), kernel))
        }
    }

    #[inline(always)]
    fn prefetch<T>(self, ahead: &T) {
        intrinsic!(_mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(ahead).cast()));
    }

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Floats {
        intrinsic!([_mm256_set1_ps(value); 2])
    }

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> Self::Floats {
        intrinsic!([
            _mm256_loadu_ps(lanes.as_ptr()),
            _mm256_loadu_ps(lanes.as_ptr().add(8))
        ])
    }

    #[inline(always)]
    fn store(self, lanes: Self::Floats, into: &mut [f32; LANES]) {
        intrinsic!({
            _mm256_storeu_ps(into.as_mut_ptr(), lanes[0]);
            _mm256_storeu_ps(into.as_mut_ptr().add(8), lanes[1]);
        });
    }

    #[inline(always)]
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        both!(_mm256_add_ps(a, b))
    }

    #[inline(always)]
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        both!(_mm256_sub_ps(a, b))
    }

    #[inline(always)]
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        both!(_mm256_mul_ps(a, b))
    }

    #[inline(always)]
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        both!(_mm256_fmadd_ps(a, b, c))
    }

    #[inline(always)]
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        both!(_mm256_max_ps(a, b))
    }

    #[inline(always)]
    fn min(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        both!(_mm256_min_ps(a, b))
    }

    #[inline(always)]
    fn abs(self, a: Self::Floats) -> Self::Floats {
        let sign = self.splat(-0.0);
        both!(_mm256_andnot_ps(sign, a))
    }

    #[inline(always)]
    fn zero_nan(self, a: Self::Floats) -> Self::Floats {
        let ordered = intrinsic!([
            _mm256_cmp_ps::<_CMP_ORD_Q>(a[0], a[0]),
            _mm256_cmp_ps::<_CMP_ORD_Q>(a[1], a[1])
        ]);
        both!(_mm256_and_ps(ordered, a))
    }

    #[inline(always)]
    fn shift_exponent(self, a: Self::Floats, shift: Self::Floats) -> Self::Floats {
        let shift = both!(_mm256_castps_si256(shift));
        let shift = intrinsic!([
            _mm256_slli_epi32::<23>(shift[0]),
            _mm256_slli_epi32::<23>(shift[1])
        ]);
        let a = both!(_mm256_castps_si256(a));
        let sum = both!(_mm256_add_epi32(a, shift));
        both!(_mm256_castsi256_ps(sum))
    }

    #[inline(always)]
    fn sum_lanes(self, a: Self::Floats) -> f32 {
        intrinsic!(sum_register(_mm256_add_ps(a[0], a[1])))
    }

    #[inline(always)]
    fn max_lanes(self, a: Self::Floats) -> f32 {
        intrinsic!(max_register(_mm256_max_ps(a[0], a[1])))
    }

    #[inline(always)]
    fn round_to_offset_bytes(self, a: Self::Floats) -> [u8; LANES] {
        let rounded = both!(_mm256_cvtps_epi32(a));
        let offset = intrinsic!([_mm256_set1_epi32(128); 2]);
        pack_bytes(both!(_mm256_add_epi32(rounded, offset)))
    }

    #[inline(always)]
    fn low_bytes(self, a: Self::Floats) -> [u8; LANES] {
        let low = intrinsic!([_mm256_set1_epi32(255); 2]);
        let bits = both!(_mm256_castps_si256(a));
        pack_bytes(both!(_mm256_and_si256(bits, low)))
    }

    #[inline(always)]
    fn start_sums(self, corrections: &[i32; LANES]) -> Self::Sums {
        let at = corrections.as_ptr();
        intrinsic!([
            _mm256_loadu_si256(at.cast()),
            _mm256_loadu_si256(at.add(8).cast())
        ])
    }

    #[inline(always)]
    fn start_unsigned_sums(self, _corrections: &[i32; LANES]) -> Self::Sums {
        intrinsic!([_mm256_setzero_si256(); 2])
    }

    #[inline(always)]
    fn load_activations(self, activations: [u8; 4]) -> __m256i {
        intrinsic!(_mm256_set1_epi32(i32::from_le_bytes(activations)))
    }

    #[inline(always)]
    fn load_weights(self, weights: &WeightLanes) -> Self::Weights {
        let at = weights.0.as_ptr();
        intrinsic!([
            _mm256_loadu_si256(at.cast()),
            _mm256_loadu_si256(at.add(32).cast())
        ])
    }

    #[inline(always)]
    fn dot(self, sums: Self::Sums, activations: __m256i, weights: Self::Weights) -> Self::Sums {
        [
            dot_register::<VNNI>(sums[0], activations, weights[0]),
            dot_register::<VNNI>(sums[1], activations, weights[1]),
        ]
    }

    #[inline(always)]
    fn sums_to_floats(self, sums: Self::Sums) -> Self::Floats {
        both!(_mm256_cvtepi32_ps(sums))
    }
}
