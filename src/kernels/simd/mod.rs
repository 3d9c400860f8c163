//! One description of a vector machine, so that every kernel is written once.
//!
//! All kernels work on sixteen virtual lanes. An instruction set says how it holds sixteen lanes (one AVX-512
//! register, two AVX2 registers, an array) by implementing [`Simd`]; a kernel is generic over it. Since the lanes, the
//! order of every reduction and the use of fused multiply-add are the kernel's and not the machine's, and since each
//! operation here is correctly rounded by IEEE 754, a kernel gives the same bits at every level.

#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod avx512;
#[cfg(target_arch = "aarch64")]
pub mod neon;
pub mod portable;
pub mod scalar;

/// Virtual lanes that every kernel works on.
pub const LANES: usize = 16;

/// Rows of the largest register tile, at every level: six rows by four panels fill 24 of the 32 AVX-512 registers,
/// six rows by one panel 12 of the 16 AVX2 registers, and leave room for the operands.
pub const TILE_ROWS: usize = 6;

/// Sixteen floats on their own cache line, so that one vector load never straddles two.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct FloatLanes(pub [f32; LANES]);

/// Four consecutive inputs of sixteen outputs: byte `4 * output + input`.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct WeightLanes(pub [i8; 4 * LANES]);

/// Work that runs with the instructions of one level.
///
/// `run` must be `#[inline(always)]`: only then is its body compiled inside the function that enables the
/// instructions.
pub trait Kernel {
    /// What the work returns.
    type Output;
    /// Does the work.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// An instruction set, as a value that exists only where the machine has it.
pub trait Simd: Copy {
    /// Sixteen `f32`.
    type Floats: Copy;
    /// Sixteen sums of integer products.
    type Sums: Copy;
    /// Four activations of one row, repeated for all sixteen outputs.
    type Activations: Copy;
    /// A [`WeightLanes`] in registers.
    type Weights: Copy;

    /// Panels of sixteen columns in the largest register tile.
    const TILE_PANELS: usize;

    /// Runs `kernel` in a function of its own, compiled for this instruction set and never inlined: with the tiles of
    /// all heights in one function, compilers hand out registers badly and keep sums in memory.
    fn enter<K: Kernel>(self, kernel: K) -> K::Output;

    /// Asks for the cache line of `ahead`, to be near soon; nothing where the machine cannot be asked.
    fn prefetch<T>(self, ahead: &T);

    /// `value` in every lane.
    fn splat(self, value: f32) -> Self::Floats;
    /// The lanes of an array.
    fn load(self, lanes: &[f32; LANES]) -> Self::Floats;
    /// Writes the lanes to an array.
    fn store(self, lanes: Self::Floats, into: &mut [f32; LANES]);
    /// `a + b`
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a - b`
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a * b`
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a * b + c`, rounded once.
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// `if a > b { a } else { b }`: `b` where either is NaN.
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `if a < b { a } else { b }`: `b` where either is NaN.
    fn min(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The magnitude.
    fn abs(self, a: Self::Floats) -> Self::Floats;
    /// Zero where the lane is NaN.
    fn zero_nan(self, a: Self::Floats) -> Self::Floats;
    /// Adds the lowest bits of `shift` to the exponent of `a`, as integers: the last step of [`super::softmax`]'s
    /// power of two.
    fn shift_exponent(self, a: Self::Floats, shift: Self::Floats) -> Self::Floats;
    /// The sum of all lanes: the upper half is added to the lower until one lane is left.
    fn sum_lanes(self, a: Self::Floats) -> f32;
    /// The largest lane, halved in the same way by [`max`](Self::max).
    fn max_lanes(self, a: Self::Floats) -> f32;
    /// Rounds to the nearest integer, half to even, adds 128 and keeps the low byte. Lanes lie in [-128, 127].
    fn round_to_offset_bytes(self, a: Self::Floats) -> [u8; LANES];

    /// The lowest byte of each lane's bits.
    fn low_bytes(self, a: Self::Floats) -> [u8; LANES];

    /// The value that sums start from, given `-128` times each output's sum of weights. It is that correction where
    /// the activations stay unsigned, and zero where the machine multiplies signed bytes.
    fn start_sums(self, corrections: &[i32; LANES]) -> Self::Sums;
    /// The same for bytes that stand for themselves, without an offset: zero where they stay unsigned, and minus the
    /// correction where the machine multiplies signed bytes.
    fn start_unsigned_sums(self, corrections: &[i32; LANES]) -> Self::Sums;
    /// Four activations of one row, stored with offset 128 or, with
    /// [`start_unsigned_sums`](Self::start_unsigned_sums), without.
    fn load_activations(self, activations: [u8; 4]) -> Self::Activations;
    /// A step of sixteen outputs' weights.
    fn load_weights(self, weights: &WeightLanes) -> Self::Weights;
    /// Adds to every output's sum its four products, exactly.
    fn dot(self, sums: Self::Sums, activations: Self::Activations, weights: Self::Weights) -> Self::Sums;
    /// The sums as floats, rounded half to even.
    fn sums_to_floats(self, sums: Self::Sums) -> Self::Floats;
}

/// At most sixteen floats, the lanes beyond them filled up.
#[inline(always)]
pub fn load_partial<S: Simd>(simd: S, values: &[f32], fill: f32) -> S::Floats {
    if values.is_empty() {
        return simd.splat(fill);
    }
    let mut lanes = [fill; LANES];
    lanes[..values.len()].copy_from_slice(values);
    simd.load(&lanes)
}

/// The first sixteen values, or as many as there are, the lanes beyond them filled up.
#[inline(always)]
pub fn load_part<S: Simd>(simd: S, values: &[f32], fill: f32) -> S::Floats {
    match values.first_chunk() {
        Some(whole) => simd.load(whole),
        None => load_partial(simd, values, fill),
    }
}

/// Writes the first lanes, as many as `into` has room for.
#[inline(always)]
pub fn store_partial<S: Simd>(simd: S, floats: S::Floats, into: &mut [f32]) {
    let mut lanes = [0.0; LANES];
    simd.store(floats, &mut lanes);
    into.copy_from_slice(&lanes[..into.len()]);
}

/// Writes sixteen lanes, or as many as there is room for.
#[inline(always)]
pub fn store<S: Simd>(simd: S, floats: S::Floats, into: &mut [f32]) {
    match into.first_chunk_mut() {
        Some(whole) => simd.store(floats, whole),
        None => store_partial(simd, floats, into),
    }
}
