//! Turns the tags of a sentence's tokens into the words that name its source, its cue and its contents.
//!
//! Tags are read as the training scripts read them (`scripts/sayso_train/spans.py`): not each token's best by itself, but the
//! most probable sequence that makes sense. A span begins at a token tagged `begin` and ends before the next one that is
//! not `inside`.

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
        let logits = || tags.iter().map(|token| &token[kind as usize]);
        // The best tags of all are those that are best one by one, where they happen to fit together.
        if logits().all(|logits| best(logits) == Tag::Outside) {
            continue;
        }
        let first = spans.len();
        for (token, (tag, logits)) in most_probable(logits()).into_iter().zip(logits()).enumerate() {
            match (tag, spans.last_mut()) {
                (Tag::Outside, _) => {}
                (Tag::Inside, Some(span)) => {
                    let TokenSpan {
                        tokens, probability, ..
                    } = span;
                    tokens.end = token + 1;
                    *probability += within(logits);
                }
                (Tag::Begin | Tag::Inside, _) => spans.push(TokenSpan {
                    kind,
                    tokens: token..token + 1,
                    probability: within(logits),
                }),
            }
        }
        for span in &mut spans[first..] {
            span.probability /= span.tokens.len() as f32;
        }
    }
    spans
}

/// The most probable tags in which none is [`Tag::Inside`] without one before it to be inside of (Viterbi 1967, "Error
/// bounds for convolutional codes"). Of equals, the first tag.
fn most_probable<'a>(logits: impl Iterator<Item = &'a [f32; Tag::COUNT]>) -> Vec<Tag> {
    // The best sum of log-probabilities of tags that end in each.
    let mut sums = [0.0, f32::NEG_INFINITY, f32::NEG_INFINITY];
    let mut came_from: Vec<[Tag; Tag::COUNT]> = Vec::new();
    for logits in logits {
        let any = best(&sums);
        let [_, begin, inside] = sums;
        let in_span = if begin >= inside { Tag::Begin } else { Tag::Inside };
        let own = log_probabilities(logits);
        came_from.push([any, any, in_span]);
        sums = [
            sums[any as usize] + own[0],
            sums[any as usize] + own[1],
            sums[in_span as usize] + own[2],
        ];
    }
    let mut tag = best(&sums);
    let mut tags: Vec<Tag> = Vec::with_capacity(came_from.len());
    for previous in came_from.iter().rev() {
        tags.push(tag);
        tag = previous[tag as usize];
    }
    tags.reverse();
    tags
}

fn log_probabilities(logits: &[f32; Tag::COUNT]) -> [f32; Tag::COUNT] {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
    logits.map(|logit| logit - largest - total.ln())
}

/// The tag with the largest score; of equals, the first.
fn best(scores: &[f32; Tag::COUNT]) -> Tag {
    let [outside, begin, inside] = *scores;
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
        assert_eq!(sources(&[Outside, Begin, Outside, Begin]), [1..2, 3..4]);
        assert!(sources(&[Outside, Outside]).is_empty());
        assert!(sources(&[]).is_empty());
    }

    /// One that is not sure.
    fn doubtful(source: [f32; 3]) -> TagLogits {
        [source, [9.0, 0.0, 0.0], [9.0, 0.0, 0.0]]
    }

    #[test]
    fn tags_are_read_together() {
        // By themselves: outside, inside. An inside needs a beginning, and the first token may well be one.
        let spans = decode(&[doubtful([1.0, 0.9, -9.0]), doubtful([0.0, -9.0, 3.0])]);
        assert_eq!(spans.len(), 1);
        assert_eq!(spans[0].tokens, 0..2);
        // Here it may not, so that the second token begins a span, or is none.
        let spans = decode(&[doubtful([9.0, 0.0, 0.0]), doubtful([0.0, 2.0, 3.0])]);
        assert_eq!(spans[0].tokens, 1..2);
        assert!(decode(&[doubtful([9.0, 0.0, 0.0]), doubtful([2.0, 0.0, 3.0])]).is_empty());
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
