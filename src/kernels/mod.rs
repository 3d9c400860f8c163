//! The arithmetic of the encoder, as fast as the machine allows, and the only home of `unsafe`.
//!
//! | kernel | method of [`Kernels`] | file |
//! |---|---|---|
//! | 8-bit linear layer | [`linear_int8`](Kernels::linear_int8) | `int8.rs` |
//! | quantization of activations | [`quantize_rows`](Kernels::quantize_rows) | `quantize.rs` |
//! | `f32` linear layer | [`linear_f32`](Kernels::linear_f32) | `float.rs` |
//! | self-attention of a window | [`attention`](Kernels::attention) | `attention/float.rs`, `attention/int8.rs` |
//! | softmax | [`softmax_rows`](Kernels::softmax_rows) | `softmax.rs` |
//! | GELU | [`gelu`](Kernels::gelu) | `gelu.rs` |
//! | residual and layer normalization | [`layer_norm`](Kernels::layer_norm) | `layer_norm.rs` |
//!
//! Each kernel is written once, over sixteen virtual lanes, and `simd/` says per instruction set what a lane operation
//! is. **A result never depends on the instruction set**: sums of integers are exact, sums of floats have one order
//! and one rounding per step everywhere, so all levels give the same bits. Nor does it depend on the other rows of a
//! call: every row is computed from itself. Plain definitions of all kernels are in
//! [`reference`](mod@reference); the tests hold every level to them and to each other.
//!
//! Both linear layers share the walk over register tiles in `linear.rs` and, with attention, the inner loop in
//! `tile.rs`. Nothing here allocates, except packing of weights and growing of [`AttentionScratch`] and
//! [`Int8AttentionScratch`]. Kernels run on the thread that calls them.
//!
//! To add a kernel: one file here, its work a `simd::Kernel`, its definition in `reference.rs`. To add an
//! instruction set: one file in `simd/`, a [`Level`], a line in `level.rs`.

mod attention;
mod float;
mod gelu;
mod int8;
mod layer_norm;
mod level;
mod linear;
mod peak;
mod quantize;
pub mod reference;
mod simd;
mod softmax;
mod tile;

pub use attention::{AttentionArithmetic, AttentionScratch, Int8AttentionScratch, PROBABILITY_MAX};
pub use float::PackedF32Weights;
pub use gelu::GELU_ERROR;
pub use int8::{
    ACTIVATION_MAX, ACTIVATION_OFFSET, MAX_INPUTS, PackError, PackedInt8Weights, WEIGHT_MAX,
    quantize_weights, quantized_stride,
};
pub use layer_norm::LayerNorm;
pub use level::{Kernels, Level};
pub use linear::Epilogue;
pub use peak::{PEAK_FLOAT_STEP, PEAK_INTEGER_STEP};
pub use quantize::SMALLEST_ROW_MAX;
pub use softmax::SOFTMAX_ERROR;
