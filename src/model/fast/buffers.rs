//! What a thread keeps from batch to batch. Buffers grow to the largest batch seen and are never cleared.

use crate::kernels::{AttentionScratch, Int8AttentionScratch};

/// Working memory of [`FastEngine`](super::FastEngine).
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) hidden: Vec<f32>,
    pub(super) selected: Vec<f32>,
    pub(super) pooled: Vec<f32>,
    pub(super) scores: Vec<f32>,
    pub(super) layer: LayerBuffers,
}

/// Working memory of one layer.
#[derive(Default)]
pub(super) struct LayerBuffers {
    pub(super) queries: Vec<f32>,
    pub(super) keys_values: Vec<f32>,
    pub(super) mixed: Vec<f32>,
    pub(super) attended: Vec<f32>,
    pub(super) inner: Vec<f32>,
    pub(super) quantized: QuantizedRows,
    pub(super) attention: AttentionBuffers,
}

/// Working memory of attention, in the arithmetic that is used.
#[derive(Default)]
pub struct AttentionBuffers {
    pub(super) floats: AttentionScratch,
    pub(super) int8: Int8AttentionScratch,
}

/// Rows of activations as the 8-bit kernels read them.
#[derive(Default)]
pub struct QuantizedRows {
    pub(super) bytes: Vec<u8>,
    pub(super) scales: Vec<f32>,
    /// Rows in use; the buffers may be longer.
    pub(super) count: usize,
}

/// The first `length` values of a buffer, which grows if it has to. They hold what they held last.
pub(super) fn sized<T: Copy + Default>(buffer: &mut Vec<T>, length: usize) -> &mut [T] {
    if buffer.len() < length {
        buffer.resize(length, T::default());
    }
    &mut buffer[..length]
}
