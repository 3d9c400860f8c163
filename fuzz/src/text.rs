//! Plain text, text whose format is guessed, and the segmenter.

use sayso::document::Body;
use sayso::input::{InputFormat, InputOptions};
use sayso::segment::segment;

use super::reading::{is_archive, read};

const LIMIT: usize = 1 << 12;

fn options() -> InputOptions {
    InputOptions {
        max_record_bytes: LIMIT,
        ..InputOptions::default()
    }
}

/// A file of text is one document, exactly where it is text and not too long.
pub fn reader(data: &[u8]) {
    let items = read(Some(InputFormat::Text), data, &options(), false);
    assert_eq!(items.len(), 1);
    if is_archive(data) {
        return;
    }
    let text = std::str::from_utf8(data).ok();
    let text = text.filter(|text| !text.contains('\0') && text.len() <= LIMIT);
    match (&items[0], text) {
        (Ok(document), Some(text)) => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            assert_eq!(document.body, Body::Text(text.to_owned()));
        }
        (Err(_), None) => {}
        (item, _) => panic!("{item:?}"),
    }
}

/// A stream whose format is guessed from its first bytes.
pub fn guessed(data: &[u8]) {
    read(None, data, &options(), true);
}

/// The segmenter's contract: its sentences slice the text, in order, and lose nothing but white space.
pub fn segmenter(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut rest = text.chars();
    let mut position = 0;
    for sentence in segment(&text) {
        assert!(
            position <= sentence.start && sentence.start < sentence.end,
            "{sentence:?}"
        );
        let between = rest.by_ref().take(sentence.start - position);
        assert!(
            between.into_iter().all(char::is_whitespace),
            "before {sentence:?}"
        );
        let length = sentence.end - sentence.start;
        assert!(
            rest.by_ref().take(length).eq(sentence.text.chars()),
            "{sentence:?}"
        );
        assert_eq!(sentence.text.trim(), sentence.text);
        position = sentence.end;
    }
    assert!(rest.all(char::is_whitespace), "after the last sentence");
}
