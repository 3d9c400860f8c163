//! The 8-bit linear layer and the quantization before it: every level against the plain definition and against each
//! other, bit by bit.

mod kernels_common;

use kernels_common::{bits, levels};
use proptest::collection::vec;
use proptest::prelude::*;
use sayso::kernels::{
    ACTIVATION_MAX, ACTIVATION_OFFSET, Epilogue, Kernels, PackError, PackedInt8Weights, WEIGHT_MAX,
    quantize_weights, quantized_stride, reference,
};

/// Rows as the kernel reads them: offset added, padded to the stride with bytes that must not count.
fn stored(activations: &[i8], columns: usize) -> Vec<u8> {
    activations
        .chunks(columns)
        .flat_map(|row| {
            let mut bytes = vec![255; quantized_stride(columns)];
            for (byte, &value) in bytes.iter_mut().zip(row) {
                *byte = (i16::from(value) + i16::from(ACTIVATION_OFFSET)) as u8;
            }
            bytes
        })
        .collect()
}

/// A layer with everything that multiplies it.
#[derive(Debug)]
struct Layer {
    rows: usize,
    inputs: usize,
    outputs: usize,
    activations: Vec<i8>,
    row_scales: Vec<f32>,
    weights: Vec<i8>,
    scales: Vec<f32>,
    bias: Vec<f32>,
    residual: Vec<f32>,
}

impl Layer {
    fn packed(&self) -> PackedInt8Weights {
        PackedInt8Weights::new(&self.weights, &self.scales, &self.bias, self.inputs, self.outputs)
            .expect("the layer fits its shape")
    }

    fn run(&self, kernels: Kernels, epilogue: Epilogue<'_>) -> Vec<f32> {
        let mut out = vec![f32::NAN; self.rows * self.outputs];
        let activations = stored(&self.activations, self.inputs);
        kernels.linear_int8(&activations, &self.row_scales, &self.packed(), epilogue, &mut out);
        out
    }

    /// The layer by its definition: exact sums, then the documented order of float operations.
    fn expected(&self) -> Vec<f32> {
        let sums = reference::integer_products(
            &self.activations,
            &self.weights,
            self.rows,
            self.inputs,
            self.outputs,
        );
        sums.iter()
            .enumerate()
            .map(|(at, &sum)| {
                let (row, output) = (at / self.outputs, at % self.outputs);
                (sum as f32 * self.row_scales[row]).mul_add(self.scales[output], self.bias[output])
            })
            .collect()
    }
}

