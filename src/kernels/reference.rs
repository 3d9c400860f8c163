//! What every kernel computes, in plain loops: to read, and to test against. Slow on purpose.
//!
//! Integers are exact; everything else is in double precision, so that the distance of a kernel from here is the
//! kernel's own error. Attention on 8-bit operands is the exception: its roundings are its definition, so that it is
//! written in `f32`, and kernels give the same bits.

use super::attention::{COARSE_COEFFICIENTS, LOG2_PROBABILITY_MAX};
use super::{ACTIVATION_MAX, SMALLEST_ROW_MAX, WEIGHT_MAX};

/// Sums of products of quantized values: `activations` `[rows, inputs]` as signed values, `weights`
/// `[outputs, inputs]`.
pub fn integer_products(
    activations: &[i8],
    weights: &[i8],
    rows: usize,
    inputs: usize,
    outputs: usize,
) -> Vec<i32> {
    let mut sums = Vec::with_capacity(rows * outputs);
    for row in 0..rows {
        for output in 0..outputs {
            let mut sum = 0;
            for input in 0..inputs {
                sum += i32::from(activations[row * inputs + input])
                    * i32::from(weights[output * inputs + input]);
            }
            sums.push(sum);
        }
    }
    sums
}

/// A linear layer: `values` `[rows, inputs]`, `weights` `[outputs, inputs]`.
pub fn linear(
    values: &[f32],
    weights: &[f32],
    bias: &[f32],
    rows: usize,
    inputs: usize,
    outputs: usize,
) -> Vec<f64> {
    let mut result = Vec::with_capacity(rows * outputs);
    for row in 0..rows {
        for output in 0..outputs {
            let mut sum = f64::from(bias[output]);
            for input in 0..inputs {
                sum += f64::from(values[row * inputs + input]) * f64::from(weights[output * inputs + input]);
            }
            result.push(sum);
        }
    }
    result
}

/// Softmax of one row.
pub fn softmax(row: &[f64]) -> Vec<f64> {
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = row.iter().map(|value| (value - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// Layer normalization of one row.
pub fn layer_norm(row: &[f64], weight: &[f32], bias: &[f32], epsilon: f64) -> Vec<f64> {
    let count = row.len() as f64;
    let mean = row.iter().sum::<f64>() / count;
    let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let factor = 1.0 / (variance + epsilon).sqrt();
    let affine = weight.iter().zip(bias);
    row.iter()
        .zip(affine)
        .map(|(value, (&weight, &bias))| (value - mean) * factor * f64::from(weight) + f64::from(bias))
        .collect()
}

/// GELU of one value, `x Φ(x)`.
pub fn gelu(x: f64) -> f64 {
    x * normal_distribution(x)
}

/// Φ(x): the series of the error function near zero, its continued fraction in the tails.
fn normal_distribution(x: f64) -> f64 {
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if x.abs() < 3.0 {
        let mut term = x;
        let mut sum = x;
        for index in 1..100 {
            term *= x * x / f64::from(2 * index + 1);
            sum += term;
        }
        return 0.5 + density * sum;
    }
    let mut fraction = x.abs();
    for index in (1..60).rev() {
        fraction = x.abs() + f64::from(index) / fraction;
    }
    let tail = density / fraction;
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Attention of one window: `queries` `[rows, hidden]`, `keys_values` `[tokens, 2 * hidden]`.
pub fn attention(queries: &[f32], keys_values: &[f32], heads: usize, hidden: usize) -> Vec<f64> {
    let head_size = hidden / heads;
    let (rows, tokens) = (queries.len() / hidden, keys_values.len() / (2 * hidden));
    let query = |row: usize, column: usize| f64::from(queries[row * hidden + column]);
    let key = |token: usize, column: usize| f64::from(keys_values[2 * token * hidden + column]);
    let value = |token: usize, column: usize| f64::from(keys_values[(2 * token + 1) * hidden + column]);
    let mut out = vec![0.0; queries.len()];
    for head in 0..heads {
        let columns = head * head_size..(head + 1) * head_size;
        for row in 0..rows {
            let scores: Vec<f64> = (0..tokens)
                .map(|token| {
                    columns
                        .clone()
                        .map(|c| query(row, c) * key(token, c))
                        .sum::<f64>()
                })
                .map(|product| product / (head_size as f64).sqrt())
                .collect();
            let weights = softmax(&scores);
            for column in columns.clone() {
                out[row * hidden + column] = (0..tokens)
                    .map(|token| weights[token] * value(token, column))
                    .sum();
            }
        }
    }
    out
}

/// Quantizes finite values to ±`limit` with one scale.
fn quantize(values: &[f32], limit: i8) -> (Vec<i32>, f32) {
    let largest = values
        .iter()
        .fold(0.0_f32, |largest, value| largest.max(value.abs()));
    if largest < SMALLEST_ROW_MAX {
        return (vec![0; values.len()], 0.0);
    }
    let limit = f32::from(limit);
    let round = |value: &f32| (value * (limit / largest)).round_ties_even().clamp(-limit, limit) as i32;
    (values.iter().map(round).collect(), largest / limit)
}

/// 2^x, as coarse as bytes need it.
fn coarse_power_of_two(x: f32) -> f32 {
    let whole = x.round_ties_even();
    let ratio = COARSE_COEFFICIENTS
        .into_iter()
        .rev()
        .reduce(|sum, coefficient| sum.mul_add(x - whole, coefficient))
        .unwrap_or_default();
    ratio.mul_add(x - whole, 1.0) * 2.0_f32.powi(whole as i32)
}

/// Attention of one window on 8-bit operands; shapes as in [`attention`], values finite.
pub fn attention_int8(queries: &[f32], keys_values: &[f32], heads: usize, hidden: usize) -> Vec<f32> {
    let head_size = hidden / heads;
    let (rows, tokens) = (queries.len() / hidden, keys_values.len() / (2 * hidden));
    let product = |a: &[i32], b: &[i32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<i32>() as f32;
    let mut out = vec![0.0; queries.len()];
    for head in 0..heads {
        let first = head * head_size;
        let keys: Vec<_> = (0..tokens)
            .map(|token| {
                quantize(
                    &keys_values[2 * token * hidden + first..][..head_size],
                    WEIGHT_MAX,
                )
            })
            .collect();
        let columns: Vec<_> = (0..head_size)
            .map(|column| {
                let at = |token| keys_values[(2 * token + 1) * hidden + first + column];
                quantize(&(0..tokens).map(at).collect::<Vec<_>>(), WEIGHT_MAX)
            })
            .collect();
        for row in 0..rows {
            let (query, query_scale) =
                quantize(&queries[row * hidden + first..][..head_size], ACTIVATION_MAX);
            let scores: Vec<f32> = keys
                .iter()
                .map(|(key, scale)| product(&query, key) * scale)
                .collect();
            let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let scale = query_scale * (std::f32::consts::LOG2_E / (head_size as f32).sqrt());
            let weights: Vec<i32> = scores
                .iter()
                .map(|score| (score - largest).mul_add(scale, LOG2_PROBABILITY_MAX))
                .map(|power| coarse_power_of_two(power).round_ties_even() as i32)
                .collect();
            let factor = 1.0 / weights.iter().sum::<i32>() as f32;
            for (column, (values, scale)) in columns.iter().enumerate() {
                out[row * hidden + first + column] = product(&weights, values) * factor * scale;
            }
        }
    }
    out
}
