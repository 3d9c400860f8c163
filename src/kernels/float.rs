//! The `f32` linear layer: the readable reference of the encoder, and its classification heads.
//!
//! Each output is a chain of fused multiply-adds in the order of its inputs, so it is the same bits at every level.

use super::int8::{PackError, check_length, padded};
use super::level::Kernels;
use super::linear::{Epilogue, Linear, Operands};
use super::simd::{FloatLanes, LANES, Simd};
use super::tile::{FloatProduct, panels};

/// A layer's `f32` weights in the order in which the kernel reads them.
#[derive(Clone, Debug)]
pub struct PackedF32Weights {
    inputs: usize,
    outputs: usize,
    /// Panel by panel, input by input.
    weights: Vec<FloatLanes>,
    bias: Vec<[f32; LANES]>,
}

impl PackedF32Weights {
    /// Packs `weights`, row-major `[outputs, inputs]`, with one bias per output.
    ///
    /// # Errors
    ///
    /// If a slice does not fit the shape.
    pub fn new(weights: &[f32], bias: &[f32], inputs: usize, outputs: usize) -> Result<Self, PackError> {
        check_length("the weights", weights.len(), inputs * outputs)?;
        check_length("the bias", bias.len(), outputs)?;
        let mut packed = vec![FloatLanes([0.0; LANES]); panels(outputs) * inputs];
        for output in 0..outputs {
            let (panel, lane) = (output / LANES, output % LANES);
            for input in 0..inputs {
                packed[panel * inputs + input].0[lane] = weights[output * inputs + input];
            }
        }
        Ok(Self {
            inputs,
            outputs,
            weights: packed,
            bias: padded(bias),
        })
    }

    /// Values per input row.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Values per output row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

impl Kernels {
    /// `out[row] = values[row] * weights + bias`, then `epilogue`. `values` is `[rows, inputs]`, `out`
    /// `[rows, outputs]`.
    ///
    /// # Panics
    ///
    /// If a slice does not fit the shape of `rows` rows.
    pub fn linear_f32(
        self,
        values: &[f32],
        rows: usize,
        weights: &PackedF32Weights,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        assert_eq!(
            values.len(),
            rows * weights.inputs,
            "values of {rows} rows of {} inputs",
            weights.inputs
        );
        let operands = FloatOperands { values, weights };
        self.run(Linear::new(operands, rows, weights.outputs, epilogue, out));
    }
}

/// The rows and the weights.
#[derive(Clone, Copy)]
struct FloatOperands<'a> {
    values: &'a [f32],
    weights: &'a PackedF32Weights,
}

impl Operands for FloatOperands<'_> {
    type Product = FloatProduct;

    #[inline(always)]
    fn product(self) -> FloatProduct {
        FloatProduct
    }

    #[inline(always)]
    fn steps(self) -> usize {
        self.weights.inputs
    }

    #[inline(always)]
    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.weights.inputs..][..self.weights.inputs]
    }

    #[inline(always)]
    fn panel(&self, panel: usize) -> &[FloatLanes] {
        &self.weights.weights[panel * self.weights.inputs..][..self.weights.inputs]
    }

    #[inline(always)]
    fn start<S: Simd>(self, simd: S, panel: usize) -> S::Floats {
        simd.load(&self.weights.bias[panel])
    }

    #[inline(always)]
    fn finish<S: Simd, const ROWS: usize, const PANELS: usize>(
        self,
        _simd: S,
        _first_row: usize,
        _first_panel: usize,
        sums: [[S::Floats; PANELS]; ROWS],
    ) -> [[S::Floats; PANELS]; ROWS] {
        sums
    }
}
