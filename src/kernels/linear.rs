//! Linear layers: rows times prepacked weights, bias added, and what follows the layer done while its output is still
//! in the nearest cache.
//!
//! This file walks the output in register tiles, for whichever arithmetic the packed weights bring
//! ([`int8`](super::int8), [`float`](super::float)). Panels are the outer loop: a group of them stays in the nearest
//! caches while all rows pass over it, and the weights, the larger matrix, are read once.

use super::gelu::gelu_lanes;
use super::simd::{Kernel, LANES, Simd, load_part, store};
use super::tile::{Product, multiply, panels, row_tiles, with_rows};

/// What follows a linear layer, element by element.
#[derive(Clone, Copy, Debug)]
pub enum Epilogue<'a> {
    /// Nothing.
    Plain,
    /// The activation [`GELU`](super::Kernels::gelu).
    Gelu,
    /// Adds a matrix of the output's shape.
    Residual(&'a [f32]),
}

/// Packed weights with the rows that they multiply: all that a tile needs besides its position.
pub trait Operands: Copy {
    /// The arithmetic.
    type Product: Product;

    /// The arithmetic.
    fn product(self) -> Self::Product;
    /// Steps of the inner dimension.
    fn steps(self) -> usize;
    /// Row `row` of the left matrix.
    fn row(&self, row: usize) -> &[<Self::Product as Product>::Left];
    /// Panel `panel` of the weights.
    fn panel(&self, panel: usize) -> &[<Self::Product as Product>::Right];
    /// What the sums of a panel start from.
    fn start<S: Simd>(self, simd: S, panel: usize) -> <Self::Product as Product>::Sums<S>;
    /// The output values of a tile, from its finished sums and its first row and panel.
    fn finish<S: Simd, const ROWS: usize, const PANELS: usize>(
        self,
        simd: S,
        first_row: usize,
        first_panel: usize,
        sums: [[<Self::Product as Product>::Sums<S>; PANELS]; ROWS],
    ) -> [[S::Floats; PANELS]; ROWS];
}

/// The whole layer.
pub struct Linear<'a, O> {
    /// Rows and weights.
    pub operands: O,
    /// Rows.
    pub rows: usize,
    /// Outputs per row.
    pub outputs: usize,
    /// What follows.
    pub epilogue: Epilogue<'a>,
    /// `[rows, outputs]`
    pub out: &'a mut [f32],
}

impl<'a, O: Operands> Linear<'a, O> {
    /// Checks the shapes that both arithmetics share.
    pub fn new(operands: O, rows: usize, outputs: usize, epilogue: Epilogue<'a>, out: &'a mut [f32]) -> Self {
        assert_eq!(
            out.len(),
            rows * outputs,
            "output of {rows} rows and {outputs} columns"
        );
        if let Epilogue::Residual(residual) = epilogue {
            assert_eq!(residual.len(), out.len(), "the residual has the output's shape");
        }
        Self {
            operands,
            rows,
            outputs,
            epilogue,
            out,
        }
    }
}

impl<O: Operands> Kernel for Linear<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            operands,
            rows,
            outputs,
            epilogue,
            out,
        } = self;
        let panels = panels(outputs);
        let mut first_panel = 0;
        while first_panel < panels {
            let wide = S::TILE_PANELS > 1 && first_panel + 4 <= panels;
            let width = if wide { 4 } else { 1 };
            for (tile, (first_row, height)) in row_tiles(rows).enumerate() {
                // The tiles of one group of panels fetch the next group, one panel each.
                let ahead = Some(first_panel + width + tile).filter(|&ahead| tile < width && ahead < panels);
                let place = Place {
                    first_row,
                    first_panel,
                    ahead,
                    outputs,
                };
                let out = &mut out[first_row * outputs..][..height * outputs];
                if wide {
                    with_rows!(height, ROWS => simd.enter(Tile::<_, ROWS, 4> { operands, place, epilogue, out }));
                } else {
                    with_rows!(height, ROWS => simd.enter(Tile::<_, ROWS, 1> { operands, place, epilogue, out }));
                }
            }
            first_panel += width;
        }
    }
}

/// Where a tile lies in the output.
#[derive(Clone, Copy)]
struct Place {
    first_row: usize,
    first_panel: usize,
    /// A panel to fetch meanwhile.
    ahead: Option<usize>,
    outputs: usize,
}

/// One register tile and its epilogue. `out` holds the tile's rows, whole.
struct Tile<'a, O, const ROWS: usize, const PANELS: usize> {
    operands: O,
    place: Place,
    epilogue: Epilogue<'a>,
    out: &'a mut [f32],
}

impl<O: Operands, const ROWS: usize, const PANELS: usize> Kernel for Tile<'_, O, ROWS, PANELS> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            operands,
            place:
                Place {
                    first_row,
                    first_panel,
                    ahead,
                    outputs,
                },
            epilogue,
            out,
        } = self;
        let mut sums = [[operands.start(simd, first_panel); PANELS]; ROWS];
        for panel in 1..PANELS {
            let start = operands.start(simd, first_panel + panel);
            for row in &mut sums {
                row[panel] = start;
            }
        }
        let sums = multiply(
            simd,
            operands.product(),
            operands.steps(),
            std::array::from_fn::<_, ROWS, _>(|row| operands.row(first_row + row)),
            std::array::from_fn::<_, PANELS, _>(|panel| operands.panel(first_panel + panel)),
            ahead.map_or(&[], |panel| operands.panel(panel)),
            sums,
        );

        let columns = first_panel * LANES..outputs.min((first_panel + PANELS) * LANES);
        let mut finished = operands.finish(simd, first_row, first_panel, sums);
        match epilogue {
            Epilogue::Plain => {}
            Epilogue::Gelu => {
                for row in &mut finished {
                    for floats in row {
                        *floats = gelu_lanes(simd, *floats);
                    }
                }
            }
            Epilogue::Residual(residual) => {
                for (row, finished) in finished.iter_mut().enumerate() {
                    let residual = &residual[(first_row + row) * outputs..][columns.clone()];
                    for (panel, floats) in finished.iter_mut().enumerate() {
                        *floats = simd.add(*floats, load_part(simd, &residual[panel * LANES..], 0.0));
                    }
                }
            }
        }
        if columns.len() == PANELS * LANES {
            for row in 0..ROWS {
                let lanes = out[row * outputs..][columns.clone()].as_chunks_mut().0;
                for panel in 0..PANELS {
                    simd.store(finished[row][panel], &mut lanes[panel]);
                }
            }
        } else {
            for row in 0..ROWS {
                let out = &mut out[row * outputs..][columns.clone()];
                for panel in 0..PANELS {
                    store(simd, finished[row][panel], &mut out[panel * LANES..]);
                }
            }
        }
    }
}
