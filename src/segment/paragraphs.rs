//! Cuts a document where its layout does, before any sentence rule reads it.
//!
//! A blank line always separates. A single line break separates too, since most corpora put one
//! paragraph, heading or byline on a line, unless the two lines show that they are one sentence.
//! They do, as long as the second does not start a list item, when
//!
//! - the document is hard-wrapped (no line but stray ones beyond [`WIDEST_WRAP`] characters) and
//!   the first word of the second line would not have fitted on the first; or
//! - the second goes on in lower case (bylines and addresses apart) and the first ends with no stop
//!   but that of an abbreviation; or
//! - the first ends with a comma or a word that cannot end a heading.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::characters::{ends_with_stop, head, is_line_break, tail};
use super::pattern;
use super::words;

/// The longest line, in characters, of a text that was wrapped by hand or by a mail program.
/// Terminals and mail use 65 to 100; a paragraph of news that stands on one line is nearly always
/// longer.
const WIDEST_WRAP: usize = 120;

/// The shortest line width, in characters, at which wrapping is believed: below it, lines are
/// headings or items.
const NARROWEST_WRAP: usize = 40;

/// A document may have one over-long line (an address, say) in this many and still count as
/// wrapped.
const STRAY_LINES: usize = 20;

/// The fewest lines from which the width can be told.
const FEWEST_WRAPPED_LINES: usize = 3;

/// The first word of a line is sought in this many bytes.
const WORD_REACH: usize = 64;

/// A list item: a bullet, dash, star or hash; a number or letter with a stop or parenthesis.
static LIST_ITEM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:[•●▪■◦‣►▶➤]|[-–—*+#>]+[ \t\u{a0}]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)][ \t\u{a0}])")
});

/// What starts in lower case on a line of its own without continuing the line before.
static OWN_LINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:https?://|www\.|pic\.twitter|\S+@\S+\.|by \p{Lu}|i\p{Lu})"));

/// The byte ranges of `text`'s blocks: stretches that no sentence reaches across. They are in
/// order, hold all text that is not white space, and are never blank.
pub(super) fn blocks(text: &str) -> Vec<Range<usize>> {
    let lines = lines(text);
    let width = wrap_width(text, &lines);
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut previous: Option<Range<usize>> = None;
    for line in lines {
        if text[line.clone()].trim().is_empty() {
            previous = None;
            continue;
        }
        let continued =
            previous.is_some_and(|previous| continues(&text[previous], &text[line.clone()], width));
        match blocks.last_mut() {
            Some(block) if continued => block.end = line.end,
            _ => blocks.push(line.clone()),
        }
        previous = Some(line);
    }
    blocks
}

/// The byte ranges of the lines, without their breaks.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (index, found) in text.match_indices(is_line_break) {
        if index == start && found == "\n" && text[..index].ends_with('\r') {
            start += 1;
            continue;
        }
        lines.push(start..index);
        start = index + found.len();
    }
    lines.push(start..text.len());
    lines
}

/// The line width of a hard-wrapped document in characters; `None` for any other.
fn wrap_width(text: &str, lines: &[Range<usize>]) -> Option<usize> {
    let mut widest = 0;
    let (mut filled, mut stray) = (0, 0);
    for line in lines {
        let width = text[line.clone()].trim().chars().count();
        filled += usize::from(width > 0);
        if width > WIDEST_WRAP {
            stray += 1;
        } else {
            widest = widest.max(width);
        }
    }
    let wrapped = filled >= FEWEST_WRAPPED_LINES && stray * STRAY_LINES <= filled && widest >= NARROWEST_WRAP;
    wrapped.then_some(widest)
}

/// Is the break between two lines of one paragraph only white space?
fn continues(line: &str, next: &str, width: Option<usize>) -> bool {
    let (line, next) = (line.trim(), next.trim_start());
    if LIST_ITEM.is_match(next) {
        return false;
    }
    let first_word = head(next, WORD_REACH)
        .split_whitespace()
        .next()
        .unwrap_or_default();
    if let Some(width) = width
        && line.chars().count() + 1 + first_word.chars().count() > width
    {
        return true;
    }
    let last_word = tail(line, WORD_REACH)
        .split_whitespace()
        .next_back()
        .unwrap_or_default();
    let goes_on = next.starts_with(char::is_lowercase) && !OWN_LINE.is_match(head(next, WORD_REACH));
    if ends_with_stop(line) {
        return goes_on && last_word.strip_suffix('.').is_some_and(words::is_shortened);
    }
    goes_on || line.ends_with(',') || words::is_unfinished(last_word)
}

#[cfg(test)]
mod tests {
    use super::blocks;

    fn split(text: &str) -> Vec<&str> {
        blocks(text).into_iter().map(|block| text[block].trim()).collect()
    }

    #[test]
    fn blank_lines_separate_whatever_they_are_made_of() {
        for blank in [
            "\n\n",
            "\r\n\r\n",
            "\n \t\n",
            "\r\r",
            "\n\u{a0}\n\n",
            "\u{2029}\u{2029}",
        ] {
            assert_eq!(
                split(&format!("the first,{blank}and the second")),
                ["the first,", "and the second"]
            );
        }
    }

    #[test]
    fn single_breaks_separate_headings_bylines_and_items() {
        for (text, expected) in [
            ("Orland recalls envoy\nBy Petra Lind\nVESTA (NWA) — It did.", 3),
            ("Orland recalls envoy\nby Petra Lind", 2),
            ("Three points:\n- the canal\n- the port\n* the rail line", 4),
            (
                "What we know:\n1. the ship sank\n2) nobody drowned\n(c) it was old",
                4,
            ),
            ("It ended.\nthat was all", 2),
            ("See also\nhttps://example.org/a", 2),
        ] {
            assert_eq!(split(text).len(), expected, "{text:?}");
        }
    }

    #[test]
    fn single_breaks_inside_a_sentence_are_white_space() {
        for text in [
            "The talks, which began in the spring\nwere broken off",
            "The mayor of Vesta,\nPetra Lind, resigned",
            "A court ruled in favour of the\nVesta Canal Company",
            "It was raised by Acme Inc.\nin the spring",
            "It was raised by many (e.g.\r\nthe mayor)",
        ] {
            assert_eq!(split(text), [text]);
        }
    }

    #[test]
    fn hard_wrapped_text_is_joined_up_to_the_short_line() {
        let text = "Orland recalls envoy\n\
                    The government of Orland said on Friday that it had called its envoy to\n\
                    Vesta home for talks, a step that diplomats in the capital described as\n\
                    Unusual. It gave no reason.\n\
                    The envoy had been in office for a year.";
        assert_eq!(split(text).len(), 3);
        assert!(split(text)[1].ends_with("no reason."));
    }
}
