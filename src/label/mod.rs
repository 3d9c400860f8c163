//! Turns logits into calibrated probabilities, a decision on each axis, and the reported label.
//!
//! It knows numbers and the bundle's calibration only: no tensors' history, no files. `spans.rs` does the same for the
//! words of source and cue.

mod spans;

pub use self::spans::{TokenSpan, decode, mark};
use crate::model::{AxisConfig, ModelConfig};
use crate::prediction::{Anonymity, Attribution, Label, Logits, Prediction, Stance};

/// Decides every axis, and derives the label from the decisions.
pub fn predict(logits: &Logits, config: &ModelConfig) -> Prediction {
    let stance_probabilities = probabilities(&logits.stance, &config.stance);
    let attribution_probabilities = probabilities(&logits.attribution, &config.attribution);
    let stance = Stance::ALL[decide(&stance_probabilities, &config.stance)];
    let attribution = Attribution::ALL[decide(&attribution_probabilities, &config.attribution)];
    let anonymity = (attribution == Attribution::Anonymous).then(|| {
        let own = probabilities(&logits.anonymity, &config.anonymity);
        Anonymity::ALL[decide(&own, &config.anonymity)]
    });
    let label = Label::derive(stance, attribution);
    Prediction {
        label,
        confidence: label_probability(label, &stance_probabilities, &attribution_probabilities),
        stance,
        stance_probabilities,
        attribution,
        attribution_probabilities,
        anonymity,
        source: None,
        cue: None,
        spans: Vec::new(),
    }
}

/// `softmax(logits / temperature + bias)`.
pub fn probabilities(logits: &[f32; 4], axis: &AxisConfig) -> [f32; 4] {
    let mut scores = [0.0; 4];
    for (score, (logit, bias)) in scores.iter_mut().zip(logits.iter().zip(&axis.bias)) {
        *score = logit / axis.temperature + bias;
    }
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = scores
        .iter_mut()
        .map(|score| {
            *score = (*score - largest).exp();
            *score
        })
        .sum();
    scores.map(|score| score / total)
}

/// The index with the largest `ln(probability) + decision_bias`; of equals, the first.
fn decide(probabilities: &[f32; 4], axis: &AxisConfig) -> usize {
    let mut best = 0;
    let mut best_score = f32::NEG_INFINITY;
    for (index, (probability, bias)) in probabilities.iter().zip(&axis.decision_bias).enumerate() {
        let score = probability.ln() + bias;
        if score > best_score {
            (best, best_score) = (index, score);
        }
    }
    best
}

/// The probability of a derived label, with the axes taken as independent; over all labels it sums to 1.
pub fn label_probability(label: Label, stance: &[f32; 4], attribution: &[f32; 4]) -> f32 {
    let claim = 1.0 - stance[Stance::None as usize];
    let anonymous = attribution[Attribution::Anonymous as usize];
    let deny = stance[Stance::Deny as usize];
    match label {
        Label::None => 1.0 - claim,
        Label::Anonymous => claim * anonymous,
        Label::Denial => deny * (1.0 - anonymous),
        Label::Assertion => (claim - deny).max(0.0) * (1.0 - anonymous),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn axis(decision_bias: [f32; 4]) -> AxisConfig {
        AxisConfig {
            labels: Vec::new(),
            temperature: 2.0,
            bias: [0.0, 1.0, 0.0, 0.0],
            decision_bias,
        }
    }

    #[test]
    fn temperature_and_bias_apply_before_the_softmax() {
        let found = probabilities(&[2.0, 0.0, 2.0, 2.0], &axis([0.0; 4]));
        assert_eq!(found, [0.25; 4]);
    }

    #[test]
    fn a_decision_bias_moves_the_decision_but_not_the_probability() {
        let own = [0.4, 0.3, 0.2, 0.1];
        assert_eq!(decide(&own, &axis([0.0; 4])), 0);
        assert_eq!(decide(&own, &axis([0.0, 0.5, 0.0, 0.0])), 1);
        assert_eq!(decide(&[0.25; 4], &axis([0.0; 4])), 0);
    }

    #[test]
    fn an_anonymous_denial_is_anonymous() {
        assert_eq!(
            Label::derive(Stance::Deny, Attribution::Anonymous),
            Label::Anonymous
        );
        assert_eq!(Label::derive(Stance::None, Attribution::Anonymous), Label::None);
        assert_eq!(Label::derive(Stance::Deny, Attribution::None), Label::Denial);
        assert_eq!(
            Label::derive(Stance::NoComment, Attribution::Named),
            Label::Assertion
        );
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one(
            stance in prop::array::uniform4(-90.0f32..90.0),
            attribution in prop::array::uniform4(-90.0f32..90.0),
        ) {
            let stance = probabilities(&stance, &axis([0.0; 4]));
            let attribution = probabilities(&attribution, &axis([0.0; 4]));
            prop_assert!((stance.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            let labels: f32 = Label::ALL
                .iter()
                .map(|label| label_probability(*label, &stance, &attribution))
                .sum();
            prop_assert!((labels - 1.0).abs() < 1e-5);
        }
    }
}
