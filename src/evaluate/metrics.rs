//! Precision, recall, F1 and accuracy, all read off one confusion matrix.
//!
//! A macro average is easy to define in two ways that differ exactly on rare classes. The definitions here are
//! those of `scripts/sayso_train/metrics.py`, so that a figure means the same in training and afterwards:
//! a ratio without a denominator is 0, and the macro average runs over every class of the axis, also over
//! one that neither the gold data nor the predictions contain (its F1 is 0).

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

/// How often each class was predicted for each gold class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: &'static [&'static str],
    counts: Vec<Vec<u64>>,
}

/// How well one class is found. Each ratio lies in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct ClassScores {
    /// Share of the predictions of this class that are right.
    pub precision: f64,
    /// Share of this class' gold sentences that were found.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Gold sentences of this class.
    pub support: u64,
}

impl Confusion {
    /// An empty matrix over `classes`; indices passed to [`Self::add`] follow their order.
    pub fn new(classes: &'static [&'static str]) -> Self {
        Self {
            classes,
            counts: vec![vec![0; classes.len()]; classes.len()],
        }
    }

    /// Counts one sentence.
    ///
    /// # Panics
    /// If an index is not that of a class.
    pub fn add(&mut self, gold: usize, predicted: usize) {
        self.counts[gold][predicted] += 1;
    }

    /// The names of the classes, in index order.
    pub fn classes(&self) -> &'static [&'static str] {
        self.classes
    }

    /// The counts: one row per gold class, one column per predicted class.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// All sentences counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// The scores of the class at `index`.
    pub fn scores(&self, index: usize) -> ClassScores {
        let hits = self.counts[index][index];
        let support = self.counts[index].iter().sum();
        let predicted: u64 = self.counts.iter().map(|row| row[index]).sum();
        ClassScores {
            precision: ratio(hits, predicted),
            recall: ratio(hits, support),
            f1: ratio(2 * hits, support + predicted),
            support,
        }
    }

    /// Mean F1 over all classes.
    pub fn macro_f1(&self) -> f64 {
        let sum: f64 = (0..self.classes.len()).map(|index| self.scores(index).f1).sum();
        sum / self.classes.len() as f64
    }

    /// Share of the sentences whose class was predicted; 0 where there are none.
    pub fn accuracy(&self) -> f64 {
        let hits = (0..self.classes.len())
            .map(|index| self.counts[index][index])
            .sum();
        ratio(hits, self.total())
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// `{"classes": {name: scores}, "macro_f1", "accuracy", "confusion"}`, classes in index order.
impl Serialize for Confusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("Confusion", 4)?;
        report.serialize_field("classes", &ByClass(self))?;
        report.serialize_field("macro_f1", &self.macro_f1())?;
        report.serialize_field("accuracy", &self.accuracy())?;
        report.serialize_field("confusion", &self.counts)?;
        report.end()
    }
}

struct ByClass<'a>(&'a Confusion);

impl Serialize for ByClass<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.classes.len()))?;
        for (index, name) in self.0.classes.iter().enumerate() {
            map.serialize_entry(name, &self.0.scores(index))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WEATHER: &[&str] = &["sun", "rain", "snow"];

    fn confusion(counts: [[u64; 3]; 3]) -> Confusion {
        Confusion {
            classes: WEATHER,
            counts: counts.map(Vec::from).into(),
        }
    }

    /// Worked on paper: sun 6 of 8 predictions right and 6 of 10 found; rain 3 of 8 and 3 of 5; snow never
    /// predicted, 1 in gold.
    #[test]
    fn a_worked_example() {
        let matrix = confusion([[6, 4, 0], [2, 3, 0], [0, 1, 0]]);
        let sun = matrix.scores(0);
        assert_eq!((sun.precision, sun.recall, sun.support), (0.75, 0.6, 10));
        assert!(
            (sun.f1 - 2.0 / 3.0).abs() < 1e-12,
            "2 * 0.75 * 0.6 / 1.35 = 2/3, not {}",
            sun.f1
        );
        let rain = matrix.scores(1);
        assert_eq!((rain.precision, rain.recall, rain.support), (0.375, 0.6, 5));
        assert!((rain.f1 - 6.0 / 13.0).abs() < 1e-12);
        let snow = matrix.scores(2);
        assert_eq!(
            (snow.precision, snow.recall, snow.f1, snow.support),
            (0.0, 0.0, 0.0, 1)
        );
        assert_eq!(matrix.accuracy(), 9.0 / 16.0);
        assert!((matrix.macro_f1() - (2.0 / 3.0 + 6.0 / 13.0) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn gold_runs_down_and_predictions_run_across() {
        let mut matrix = Confusion::new(WEATHER);
        matrix.add(0, 2);
        matrix.add(0, 2);
        matrix.add(1, 1);
        assert_eq!(matrix.counts(), [[0, 0, 2], [0, 1, 0], [0, 0, 0]]);
        assert_eq!(matrix.scores(0).support, 2);
        assert_eq!(matrix.scores(2).support, 0);
    }

    #[test]
    fn an_absent_class_lowers_the_macro_average() {
        let matrix = confusion([[5, 0, 0], [0, 5, 0], [0, 0, 0]]);
        assert_eq!(matrix.scores(2).f1, 0.0);
        assert_eq!(matrix.macro_f1(), 2.0 / 3.0);
        assert_eq!(matrix.accuracy(), 1.0);
    }

    #[test]
    fn nothing_counted_scores_nothing() {
        let matrix = Confusion::new(WEATHER);
        assert_eq!(
            (matrix.total(), matrix.accuracy(), matrix.macro_f1()),
            (0, 0.0, 0.0)
        );
    }

    #[test]
    fn json_keeps_the_order_of_the_classes() {
        let mut matrix = Confusion::new(&["rain", "dew"]);
        matrix.add(0, 0);
        let json = serde_json::to_string(&matrix).unwrap();
        assert_eq!(
            json,
            r#"{"classes":{"rain":{"precision":1.0,"recall":1.0,"f1":1.0,"support":1},"#.to_string()
                + r#""dew":{"precision":0.0,"recall":0.0,"f1":0.0,"support":0}},"#
                + r#""macro_f1":0.5,"accuracy":1.0,"confusion":[[1,0],[0,0]]}"#
        );
    }

    proptest! {
        /// Scores recomputed straight from the pairs, without a matrix.
        #[test]
        fn agrees_with_counting_the_pairs(pairs in prop::collection::vec((0..3usize, 0..3usize), 0..200)) {
            let mut matrix = Confusion::new(WEATHER);
            for &(gold, predicted) in &pairs {
                matrix.add(gold, predicted);
            }
            let count = |keep: &dyn Fn(&(usize, usize)) -> bool| pairs.iter().filter(|pair| keep(pair)).count();
            prop_assert_eq!(matrix.total(), pairs.len() as u64);
            let hits = count(&|(gold, predicted)| gold == predicted);
            if !pairs.is_empty() {
                prop_assert_eq!(matrix.accuracy(), hits as f64 / pairs.len() as f64);
            }
            let mut supports = 0;
            for class in 0..3 {
                let scores = matrix.scores(class);
                supports += scores.support;
                prop_assert_eq!(scores.support, count(&|(gold, _)| *gold == class) as u64);
                let (precision, recall) = (scores.precision, scores.recall);
                if precision + recall > 0.0 {
                    prop_assert!((scores.f1 - 2.0 * precision * recall / (precision + recall)).abs() < 1e-12);
                } else {
                    prop_assert_eq!(scores.f1, 0.0);
                }
            }
            prop_assert_eq!(supports, matrix.total());
        }
    }
}
