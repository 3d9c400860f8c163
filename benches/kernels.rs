//! The kernels at the encoder's shapes, on one thread, at every level of the machine.
//!
//! Throughput counts arithmetic operations (a multiply-add is two), so that criterion's `Gelem/s` reads as GFLOP/s or
//! GOP/s; the group `peak` measures what the machine can do at best, to divide by. Row functions count values.
//!
//!     cargo bench --bench kernels -- int8          # one kernel
//!     cargo bench --bench kernels -- avx2          # one level

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sayso::kernels::{
    AttentionScratch, Epilogue, Int8AttentionScratch, Kernels, LayerNorm, Level, PEAK_FLOAT_STEP,
    PEAK_INTEGER_STEP, PackedF32Weights, PackedInt8Weights, quantized_stride,
};

const HIDDEN: usize = 384;
const INTERMEDIATE: usize = 4 * HIDDEN;
const HEADS: usize = 12;

/// Tokens of a common and of the longest window.
const TOKENS: [usize; 2] = [31, 320];

/// Inputs and outputs of the encoder's layers: queries and the output of attention, keys with values, and the two of
/// the feed-forward part.
const LAYERS: [(usize, usize); 4] = [
    (HIDDEN, HIDDEN),
    (HIDDEN, 2 * HIDDEN),
    (HIDDEN, INTERMEDIATE),
    (INTERMEDIATE, HIDDEN),
];

fn levels() -> impl Iterator<Item = Kernels> {
    Level::available()
        .filter(|&level| level != Level::Scalar)
        .filter_map(Kernels::at)
}

