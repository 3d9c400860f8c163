//! Attention in both arithmetics: every level gives the same bits, those of floats near the definition in double
//! precision, those of 8-bit operands equal to their own definition, and that near the first.

mod kernels_common;

use kernels_common::{at_every_level, bits, distance, levels, roundings};
use proptest::collection::vec;
use proptest::prelude::*;
use sayso::kernels::{
    ACTIVATION_MAX, AttentionScratch, Int8AttentionScratch, Kernels, PROBABILITY_MAX, SOFTMAX_ERROR,
    WEIGHT_MAX, reference,
};

/// Queries, and keys with values, out of one supply of numbers.
fn operands(supply: &[f32], rows: usize, tokens: usize, hidden: usize) -> (Vec<f32>, Vec<f32>) {
    let mut numbers = supply.iter().copied().cycle();
    let queries = numbers.by_ref().take(rows * hidden).collect();
    (queries, numbers.take(2 * tokens * hidden).collect())
}

/// 8-bit attention in memory that a window of `stale` tokens has used before, with the largest operands there are.
fn int8_after(
    kernels: Kernels,
    stale: usize,
    queries: &[f32],
    keys_values: &[f32],
    heads: usize,
    hidden: usize,
) -> Vec<f32> {
    let mut scratch = Int8AttentionScratch::default();
    let poison = vec![f32::MAX; 2 * stale * hidden];
    let mut before = vec![0.0; hidden];
    kernels.attention(
        &poison[..hidden],
        &poison,
        heads,
        hidden,
        &mut before,
        &mut scratch,
    );
    let mut out = vec![f32::NAN; queries.len()];
    kernels.attention(queries, keys_values, heads, hidden, &mut out, &mut scratch);
    out
}

