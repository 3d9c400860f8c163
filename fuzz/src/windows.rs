//! The window packer: every sentence once, in order, and no window over its limit.

use sayso::window::{WindowConfig, pack, shorten};

/// The first five bytes are the sizes; each later one is the length of a sentence.
pub fn packer(data: &[u8]) {
    let Some((&[window, context, sentence, tail, before], lengths)) = data.split_first_chunk() else {
        return;
    };
    let config = WindowConfig {
        max_window: usize::from(window) * 2,
        max_context: usize::from(context),
        max_sentence: usize::from(sentence),
        sentence_tail: usize::from(tail),
        cls: 1,
        sep: 2,
    };
    if !config.is_consistent() {
        return;
    }
    let mut number = 2;
    let mut all: Vec<Vec<u32>> = lengths
        .iter()
        .map(|length| {
            let ids = (0..u32::from(*length) * 2)
                .map(|place| number + place + 1)
                .collect();
            number += u32::from(*length) * 2;
            ids
        })
        .collect();
    for ids in &mut all {
        let (first, last) = (ids.first().copied(), ids.last().copied());
        shorten(ids, &config);
        assert!(ids.len() <= config.max_sentence);
        assert_eq!((ids.first().copied(), ids.last().copied()), (first, last));
    }
    let (context, sentences) = all.split_at(usize::from(before).min(all.len()));
    let mut next = 0;
    for window in pack(context, sentences, &config) {
        assert!(window.ids.len() <= config.max_window);
        assert_eq!((window.ids[0], window.first), (config.cls, next));
        assert!(!window.sentences.is_empty());
        let mut end = window.sentences[0].start;
        assert!(end <= 1 + config.max_context);
        for range in &window.sentences {
            assert_eq!(range.start, end);
            assert_eq!(&window.ids[range.start..range.end - 1], &sentences[next][..]);
            assert_eq!(window.ids[range.end - 1], config.sep);
            (end, next) = (range.end, next + 1);
        }
        assert_eq!(end, window.ids.len());
    }
    assert_eq!(next, sentences.len());
}
