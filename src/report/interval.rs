//! How sure a share is, when sentences come in documents.
//!
//! Sentences of one article are alike: a piece about a trial has many denials, one about the weather none. An
//! interval that takes them for independent is too narrow. Here documents are what was drawn, and the share is the ratio of two
//! sums over them. Its variance is that of the ratio estimator (Cochran, *Sampling Techniques*, 3rd ed., section 6.8), without the
//! correction for a finite corpus:
//!
//! > v = m / (m - 1) · Σ (xᵢ - p nᵢ)² / (Σ nᵢ)²
//!
//! over m documents with nᵢ sentences, xᵢ of them with the property. From v follows how many independent sentences
//! would tell as much, p (1 - p) / v; few documents make that number smaller still, by Student's t (Korn and Graubard,
//! *Survey Methodology* 24, 1998). With it, Wilson's interval is taken, which stays between 0 and 1. Where no sentence
//! or every sentence has the property, v is 0 and says nothing: there, every document counts as one sentence.
//!
//! All sums can be gathered in one pass and added up, so that a corpus of any size needs none of its documents in memory.

/// The standard normal distribution's 0.975 quantile.
const Z: f64 = 1.959_963_984_540_054;

/// What an interval is made from: sums over documents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DocumentSums {
    /// m
    pub documents: u64,
    /// Σ nᵢ
    pub sentences: u64,
    /// Σ nᵢ²
    pub squares_of_sentences: f64,
    /// Σ xᵢ
    pub with: u64,
    /// Σ xᵢ²
    pub squares_of_with: f64,
    /// Σ xᵢ nᵢ
    pub products: f64,
}

impl DocumentSums {
    /// The 95 % interval of the share Σ xᵢ / Σ nᵢ; `None` where fewer than two documents leave nothing to compare.
    pub fn interval(&self) -> Option<(f64, f64)> {
        if self.documents < 2 || self.sentences == 0 {
            return None;
        }
        let (documents, sentences) = (self.documents as f64, self.sentences as f64);
        let share = self.with as f64 / sentences;
        let deviations =
            self.squares_of_with - 2.0 * share * self.products + share * share * self.squares_of_sentences;
        let variance = documents / (documents - 1.0) * deviations.max(0.0) / (sentences * sentences);
        let independent = if self.with == 0 || self.with == self.sentences {
            documents
        } else {
            // Documents that are more alike than chance would make them are chance as well.
            (share * (1.0 - share) / variance).min(sentences)
        };
        let shrinkage = Z / student(self.documents - 1);
        Some(wilson(share, independent * shrinkage * shrinkage))
    }
}

/// Wilson's score interval of a share of so many independent observations.
fn wilson(share: f64, observations: f64) -> (f64, f64) {
    let square = Z * Z / observations;
    let centre = (share + square / 2.0) / (1.0 + square);
    let half =
        Z / (1.0 + square) * (share * (1.0 - share) / observations + square / (4.0 * observations)).sqrt();
    (
        (centre - half).clamp(0.0, share),
        (centre + half).clamp(share, 1.0),
    )
}

/// The 0.975 quantile of Student's t with so many degrees of freedom.
fn student(freedom: u64) -> f64 {
    const SMALL: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
        2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048,
        2.045, 2.042,
    ];
    let small = usize::try_from(freedom)
        .ok()
        .and_then(|freedom| SMALL.get(freedom.checked_sub(1)?));
    match small {
        Some(quantile) => *quantile,
        // The expansion by Fisher and Cornish; right to four decimals from here on.
        None => {
            let inverse = 1.0 / freedom.max(1) as f64;
            Z + (Z.powi(3) + Z) * inverse / 4.0
                + (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) * inverse * inverse / 96.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sums(documents: &[(u64, u64)]) -> DocumentSums {
        let sum = |term: fn(f64, f64) -> f64| documents.iter().map(|&(x, n)| term(x as f64, n as f64)).sum();
        DocumentSums {
            documents: documents.len() as u64,
            sentences: documents.iter().map(|(_, n)| n).sum(),
            squares_of_sentences: sum(|_, n| n * n),
            with: documents.iter().map(|(x, _)| x).sum(),
            squares_of_with: sum(|x, _| x * x),
            products: sum(|x, n| x * n),
        }
    }

    #[test]
    fn lone_sentences_give_wilson_s_interval() {
        let documents: Vec<(u64, u64)> = (0..10_000).map(|i| (u64::from(i % 10 == 0), 1)).collect();
        let (low, high) = sums(&documents).interval().unwrap();
        // Wilson's interval of 1,000 of 10,000.
        assert!(
            (low - 0.09427).abs() < 2e-5 && (high - 0.10604).abs() < 2e-5,
            "{low} {high}"
        );
    }

    #[test]
    fn one_document_tells_nothing() {
        assert_eq!(sums(&[(3, 20)]).interval(), None);
        assert_eq!(sums(&[]).interval(), None);
    }

    #[test]
    fn none_of_many_is_bounded_by_the_number_of_documents() {
        let (low, high) = sums(&[(0, 50); 100]).interval().unwrap();
        assert_eq!(low, 0.0);
        assert!((0.03..0.05).contains(&high), "{high}");
    }

    #[test]
    fn the_quantiles_of_student_go_over_into_each_other() {
        assert!((student(31) - 2.0395).abs() < 2e-4);
        assert!((student(100) - 1.9840).abs() < 1e-4);
        assert!((student(u64::MAX) - Z).abs() < 1e-9);
    }

    /// A generator that is good enough for this, and the same everywhere.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    #[test]
    fn of_corpora_of_unlike_articles_95_in_100_intervals_hold_the_truth() {
        // One article in five is about a denial, in which half of the sentences deny; elsewhere 2 in 100 do.
        let truth = 0.2 * 0.5 + 0.8 * 0.02;
        let mut random = Random(8);
        let (mut held, mut held_by_naive) = (0, 0);
        const CORPORA: i32 = 2000;
        for _ in 0..CORPORA {
            let documents: Vec<(u64, u64)> = (0..60)
                .map(|_| {
                    let n = 5 + (random.next() * 20.0) as u64;
                    let rate = if random.next() < 0.2 { 0.5 } else { 0.02 };
                    ((0..n).filter(|_| random.next() < rate).count() as u64, n)
                })
                .collect();
            let sums = sums(&documents);
            let holds = |(low, high): (f64, f64)| i32::from((low..=high).contains(&truth));
            held += holds(sums.interval().unwrap());
            let share = sums.with as f64 / sums.sentences as f64;
            held_by_naive += holds(wilson(share, sums.sentences as f64));
        }
        let (rate, naive) = (
            f64::from(held) / f64::from(CORPORA),
            f64::from(held_by_naive) / f64::from(CORPORA),
        );
        assert!(
            (0.93..0.98).contains(&rate),
            "{rate} of the intervals hold the truth"
        );
        assert!(
            naive < 0.8,
            "sentences taken as independent would do as well: {naive}"
        );
    }

    proptest! {
        #[test]
        fn an_interval_lies_within_0_and_1_around_its_share(
            documents in prop::collection::vec((0_u64..400).prop_flat_map(|n| (0..=n, Just(n))), 2..40)
        ) {
            let sums = sums(&documents);
            if let Some((low, high)) = sums.interval() {
                let share = sums.with as f64 / sums.sentences as f64;
                prop_assert!(0.0 <= low && low <= share && share <= high && high <= 1.0, "{low} {share} {high}");
                prop_assert!(low < high);
            }
        }
    }
}
