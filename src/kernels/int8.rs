//! The 8-bit linear layer: activations quantized per row, weights per output, sums exact.
//!
//! Activations are 8-bit, in [-[`ACTIVATION_MAX`], [`ACTIVATION_MAX`]], stored with offset 128 as the x86 instructions
//! want one unsigned operand. Weights are 7-bit, in [-[`WEIGHT_MAX`], [`WEIGHT_MAX`]]. The bound on the weights makes
//! every level exact at its best speed: AVX2's fastest instruction adds two products of an unsigned and a signed byte
//! in 16 bits and saturates, and 2 * 255 * 64 = 32640 stays below 32767. With 8-bit weights AVX2 would have to widen
//! to 16 bits first, at three quarters of the speed, or give sums that differ from other machines'. The lost bit is
//! taken from the weights because it costs least there: a row of activations has outliers, so that its step is coarse
//! and its error dominates, while a row of weights is close to Gaussian.
//!
//! Sums are integers, and the one conversion to float follows in the same order everywhere:
//! `(sum as f32 * row_scale) * output_scale + bias`, the last two operations rounded once. So the result is the same
//! bits on every machine.

use thiserror::Error;

use super::level::Kernels;
use super::linear::{Epilogue, Linear, Operands};
use super::simd::{LANES, Simd, WeightLanes};
use super::tile::{IntegerProduct, panels};

/// Largest magnitude of a quantized activation.
pub const ACTIVATION_MAX: i8 = 127;

/// Largest magnitude of a quantized weight; see the module's head for why it is not 127.
pub const WEIGHT_MAX: i8 = 64;

/// Offset that quantized activations are stored with.
pub const ACTIVATION_OFFSET: u8 = 128;

/// Most inputs of a layer, and most tokens of a window: `65536 * (255 + 128) * 64` still fits the 32-bit sums.
pub const MAX_INPUTS: usize = 1 << 16;

/// Inputs that the dot product takes at once.
pub(super) const STEP: usize = 4;

/// Bytes of a quantized row of `columns` values: rounded up to whole steps of the dot product.
pub const fn quantized_stride(columns: usize) -> usize {
    columns.next_multiple_of(STEP)
}

/// Why weights cannot be packed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PackError {
    /// A slice has another length than the shape says.
    #[error("{what} has {found} values, its shape asks for {expected}")]
    Shape {
        /// Which slice.
        what: &'static str,
        /// Values that the shape asks for.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// The layer is wider than 32-bit sums allow.
    #[error("{inputs} inputs, at most {MAX_INPUTS} have exact sums")]
    TooManyInputs {
        /// Inputs of the layer.
        inputs: usize,
    },
    /// A weight lies outside the range of the kernels.
    #[error("weight {weight} of output {output}, input {input} is outside ±{WEIGHT_MAX}")]
    WeightRange {
        /// Row of the weights.
        output: usize,
        /// Column of the weights.
        input: usize,
        /// The value.
        weight: i8,
    },
}

/// Checks a slice against its shape.
pub(super) fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), PackError> {
    if found == expected {
        Ok(())
    } else {
        Err(PackError::Shape {
            what,
            expected,
            found,
        })
    }
}

/// Values filled up with zeros to whole panels.
pub(super) fn padded(values: &[f32]) -> Vec<[f32; LANES]> {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut lanes = whole.to_vec();
    if !rest.is_empty() {
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        lanes.push(last);
    }
    lanes
}

/// A layer's quantized weights in the order in which the kernel reads them.
#[derive(Clone, Debug)]
pub struct PackedInt8Weights {
    inputs: usize,
    outputs: usize,
    /// Panel by panel, step by step.
    weights: Vec<WeightLanes>,
    /// `-ACTIVATION_OFFSET` times the sum of each output's weights: what the offset of the activations adds too much.
    corrections: Vec<[i32; LANES]>,
    scales: Vec<[f32; LANES]>,
    bias: Vec<[f32; LANES]>,
}

