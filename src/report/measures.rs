//! What is counted of sentences: every value of every axis, and whether the label is uncertain.
//!
//! One list, so that the whole corpus, a group, a month and a document are counted by the same code and can be
//! compared. A sentence counts once per axis (for anonymity, where it has one).

use crate::input::labeled::LabeledRow;
use crate::prediction::{Anonymity, Attribution, Label, Stance};

const STANCES: usize = Label::ALL.len();
const ATTRIBUTIONS: usize = STANCES + Stance::ALL.len();
const ANONYMITIES: usize = ATTRIBUTIONS + Attribution::ALL.len();
const UNCERTAIN: usize = ANONYMITIES + Anonymity::ALL.len();

/// How many measures there are.
pub(super) const COUNT: usize = UNCERTAIN + 1;

/// A property that a sentence has or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measure(usize);

impl Measure {
    /// The sentence denies, whoever speaks.
    pub const DENIAL: Self = Self::stance(Stance::Deny);
    /// The source is anonymous in the broad sense: a reader cannot identify it.
    pub const BROAD: Self = Self::attribution(Attribution::Anonymous);
    /// The source is anonymous in the strict sense: its anonymity is stated, or it is described by its access alone.
    pub const STRICT: Self = Self::anonymity(Anonymity::Explicit);
    /// The label is less sure than the bound.
    pub const UNCERTAIN: Self = Self(UNCERTAIN);

    pub const fn label(label: Label) -> Self {
        Self(label as usize)
    }

    pub const fn stance(stance: Stance) -> Self {
        Self(STANCES + stance as usize)
    }

    pub const fn attribution(attribution: Attribution) -> Self {
        Self(ATTRIBUTIONS + attribution as usize)
    }

    pub const fn anonymity(anonymity: Anonymity) -> Self {
        Self(ANONYMITIES + anonymity as usize)
    }

    /// Its place in arrays of [`COUNT`].
    pub const fn index(self) -> usize {
        self.0
    }
}

/// How many sentences of a document have each measure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub sentences: u64,
    with: [u64; COUNT],
}

impl Counts {
    pub fn add(&mut self, row: &LabeledRow, is_uncertain: bool) {
        self.sentences += 1;
        let measures = [
            Some(Measure::label(row.label)),
            Some(Measure::stance(row.stance)),
            Some(Measure::attribution(row.attribution)),
            row.anonymity.map(Measure::anonymity),
            is_uncertain.then_some(Measure::UNCERTAIN),
        ];
        for measure in measures.into_iter().flatten() {
            self.with[measure.index()] += 1;
        }
    }

    pub fn of(&self, measure: Measure) -> u64 {
        self.with[measure.index()]
    }

    /// The count at a place in arrays of [`COUNT`].
    pub fn at(&self, index: usize) -> u64 {
        self.with[index]
    }

    #[cfg(test)]
    pub fn of_labels(assertions: u64, denials: u64, nones: u64) -> Self {
        let mut counts = Self {
            sentences: assertions + denials + nones,
            ..Self::default()
        };
        for (label, count) in [
            (Label::Assertion, assertions),
            (Label::Denial, denials),
            (Label::None, nones),
        ] {
            counts.with[Measure::label(label).index()] = count;
        }
        counts
    }
}
