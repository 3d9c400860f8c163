//! Sums over documents, from which every share of the report and its interval is computed.

use serde::Serialize;

use super::interval::DocumentSums;
use super::measures::{self, Counts, Measure};

/// Sums over the documents of a corpus, a group or a period.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub documents: u64,
    pub sentences: u64,
    squares_of_sentences: f64,
    of: [OfMeasure; measures::COUNT],
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct OfMeasure {
    with: u64,
    squares: f64,
    products: f64,
}

/// A share of sentences.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Sentences that have the property.
    pub count: u64,
    /// Of all sentences, 0..=1; 0 where there are none.
    #[serde(serialize_with = "rounded")]
    pub share: f64,
    /// The 95 % interval; `None` with fewer than two documents.
    #[serde(serialize_with = "rounded_pair")]
    pub interval: Option<(f64, f64)>,
}

impl Sums {
    /// Adds a document.
    pub fn add(&mut self, counts: &Counts) {
        self.documents += 1;
        self.sentences += counts.sentences;
        let sentences = counts.sentences as f64;
        self.squares_of_sentences += sentences * sentences;
        for (index, of) in self.of.iter_mut().enumerate() {
            let with = counts.at(index);
            of.with += with;
            of.squares += with as f64 * with as f64;
            of.products += with as f64 * sentences;
        }
    }

    /// Adds other documents.
    pub fn merge(&mut self, other: &Self) {
        self.documents += other.documents;
        self.sentences += other.sentences;
        self.squares_of_sentences += other.squares_of_sentences;
        for (of, more) in self.of.iter_mut().zip(&other.of) {
            of.with += more.with;
            of.squares += more.squares;
            of.products += more.products;
        }
    }

    pub fn share(&self, measure: Measure) -> Share {
        let of = self.of[measure.index()];
        let sums = DocumentSums {
            documents: self.documents,
            sentences: self.sentences,
            squares_of_sentences: self.squares_of_sentences,
            with: of.with,
            squares_of_with: of.squares,
            products: of.products,
        };
        Share {
            count: of.with,
            share: of.with as f64 / self.sentences.max(1) as f64,
            interval: sums.interval(),
        }
    }
}

/// Six decimals: more than any corpus can tell, and the same on every machine.
pub(super) fn rounded<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(six_decimals(*value))
}

fn rounded_pair<S: serde::Serializer>(pair: &Option<(f64, f64)>, serializer: S) -> Result<S::Ok, S::Error> {
    pair.map(|(low, high)| [six_decimals(low), six_decimals(high)])
        .serialize(serializer)
}

fn six_decimals(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::Label;

    #[test]
    fn parts_add_up_to_the_whole() {
        let documents: Vec<Counts> = (0..30)
            .map(|seed| Counts::of_labels(seed % 5, seed % 3, 1))
            .collect();
        let mut whole = Sums::default();
        documents.iter().for_each(|counts| whole.add(counts));
        let mut parts = Sums::default();
        for part in documents.chunks(7) {
            let mut sums = Sums::default();
            part.iter().for_each(|counts| sums.add(counts));
            parts.merge(&sums);
        }
        assert_eq!(parts, whole);
        let share = whole.share(Measure::label(Label::Denial));
        assert_eq!(
            (whole.documents, whole.sentences, share.count),
            (30, 60 + 30 + 30, 30)
        );
        assert_eq!(share.share, 0.25);
    }
}
