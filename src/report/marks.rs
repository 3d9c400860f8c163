//! Where in a sentence its source and its cue stand.
//!
//! A table of text has the words, not their places, and the page should be the same whatever format the rows came
//! in. So the words are looked for: whole words, and of several places for the cue, the one nearest to the source.

use std::ops::Range;

use serde::Serialize;

/// Words that are marked in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkKind {
    Source,
    Cue,
}

/// Marked words: begin and end in UTF-16 code units, in which scripts count, and the kind, `s` or `c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Mark(pub usize, pub usize, pub char);

/// The marks of a sentence, in order and apart from each other.
pub(super) fn marks(text: &str, source: &str, cue: &str) -> Vec<Mark> {
    let source = places(text, source).next();
    let middle = |range: &Range<usize>| range.start + range.end;
    let apart = |range: &Range<usize>| {
        source
            .as_ref()
            .is_none_or(|source| range.end <= source.start || source.end <= range.start)
    };
    let cue = places(text, cue).filter(apart).min_by_key(|range| {
        source
            .as_ref()
            .map_or(0, |source| middle(source).abs_diff(middle(range)))
    });
    let mut found: Vec<(Range<usize>, MarkKind)> = source
        .map(|range| (range, MarkKind::Source))
        .into_iter()
        .chain(cue.map(|range| (range, MarkKind::Cue)))
        .collect();
    found.sort_by_key(|(range, _)| range.start);
    found
        .into_iter()
        .map(|(range, kind)| {
            let start = units(&text[..range.start]);
            let letter = match kind {
                MarkKind::Source => 's',
                MarkKind::Cue => 'c',
            };
            Mark(start, start + units(&text[range]), letter)
        })
        .collect()
}

/// Where `words` stand in `text` as whole words, in bytes.
fn places<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_part_of_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let found = text.match_indices(words).filter(move |_| !words.is_empty());
    found.filter_map(move |(start, found)| {
        let end = start + found.len();
        let begins_inside =
            is_part_of_word(text[..start].chars().next_back()) && is_part_of_word(found.chars().next());
        let ends_inside =
            is_part_of_word(found.chars().next_back()) && is_part_of_word(text[end..].chars().next());
        (!begins_inside && !ends_inside).then_some(start..end)
    })
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_marked() {
        let text = "The theft never happened, he said.";
        assert_eq!(marks(text, "he", "said"), [Mark(26, 28, 's'), Mark(29, 33, 'c')]);
    }

    #[test]
    fn the_cue_is_the_one_beside_the_source() {
        let text = "What she said was clear, two aides said.";
        assert_eq!(
            marks(text, "two aides", "said"),
            [Mark(25, 34, 's'), Mark(35, 39, 'c')]
        );
    }

    #[test]
    fn places_count_in_utf_16() {
        let text = "🙂🙂 Aides said no.";
        assert_eq!(
            marks(text, "Aides", "said"),
            [Mark(5, 10, 's'), Mark(11, 15, 'c')]
        );
    }

    #[test]
    fn words_that_are_not_there_are_not_marked() {
        assert_eq!(marks("Nobody spoke.", "the mayor", "said"), []);
        assert_eq!(marks("Nobody spoke.", "", ""), []);
        // The model may mark one word as both.
        assert_eq!(marks("Reports: no.", "Reports", "Reports"), [Mark(0, 7, 's')]);
    }
}
