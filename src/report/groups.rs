//! Sums by the values of a column, such as the outlet.
//!
//! A column with few values is what is expected; one with as many as there are documents must not fill memory. So
//! only so many values are told apart, and the sentences of those that come after are put with "other".

use std::collections::HashMap;

use super::measures::Counts;
use super::sums::Sums;
use super::visible::clipped;

/// Values that are told apart.
const MOST_VALUES: usize = 10_000;

/// Characters of a value that count and are shown.
const MOST_CHARACTERS: usize = 120;

/// What a group stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Value(String),
    /// The values that are not listed; how many there are, at least.
    Other(usize),
    /// No value.
    Missing,
}

/// The groups of a stream of documents.
#[derive(Default)]
pub(super) struct Groups {
    values: HashMap<String, Sums>,
    missing: Sums,
    /// Documents whose value came too late to be told apart.
    late: Sums,
}

impl Groups {
    pub fn add(&mut self, value: &str, counts: &Counts) {
        let value = clipped(value.trim(), MOST_CHARACTERS);
        if value.is_empty() {
            self.missing.add(counts);
        } else if let Some(sums) = self.values.get_mut(&*value) {
            sums.add(counts);
        } else if self.values.len() < MOST_VALUES {
            self.values.entry(value.into_owned()).or_default().add(counts);
        } else {
            self.late.add(counts);
        }
    }

    /// How many values there are; a lower bound where [`Self::is_cut`].
    pub fn distinct(&self) -> usize {
        self.values.len()
    }

    /// Whether there were too many values to be told apart.
    pub fn is_cut(&self) -> bool {
        self.late.documents > 0
    }

    /// The `most` groups with the most sentences, then the others, then those without a value.
    pub fn finish(self, most: usize) -> Vec<(Group, Sums)> {
        let mut values: Vec<(String, Sums)> = self.values.into_iter().collect();
        values.sort_unstable_by(|(left, left_sums), (right, right_sums)| {
            let by_size = right_sums.sentences.cmp(&left_sums.sentences);
            by_size.then_with(|| left.cmp(right))
        });
        let unlisted = values.split_off(most.min(values.len()));
        let mut other = self.late;
        for (_, sums) in &unlisted {
            other.merge(sums);
        }
        let mut groups: Vec<(Group, Sums)> = values
            .into_iter()
            .map(|(value, sums)| (Group::Value(value), sums))
            .collect();
        for (group, sums) in [
            (Group::Other(unlisted.len()), other),
            (Group::Missing, self.missing),
        ] {
            if sums.documents > 0 {
                groups.push((group, sums));
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_are_listed_and_the_rest_is_other() {
        let mut groups = Groups::default();
        for (value, sentences) in [("b", 3), ("a", 3), (" c ", 9), ("", 2), ("d", 1), ("c", 1)] {
            groups.add(value, &Counts::of_labels(sentences, 0, 0));
        }
        assert_eq!((groups.distinct(), groups.is_cut()), (4, false));
        let groups: Vec<(Group, u64)> = groups
            .finish(2)
            .into_iter()
            .map(|(group, sums)| (group, sums.sentences))
            .collect();
        assert_eq!(
            groups,
            [
                (Group::Value("c".to_owned()), 10),
                (Group::Value("a".to_owned()), 3),
                (Group::Other(2), 4),
                (Group::Missing, 2),
            ]
        );
    }

    #[test]
    fn as_many_values_as_documents_do_not_fill_memory() {
        let mut groups = Groups::default();
        for number in 0..MOST_VALUES + 5 {
            groups.add(&number.to_string(), &Counts::of_labels(1, 0, 0));
        }
        assert_eq!((groups.distinct(), groups.is_cut()), (MOST_VALUES, true));
        let groups = groups.finish(10);
        assert_eq!(groups.len(), 11);
        assert_eq!(groups[10].1.sentences, MOST_VALUES as u64 - 5);
    }
}
