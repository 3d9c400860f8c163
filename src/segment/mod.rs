//! Splits a document's text into sentences, since the sentence is the unit that every later stage
//! labels.
//!
//! The sentence rules of English (abbreviations, initials, quotations, lists) come from
//! `sentencex`. On news snippets full of abbreviations it split one sentence wrongly where
//! `unicode-segmentation` and `icu_segmenter`, which follow the Unicode standard and know no
//! abbreviations, split sixteen, and all three found every true boundary. It is also small, pure
//! Rust and without a model to load. What it does not know is the document around the sentences,
//! and that is this module's part, one idea per file:
//!
//! 1. `paragraphs` cuts the text where its layout does: blank lines, lists, headings, bylines.
//! 2. `furniture` takes out what a web page leaves inside a paragraph: notices, labels,
//!    sign-offs.
//! 3. `rules` asks `sentencex` for the sentences of what is left, window by window.
//! 4. `repair` removes the boundaries that news writing shows to be false.
//! 5. `missed` adds those that `sentencex` does not see.
//! 6. `overlong` looks again, inside quotations and parentheses, at what is too long to be one
//!    sentence.
//! 7. `strays` gives marks that stand alone to the sentence that they belong to.
//!
//! Quotations of several sentences stay whole otherwise, because their attribution belongs to all
//! of them.
//!
//! Everything here is a pure function of the text and takes time linear in its length: a stage
//! looks at a bounded number of bytes around the place that it judges, or once at each sentence.

mod characters;
mod furniture;
mod missed;
mod overlong;
mod paragraphs;
mod repair;
mod rules;
mod strays;
mod words;

use std::ops::Range;

use regex::Regex;

use crate::document::Sentence;

/// The sentences of `text`, in order.
///
/// Offsets count Unicode code points. A sentence neither starts nor ends with white space, none is
/// empty, and white space alone is lost between one and the next.
pub fn segment(text: &str) -> Vec<Sentence> {
    let mut spans = Vec::new();
    for block in paragraphs::blocks(text) {
        for part in furniture::parts(text, block) {
            match part {
                furniture::Part::Furniture(range) => push_trimmed(text, range, &mut spans),
                furniture::Part::Prose(range) => push_prose(text, range, &mut spans),
            }
        }
    }
    with_code_point_offsets(text, &spans)
}

/// Appends the sentences of running text.
fn push_prose(text: &str, range: Range<usize>, spans: &mut Vec<Range<usize>>) {
    let prose = &text[range.clone()];
    let found = rules::cuts(prose)
        .into_iter()
        .map(|cut| repair::before_opener(prose, cut));
    let mut cuts: Vec<usize> = found
        .filter(|&cut| cut > 0 && !repair::is_false(prose, cut))
        .collect();
    cuts.extend(missed::cuts(prose));
    let cuts = overlong::refine(prose, in_order(cuts));

    let first = spans.len();
    let mut start = 0;
    for cut in cuts.into_iter().chain([prose.len()]) {
        push_trimmed(text, range.start + start..range.start + cut, spans);
        start = cut;
    }
    strays::settle(text, first, spans);
}

/// Sorted, each once.
fn in_order(mut cuts: Vec<usize>) -> Vec<usize> {
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Appends `range` without the white space at its ends, unless nothing remains.
fn push_trimmed(text: &str, range: Range<usize>, spans: &mut Vec<Range<usize>>) {
    let span = &text[range.clone()];
    let start = range.start + span.len() - span.trim_start().len();
    let trimmed = start..start + span.trim().len();
    if !trimmed.is_empty() {
        spans.push(trimmed);
    }
}

/// Turns byte ranges in ascending order into sentences.
fn with_code_point_offsets(text: &str, spans: &[Range<usize>]) -> Vec<Sentence> {
    let mut byte = 0;
    let mut code_point = 0;
    spans
        .iter()
        .map(|span| {
            let sentence = &text[span.clone()];
            let start = code_point + text[byte..span.start].chars().count();
            let end = start + sentence.chars().count();
            (byte, code_point) = (span.end, end);
            Sentence {
                start,
                end,
                text: sentence.to_owned(),
            }
        })
        .collect()
}

/// A pattern of this module's, which its tests compile.
fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is a constant")
}