/// Integers up to `limit`, one of which is the limit, so that quantization finds them again.
fn exact(limit: i8, count: usize) -> impl Strategy<Value = Vec<i8>> {
    (vec(-limit..=limit, count), any::<prop::sample::Index>()).prop_map(move |(mut values, at)| {
        let at = at.index(values.len());
        values[at] = limit;
        values
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn floats_are_within_their_bound(
        tokens in 1_usize..70,
        rows in 1_usize..70,
        heads in 1_usize..4,
        head_size in 1_usize..36,
        scratch_tokens in 1_usize..100,
        seed in vec(-2.0_f32..2.0, 4096),
    ) {
        let hidden = heads * head_size;
        let (queries, keys_values) = operands(&seed, rows, tokens, hidden);
        let out = at_every_level(|kernels| {
            // A longer window before must leave nothing behind, not even NaN.
            let mut scratch = AttentionScratch::default();
            let mut before = vec![0.0; hidden];
            let poison = vec![f32::NAN; 2 * scratch_tokens * hidden];
            kernels.attention(&poison[..hidden], &poison, heads, hidden, &mut before, &mut scratch);
            let mut out = vec![f32::NAN; rows * hidden];
            kernels.attention(&queries, &keys_values, heads, hidden, &mut out, &mut scratch);
            out
        });
        let expected = reference::attention(&queries, &keys_values, heads, hidden);
        // A score of at most 4 sqrt(head_size) is rounded once per column; that is a relative error of a weight. Then
        // come the exponential and its sum, and one rounding per token; values are at most 2.
        let score = 4.0 * (head_size as f64).sqrt();
        let allowed = 2.0 * (2.0 * roundings(head_size + 4) * score + f64::from(SOFTMAX_ERROR) + roundings(tokens + 8));
        let worst = distance(&out, &expected);
        prop_assert!(worst <= allowed, "{worst} > {allowed}");
    }

    #[test]
    fn integers_compute_their_definition(
        tokens in 1_usize..70,
        rows in 1_usize..20,
        heads in 1_usize..4,
        head_size in 1_usize..36,
        stale in 1_usize..100,
        seed in vec(prop_oneof![-2.0_f32..2.0, Just(0.0_f32), -90.0_f32..90.0], 4096),
    ) {
        let hidden = heads * head_size;
        let (queries, keys_values) = operands(&seed, rows, tokens, hidden);
        let expected = reference::attention_int8(&queries, &keys_values, heads, hidden);
        for kernels in levels() {
            let out = int8_after(kernels, stale, &queries, &keys_values, heads, hidden);
            prop_assert_eq!(bits(&out), bits(&expected), "{}", kernels.level());
        }
    }

    #[test]
    fn integers_are_near_floats_where_quantization_is_exact(
        (query, keys, values) in (1_usize..70).prop_flat_map(|tokens| (
            exact(ACTIVATION_MAX, 32),
            vec(exact(WEIGHT_MAX, 32), tokens),
            vec(exact(WEIGHT_MAX, tokens), 32),
        )),
    ) {
        let (hidden, tokens) = (32, keys.len());
        // Queries up to 8 make scores of some units, so that a few tokens have nearly all the weight.
        let query: Vec<f32> = query.iter().map(|&each| f32::from(each) * 8.0 / f32::from(ACTIVATION_MAX)).collect();
        let unit = |each: i8| f32::from(each) / f32::from(WEIGHT_MAX);
        let keys_values: Vec<f32> = (0..tokens)
            .flat_map(|token| {
                let own = keys[token].iter().copied().map(unit);
                own.chain(values.iter().map(move |column| unit(column[token]))).collect::<Vec<_>>()
            })
            .collect();
        let out = int8_after(Kernels::detect(), 1, &query, &keys_values, 1, hidden);
        let expected = reference::attention(&query, &keys_values, 1, hidden);

        // Nothing is lost but in the bytes: each is off by a half, and by the coarse power's 255 * 1.02e-4. Values are
        // at most 1, so that each byte moves the weighted mean by at most twice its share of their sum. 1e-4 is for
        // scores, whose scales are rounded.
        let scores: Vec<f64> = (0..tokens)
            .map(|token| {
                let key = &keys_values[2 * token * hidden..][..hidden];
                query.iter().zip(key).map(|(&q, &k)| f64::from(q) * f64::from(k)).sum::<f64>() / (hidden as f64).sqrt()
            })
            .collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
        let error = 0.53 * tokens as f64;
        let allowed = 2.0 * error / (f64::from(PROBABILITY_MAX) * weights - error) + 1e-4;
        let worst = distance(&out, &expected);
        prop_assert!(worst <= allowed, "{worst} > {allowed}");
    }
}

#[test]
fn integers_take_nan_for_zero() {
    let (tokens, hidden) = (20, 8);
    let mut keys_values = vec![0.25; tokens * 2 * hidden];
    keys_values[3] = f32::NAN;
    keys_values[5 * 2 * hidden + hidden + 2] = f32::NAN;
    let mut queries = vec![0.5; hidden];
    queries[1] = f32::NAN;
    let replaced = |values: &[f32]| -> Vec<f32> {
        values
            .iter()
            .map(|value| if value.is_nan() { 0.0 } else { *value })
            .collect()
    };
    let expected = reference::attention_int8(&replaced(&queries), &replaced(&keys_values), 2, hidden);
    let out = at_every_level(|kernels| int8_after(kernels, 40, &queries, &keys_values, 2, hidden));
    assert_eq!(bits(&out), bits(&expected));
}

#[test]
fn an_infinite_score_spoils_its_own_row_only() {
    let (tokens, hidden) = (5, 4);
    let mut keys_values = vec![0.25; tokens * 2 * hidden];
    keys_values[0] = f32::INFINITY;
    let queries = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    for kernels in levels() {
        let out = int8_after(kernels, 1, &queries, &keys_values, 1, hidden);
        assert!(out[..hidden].iter().all(|value| value.is_nan()), "{out:?}");
        assert!(out[hidden..].iter().all(|value| value.is_finite()), "{out:?}");
    }
}
