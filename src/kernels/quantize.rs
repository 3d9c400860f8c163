//! Quantization of activations (and, inside attention, of keys and values): each row to 8 bits with its own scale, so
//! that a row's result never depends on the rows beside it.

use super::int8::{ACTIVATION_MAX, ACTIVATION_OFFSET, quantized_stride};
use super::level::Kernels;
use super::simd::{Kernel, LANES, Simd, load_partial};

/// Rows whose largest magnitude is below this are taken for zero: the inverse of their scale would overflow.
pub const SMALLEST_ROW_MAX: f32 = 1e-30;

impl Kernels {
    /// Quantizes rows of `columns` values symmetrically.
    ///
    /// The largest magnitude of a row becomes [`ACTIVATION_MAX`]; `value ≈ scale * (byte - 128)`. Rounding is to the
    /// nearest, half to even. NaN becomes 0; an infinity counts as the largest finite value. A row of zeros (or of
    /// magnitudes below [`SMALLEST_ROW_MAX`]) has scale 0. Each quantized row is [`quantized_stride`] bytes long; the
    /// bytes beyond the columns stand for zero.
    ///
    /// # Panics
    ///
    /// If `values` is not `[rows, columns]`, `quantized` not `[rows, quantized_stride(columns)]` or `scales` not
    /// `[rows]`.
    pub fn quantize_rows(self, values: &[f32], columns: usize, quantized: &mut [u8], scales: &mut [f32]) {
        self.quantize(values, columns, &[], quantized, scales);
    }

    /// The same for `values` whose every column is multiplied with its factor first, as Xiao et al. 2023,
    /// "SmoothQuant", have it: where a few columns are always large, their factors take the strain off the row's
    /// scale, and the weights that meet them are divided by the same factors beforehand. Factors must be finite.
    ///
    /// # Panics
    ///
    /// As [`quantize_rows`](Self::quantize_rows), or if there is not one factor per column.
    pub fn quantize_scaled_rows(
        self,
        values: &[f32],
        factors: &[f32],
        quantized: &mut [u8],
        scales: &mut [f32],
    ) {
        self.quantize(values, factors.len(), factors, quantized, scales);
    }

    fn quantize(
        self,
        values: &[f32],
        columns: usize,
        factors: &[f32],
        quantized: &mut [u8],
        scales: &mut [f32],
    ) {
        let rows = scales.len();
        assert_eq!(
            values.len(),
            rows * columns,
            "values of {rows} rows and {columns} columns"
        );
        assert_eq!(
            quantized.len(),
            rows * quantized_stride(columns),
            "quantized values of {rows} rows"
        );
        if columns == 0 {
            scales.fill(0.0);
            return;
        }
        self.run(Quantize {
            values,
            columns,
            factors,
            quantized,
            scales,
        });
    }
}

struct Quantize<'a> {
    values: &'a [f32],
    columns: usize,
    /// One per column, or none at all.
    factors: &'a [f32],
    quantized: &'a mut [u8],
    scales: &'a mut [f32],
}

impl Kernel for Quantize<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let rows = self.values.chunks_exact(self.columns);
        let quantized = self.quantized.chunks_exact_mut(quantized_stride(self.columns));
        for ((row, quantized), scale) in rows.zip(quantized).zip(self.scales) {
            *scale = if self.factors.is_empty() {
                quantize_row(simd, row, quantized, ACTIVATION_MAX, |floats, _| floats)
            } else {
                let (lanes, rest) = self.factors.as_chunks::<LANES>();
                let rest = load_partial(simd, rest, 0.0);
                quantize_row(
                    simd,
                    row,
                    quantized,
                    ACTIVATION_MAX,
                    |floats, index| match lanes.get(index) {
                        Some(factors) => simd.mul(floats, simd.load(factors)),
                        None => simd.mul(floats, rest),
                    },
                )
            };
        }
    }
}

/// Quantizes one row to ±`limit`, offset added, and returns its scale. `prepare` changes sixteen values, by their number
/// in the row, first.
#[inline(always)]
pub fn quantize_row<S: Simd>(
    simd: S,
    row: &[f32],
    quantized: &mut [u8],
    limit: i8,
    prepare: impl Fn(S::Floats, usize) -> S::Floats,
) -> f32 {
    let (lanes, rest) = row.as_chunks::<LANES>();
    let load_rest = || prepare(load_partial(simd, rest, 0.0), lanes.len());
    // `max` keeps its second operand where the first is NaN.
    let mut largest = simd.splat(0.0);
    for (index, lanes) in lanes.iter().enumerate() {
        largest = simd.max(simd.abs(prepare(simd.load(lanes), index)), largest);
    }
    if !rest.is_empty() {
        largest = simd.max(simd.abs(load_rest()), largest);
    }
    let largest = simd.max_lanes(largest).min(f32::MAX);
    if largest < SMALLEST_ROW_MAX {
        quantized.fill(ACTIVATION_OFFSET);
        return 0.0;
    }

    let inverse = simd.splat(f32::from(limit) / largest);
    let (byte_lanes, byte_rest) = quantized.as_chunks_mut::<LANES>();
    for (index, (lanes, bytes)) in lanes.iter().zip(&mut *byte_lanes).enumerate() {
        *bytes = quantize_lanes(simd, prepare(simd.load(lanes), index), inverse, limit);
    }
    if !rest.is_empty() {
        // The row's last bytes are whole lanes where its padding completes them.
        let last = quantize_lanes(simd, load_rest(), inverse, limit);
        match byte_lanes.get_mut(lanes.len()) {
            Some(bytes) => *bytes = last,
            None => byte_rest.copy_from_slice(&last[..byte_rest.len()]),
        }
    }
    largest / f32::from(limit)
}

/// Sixteen values times the inverses of their scales, rounded, kept within ±`limit`, with their offset.
#[inline(always)]
pub fn quantize_lanes<S: Simd>(simd: S, floats: S::Floats, inverse: S::Floats, limit: i8) -> [u8; LANES] {
    let limit = f32::from(limit);
    let scaled = simd.zero_nan(simd.mul(floats, inverse));
    simd.round_to_offset_bytes(simd.min(simd.max(scaled, simd.splat(-limit)), simd.splat(limit)))
}
