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

use super::level::Kernels;
use super::simd::{Kernel, LANES, Simd, store};
use super::tile::{row_tiles, with_rows};

/// The arithmetic of attention. A value of it is its working memory, kept between windows; it grows to the largest window
/// seen.
pub trait AttentionArithmetic {
    /// Makes room for a window.
    fn grow(&mut self, tokens: usize, head_size: usize);

    /// Packs the keys and values of a head.
    fn pack<S: Simd>(&mut self, simd: S, shape: Shape, keys_values: &[f32]);

    /// Computes the outputs of `ROWS` query rows of the packed head, from `first_row` on.
    fn attend<S: Simd, const ROWS: usize>(
        &mut self,
        simd: S,
        shape: Shape,
        queries: &[f32],
        first_row: usize,
        out: &mut [f32],
    );
}

impl Kernels {
    /// Scaled dot-product attention: for each head, `softmax(queries * keys / sqrt(head_size)) * values`, in `f32` with
    /// an [`AttentionScratch`], on 8-bit operands with an [`Int8AttentionScratch`].
    ///
    /// `queries` is `[rows, hidden]`, with a row for each token whose output is wanted; `keys_values` is
    /// `[tokens, 2 * hidden]`, the keys of all heads and then the values. `out` is `[rows, hidden]`.
    ///
    /// # Panics
    ///
    /// If a slice does not fit, `heads` does not divide `hidden`, or the window is too long for 8-bit operands.
    pub fn attention<A: AttentionArithmetic>(
        self,
        queries: &[f32],
        keys_values: &[f32],
        heads: usize,
        hidden: usize,
        out: &mut [f32],
        scratch: &mut A,
    ) {
        assert_eq!(queries.len(), out.len(), "an output for every query");
        if out.is_empty() {
            return;
        }
        assert!(
            heads > 0 && hidden > 0 && hidden.is_multiple_of(heads),
            "{heads} heads of one size"
        );
        assert!(out.len().is_multiple_of(hidden), "whole rows of {hidden} columns");
        assert!(
            !keys_values.is_empty() && keys_values.len().is_multiple_of(2 * hidden),
            "keys and values of whole tokens"
        );
        let (rows, tokens) = (out.len() / hidden, keys_values.len() / (2 * hidden));
        let head_size = hidden / heads;
        scratch.grow(tokens, head_size);
        for head in 0..heads {
            let shape = Shape {
                rows,
                tokens,
                hidden,
                head_size,
                column: head * head_size,
            };
            self.run(Head {
                shape,
                queries,
                keys_values,
                out: &mut *out,
                scratch: &mut *scratch,
            });
        }
    }
}

/// One head of one window.
struct Head<'a, A> {
    shape: Shape,
    queries: &'a [f32],
    keys_values: &'a [f32],
    out: &'a mut [f32],
    scratch: &'a mut A,
}

impl<A: AttentionArithmetic> Kernel for Head<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            shape,
            queries,
            keys_values,
            out,
            scratch,
        } = self;
        scratch.pack(simd, shape, keys_values);
        for (first_row, height) in row_tiles(shape.rows) {
            let (out, scratch) = (&mut *out, &mut *scratch);
            with_rows!(height, ROWS => simd.enter(Tile::<A, ROWS> { shape, queries, first_row, out, scratch }));
        }
    }
}

/// A tile of query rows of one head.
struct Tile<'a, A, const ROWS: usize> {
    shape: Shape,
    queries: &'a [f32],
    first_row: usize,
    out: &'a mut [f32],
    scratch: &'a mut A,
}

impl<A: AttentionArithmetic, const ROWS: usize> Kernel for Tile<'_, A, ROWS> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.scratch
            .attend::<S, ROWS>(simd, self.shape, self.queries, self.first_row, self.out);
    }
}

/// Where one head of a window lies in its slices.
#[derive(Clone, Copy)]
pub struct Shape {
    rows: usize,
    tokens: usize,
    hidden: usize,
    head_size: usize,
    /// First column of the head.
    column: usize,
}

impl Shape {
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
