//! The arithmetic of linear layers and attention: `f32`, or 8-bit integers.

use super::buffers::{AttentionBuffers, QuantizedRows, sized};
use crate::error::ModelError;
use crate::kernels::{
    AttentionArithmetic, AttentionScratch, Epilogue, Int8AttentionScratch, Kernels, PackedF32Weights,
    PackedInt8Weights, quantize_weights, quantized_stride,
};
use crate::model::weights::{Matrix, Weights};

/// Layers that read the same rows, to be packed as one: their outputs side by side.
pub struct Group<'a> {
    /// Names of the layers, with their outputs.
    pub layers: &'a [(&'a str, usize)],
    /// Name of the factors that the 8-bit arithmetic multiplies the inputs' columns with.
    pub factors: &'a str,
    pub inputs: usize,
}

/// Linear layers with packed weights, and the attention that goes with their arithmetic.
pub trait Projection: Sized + Send + Sync + 'static {
    /// The arithmetic of attention.
    type Attention: AttentionArithmetic;

    /// Packs the layers of a group.
    fn load(weights: &Weights<'_>, group: &Group<'_>) -> Result<Self, ModelError>;

    /// Turns rows of inputs into the operand of [`Projection::forward`], if that needs another form. Groups with
    /// the same factors share it.
    fn quantize(&self, kernels: Kernels, values: &[f32], rows: &mut QuantizedRows);

    /// The layers on `values`, which `rows` holds quantized.
    fn forward(
        &self,
        kernels: Kernels,
        values: &[f32],
        rows: &QuantizedRows,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    );

    /// The attention's memory among the buffers.
    fn attention(buffers: &mut AttentionBuffers) -> &mut Self::Attention;
}

/// Layers in `f32`.
pub struct F32Projection(PackedF32Weights);

impl Projection for F32Projection {
    type Attention = AttentionScratch;

    fn load(weights: &Weights<'_>, group: &Group<'_>) -> Result<Self, ModelError> {
        packed_floats(weights, group.layers, group.inputs).map(Self)
    }

    fn quantize(&self, _: Kernels, _: &[f32], _: &mut QuantizedRows) {}

    fn forward(
        &self,
        kernels: Kernels,
        values: &[f32],
        _: &QuantizedRows,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        kernels.linear_f32(values, values.len() / self.0.inputs(), &self.0, epilogue, out);
    }

    fn attention(buffers: &mut AttentionBuffers) -> &mut AttentionScratch {
        &mut buffers.floats
    }
}

/// Layers with 8-bit weights and activations.
pub struct Int8Projection {
    weights: PackedInt8Weights,
    /// One per input, or none at all.
    factors: Vec<f32>,
}

impl Projection for Int8Projection {
    type Attention = Int8AttentionScratch;

    fn load(weights: &Weights<'_>, group: &Group<'_>) -> Result<Self, ModelError> {
        let inputs = group.inputs;
        let (mut values, mut scales) = (Vec::new(), Vec::new());
        for (name, outputs) in group.layers {
            let (own, own_scales) = match weights.stored(&format!("{name}.weight"), *outputs, inputs)? {
                Matrix::Int8 { values, scales } => (values, scales),
                Matrix::Floats(floats) => quantize_weights(&floats, inputs),
            };
            values.extend(own);
            scales.extend(own_scales);
        }
        let factors = if weights.has(group.factors) {
            weights.vector(group.factors, inputs)?.to_vec()
        } else {
            Vec::new()
        };
        let bias = biases(weights, group.layers)?;
        let packed = PackedInt8Weights::new(&values, &scales, &bias, inputs, scales.len())
            .map_err(|error| weights.unpackable(group.layers[0].0, error))?;
        Ok(Self {
            weights: packed,
            factors,
        })
    }

    fn quantize(&self, kernels: Kernels, values: &[f32], rows: &mut QuantizedRows) {
        let columns = self.weights.inputs();
        rows.count = values.len() / columns;
        let bytes = sized(&mut rows.bytes, rows.count * quantized_stride(columns));
        let scales = sized(&mut rows.scales, rows.count);
        if self.factors.is_empty() {
            kernels.quantize_rows(values, columns, bytes, scales);
        } else {
            kernels.quantize_scaled_rows(values, &self.factors, bytes, scales);
        }
    }

    fn forward(
        &self,
        kernels: Kernels,
        _: &[f32],
        rows: &QuantizedRows,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        let bytes = &rows.bytes[..rows.count * quantized_stride(self.weights.inputs())];
        kernels.linear_int8(bytes, &rows.scales[..rows.count], &self.weights, epilogue, out);
    }

    fn attention(buffers: &mut AttentionBuffers) -> &mut Int8AttentionScratch {
        &mut buffers.int8
    }
}

/// Packs several layers that read the same `inputs` as one in `f32`.
pub(super) fn packed_floats(
    weights: &Weights<'_>,
    layers: &[(&str, usize)],
    inputs: usize,
) -> Result<PackedF32Weights, ModelError> {
    let mut values = Vec::new();
    for (name, outputs) in layers {
        values.extend(weights.matrix(&format!("{name}.weight"), *outputs, inputs)?);
    }
    let bias = biases(weights, layers)?;
    PackedF32Weights::new(&values, &bias, inputs, bias.len())
        .map_err(|error| weights.unpackable(layers[0].0, error))
}

fn biases(weights: &Weights<'_>, layers: &[(&str, usize)]) -> Result<Vec<f32>, ModelError> {
    let mut values = Vec::new();
    for (name, outputs) in layers {
        values.extend(weights.vector(&format!("{name}.bias"), *outputs)?);
    }
    Ok(values)
}
