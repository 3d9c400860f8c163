//! The arithmetic of a linear layer: `f32`, or 8-bit integers.

use super::buffers::{QuantizedRows, sized};
use crate::error::ModelError;
use crate::kernels::{Epilogue, Kernels, PackedF32Weights, PackedInt8Weights, quantized_stride};
use crate::model::weights::{Matrix, Weights};

/// A linear layer with packed weights. Several layers that read the same rows share their quantization.
pub trait Projection: Sized + Send + Sync + 'static {
    /// Packs the layers called `names`, which read the same `inputs`, as one: their outputs side by side.
    fn load(weights: &Weights<'_>, names: &[(&str, usize)], inputs: usize) -> Result<Self, ModelError>;

    /// Turns rows of `columns` values into the operand of [`Projection::forward`], if that needs another form.
    fn quantize(kernels: Kernels, values: &[f32], columns: usize, rows: &mut QuantizedRows);

    /// The layer on `values`, which `rows` holds quantized.
    fn forward(
        &self,
        kernels: Kernels,
        values: &[f32],
        rows: &QuantizedRows,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    );
}

/// A layer in `f32`.
pub struct F32Projection(PackedF32Weights);

impl Projection for F32Projection {
    fn load(weights: &Weights<'_>, names: &[(&str, usize)], inputs: usize) -> Result<Self, ModelError> {
        packed_floats(weights, names, inputs).map(Self)
    }

    fn quantize(_: Kernels, _: &[f32], _: usize, _: &mut QuantizedRows) {}

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
}

/// A layer with 8-bit weights and activations.
pub struct Int8Projection(PackedInt8Weights);

impl Projection for Int8Projection {
    fn load(weights: &Weights<'_>, names: &[(&str, usize)], inputs: usize) -> Result<Self, ModelError> {
        let (mut values, mut scales) = (Vec::new(), Vec::new());
        for (name, outputs) in names {
            let (own, own_scales) = match weights.stored(&format!("{name}.weight"), *outputs, inputs)? {
                Matrix::Int8 { values, scales } => (values, scales),
                Matrix::Floats(floats) => crate::kernels::quantize_weights(&floats, inputs),
            };
            values.extend(own);
            scales.extend(own_scales);
        }
        let bias = biases(weights, names)?;
        PackedInt8Weights::new(&values, &scales, &bias, inputs, scales.len())
            .map(Self)
            .map_err(|error| weights.unpackable(names[0].0, error))
    }

    fn quantize(kernels: Kernels, values: &[f32], columns: usize, rows: &mut QuantizedRows) {
        let count = values.len() / columns;
        rows.bytes
            .resize(rows.bytes.len().max(count * quantized_stride(columns)), 0);
        rows.scales.truncate(0);
        rows.scales.resize(count, 0.0);
        let bytes = sized(&mut rows.bytes, count * quantized_stride(columns));
        kernels.quantize_rows(values, columns, bytes, &mut rows.scales);
    }

    fn forward(
        &self,
        kernels: Kernels,
        _: &[f32],
        rows: &QuantizedRows,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) {
        let length = rows.scales.len() * quantized_stride(self.0.inputs());
        kernels.linear_int8(&rows.bytes[..length], &rows.scales, &self.0, epilogue, out);
    }
}

/// Packs several layers that read the same `inputs` as one in `f32`.
pub(super) fn packed_floats(
    weights: &Weights<'_>,
    names: &[(&str, usize)],
    inputs: usize,
) -> Result<PackedF32Weights, ModelError> {
    let mut values = Vec::new();
    for (name, outputs) in names {
        values.extend(weights.matrix(&format!("{name}.weight"), *outputs, inputs)?);
    }
    let bias = biases(weights, names)?;
    PackedF32Weights::new(&values, &bias, inputs, bias.len())
        .map_err(|error| weights.unpackable(names[0].0, error))
}

fn biases(weights: &Weights<'_>, names: &[(&str, usize)]) -> Result<Vec<f32>, ModelError> {
    let mut values = Vec::new();
    for (name, outputs) in names {
        values.extend(weights.vector(&format!("{name}.bias"), *outputs)?);
    }
    Ok(values)
}
