//! Text of the corpus as it may be shown: without characters that hide, reorder or break what stands around it.
//!
//! Escaping for HTML is the template's work. This is about what is left then: a control that turns the reading direction round
//! can make "not guilty" read otherwise, and one that no font has cannot be seen at all.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character must not reach the page as it is: controls other than white space, and those of direction
/// that act on what follows (UAX #9, section 2), and line separators that scripts take for ends of line.
fn is_hidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' => true,
        // Noncharacters and tags, which no text has.
        '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => character.is_control(),
    }
}

/// `text` with hidden characters named, such as `[U+202E]`.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "[U+{:04X}]", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// `text` made visible, and cut after so many characters of it.
pub(super) fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", visible(&text[..end]))),
        None => visible(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reorders_text_is_named() {
        assert_eq!(visible("a\u{202e}b\u{2066}"), "a[U+202E]b[U+2066]");
        assert_eq!(visible("\0\u{1b}[2J\u{85}"), "[U+0000][U+001B][2J[U+0085]");
        assert_eq!(visible("line\u{2028}end"), "line[U+2028]end");
    }

    #[test]
    fn other_text_stays() {
        for text in ["Größe – 新聞 “x” \n\t🙂", "שלום\u{200f}!", "", "<script>"] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(clipped("ééé", 3), "ééé");
        assert_eq!(clipped("éééé", 3), "ééé…");
    }
}
