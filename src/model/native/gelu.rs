//! GELU, the activation of BERT's feed-forward layers, in its exact form.
//!
//! Hendrycks and Gimpel (2016), "Gaussian Error Linear Units": `x · Φ(x)` with the Gaussian's distribution
//! function, not the tanh approximation, because the checkpoint was trained with the exact one.

use std::f32::consts::FRAC_1_SQRT_2;

pub(super) fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + libm::erff(x * FRAC_1_SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::gelu;

    #[test]
    fn agrees_with_the_gaussian_distribution_function() {
        // Φ(1) and Φ(-2) from tables of the normal distribution.
        assert!((gelu(1.0) - 0.841_344_7).abs() < 1e-6);
        assert!((gelu(-2.0) + 2.0 * 0.022_750_13).abs() < 1e-6);
        assert_eq!(gelu(0.0), 0.0);
        assert_eq!(gelu(40.0), 40.0);
        assert_eq!(gelu(-40.0), 0.0);
    }
}
