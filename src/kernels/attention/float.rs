//! Attention in `f32`.

use super::{AttentionArithmetic, Shape, grow, last_panel_mask, store_tile};
use crate::kernels::simd::{FloatLanes, LANES, Simd, TILE_ROWS};
use crate::kernels::softmax::exponentiate_row;
use crate::kernels::tile::{FloatProduct, multiply, panels};

/// Attention in `f32`, and its working memory.
#[derive(Clone, Debug, Default)]
pub struct AttentionScratch {
    keys: Vec<FloatLanes>,
    values: Vec<FloatLanes>,
    scores: Vec<f32>,
}

impl AttentionScratch {
    /// Memory for windows up to `tokens` long, so that these allocate nothing.
    pub fn for_window(tokens: usize, head_size: usize) -> Self {
        let mut scratch = Self::default();
        scratch.grow(tokens, head_size);
        scratch
    }
}

impl AttentionArithmetic for AttentionScratch {
    fn grow(&mut self, tokens: usize, head_size: usize) {
        let zero = FloatLanes([0.0; LANES]);
        grow(&mut self.keys, panels(tokens) * head_size, zero);
        grow(&mut self.values, panels(head_size) * tokens, zero);
        grow(&mut self.scores, panels(tokens) * LANES * TILE_ROWS, 0.0);
    }

    #[inline(always)]
    fn pack<S: Simd>(&mut self, _: S, shape: Shape, keys_values: &[f32]) {
        let Shape {
            tokens, head_size, ..
        } = shape;
        for token in 0..tokens {
            let panel = &mut self.keys[token / LANES * head_size..][..head_size];
            if token % LANES == 0 {
                // A window's last panel must not keep lanes of a longer window before it.
                panel.fill(FloatLanes([0.0; LANES]));
            }
            for (lanes, &key) in panel.iter_mut().zip(shape.key(keys_values, token)) {
                lanes.0[token % LANES] = key;
            }
            for (panel, values) in shape.value(keys_values, token).chunks(LANES).enumerate() {
                self.values[panel * tokens + token].0[..values.len()].copy_from_slice(values);
            }
        }
    }

    #[inline(always)]
    fn attend<S: Simd, const ROWS: usize>(
        &mut self,
        simd: S,
        shape: Shape,
        queries: &[f32],
        first_row: usize,
        out: &mut [f32],
    ) {
        let Shape {
            tokens,
            hidden,
            head_size,
            column,
            ..
        } = shape;
        let key_panels = panels(tokens);
        let stride = key_panels * LANES;
        let queries: [&[f32]; ROWS] = std::array::from_fn(|row| shape.query(queries, first_row + row));
        let Self { keys, values, scores } = self;

        let mut panel = 0;
        while panel < key_panels {
            let wide = S::TILE_PANELS > 1 && panel + 4 <= key_panels;
            let (scores, left) = (&mut scores[panel * LANES..], tokens - panel * LANES);
            if wide {
                let tile = multiply_panels::<S, ROWS, 4>(simd, queries, keys, head_size, panel);
                store_scores(simd, tile, scores, stride, left);
            } else {
                let tile = multiply_panels::<S, ROWS, 1>(simd, queries, keys, head_size, panel);
                store_scores(simd, tile, scores, stride, left);
            }
            panel += if wide { 4 } else { 1 };
        }

        let scale = 1.0 / (head_size as f32).sqrt();
        let mut factors = [0.0; ROWS];
        for row in 0..ROWS {
            factors[row] = 1.0 / exponentiate_row(simd, &mut scores[row * stride..][..stride], scale);
        }

        let weights: [&[f32]; ROWS] = std::array::from_fn(|row| &scores[row * stride..][..tokens]);
        let out = &mut out[first_row * hidden..];
        let value_panels = panels(head_size);
        let mut panel = 0;
        while panel < value_panels {
            let columns = column + panel * LANES..column + head_size;
            if S::TILE_PANELS > 1 && panel + 2 <= value_panels {
                let tile = multiply_panels::<S, ROWS, 2>(simd, weights, values, tokens, panel);
                store_tile(simd, scaled(simd, tile, factors), out, hidden, columns);
                panel += 2;
            } else {
                let tile = multiply_panels::<S, ROWS, 1>(simd, weights, values, tokens, panel);
                store_tile(simd, scaled(simd, tile, factors), out, hidden, columns);
                panel += 1;
            }
        }
    }
}

/// Multiplies the rows with `PANELS` panels of `steps` steps each.
#[inline(always)]
fn multiply_panels<S: Simd, const ROWS: usize, const PANELS: usize>(
    simd: S,
    rows: [&[f32]; ROWS],
    panels: &[FloatLanes],
    steps: usize,
    first_panel: usize,
) -> [[S::Floats; PANELS]; ROWS] {
    let panels = std::array::from_fn(|panel| &panels[(first_panel + panel) * steps..][..steps]);
    multiply(
        simd,
        FloatProduct,
        steps,
        rows,
        panels,
        &[],
        [[simd.splat(0.0); PANELS]; ROWS],
    )
}

/// Writes a tile of scores, whole panels; rows are `stride` apart. Lanes beyond the `tokens` that are left from here
/// on become minus infinity, so that their exponentials vanish.
#[inline(always)]
fn store_scores<S: Simd, const ROWS: usize, const PANELS: usize>(
    simd: S,
    tile: [[S::Floats; PANELS]; ROWS],
    scores: &mut [f32],
    stride: usize,
    tokens: usize,
) {
    let mask = simd.load(&last_panel_mask(tokens, PANELS));
    for row in 0..ROWS {
        let panels = scores[row * stride..][..PANELS * LANES].as_chunks_mut().0;
        for panel in 0..PANELS {
            let last = panel + 1 == PANELS;
            let scores = if last {
                simd.add(tile[row][panel], mask)
            } else {
                tile[row][panel]
            };
            simd.store(scores, &mut panels[panel]);
        }
    }
}

/// A tile, each row times its factor.
#[inline(always)]
fn scaled<S: Simd, const ROWS: usize, const PANELS: usize>(
    simd: S,
    mut tile: [[S::Floats; PANELS]; ROWS],
    factors: [f32; ROWS],
) -> [[S::Floats; PANELS]; ROWS] {
    for row in 0..ROWS {
        for panel in 0..PANELS {
            tile[row][panel] = simd.mul(tile[row][panel], simd.splat(factors[row]));
        }
    }
    tile
}