/// Values in [-1, 1) by a linear congruential generator, the same in every run.
fn values(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn peak(criterion: &mut Criterion) {
    const ITERATIONS: usize = 10_000;
    let mut group = criterion.benchmark_group("peak");
    for kernels in levels() {
        group.throughput(Throughput::Elements((2 * PEAK_FLOAT_STEP * ITERATIONS) as u64));
        group.bench_function(BenchmarkId::new("f32", kernels.level()), |bencher| {
            bencher.iter(|| kernels.peak_float(ITERATIONS));
        });
        group.throughput(Throughput::Elements((2 * PEAK_INTEGER_STEP * ITERATIONS) as u64));
        group.bench_function(BenchmarkId::new("int8", kernels.level()), |bencher| {
            bencher.iter(|| kernels.peak_integer(ITERATIONS));
        });
    }
    group.finish();
}

fn linear_int8(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("int8");
    for kernels in levels() {
        for rows in TOKENS {
            // The last two are attention's products of one head, without what attention does besides.
            let products = [(HIDDEN / HEADS, rows), (rows, HIDDEN / HEADS)];
            for (inputs, outputs) in LAYERS.into_iter().chain(products) {
                let weights = PackedInt8Weights::from_floats(
                    &values(inputs * outputs),
                    &values(outputs),
                    inputs,
                    outputs,
                )
                .expect("shapes fit");
                let mut activations = vec![0; rows * quantized_stride(inputs)];
                let mut scales = vec![0.0; rows];
                kernels.quantize_rows(&values(rows * inputs), inputs, &mut activations, &mut scales);
                let mut out = vec![0.0; rows * outputs];
                let residual = out.clone();
                group.throughput(Throughput::Elements((2 * rows * inputs * outputs) as u64));
                for (name, epilogue) in [
                    ("plain", Epilogue::Plain),
                    ("gelu", Epilogue::Gelu),
                    ("residual", Epilogue::Residual(&residual)),
                ] {
                    let id = format!("{}/{rows}x{inputs}x{outputs}", kernels.level());
                    group.bench_function(BenchmarkId::new(name, id), |bencher| {
                        bencher.iter(|| {
                            kernels.linear_int8(&activations, &scales, &weights, epilogue, &mut out)
                        });
                    });
                }
            }
        }
    }
    group.finish();
}

fn linear_f32(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("f32");
    for kernels in levels() {
        for rows in TOKENS {
            for (inputs, outputs) in LAYERS {
                let weights =
                    PackedF32Weights::new(&values(inputs * outputs), &values(outputs), inputs, outputs)
                        .expect("shapes fit");
                let input = values(rows * inputs);
                let mut out = vec![0.0; rows * outputs];
                group.throughput(Throughput::Elements((2 * rows * inputs * outputs) as u64));
                let id = format!("{}/{rows}x{inputs}x{outputs}", kernels.level());
                group.bench_function(BenchmarkId::new("plain", id), |bencher| {
                    bencher.iter(|| kernels.linear_f32(&input, rows, &weights, Epilogue::Plain, &mut out));
                });
            }
        }
    }
    group.finish();
}

fn attention(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("attention");
    for kernels in levels() {
        for tokens in TOKENS {
            let queries = values(tokens * HIDDEN);
            let keys_values = values(2 * tokens * HIDDEN);
            let mut out = vec![0.0; tokens * HIDDEN];
            let mut scratch = AttentionScratch::for_window(tokens, HIDDEN / HEADS);
            // Scores and weighted values: two products of tokens by tokens by hidden.
            group.throughput(Throughput::Elements((4 * tokens * tokens * HIDDEN) as u64));
            group.bench_function(
                BenchmarkId::new(format!("f32/{}", kernels.level()), tokens),
                |bencher| {
                    bencher.iter(|| {
                        kernels.attention(&queries, &keys_values, HEADS, HIDDEN, &mut out, &mut scratch);
                    });
                },
            );
            let mut scratch = Int8AttentionScratch::default();
            group.bench_function(
                BenchmarkId::new(format!("int8/{}", kernels.level()), tokens),
                |bencher| {
                    bencher.iter(|| {
                        kernels.attention(&queries, &keys_values, HEADS, HIDDEN, &mut out, &mut scratch);
                    });
                },
            );
        }
    }
    group.finish();
}

fn row_functions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rows");
    for kernels in levels() {
        let level = kernels.level();
        for rows in TOKENS {
            group.throughput(Throughput::Elements((rows * INTERMEDIATE) as u64));
            let input = values(rows * INTERMEDIATE);
            let factors = values(INTERMEDIATE);
            let mut quantized = vec![0; rows * quantized_stride(INTERMEDIATE)];
            let mut scales = vec![0.0; rows];
            group.bench_function(
                BenchmarkId::new("quantize", format!("{level}/{rows}")),
                |bencher| {
                    bencher
                        .iter(|| kernels.quantize_scaled_rows(&input, &factors, &mut quantized, &mut scales));
                },
            );
            let mut activated = input.clone();
            group.bench_function(BenchmarkId::new("gelu", format!("{level}/{rows}")), |bencher| {
                bencher.iter(|| kernels.gelu(&mut activated));
            });

            group.throughput(Throughput::Elements((rows * HIDDEN) as u64));
            let (weight, bias) = (values(HIDDEN), values(HIDDEN));
            let norm = LayerNorm {
                weight: &weight,
                bias: &bias,
                epsilon: 1e-12,
            };
            let mut normalized = values(rows * HIDDEN);
            group.bench_function(
                BenchmarkId::new("layer_norm", format!("{level}/{rows}")),
                |bencher| {
                    bencher.iter(|| kernels.layer_norm(&mut normalized, None, norm));
                },
            );

            group.throughput(Throughput::Elements((rows * rows) as u64));
            let mut probabilities = values(rows * rows);
            group.bench_function(
                BenchmarkId::new("softmax", format!("{level}/{rows}")),
                |bencher| {
                    bencher.iter(|| kernels.softmax_rows(&mut probabilities, rows));
                },
            );
        }
    }
    group.finish();
}

criterion_group!(benches, peak, linear_int8, linear_f32, attention, row_functions);
criterion_main!(benches);
