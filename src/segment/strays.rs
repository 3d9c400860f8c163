//! Gives marks that stand alone between two sentences to the one that they belong to.
//!
//! Where white space got between a stop and the quotation mark behind it, the mark starts the next
//! sentence or is left as a sentence without a word.

use std::ops::Range;

/// Settles the marks in the spans from `first` on, which must be in order and belong to one
/// paragraph.
pub(super) fn settle(text: &str, first: usize, spans: &mut Vec<Range<usize>>) {
    for index in first + 1..spans.len() {
        if let Some((mark_end, rest)) = leading_mark(text, &spans[index])
            && leaves_open(
                &text[spans[index - 1].clone()],
                &text[spans[index].start..mark_end],
            )
        {
            spans[index - 1].end = mark_end;
            spans[index].start = rest;
        }
    }
    join_wordless(text, first, spans);
}

/// Where a closing or straight quotation mark at the start of `span` ends and where the words
/// behind its white space start, if that is how the span begins.
fn leading_mark(text: &str, span: &Range<usize>) -> Option<(usize, usize)> {
    let sentence = &text[span.clone()];
    let rest = sentence.strip_prefix(['"', '”'])?;
    let words = rest.trim_start();
    let is_apart =
        words.len() < rest.len() && words.starts_with(|next: char| next.is_uppercase() || next == '(');
    is_apart.then_some((span.end - rest.len(), span.end - words.len()))
}

/// Does `sentence` open a quotation that `mark` closes?
fn leaves_open(sentence: &str, mark: &str) -> bool {
    match mark {
        "”" => sentence.matches('“').count() > sentence.matches('”').count(),
        _ => sentence.matches(mark).count() % 2 == 1,
    }
}

/// Gives a span without a letter or digit to the span before it, or to the one after it where it
/// comes first.
fn join_wordless(text: &str, first: usize, spans: &mut Vec<Range<usize>>) {
    let mut settled: Vec<Range<usize>> = Vec::new();
    let mut has_begun = false;
    for span in spans.drain(first..) {
        let has_words = text[span.clone()].contains(char::is_alphanumeric);
        match settled.last_mut() {
            Some(before) if !has_words || !has_begun => before.end = span.end,
            _ => settled.push(span),
        }
        has_begun |= has_words;
    }
    spans.append(&mut settled);
}

#[cfg(test)]
mod tests {
    use super::settle;

    /// The texts of the spans between bars once they are settled.
    fn settled(marked: &str) -> Vec<String> {
        let text = marked.replace('|', "");
        let mut spans = Vec::new();
        let mut start = 0;
        for piece in marked.split('|') {
            let inner = start + piece.len() - piece.trim_start().len();
            spans.push(inner..inner + piece.trim().len());
            start += piece.len();
        }
        settle(&text, 0, &mut spans);
        spans.into_iter().map(|span| text[span].to_owned()).collect()
    }

    #[test]
    fn marks_go_to_their_sentence() {
        for (marked, expected) in [
            (
                "\"We left. |\" She laughed.",
                vec!["\"We left. \"", "She laughed."],
            ),
            ("“We left. |” She laughed.", vec!["“We left. ”", "She laughed."]),
            (
                "She laughed. |\" We left.\"",
                vec!["She laughed.", "\" We left.\""],
            ),
            ("She laughed. |\"We left.\"", vec!["She laughed.", "\"We left.\""]),
            ("We left. |”", vec!["We left. ”"]),
            (
                "We left. |” |– |She laughed.",
                vec!["We left. ” –", "She laughed."],
            ),
            ("— |• |She laughed.", vec!["— • She laughed."]),
            ("* |* |*", vec!["* * *"]),
        ] {
            assert_eq!(settled(marked), expected, "{marked}");
        }
    }
}
