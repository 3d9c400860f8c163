//! The punctuation that the other stages ask about, named once.

/// Ends a sentence.
pub(super) fn is_stop(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…')
}

/// Closes a quotation or parenthesis, so that it belongs to the sentence on its left when it
/// touches a stop. The straight quotation marks open as well.
pub(super) fn is_closer(character: char) -> bool {
    matches!(character, '"' | '\'' | '”' | '’' | '»' | '›' | '“' | ')' | ']')
}

/// Opens a quotation or parenthesis, so that it belongs to the word on its right when it touches
/// one.
pub(super) fn is_opener(character: char) -> bool {
    matches!(
        character,
        '"' | '\'' | '“' | '‘' | '«' | '‹' | '„' | '`' | '(' | '['
    )
}

/// Any quotation mark.
pub(super) fn is_quote(character: char) -> bool {
    is_opener(character) && !matches!(character, '(' | '[') || matches!(character, '”' | '’' | '»' | '›')
}

/// A character that breaks a line. `\r\n` is one break, which the caller has to see to.
pub(super) fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Draws an item of a list; never a mark of prose.
pub(super) fn is_bullet(character: char) -> bool {
    matches!(character, '•' | '●' | '▪' | '■' | '◦' | '‣' | '►' | '▶' | '➤')
}

/// Does `text`, leaving out what closes quotations and parentheses at its end, end with a stop?
pub(super) fn ends_with_stop(text: &str) -> bool {
    text.trim_end_matches(is_closer).ends_with(is_stop)
}

/// The last `limit` bytes of `text`, or a little less where that would cut a character.
pub(super) fn tail(text: &str, limit: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(limit))..]
}

/// The first `limit` bytes of `text`, or a little less where that would cut a character.
pub(super) fn head(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}
