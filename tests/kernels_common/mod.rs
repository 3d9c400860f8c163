//! What the tests of all kernels need: every level of the machine, and distances from a definition.
#![allow(dead_code, reason = "not every test uses all of it")]

use sayso::kernels::{Kernels, Level};

/// The kernels at every level of this machine.
pub fn levels() -> impl Iterator<Item = Kernels> {
    Level::available().filter_map(Kernels::at)
}

/// Floats as bits, to compare what `==` takes for equal or unequal.
pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Runs `kernel` at every level, checks that all results have the same bits, and returns one.
pub fn at_every_level(mut kernel: impl FnMut(Kernels) -> Vec<f32>) -> Vec<f32> {
    let mut results = levels().map(|kernels| (kernels.level(), kernel(kernels)));
    let (_, first) = results.next().expect("the scalar level is always there");
    for (level, result) in results {
        assert_eq!(bits(&result), bits(&first), "{level} differs from scalar");
    }
    first
}

/// The largest distance of corresponding values.
pub fn distance(values: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(values.len(), expected.len());
    values
        .iter()
        .zip(expected)
        .map(|(&value, expected)| (f64::from(value) - expected).abs())
        .fold(0.0, f64::max)
}

/// Relative error of `count` roundings.
pub fn roundings(count: usize) -> f64 {
    count as f64 * f64::from(f32::EPSILON) / 2.0
}
