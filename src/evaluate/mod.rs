//! Measures a classifier on labelled sentences, axis by axis.
//!
//! Gold documents come already split, so that every gold sentence meets exactly one prediction; they pass
//! through the same batch as any other document, context included, so that what is measured is what runs.

mod metrics;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;

use serde::Serialize;

pub use metrics::{ClassScores, Confusion};

use crate::batch::{BatchRunner, Outcome};
use crate::classifier::Classifier;
use crate::error::Reject;
use crate::input::gold::{GoldDocument, GoldSentence};
use crate::prediction::{Anonymity, Attribution, Label, LabeledDocument, Stance};

/// The comparison of gold labels and predictions, as far as documents have been added.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    pub documents: u64,
    pub sentences: u64,
    /// Records that could not be read or labelled.
    pub rejected: u64,
    pub axes: Axes,
}

/// One confusion matrix per axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Axes {
    pub label: Confusion,
    pub stance: Confusion,
    pub attribution: Confusion,
    /// Counts only sentences whose gold and predicted attribution are both anonymous: elsewhere one of the
    /// sides has no kind of anonymity to compare.
    pub anonymity: Confusion,
}

impl Axes {
    /// Each axis with its name, in the order in which reports list them.
    pub fn named(&self) -> [(&'static str, &Confusion); 4] {
        [
            ("label", &self.label),
            ("stance", &self.stance),
            ("attribution", &self.attribution),
            ("anonymity", &self.anonymity),
        ]
    }
}

impl Default for Evaluation {
    fn default() -> Self {
        Self {
            documents: 0,
            sentences: 0,
            rejected: 0,
            axes: Axes {
                label: Confusion::new(Label::NAMES),
                stance: Confusion::new(Stance::NAMES),
                attribution: Confusion::new(Attribution::NAMES),
                anonymity: Confusion::new(Anonymity::NAMES),
            },
        }
    }
}

impl Evaluation {
    /// Compares one document.
    ///
    /// # Panics
    /// If `predicted` has not one sentence for each of `gold`, which only a different document could have.
    pub fn add(&mut self, gold: &[GoldSentence], predicted: &LabeledDocument) {
        assert_eq!(
            gold.len(),
            predicted.sentences.len(),
            "sentences of {}",
            predicted.id
        );
        self.documents += 1;
        for (gold, predicted) in gold.iter().zip(&predicted.sentences) {
            self.sentences += 1;
            let predicted = &predicted.prediction;
            let label = Label::derive(gold.stance, gold.attribution);
            self.axes.label.add(label as usize, predicted.label as usize);
            self.axes
                .stance
                .add(gold.stance as usize, predicted.stance as usize);
            self.axes
                .attribution
                .add(gold.attribution as usize, predicted.attribution as usize);
            if let (Some(gold), Some(predicted)) = (gold.anonymity, predicted.anonymity) {
                self.axes.anonymity.add(gold as usize, predicted as usize);
            }
        }
    }
}

/// Labels the documents of `gold` and compares each with its gold labels. `watch` sees every outcome, in input
/// order: it may report a reject or show progress.
pub fn evaluate(
    runner: &BatchRunner,
    classifier: &Classifier,
    gold: impl Iterator<Item = Result<GoldDocument, Reject>>,
    mut watch: impl FnMut(&Outcome),
) -> Evaluation {
    let mut evaluation = Evaluation::default();
    // The gold labels of the documents in flight: outcomes come in the order of the records, one each.
    let in_flight = RefCell::new(VecDeque::new());
    let records = gold.map(|record| {
        let (record, labels) = match record {
            Ok(gold) => (Ok(gold.document), gold.gold),
            Err(reject) => (Err(reject), Vec::new()),
        };
        in_flight.borrow_mut().push_back(labels);
        record
    });
    let Ok(()) = runner.run::<Infallible>(classifier, records, |outcome| {
        let labels = in_flight.borrow_mut().pop_front().unwrap_or_default();
        match &outcome {
            Outcome::Labeled(predicted) => evaluation.add(&labels, predicted),
            Outcome::Rejected(_) => evaluation.rejected += 1,
        }
        watch(&outcome);
        Ok(())
    });
    evaluation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Sentence;
    use crate::prediction::{LabeledSentence, Prediction};

    fn gold(stance: Stance, attribution: Attribution, anonymity: Option<Anonymity>) -> GoldSentence {
        GoldSentence {
            stance,
            attribution,
            anonymity,
            unsure: false,
        }
    }

    fn predicted(sentences: &[(Stance, Attribution, Option<Anonymity>)]) -> LabeledDocument {
        let sentence =
            |&(stance, attribution, anonymity): &(Stance, Attribution, Option<Anonymity>)| LabeledSentence {
                sentence: Sentence {
                    start: 0,
                    end: 5,
                    text: "Rain.".into(),
                },
                prediction: Prediction {
                    label: Label::derive(stance, attribution),
                    confidence: 0.5,
                    stance,
                    stance_probabilities: [0.25; 4],
                    attribution,
                    attribution_probabilities: [0.25; 4],
                    anonymity,
                    source: None,
                    cue: None,
                    spans: Vec::new(),
                },
            };
        LabeledDocument {
            id: "weather".into(),
            metadata: Vec::new(),
            sentences: sentences.iter().map(sentence).collect(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn every_axis_compares_its_own_answer() {
        let mut evaluation = Evaluation::default();
        evaluation.add(
            &[
                gold(Stance::Deny, Attribution::Named, None),
                gold(Stance::Deny, Attribution::Anonymous, Some(Anonymity::Role)),
                gold(Stance::None, Attribution::None, None),
            ],
            &predicted(&[
                (Stance::Deny, Attribution::None, None),
                (Stance::Assert, Attribution::Anonymous, Some(Anonymity::Group)),
                (Stance::None, Attribution::None, None),
            ]),
        );
        let axes = &evaluation.axes;
        assert_eq!((evaluation.documents, evaluation.sentences), (1, 3));
        assert_eq!(
            axes.label.accuracy(),
            1.0,
            "denial, anonymous and none on both sides"
        );
        assert_eq!(axes.stance.counts()[Stance::Deny as usize], [1, 1, 0, 0]);
        assert_eq!(
            axes.attribution.counts()[Attribution::Named as usize],
            [1, 0, 0, 0]
        );
        assert_eq!(axes.anonymity.counts()[Anonymity::Role as usize], [0, 0, 1, 0]);
    }

    #[test]
    fn anonymity_is_compared_only_where_both_sides_have_it() {
        let mut evaluation = Evaluation::default();
        evaluation.add(
            &[
                gold(Stance::Assert, Attribution::Anonymous, Some(Anonymity::Role)),
                gold(Stance::Assert, Attribution::Named, None),
                gold(Stance::Assert, Attribution::Anonymous, Some(Anonymity::Group)),
            ],
            &predicted(&[
                (Stance::Assert, Attribution::Named, None),
                (Stance::Assert, Attribution::Anonymous, Some(Anonymity::Role)),
                (Stance::Assert, Attribution::Anonymous, Some(Anonymity::Group)),
            ]),
        );
        assert_eq!(evaluation.axes.anonymity.total(), 1);
        assert_eq!(evaluation.axes.anonymity.accuracy(), 1.0);
        assert_eq!(evaluation.axes.label.total(), 3);
    }
}
