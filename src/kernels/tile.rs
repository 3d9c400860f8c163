//! The register tile: the one inner loop of every matrix product.
//!
//! A few rows of the left matrix meet a few panels of the right one, and the sums of the tile stay in registers over
//! the whole inner dimension. Products are added in the order of that dimension, one sum per element, so an element's
//! value depends on its row and its column alone, not on the tile it was computed in nor on the machine.
//!
//! A *panel* is sixteen columns of the right matrix, step by step: one [`FloatLanes`] (one input) or one
//! [`WeightLanes`] (four inputs) per step.

use super::simd::{FloatLanes, LANES, Simd, TILE_ROWS, WeightLanes};

/// The arithmetic of a matrix product.
pub trait Product: Copy {
    /// What a row holds for one step.
    type Left: Copy;
    /// What a panel holds for one step.
    type Right;
    /// Sums of sixteen columns.
    type Sums<S: Simd>: Copy;

    /// Adds one step's products to the sums.
    fn multiply_add<S: Simd>(
        self,
        simd: S,
        sums: Self::Sums<S>,
        left: Self::Left,
        right: &Self::Right,
    ) -> Self::Sums<S>;
}

/// `f32` times `f32`, each product added with one rounding.
#[derive(Clone, Copy, Debug)]
pub struct FloatProduct;

impl Product for FloatProduct {
    type Left = f32;
    type Right = FloatLanes;
    type Sums<S: Simd> = S::Floats;

    #[inline(always)]
    fn multiply_add<S: Simd>(self, simd: S, sums: S::Floats, left: f32, right: &FloatLanes) -> S::Floats {
        simd.mul_add(simd.splat(left), simd.load(&right.0), sums)
    }
}

/// Four activations, stored with offset 128, times four weights, exact.
#[derive(Clone, Copy, Debug)]
pub struct IntegerProduct;

impl Product for IntegerProduct {
    type Left = [u8; 4];
    type Right = WeightLanes;
    type Sums<S: Simd> = S::Sums;

    #[inline(always)]
    fn multiply_add<S: Simd>(self, simd: S, sums: S::Sums, left: [u8; 4], right: &WeightLanes) -> S::Sums {
        simd.dot(sums, simd.load_activations(left), simd.load_weights(right))
    }
}

/// Adds the product of `ROWS` rows and `PANELS` panels to `sums`, and fetches `ahead`, a panel that is needed soon.
///
/// # Panics
///
/// If a row or a panel has fewer than `steps` steps.
#[inline(always)]
pub fn multiply<S: Simd, P: Product, const ROWS: usize, const PANELS: usize>(
    simd: S,
    product: P,
    steps: usize,
    mut rows: [&[P::Left]; ROWS],
    mut panels: [&[P::Right]; PANELS],
    ahead: &[P::Right],
    mut sums: [[P::Sums<S>; PANELS]; ROWS],
) -> [[P::Sums<S>; PANELS]; ROWS] {
    // Cut to one length, so that the compiler sees that no index in the loop can miss.
    for row in &mut rows {
        *row = &row[..steps];
    }
    for panel in &mut panels {
        *panel = &panel[..steps];
    }
    for step in 0..steps {
        if let Some(line) = ahead.get(step) {
            simd.prefetch(line);
        }
        for panel in 0..PANELS {
            for row in 0..ROWS {
                sums[row][panel] =
                    product.multiply_add(simd, sums[row][panel], rows[row][step], &panels[panel][step]);
            }
        }
    }
    sums
}

/// Cuts `rows` rows into tiles of nearly equal height, at most [`TILE_ROWS`]; yields each tile's first row and height.
pub fn row_tiles(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    let tiles = rows.div_ceil(TILE_ROWS);
    (0..tiles).map(move |tile| {
        let first = tile * rows / tiles;
        (first, (tile + 1) * rows / tiles - first)
    })
}

/// Panels that hold `columns` columns.
pub fn panels(columns: usize) -> usize {
    columns.div_ceil(LANES)
}

/// Calls an expression with the constant `$rows` set to the tile height `$height`.
macro_rules! with_rows {
    ($height:expr, $rows:ident => $call:expr) => {
        match $height {
            1 => {
                const $rows: usize = 1;
                $call
            }
            2 => {
                const $rows: usize = 2;
                $call
            }
            3 => {
                const $rows: usize = 3;
                $call
            }
            4 => {
                const $rows: usize = 4;
                $call
            }
            5 => {
                const $rows: usize = 5;
                $call
            }
            6 => {
                const $rows: usize = 6;
                $call
            }
            height => unreachable!("a tile of {height} rows"),
        }
    };
}
pub(super) use with_rows;
