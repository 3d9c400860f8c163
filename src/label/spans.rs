//! Turns the tags of a sentence's tokens into the words that name its source, its cue and its contents.
//!
//! Tags are read as the training scripts read them (`scripts/sayso_train/spans.py`): a span begins at a token tagged
//! `begin`, or `inside` with nothing before it to be inside of, and ends before the next token that is not `inside`.

use std::ops::Range;

use crate::document::Sentence;
use crate::prediction::{Attribution, Prediction, Span, SpanKind, Tag, TagLogits};

/// A span of tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenSpan {
    pub kind: SpanKind,
    pub tokens: Range<usize>,
    /// The mean probability of its tokens of lying within a span of this kind.
    pub probability: f32,
}

/// The spans that the tags of a sentence's tokens mark, kind by kind.
pub fn decode(tags: &[TagLogits]) -> Vec<TokenSpan> {
    let mut spans = Vec::new();
    for &kind in SpanKind::ALL {
        let first = spans.len();
        let mut open = false;
        for (token, logits) in tags.iter().enumerate() {
            let logits = &logits[kind as usize];
            match (best(logits), open) {
                (Tag::Outside, _) => open = false,
                (Tag::Inside, true) => {
                    if let Some(span) = spans.last_mut() {
                        let TokenSpan {
                            tokens, probability, ..
                        } = span;
                        tokens.end = token + 1;
                        *probability += within(logits);
                    }
                }
                (Tag::Begin, _) | (Tag::Inside, false) => {
                    open = true;
                    spans.push(TokenSpan {
                        kind,
                        tokens: token..token + 1,
                        probability: within(logits),
                    });
                }
            }
        }
        for span in &mut spans[first..] {
            span.probability /= span.tokens.len() as f32;
        }
    }
    spans
}

/// The tag with the largest logit; of equals, the first.
fn best(logits: &[f32; Tag::COUNT]) -> Tag {
    let [outside, begin, inside] = *logits;
    if outside >= begin && outside >= inside {
        Tag::Outside
    } else if begin >= inside {
        Tag::Begin
    } else {
        Tag::Inside
    }
}

/// The probability of any tag but [`Tag::Outside`].
fn within(logits: &[f32; Tag::COUNT]) -> f32 {
    let [outside, begin, inside] = *logits;
    1.0 / (1.0 + 1.0 / ((begin - outside).exp() + (inside - outside).exp()))
}

/// Writes what was found into the prediction of an attributed sentence; `characters` are those of every token.
pub fn mark(
    prediction: &mut Prediction,
    spans: &[TokenSpan],
    characters: &[Range<usize>],
    sentence: &Sentence,
) {
    if prediction.attribution == Attribution::None {
        return;
    }
    let range = |span: &TokenSpan| characters[span.tokens.start].start..characters[span.tokens.end - 1].end;
    let words = |span: &TokenSpan| slice(&sentence.text, range(span)).to_owned();
    let (source, cue) = choose(spans);
    prediction.source = source.map(words);
    prediction.cue = cue.map(words);
    prediction.spans = spans
        .iter()
        .map(|span| Span {
            kind: span.kind,
            start: sentence.start + range(span).start,
            end: sentence.start + range(span).end,
        })
        .collect();
    prediction
        .spans
        .sort_by_key(|span| (span.start, span.end, span.kind));
}

/// The cue that is reported, the most probable, and its source, the nearest; without a cue, the most probable source.
fn choose(spans: &[TokenSpan]) -> (Option<&TokenSpan>, Option<&TokenSpan>) {
    let of = |kind| spans.iter().filter(move |span| span.kind == kind);
    let probable = |a: &&TokenSpan, b: &&TokenSpan| a.probability.total_cmp(&b.probability);
    // `max_by` takes the last of equals; from behind, that is the first in the sentence.
    let cue = of(SpanKind::Cue).rev().max_by(probable);
    let source = match cue {
        Some(cue) => of(SpanKind::Source).min_by_key(|source| distance(&source.tokens, &cue.tokens)),
        None => of(SpanKind::Source).rev().max_by(probable),
    };
    (source, cue)
}

/// The tokens between two spans.
fn distance(a: &Range<usize>, b: &Range<usize>) -> usize {
    if a.start < b.start {
        b.start.saturating_sub(a.end)
    } else {
        a.start.saturating_sub(b.end)
    }
}

/// The code points `range` of `text`.
fn slice(text: &str, range: Range<usize>) -> &str {
    let byte = |index| {
        text.char_indices()
            .nth(index)
            .map_or(text.len(), |(byte, _)| byte)
    };
    &text[byte(range.start)..byte(range.end)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token that is certain of its tags: source, cue, content.
    fn token(tags: [Tag; 3]) -> TagLogits {
        tags.map(|tag| {
            let mut logits = [0.0; 3];
            logits[tag as usize] = 9.0;
            logits
        })
    }

    fn sources(tags: &[Tag]) -> Vec<Range<usize>> {
        let tokens: Vec<_> = tags
            .iter()
            .map(|&tag| token([tag, Tag::Outside, Tag::Outside]))
            .collect();
        decode(&tokens).into_iter().map(|span| span.tokens).collect()
    }

    #[test]
    fn a_span_ends_where_the_next_begins() {
        use Tag::{Begin, Inside, Outside};
        assert_eq!(sources(&[Begin, Inside, Begin, Outside]), [0..2, 2..3]);
        assert_eq!(sources(&[Outside, Inside, Inside]), [1..3]);
        assert_eq!(sources(&[Inside, Outside, Inside]), [0..1, 2..3]);
        assert!(sources(&[Outside, Outside]).is_empty());
        assert!(sources(&[]).is_empty());
    }

    #[test]
    fn kinds_may_overlap() {
        use Tag::{Begin, Inside, Outside};
        let spans = decode(&[
            token([Outside, Outside, Begin]),
            token([Begin, Outside, Inside]),
            token([Outside, Begin, Inside]),
        ]);
        let found: Vec<_> = spans
            .iter()
            .map(|span| (span.kind, span.tokens.clone()))
            .collect();
        assert_eq!(
            found,
            [
                (SpanKind::Source, 1..2),
                (SpanKind::Cue, 2..3),
                (SpanKind::Content, 0..3)
            ]
        );
    }

    fn span(kind: SpanKind, tokens: Range<usize>, probability: f32) -> TokenSpan {
        TokenSpan {
            kind,
            tokens,
            probability,
        }
    }

    #[test]
    fn the_source_is_the_one_nearest_to_the_cue() {
        let spans = [
            span(SpanKind::Source, 0..2, 0.99),
            span(SpanKind::Source, 8..9, 0.7),
            span(SpanKind::Cue, 4..5, 0.6),
            span(SpanKind::Cue, 9..10, 0.9),
        ];
        let (source, cue) = choose(&spans);
        assert_eq!(source, Some(&spans[1]));
        assert_eq!(cue, Some(&spans[3]));
        assert_eq!(choose(&spans[..2]), (Some(&spans[0]), None));
        assert_eq!(choose(&[]), (None, None));
    }

    #[test]
    fn a_probability_needs_no_small_numbers() {
        assert_eq!(within(&[0.0, 200.0, 0.0]), 1.0);
        assert_eq!(within(&[200.0, 0.0, 0.0]), 0.0);
        assert!((within(&[0.0; 3]) - 2.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn words_are_cut_at_code_points() {
        assert_eq!(slice("Élise said", 0..5), "Élise");
        assert_eq!(slice("“No”", 3..4), "”");
        assert_eq!(slice("", 0..0), "");
    }
}