prop_compose! {
    /// Shapes around every tile size, extreme values often.
    fn layer()(rows in 1_usize..20, inputs in 1_usize..70, outputs in 1_usize..140)(
        activations in vec(
            prop_oneof![-ACTIVATION_MAX..=ACTIVATION_MAX, Just(ACTIVATION_MAX), Just(-ACTIVATION_MAX)],
            rows * inputs,
        ),
        weights in vec(
            prop_oneof![-WEIGHT_MAX..=WEIGHT_MAX, Just(WEIGHT_MAX), Just(-WEIGHT_MAX)],
            inputs * outputs,
        ),
        row_scales in vec(0.0_f32..2.0, rows),
        scales in vec(0.0_f32..2.0, outputs),
        bias in vec(-1000.0_f32..1000.0, outputs),
        residual in vec(-1000.0_f32..1000.0, rows * outputs),
        rows in Just(rows), inputs in Just(inputs), outputs in Just(outputs),
    ) -> Layer {
        Layer { rows, inputs, outputs, activations, row_scales, weights, scales, bias, residual }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_level_computes_the_definition(layer in layer()) {
        let expected = layer.expected();
        for kernels in levels() {
            prop_assert_eq!(bits(&layer.run(kernels, Epilogue::Plain)), bits(&expected), "{}", kernels.level());
        }
    }

    #[test]
    fn epilogues_follow_the_layer(layer in layer()) {
        for kernels in levels() {
            let mut activated = layer.expected();
            kernels.gelu(&mut activated);
            prop_assert_eq!(bits(&layer.run(kernels, Epilogue::Gelu)), bits(&activated), "{}", kernels.level());

            let summed: Vec<f32> =
                layer.expected().iter().zip(&layer.residual).map(|(value, residual)| value + residual).collect();
            let out = layer.run(kernels, Epilogue::Residual(&layer.residual));
            prop_assert_eq!(bits(&out), bits(&summed), "{}", kernels.level());
        }
    }

    #[test]
    fn a_row_does_not_depend_on_the_others(layer in layer(), row in any::<prop::sample::Index>()) {
        let row = row.index(layer.rows);
        let alone = Layer {
            rows: 1,
            activations: layer.activations[row * layer.inputs..][..layer.inputs].to_vec(),
            row_scales: vec![layer.row_scales[row]],
            weights: layer.weights.clone(),
            scales: layer.scales.clone(),
            bias: layer.bias.clone(),
            residual: Vec::new(),
            ..layer
        };
        for kernels in levels() {
            let together = layer.run(kernels, Epilogue::Gelu);
            prop_assert_eq!(
                bits(&alone.run(kernels, Epilogue::Gelu)),
                bits(&together[row * layer.outputs..][..layer.outputs])
            );
        }
    }

    #[test]
    fn quantization_is_within_half_a_step(
        rows in 1_usize..5,
        columns in 1_usize..70,
        seed in vec(prop_oneof![-4.0_f32..4.0, Just(0.0_f32), -1e-6_f32..1e-6, -1e30_f32..1e30], 5 * 70),
    ) {
        let values = &seed[..rows * columns];
        let mut first: Option<(Vec<u8>, Vec<u32>)> = None;
        for kernels in levels() {
            let mut quantized = vec![7; rows * quantized_stride(columns)];
            let mut scales = vec![f32::NAN; rows];
            kernels.quantize_rows(values, columns, &mut quantized, &mut scales);
            for row in 0..rows {
                let bytes = &quantized[row * quantized_stride(columns)..][..quantized_stride(columns)];
                let values = &values[row * columns..][..columns];
                let scale = f64::from(scales[row]);
                for (&byte, &value) in bytes.iter().zip(values) {
                    let level = f64::from(i16::from(byte) - i16::from(ACTIVATION_OFFSET));
                    prop_assert!(level.abs() <= f64::from(ACTIVATION_MAX));
                    // Half a step, and the roundings of the scale and of its inverse.
                    let allowed = scale * (0.5 + f64::from(ACTIVATION_MAX) * 4.0 * f64::from(f32::EPSILON));
                    prop_assert!((level * scale - f64::from(value)).abs() <= allowed, "{value} as {byte} of {scale}");
                }
                prop_assert!(bytes[columns..].iter().all(|&byte| byte == ACTIVATION_OFFSET));
            }
            let result = (quantized, bits(&scales));
            prop_assert_eq!(first.get_or_insert(result.clone()), &result, "{}", kernels.level());
        }
    }

    #[test]
    fn factors_multiply_the_columns_before_quantization(
        rows in 1_usize..4,
        columns in 1_usize..70,
        values in vec(-4.0_f32..4.0, 4 * 70),
        factors in vec(prop_oneof![0.01_f32..30.0, Just(0.0_f32), Just(1.0_f32)], 70),
    ) {
        let (values, factors) = (&values[..rows * columns], &factors[..columns]);
        let products: Vec<f32> = values
            .iter()
            .zip(factors.iter().cycle())
            .map(|(value, factor)| value * factor)
            .collect();
        for kernels in levels() {
            let buffers = || (vec![7; rows * quantized_stride(columns)], vec![f32::NAN; rows]);
            let ((mut bytes, mut scales), (mut expected, mut expected_scales)) = (buffers(), buffers());
            kernels.quantize_scaled_rows(values, factors, &mut bytes, &mut scales);
            kernels.quantize_rows(&products, columns, &mut expected, &mut expected_scales);
            prop_assert_eq!((bytes, bits(&scales)), (expected, bits(&expected_scales)));
        }
    }

    #[test]
    fn weights_are_quantized_within_half_a_step(
        inputs in 1_usize..40,
        outputs in 1_usize..10,
        seed in vec(-3.0_f32..3.0, 400),
    ) {
        let weights = &seed[..inputs * outputs];
        let (quantized, scales) = quantize_weights(weights, inputs);
        prop_assert_eq!(scales.len(), outputs);
        for (at, (&level, &weight)) in quantized.iter().zip(weights).enumerate() {
            let scale = scales[at / inputs];
            prop_assert!((f32::from(level) * scale - weight).abs() <= scale * 0.501);
        }
        prop_assert!(PackedInt8Weights::new(&quantized, &scales, &vec![0.0; outputs], inputs, outputs).is_ok());
    }
}

/// The sums that come closest to every limit: all products of one sign, the model's largest inner dimension.
#[test]
fn the_most_extreme_sums_are_exact() {
    for inputs in [1536, 1533, 1] {
        for (activation, weight) in [(127, 64), (-127, 64), (127, -64), (-127, -64)] {
            let layer = Layer {
                rows: 7,
                inputs,
                outputs: 81,
                activations: vec![activation; 7 * inputs],
                row_scales: vec![1.0; 7],
                weights: vec![weight; 81 * inputs],
                scales: vec![1.0; 81],
                bias: vec![0.0; 81],
                residual: Vec::new(),
            };
            let sum = i32::from(activation) * i32::from(weight) * inputs as i32;
            for kernels in levels() {
                assert_eq!(
                    layer.run(kernels, Epilogue::Plain),
                    vec![sum as f32; 7 * 81],
                    "{}",
                    kernels.level()
                );
            }
        }
    }
}

#[test]
fn rounding_is_half_to_even_and_limits_are_kept() {
    let values = [127.0, 0.5, 1.5, 2.5, -0.5, -1.5, -127.0, 126.5, 125.5, f32::NAN];
    let expected = [127, 0, 2, 2, 0, -2, -127, 126, 126, 0];
    for kernels in levels() {
        let mut quantized = [0; 12];
        let mut scales = [0.0];
        kernels.quantize_rows(&values, 10, &mut quantized, &mut scales);
        let signed: Vec<i16> = quantized.iter().map(|&byte| i16::from(byte) - 128).collect();
        assert_eq!(signed[..10], expected, "{}", kernels.level());
        assert_eq!(scales, [1.0]);
    }
}

#[test]
fn infinities_saturate_and_empty_rows_are_zero() {
    for kernels in levels() {
        let mut values = [1.0; 20];
        (values[0], values[19], values[1]) = (f32::INFINITY, f32::NEG_INFINITY, f32::NAN);
        let mut quantized = [0; 20];
        let mut scales = [0.0];
        kernels.quantize_rows(&values, 20, &mut quantized, &mut scales);
        assert_eq!(
            (quantized[0], quantized[1], quantized[2], quantized[19]),
            (255, 128, 128, 1)
        );
        assert!(scales[0].is_finite());

        for nothing in [0.0, -0.0, 1e-38, f32::NAN] {
            kernels.quantize_rows(&[nothing; 20], 20, &mut quantized, &mut scales);
            assert_eq!((quantized, scales), ([128; 20], [0.0]));
        }
    }
}

#[test]
fn wrong_weights_are_refused() {
    let error = PackedInt8Weights::new(&[0; 5], &[1.0; 2], &[0.0; 2], 3, 2).unwrap_err();
    assert_eq!(
        error,
        PackError::Shape {
            what: "the weights",
            expected: 6,
            found: 5
        }
    );
    let error = PackedInt8Weights::new(&[0; 6], &[1.0; 2], &[0.0], 3, 2).unwrap_err();
    assert_eq!(
        error,
        PackError::Shape {
            what: "the bias",
            expected: 2,
            found: 1
        }
    );
    let error = PackedInt8Weights::new(&[0, 0, 0, 0, -65, 0], &[1.0; 2], &[0.0; 2], 3, 2).unwrap_err();
    assert_eq!(
        error,
        PackError::WeightRange {
            output: 1,
            input: 1,
            weight: -65
        }
    );
    let wide = (1 << 16) + 1;
    let error = PackedInt8Weights::new(&vec![0; wide], &[1.0], &[0.0], wide, 1).unwrap_err();
    assert_eq!(error, PackError::TooManyInputs { inputs: wide });
}
