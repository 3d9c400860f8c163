//! Packs the sentences of a document into token windows.
//!
//! A sentence is judged with its neighbours in view: a continued quotation has the speaker of the sentence
//! before it. So consecutive sentences share one token sequence, and a window that starts in the middle of a
//! document opens with a little of what came before. Nothing is padded. `docs/WINDOWS.md` is the
//! specification, which the training scripts implement too (`scripts/sayso_train/windows.py`).

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Sizes in wordpieces, separators included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowConfig {
    /// The longest window.
    pub max_window: usize,
    /// The most context that a window opens with.
    pub max_context: usize,
    /// A longer sentence loses its middle.
    pub max_sentence: usize,
    /// How much of a shortened sentence is kept from its end.
    pub sentence_tail: usize,
    /// The token that opens every window.
    pub cls: u32,
    /// The token that closes every sentence.
    pub sep: u32,
}

impl WindowConfig {
    /// Whether every window that [`pack`] can make fits into `max_window`: context, `[CLS]` and one
    /// sentence of full length.
    pub fn is_consistent(&self) -> bool {
        self.max_context >= 2
            && self.sentence_tail >= 1
            && self.sentence_tail < self.max_sentence
            && self.max_sentence < self.max_window
            && 1 + self.max_context + self.max_sentence < self.max_window
    }
}

/// One token sequence: `[CLS]`, context, then sentences, each followed by `[SEP]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub ids: Vec<u32>,
    /// Index in the document of the first sentence that this window classifies.
    pub first: usize,
    /// Where each classified sentence stands in `ids`; a range ends after the sentence's `[SEP]`.
    pub sentences: Vec<Range<usize>>,
}

/// Cuts the middle out of a sentence that is too long: attribution sits at its start or at its end.
///
/// Returns whether anything was cut.
pub fn shorten<T>(ids: &mut Vec<T>, config: &WindowConfig) -> bool {
    if ids.len() <= config.max_sentence {
        return false;
    }
    let head = config.max_sentence - config.sentence_tail;
    ids.drain(head..ids.len() - config.sentence_tail);
    true
}

/// Packs tokenized sentences, already [`shorten`]ed, into windows.
///
/// Greedy: a window takes sentences until the next would not fit, and always takes at least one. `context`
/// holds sentences that are read before the first and not classified.
pub fn pack(context: &[Vec<u32>], sentences: &[Vec<u32>], config: &WindowConfig) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for (index, sentence) in sentences.iter().enumerate() {
        let fits = |window: &Window| window.ids.len() + sentence.len() < config.max_window;
        if !windows.last().is_some_and(fits) {
            let mut ids = vec![config.cls];
            push_context(&mut ids, context, &sentences[..index], config);
            windows.push(Window {
                ids,
                first: index,
                sentences: Vec::new(),
            });
        }
        if let Some(window) = windows.last_mut() {
            let start = window.ids.len();
            window.ids.extend_from_slice(sentence);
            window.ids.push(config.sep);
            window.sentences.push(start..window.ids.len());
        }
    }
    windows
}

/// Appends the nearest whole sentences that fit into `max_context`; of a nearest one that does not fit, its end.
fn push_context(ids: &mut Vec<u32>, context: &[Vec<u32>], before: &[Vec<u32>], config: &WindowConfig) {
    let nearest_first = before.iter().rev().chain(context.iter().rev());
    let mut chosen: Vec<&[u32]> = Vec::new();
    let mut used = 0;
    for sentence in nearest_first {
        if used + sentence.len() + 1 > config.max_context {
            if chosen.is_empty() {
                chosen.push(&sentence[sentence.len() - (config.max_context - 1)..]);
            }
            break;
        }
        used += sentence.len() + 1;
        chosen.push(sentence);
    }
    for sentence in chosen.into_iter().rev() {
        ids.extend_from_slice(sentence);
        ids.push(config.sep);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONFIG: WindowConfig = WindowConfig {
        max_window: 40,
        max_context: 10,
        max_sentence: 24,
        sentence_tail: 8,
        cls: 101,
        sep: 102,
    };

    #[test]
    fn a_lone_sentence_is_a_window_of_one() {
        let windows = pack(&[], &[vec![7, 8]], &CONFIG);
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].ids, [101, 7, 8, 102]);
        assert_eq!((windows[0].first, windows[0].sentences.len()), (0, 1));
        assert_eq!(windows[0].sentences[0], 1..4);
    }

    #[test]
    fn no_sentences_make_no_window() {
        assert!(pack(&[vec![1]], &[], &CONFIG).is_empty());
    }

    #[test]
    fn context_prefers_whole_sentences_and_falls_back_to_an_end() {
        let whole = pack(&[vec![1; 9], vec![2; 3], vec![3; 3]], &[vec![9]], &CONFIG);
        assert_eq!(whole[0].ids, [101, 2, 2, 2, 102, 3, 3, 3, 102, 9, 102]);
        let end = pack(&[(0..20).collect()], &[vec![9]], &CONFIG);
        assert_eq!(end[0].ids, [101, 11, 12, 13, 14, 15, 16, 17, 18, 19, 102, 9, 102]);
    }

    #[test]
    fn a_long_sentence_keeps_both_ends() {
        let mut ids: Vec<u32> = (0..30).collect();
        assert!(shorten(&mut ids, &CONFIG));
        assert_eq!(ids.len(), 24);
        assert_eq!((ids[15], ids[16], ids[23]), (15, 22, 29));
        assert!(!shorten(&mut ids, &CONFIG));
    }

    fn sentences(most: usize) -> impl Strategy<Value = Vec<Vec<u32>>> {
        prop::collection::vec(prop::collection::vec(200u32..300, 0..60), 0..most)
    }

    proptest! {
        #[test]
        fn every_sentence_is_classified_once_in_order_and_fits(
            mut context in sentences(4),
            mut document in sentences(20),
        ) {
            prop_assert!(CONFIG.is_consistent());
            for ids in context.iter_mut().chain(document.iter_mut()) {
                shorten(ids, &CONFIG);
            }
            let windows = pack(&context, &document, &CONFIG);
            let mut next = 0;
            for window in &windows {
                prop_assert!(window.ids.len() <= CONFIG.max_window);
                prop_assert!(!window.sentences.is_empty());
                prop_assert_eq!(window.first, next);
                prop_assert!(window.sentences[0].start <= 1 + CONFIG.max_context);
                for (range, ids) in window.sentences.iter().zip(&document[next..]) {
                    prop_assert_eq!(&window.ids[range.start..range.end - 1], &ids[..]);
                    prop_assert_eq!(window.ids[range.end - 1], CONFIG.sep);
                }
                prop_assert_eq!(window.sentences.last().map(|range| range.end), Some(window.ids.len()));
                next += window.sentences.len();
            }
            prop_assert_eq!(next, document.len());
        }
    }
}
