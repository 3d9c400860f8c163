//! Looks again at a sentence that is too long to be one.
//!
//! `sentencex` keeps a quotation or parenthesis whole. That is right for a quotation of two or
//! three sentences, but a mark that was never closed, or was closed by the wrong one, swallows a
//! page, and a speech is more than its reader or the encoder can take at once. In a sentence beyond
//! [`LONGEST`] bytes the marks are hidden and the rules asked again.

use super::characters::{is_closer, is_opener, is_quote};
use super::{repair, rules};

/// The longest sentence, in bytes, that is not looked at again.
const LONGEST: usize = 600;

/// `cuts` of `prose`, in order, with those added that divide overlong sentences.
pub(super) fn refine(prose: &str, cuts: Vec<usize>) -> Vec<usize> {
    let mut refined = Vec::with_capacity(cuts.len());
    let mut start = 0;
    for cut in cuts.into_iter().chain([prose.len()]) {
        if cut - start > LONGEST {
            let inside = &prose[start..cut];
            refined.extend(cuts_inside(inside).into_iter().map(|inner| start + inner));
        }
        if cut < prose.len() {
            refined.push(cut);
        }
        start = cut;
    }
    refined
}

/// Where the rules cut `sentence` once nothing in it counts as quoted or in parentheses.
fn cuts_inside(sentence: &str) -> Vec<usize> {
    let mut cuts: Vec<usize> = rules::cuts(&without_marks(sentence))
        .into_iter()
        .map(|cut| behind_closers(sentence, cut))
        .filter(|&cut| 0 < cut && cut < sentence.len() && !repair::is_false(sentence, cut))
        .collect();
    cuts.dedup();
    cuts
}

/// `sentence` with a white space of the same length in place of each mark that quotes or encloses.
fn without_marks(sentence: &str) -> String {
    let mut previous = ' ';
    let mut characters = sentence.chars().peekable();
    let mut hidden = String::with_capacity(sentence.len());
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        let is_apostrophe = previous.is_alphanumeric() && next.is_alphanumeric();
        hidden.push(if is_mark(character) && !is_apostrophe {
            space_as_long_as(character)
        } else {
            character
        });
        previous = character;
    }
    hidden
}

/// A white space that takes as many bytes in UTF-8 as `mark`.
fn space_as_long_as(mark: char) -> char {
    match mark.len_utf8() {
        1 => ' ',
        2 => '\u{a0}',
        _ => '\u{2003}',
    }
}

/// The end of the sentence that ends at or shortly before `cut`, where the marks around it are
/// still hidden: marks that touch the stop stay on its left, the others go to the right.
fn behind_closers(sentence: &str, cut: usize) -> usize {
    let stop = sentence[..cut]
        .trim_end_matches(|character: char| character.is_whitespace() || is_mark(character))
        .len();
    let closers = sentence[stop..]
        .chars()
        .take_while(|&character| is_closer(character))
        .map(char::len_utf8)
        .sum::<usize>();
    let cut = stop + closers;
    let opens_a_word =
        sentence[cut..].starts_with(char::is_alphanumeric) && sentence[stop..cut].ends_with(is_opener);
    if opens_a_word { stop } else { cut }
}

/// Any mark that quotes or encloses.
fn is_mark(character: char) -> bool {
    is_quote(character) || is_opener(character) || is_closer(character)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, refine, without_marks};

    #[test]
    fn an_overlong_quotation_is_cut_at_its_stops() {
        for (open, close) in [("“", "”"), ("\"", "\""), ("«", "»"), ("(", ")")] {
            let speech = "We don't own the canal, and our minister knows it. ".repeat(20);
            let text = format!("{open}{}{close} She left.", speech.trim_end());
            let cuts = refine(&text, vec![text.len() - " She left.".len()]);
            assert_eq!(cuts.len(), 20, "{open}");
            assert!(
                cuts.iter()
                    .all(|&cut| text[..cut].trim_end().ends_with(['.', '”', '"', '»', ')']))
            );
        }
    }

    #[test]
    fn a_quotation_that_opens_behind_a_stop_keeps_its_mark() {
        let text = format!(
            "“{}{}”",
            "No, never, ".repeat(LONGEST / 10),
            "he said so. “We left, and then. It rained."
        );
        let cuts = refine(&text, vec![]);
        assert!(
            cuts.iter()
                .any(|&cut| text[cut..].trim_start().starts_with("“We left")),
            "{cuts:?}"
        );
    }

    #[test]
    fn a_short_one_stays_whole() {
        assert_eq!(refine("“We left. It rained.” She left.", vec![26]), [26]);
    }

    #[test]
    fn hiding_marks_keeps_every_byte_in_place() {
        let text = "“a” 'b' «c» (d) ‹e› don't l’eau „f“";
        let hidden = without_marks(text);
        assert_eq!(hidden.len(), text.len());
        assert!(hidden.contains("don't l’eau"));
        for (index, character) in text
            .char_indices()
            .filter(|(_, character)| character.is_alphabetic())
        {
            assert!(hidden[index..].starts_with(character));
        }
    }
}
