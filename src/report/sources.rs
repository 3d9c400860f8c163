//! Who is quoted: the wordings of named and of anonymous sources.
//!
//! A pronoun stands for a source that another sentence words. Listed by itself it would lead every list and
//! tell nothing; it is counted apart.

use serde::Serialize;

use super::frequent::{self, Frequent, FrequentTexts};
use crate::input::labeled::LabeledRow;
use crate::prediction::{Anonymity, Attribution};

/// Wordings that are listed.
const LISTED: usize = 15;

const PRONOUNS: [&str; 24] = [
    "he",
    "she",
    "it",
    "they",
    "i",
    "we",
    "you",
    "him",
    "her",
    "them",
    "me",
    "us",
    "who",
    "whom",
    "which",
    "that",
    "this",
    "these",
    "those",
    "himself",
    "herself",
    "themselves",
    "him or her",
    "he or she",
];

/// The wordings of one kind of source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sources {
    /// Sentences attributed to a source of this kind.
    pub sentences: u64,
    /// Those of them whose source is a pronoun.
    pub pronouns: u64,
    /// Those in which no words name the source, such as a quotation that runs on.
    pub unworded: u64,
    /// How many wordings there are; a lower bound where `bound` is above 0.
    pub distinct: usize,
    /// By how much a count of `top` may be too low; 0 where all are exact.
    pub bound: u64,
    /// The most frequent wordings.
    pub top: Vec<Frequent>,
}

/// Counts the sources of a stream of rows.
pub(super) struct SourceCounts {
    named: Kind,
    anonymous: Kind,
}

struct Kind {
    sentences: u64,
    pronouns: u64,
    unworded: u64,
    texts: FrequentTexts,
}

impl SourceCounts {
    pub fn new() -> Self {
        Self {
            named: Kind::new(),
            anonymous: Kind::new(),
        }
    }

    pub fn add(&mut self, row: &LabeledRow) {
        match row.attribution {
            Attribution::Named => self.named.add(row),
            Attribution::Anonymous => self.anonymous.add(row),
            Attribution::None | Attribution::Unspecified => {}
        }
    }

    /// Named and anonymous sources.
    pub fn finish(self) -> (Sources, Sources) {
        (self.named.finish(), self.anonymous.finish())
    }
}

impl Kind {
    fn new() -> Self {
        Self {
            sentences: 0,
            pronouns: 0,
            unworded: 0,
            texts: FrequentTexts::new(),
        }
    }

    fn add(&mut self, row: &LabeledRow) {
        self.sentences += 1;
        let spelling = frequent::spelling(&row.source);
        let key = frequent::key(&spelling);
        if key.is_empty() {
            self.unworded += 1;
        } else if PRONOUNS.contains(&key.as_str()) {
            self.pronouns += 1;
        } else {
            let is_explicit = row.anonymity == Some(Anonymity::Explicit);
            self.texts.add(&key, &spelling, row.stance, is_explicit);
        }
    }

    fn finish(self) -> Sources {
        Sources {
            sentences: self.sentences,
            pronouns: self.pronouns,
            unworded: self.unworded,
            distinct: self.texts.distinct(),
            bound: self.texts.bound(),
            top: self.texts.top(LISTED),
        }
    }
}
