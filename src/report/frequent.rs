//! The most frequent texts of a stream, in bounded memory.
//!
//! A large corpus names hundreds of thousands of sources, most of them once. All are counted exactly while they fit;
//! when there are more than that, the rarest half is forgotten, and what a forgotten text may have counted is
//! remembered as a bound (as in Manku and Motwani's lossy counting, VLDB 2002). A text that is in the list has at
//! least its count, and at most its count and the bound more.

use std::collections::HashMap;

use serde::Serialize;

use crate::prediction::Stance;

use super::visible::visible;

/// Texts that are counted at the same time; some 200 bytes each.
const MOST_TEXTS: usize = 200_000;

/// Spellings of one text that are told apart.
const MOST_SPELLINGS: usize = 8;

/// A longer text counts by its beginning.
pub(super) const MOST_CHARACTERS: usize = 160;

/// A text and how often it stood with which stance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frequent {
    /// In its most common spelling.
    pub text: String,
    pub sentences: u64,
    /// In the order of [`Stance::ALL`].
    pub stances: [u64; 4],
    /// Sentences whose anonymity is explicit.
    pub explicit: u64,
}

#[derive(Clone, Debug, Default)]
struct Entry {
    stances: [u64; 4],
    explicit: u64,
    spellings: Vec<(Box<str>, u64)>,
}

impl Entry {
    fn sentences(&self) -> u64 {
        self.stances.iter().sum()
    }
}

/// Counts of texts, spellings that differ in case or white space alone taken together.
#[derive(Clone, Debug)]
pub(super) struct FrequentTexts {
    entries: HashMap<Box<str>, Entry>,
    capacity: usize,
    /// The most that a forgotten text may have counted.
    bound: u64,
}

impl FrequentTexts {
    pub fn new() -> Self {
        Self::with_capacity(MOST_TEXTS)
    }

    fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            capacity,
            bound: 0,
        }
    }

    /// Counts `spelling` under `key`, which is what [`key`] makes of it.
    pub fn add(&mut self, key: &str, spelling: &str, stance: Stance, is_explicit: bool) {
        if !self.entries.contains_key(key) {
            self.entries.insert(key.into(), Entry::default());
        }
        if let Some(entry) = self.entries.get_mut(key) {
            entry.stances[stance as usize] += 1;
            entry.explicit += u64::from(is_explicit);
            let is_full = entry.spellings.len() >= MOST_SPELLINGS;
            let mut known = entry.spellings.iter_mut();
            match known.find(|(known, _)| **known == *spelling) {
                Some((_, count)) => *count += 1,
                None if is_full => {}
                None => entry.spellings.push((spelling.into(), 1)),
            }
        }
        if self.entries.len() > self.capacity {
            self.forget();
        }
    }

    /// Forgets the rarer half.
    fn forget(&mut self) {
        let mut counts: Vec<u64> = self.entries.values().map(Entry::sentences).collect();
        let middle = counts.len() / 2;
        let (_, &mut median, _) = counts.select_nth_unstable(middle);
        self.entries.retain(|_, entry| entry.sentences() > median);
        // A text may have been forgotten before and have come back since.
        self.bound += median;
    }

    /// How many texts are counted, those forgotten not among them.
    pub fn distinct(&self) -> usize {
        self.entries.len()
    }

    /// By how much a count may be too low; 0 where all are exact.
    pub fn bound(&self) -> u64 {
        self.bound
    }

    /// The `most` most frequent texts; of two as frequent, the first by the alphabet.
    pub fn top(&self, most: usize) -> Vec<Frequent> {
        let mut entries: Vec<(&str, &Entry)> =
            self.entries.iter().map(|(key, entry)| (&**key, entry)).collect();
        entries.sort_unstable_by(|(left_key, left), (right_key, right)| {
            let by_count = right.sentences().cmp(&left.sentences());
            by_count.then_with(|| left_key.cmp(right_key))
        });
        let frequent = |(_, entry): (&str, &Entry)| {
            let common = entry
                .spellings
                .iter()
                .max_by(|(left, left_count), (right, right_count)| {
                    left_count.cmp(right_count).then_with(|| right.cmp(left))
                });
            Frequent {
                text: common.map_or_else(String::new, |(text, _)| text.to_string()),
                sentences: entry.sentences(),
                stances: entry.stances,
                explicit: entry.explicit,
            }
        };
        entries.into_iter().take(most).map(frequent).collect()
    }
}

/// `text` as it is shown: white space made one space, and cut where it is very long.
pub(super) fn spelling(text: &str) -> String {
    let mut spelling = String::with_capacity(text.len().min(4 * MOST_CHARACTERS));
    for word in visible(text).split_whitespace() {
        if !spelling.is_empty() {
            spelling.push(' ');
        }
        spelling.push_str(word);
        if spelling.len() > MOST_CHARACTERS
            && let Some((end, _)) = spelling.char_indices().nth(MOST_CHARACTERS)
        {
            spelling.truncate(end);
            spelling.push('…');
            break;
        }
    }
    spelling
}

/// What a spelling is counted under.
pub(super) fn key(spelling: &str) -> String {
    spelling.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn add(texts: &mut FrequentTexts, text: &str) {
        let spelling = spelling(text);
        texts.add(&key(&spelling), &spelling, Stance::Assert, false);
    }

    #[test]
    fn spellings_are_counted_together_and_the_most_common_is_shown() {
        let mut texts = FrequentTexts::new();
        for text in [
            "The ministry",
            "the  ministry ",
            "the ministry",
            "\nthe ministry",
            "Aides",
        ] {
            add(&mut texts, text);
        }
        let top = texts.top(5);
        assert_eq!(
            (top[0].text.as_str(), top[0].sentences, top[0].stances),
            ("the ministry", 4, [4, 0, 0, 0])
        );
        assert_eq!((top[1].text.as_str(), top.len()), ("Aides", 2));
    }

    #[test]
    fn a_very_long_text_counts_by_its_beginning() {
        let mut texts = FrequentTexts::new();
        add(&mut texts, &"é".repeat(1000));
        add(&mut texts, &"é".repeat(2000));
        let top = texts.top(1);
        assert_eq!(top[0].sentences, 2);
        assert_eq!(top[0].text.chars().count(), MOST_CHARACTERS + 1);
    }

    proptest! {
        #[test]
        fn a_count_is_off_by_no_more_than_the_bound(stream in prop::collection::vec(0_u32..60, 1..800)) {
            let mut texts = FrequentTexts::with_capacity(16);
            let mut exact: HashMap<String, u64> = HashMap::new();
            for number in stream {
                // Small numbers are far more frequent.
                let text = format!("source {}", number * number / 60);
                add(&mut texts, &text);
                *exact.entry(text).or_default() += 1;
            }
            prop_assert!(texts.distinct() <= 16);
            let top = texts.top(16);
            for frequent in &top {
                let count = exact[&frequent.text];
                prop_assert!(frequent.sentences <= count && count <= frequent.sentences + texts.bound());
            }
            for (text, count) in exact {
                let is_listed = top.iter().any(|frequent| frequent.text == text);
                prop_assert!(is_listed || count <= texts.bound(), "{text} {count} {}", texts.bound());
            }
        }
    }
}
