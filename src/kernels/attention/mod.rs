//! Attention within one window: the tokens whose output is wanted against every token of the window, head by head, and
//! nothing else; there is no padding to mask.
//!
//! Both arithmetics, `float.rs` and `int8.rs` with `packing.rs`, go the same way. Per head, keys are packed into panels
//! (one per sixteen tokens) and values into panels (one per sixteen columns), both small enough for the nearest caches.
//! A tile of query rows then runs through scores, exponentials and the weighted sum of values; the division by the sum
//! of exponentials is left to the end, once per output.

#![allow(
    clippy::needless_range_loop,
    reason = "rows and panels are indices of several arrays at once"
)]

mod float;
mod int8;
mod packing;

pub use float::AttentionScratch;
pub(super) use int8::{COARSE_COEFFICIENTS, LOG2_PROBABILITY_MAX};
pub use int8::{Int8AttentionScratch, PROBABILITY_MAX};

use std::ops::Range;

use super::simd::{LANES, Simd, store};

/// One head of one window.
#[derive(Clone, Copy)]
struct Shape {
    rows: usize,
    tokens: usize,
    hidden: usize,
    head_size: usize,
    /// First column of the head.
    column: usize,
}

impl Shape {
    /// The heads of a window, none where no output is wanted.
    ///
    /// # Panics
    ///
    /// If a slice does not fit, or `heads` does not divide `hidden`.
    fn heads(
        queries: &[f32],
        keys_values: &[f32],
        heads: usize,
        hidden: usize,
        out: &[f32],
    ) -> impl Iterator<Item = Self> + use<> {
        assert_eq!(queries.len(), out.len(), "an output for every query");
        let (mut rows, mut tokens) = (0, 0);
        if !out.is_empty() {
            assert!(
                heads > 0 && hidden > 0 && hidden.is_multiple_of(heads),
                "{heads} heads of one size"
            );
            assert!(out.len().is_multiple_of(hidden), "whole rows of {hidden} columns");
            assert!(
                !keys_values.is_empty() && keys_values.len().is_multiple_of(2 * hidden),
                "keys and values of whole tokens"
            );
            (rows, tokens) = (out.len() / hidden, keys_values.len() / (2 * hidden));
        }
        (0..if rows > 0 { heads } else { 0 }).map(move |head| Self {
            rows,
            tokens,
            hidden,
            head_size: hidden / heads,
            column: head * (hidden / heads),
        })
    }

    /// A row's part of the head in the queries.
    #[inline(always)]
    fn query(self, queries: &[f32], row: usize) -> &[f32] {
        &queries[row * self.hidden + self.column..][..self.head_size]
    }

    /// A token's part of the head in the keys.
    #[inline(always)]
    fn key(self, keys_values: &[f32], token: usize) -> &[f32] {
        &keys_values[2 * token * self.hidden + self.column..][..self.head_size]
    }

    /// A token's part of the head in the values.
    #[inline(always)]
    fn value(self, keys_values: &[f32], token: usize) -> &[f32] {
        &keys_values[(2 * token + 1) * self.hidden + self.column..][..self.head_size]
    }
}

/// Makes a buffer at least `length` long.
fn grow<T: Clone>(buffer: &mut Vec<T>, length: usize, zero: T) {
    buffer.resize(buffer.len().max(length), zero);
}

/// What the lanes of the last of `panels` panels get added, so that those beyond `tokens` vanish in the exponential.
#[inline(always)]
fn last_panel_mask(tokens: usize, panels: usize) -> [f32; LANES] {
    let mut mask = [0.0; LANES];
    if tokens < panels * LANES {
        mask[tokens % LANES..].fill(f32::NEG_INFINITY);
    }
    mask
}

/// Writes a tile to the given columns of rows that are `stride` apart.
#[inline(always)]
fn store_tile<S: Simd, const ROWS: usize, const PANELS: usize>(
    simd: S,
    tile: [[S::Floats; PANELS]; ROWS],
    out: &mut [f32],
    stride: usize,
    columns: Range<usize>,
) {
    for row in 0..ROWS {
        let out = &mut out[row * stride..][columns.clone()];
        for panel in 0..PANELS {
            store(simd, tile[row][panel], &mut out[panel * LANES..]);
        }
    }
}