impl PackedInt8Weights {
    /// Packs `weights`, row-major `[outputs, inputs]`, with one scale and one bias per output.
    ///
    /// # Errors
    ///
    /// If a slice does not fit the shape, a weight is outside ±[`WEIGHT_MAX`], or the layer has more than
    /// [`MAX_INPUTS`].
    pub fn new(
        weights: &[i8],
        scales: &[f32],
        bias: &[f32],
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, PackError> {
        check_length("the weights", weights.len(), inputs * outputs)?;
        check_length("the scales", scales.len(), outputs)?;
        check_length("the bias", bias.len(), outputs)?;
        if inputs > MAX_INPUTS {
            return Err(PackError::TooManyInputs { inputs });
        }
        if let Some(at) = weights
            .iter()
            .position(|weight| weight.unsigned_abs() > WEIGHT_MAX.unsigned_abs())
        {
            return Err(PackError::WeightRange {
                output: at / inputs,
                input: at % inputs,
                weight: weights[at],
            });
        }

        let steps = inputs.div_ceil(STEP);
        let mut packed = vec![WeightLanes([0; STEP * LANES]); panels(outputs) * steps];
        let mut corrections = vec![[0; LANES]; panels(outputs)];
        for output in 0..outputs {
            let (panel, lane) = (output / LANES, output % LANES);
            for (input, &weight) in weights[output * inputs..][..inputs].iter().enumerate() {
                packed[panel * steps + input / STEP].0[lane * STEP + input % STEP] = weight;
                corrections[panel][lane] -= i32::from(ACTIVATION_OFFSET) * i32::from(weight);
            }
        }
        let (scales, bias) = (padded(scales), padded(bias));
        Ok(Self {
            inputs,
            outputs,
            weights: packed,
            corrections,
            scales,
            bias,
        })
    }

    /// Quantizes and packs `weights`, row-major `[outputs, inputs]`; see [`quantize_weights`].
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_floats(
        weights: &[f32],
        bias: &[f32],
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, PackError> {
        check_length("the weights", weights.len(), inputs * outputs)?;
        let (quantized, scales) = quantize_weights(weights, inputs);
        Self::new(&quantized, &scales, bias, inputs, outputs)
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

/// Quantizes rows of weights symmetrically, each to its own scale: the largest magnitude becomes [`WEIGHT_MAX`].
/// A row of zeros has scale 0. Weights must be finite.
pub fn quantize_weights(weights: &[f32], inputs: usize) -> (Vec<i8>, Vec<f32>) {
    let mut quantized = Vec::with_capacity(weights.len());
    let mut scales = Vec::with_capacity(weights.len() / inputs.max(1));
    for row in weights.chunks_exact(inputs.max(1)) {
        let scale = row.iter().fold(0.0_f32, |max, weight| max.max(weight.abs())) / f32::from(WEIGHT_MAX);
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let limit = f32::from(WEIGHT_MAX);
        quantized.extend(
            row.iter()
                .map(|weight| (weight * inverse).round_ties_even().clamp(-limit, limit) as i8),
        );
        scales.push(scale);
    }
    (quantized, scales)
}

impl Kernels {
    /// `out[row] = activations[row] * weights + bias`, then `epilogue`.
    ///
    /// `activations` are the rows that [`quantize_rows`](Self::quantize_rows) wrote, [`quantized_stride`] bytes each,
    /// and `row_scales` their scales; `out` is `[rows, outputs]`.
    ///
    /// # Panics
    ///
    /// If a slice does not fit the shape.
    pub fn linear_int8(
        self,
        activations: &[u8],
        row_scales: &[f32],
        weights: &PackedInt8Weights,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        let rows = row_scales.len();
        let stride = quantized_stride(weights.inputs);
        assert_eq!(
            activations.len(),
            rows * stride,
            "activations of {rows} rows of {stride} bytes"
        );
        let operands = Int8Operands {
            activations: activations.as_chunks().0,
            row_scales,
            weights,
        };
        self.run(Linear::new(operands, rows, weights.outputs, epilogue, out));
    }
}

/// The quantized rows and the weights.
#[derive(Clone, Copy)]
struct Int8Operands<'a> {
    activations: &'a [[u8; STEP]],
    row_scales: &'a [f32],
    weights: &'a PackedInt8Weights,
}

impl Operands for Int8Operands<'_> {
    type Product = IntegerProduct;

    #[inline(always)]
    fn product(self) -> IntegerProduct {
        IntegerProduct
    }

    #[inline(always)]
    fn steps(self) -> usize {
        self.weights.inputs.div_ceil(STEP)
    }

    #[inline(always)]
    fn row(&self, row: usize) -> &[[u8; STEP]] {
        &self.activations[row * self.steps()..][..self.steps()]
    }

    #[inline(always)]
    fn panel(&self, panel: usize) -> &[WeightLanes] {
        &self.weights.weights[panel * self.steps()..][..self.steps()]
    }

    #[inline(always)]
    fn start<S: Simd>(self, simd: S, panel: usize) -> S::Sums {
        simd.start_sums(&self.weights.corrections[panel])
    }

    #[inline(always)]
    fn finish<S: Simd, const ROWS: usize, const PANELS: usize>(
        self,
        simd: S,
        first_row: usize,
        first_panel: usize,
        sums: [[S::Sums; PANELS]; ROWS],
    ) -> [[S::Floats; PANELS]; ROWS] {
        let row_scales = &self.row_scales[first_row..][..ROWS];
        let scales = &self.weights.scales[first_panel..][..PANELS];
        let bias = &self.weights.bias[first_panel..][..PANELS];
        let mut finished = [[simd.splat(0.0); PANELS]; ROWS];
        for panel in 0..PANELS {
            let (scale, bias) = (simd.load(&scales[panel]), simd.load(&bias[panel]));
            for row in 0..ROWS {
                let scaled = simd.mul(simd.sums_to_floats(sums[row][panel]), simd.splat(row_scales[row]));
                finished[row][panel] = simd.mul_add(scaled, scale, bias);
            }
        }
        finished
    }
}
