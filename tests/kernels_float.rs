//! The float kernels: every level gives the same bits, and these are within derived bounds of the definitions in double
//! precision.

mod kernels_common;

use kernels_common::{at_every_level, bits, distance, levels, roundings};
use proptest::collection::vec;
use proptest::prelude::*;
use sayso::kernels::{Epilogue, GELU_ERROR, Kernels, LayerNorm, PackedF32Weights, SOFTMAX_ERROR, reference};

fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn linear_is_within_its_roundings(
        rows in 1_usize..14,
        inputs in 1_usize..40,
        outputs in 1_usize..140,
        seed in vec(-8.0_f32..8.0, 14 * 40 + 40 * 140 + 140),
    ) {
        let (values, rest) = seed.split_at(rows * inputs);
        let (weights, rest) = rest.split_at(inputs * outputs);
        let bias = &rest[..outputs];
        let packed = PackedF32Weights::new(weights, bias, inputs, outputs).unwrap();
        let out = at_every_level(|kernels| {
            let mut out = vec![f32::NAN; rows * outputs];
            kernels.linear_f32(values, rows, &packed, Epilogue::Plain, &mut out);
            out
        });
        let expected = reference::linear(values, weights, bias, rows, inputs, outputs);
        // One rounding per input, each of a partial sum.
        let largest_sum = 8.0 + inputs as f64 * 64.0;
        prop_assert!(distance(&out, &expected) <= roundings(inputs) * largest_sum);

        let activated = at_every_level(|kernels| {
            let mut out = vec![f32::NAN; rows * outputs];
            kernels.linear_f32(values, rows, &packed, Epilogue::Gelu, &mut out);
            out
        });
        let mut expected = out.clone();
        Kernels::detect().gelu(&mut expected);
        prop_assert_eq!(bits(&activated), bits(&expected));

        let row = rows - 1;
        let mut alone = vec![f32::NAN; outputs];
        Kernels::detect().linear_f32(&values[row * inputs..], 1, &packed, Epilogue::Plain, &mut alone);
        prop_assert_eq!(bits(&alone), bits(&out[row * outputs..]));
    }

    #[test]
    fn gelu_is_within_its_bound(values in vec(prop_oneof![-8.0_f32..8.0, -1e4_f32..1e4], 1..70)) {
        let out = at_every_level(|kernels| {
            let mut out = values.clone();
            kernels.gelu(&mut out);
            out
        });
        for (&value, &out) in values.iter().zip(&out) {
            let expected = reference::gelu(f64::from(value));
            let allowed = f64::from(GELU_ERROR) + roundings(1) * expected.abs();
            prop_assert!((f64::from(out) - expected).abs() <= allowed, "gelu({value}) = {out}, not {expected}");
        }
    }

    #[test]
    fn softmax_is_within_its_bound(
        rows in 1_usize..4,
        columns in 1_usize..100,
        spread in prop_oneof![Just(1.0_f32), Just(20.0), Just(1000.0)],
        seed in vec(-1.0_f32..1.0, 400),
    ) {
        let values: Vec<f32> = seed[..rows * columns].iter().map(|value| value * spread).collect();
        let out = at_every_level(|kernels| {
            let mut out = values.clone();
            kernels.softmax_rows(&mut out, columns);
            out
        });
        for (row, out) in values.chunks(columns).zip(out.chunks(columns)) {
            prop_assert!(distance(out, &reference::softmax(&doubles(row))) <= f64::from(SOFTMAX_ERROR));
        }
    }

    #[test]
    fn layer_norm_is_within_its_roundings(
        rows in 1_usize..4,
        columns in 2_usize..100,
        seed in vec(-4.0_f32..4.0, 1200),
    ) {
        let (values, rest) = seed.split_at(rows * columns);
        let (residual, rest) = rest.split_at(rows * columns);
        let (weight, rest) = rest.split_at(columns);
        let norm = LayerNorm { weight, bias: &rest[..columns], epsilon: 1e-2 };
        for residual in [None, Some(residual)] {
            let out = at_every_level(|kernels| {
                let mut out = values.to_vec();
                kernels.layer_norm(&mut out, residual, norm);
                out
            });
            for row in 0..rows {
                let range = row * columns..(row + 1) * columns;
                let mut sum = doubles(&values[range.clone()]);
                if let Some(residual) = residual {
                    for (sum, &residual) in sum.iter_mut().zip(&residual[range.clone()]) {
                        *sum += f64::from(residual);
                    }
                }
                let expected = reference::layer_norm(&sum, norm.weight, norm.bias, 1e-2);
                // Deviations of at most 16 rounded a few times against a standard deviation of at least 0.1 = sqrt(epsilon),
                // times weights of at most 4.
                let allowed = roundings(columns / 16 + 16) * (16.0 / 0.1) * 4.0;
                prop_assert!(distance(&out[range], &expected) <= allowed);
            }
        }
    }
}

#[test]
fn gelu_is_exact_far_from_zero_and_follows_its_curve_between() {
    let mut values: Vec<f32> = (-80_000..=80_000).map(|step| step as f32 * 1e-4).collect();
    let inputs = values.clone();
    Kernels::detect().gelu(&mut values);
    for (&input, &value) in inputs.iter().zip(&values) {
        let expected = reference::gelu(f64::from(input));
        let allowed = f64::from(GELU_ERROR) + roundings(1) * expected.abs();
        assert!(
            (f64::from(value) - expected).abs() <= allowed,
            "gelu({input}) = {value}, not {expected}"
        );
    }
    let far = at_every_level(|kernels| {
        let mut values = vec![100.0, -100.0, f32::MAX, -f32::MAX, f32::INFINITY, f32::NAN];
        kernels.gelu(&mut values);
        values[5] = if values[5].is_nan() { 1.0 } else { 0.0 };
        values
    });
    assert_eq!(far, [100.0, 0.0, f32::MAX, 0.0, f32::INFINITY, 1.0]);
}

#[test]
fn softmax_masks_and_propagates() {
    let out = at_every_level(|kernels| {
        let mut values = vec![0.0; 20];
        values[3] = f32::NEG_INFINITY;
        kernels.softmax_rows(&mut values, 20);
        values
    });
    assert!(out[3] < 1e-30);
    assert!((out[0] - 1.0 / 19.0).abs() < SOFTMAX_ERROR);

    for kernels in levels() {
        for place in [0, 15, 16, 19] {
            let mut values = vec![1.0; 20];
            values[place] = f32::NAN;
            kernels.softmax_rows(&mut values, 20);
            assert!(values.iter().all(|value| value.is_nan()), "{}", kernels.level());
        }
    }
}

#[test]
fn a_constant_row_normalizes_to_the_bias() {
    let (weight, bias) = (vec![3.0; 37], vec![0.25; 37]);
    let out = at_every_level(|kernels| {
        let mut values = vec![5.0; 37];
        kernels.layer_norm(
            &mut values,
            None,
            LayerNorm {
                weight: &weight,
                bias: &bias,
                epsilon: 1e-12,
            },
        );
        values
    });
    assert_eq!(out, bias);
}
