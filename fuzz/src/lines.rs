//! Readers of lines: every line that is not blank gives one item, in its place.

use std::io::Cursor;

use sayso::error::{Reject, RejectReason};
use sayso::input::{InputFormat, InputOptions, Source, gold as gold_files};

use super::reading::{LAST_LINE, is_archive, is_last, place, read};

/// Small, so that lines over the limit are met as well.
const LIMIT: usize = 1 << 10;

fn options() -> InputOptions {
    InputOptions {
        keep: vec!["outlet".to_owned(), "text".to_owned()],
        max_record_bytes: LIMIT,
        ..InputOptions::default()
    }
}

/// The lines of a file that must give an item: their numbers and where they begin.
fn expected(file: &[u8]) -> Vec<(Option<u64>, Option<u64>)> {
    let mut offset = 0;
    let mut places = Vec::new();
    for (index, line) in file.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if !is_blank(line.strip_suffix(b"\n").unwrap_or(line), index == 0) {
            places.push((Some(index as u64 + 1), Some(offset)));
        }
        offset += line.len() as u64;
    }
    places
}

fn is_blank(line: &[u8], is_first: bool) -> bool {
    let begins = if is_first {
        line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
    } else {
        line
    };
    line.len() <= LIMIT && begins.trim_ascii().is_empty()
}

/// JSON Lines: any bytes, then a good line.
pub fn jsonl(data: &[u8]) {
    if is_archive(data) {
        return;
    }
    let file = [data, b"\n", LAST_LINE.as_bytes()].concat();
    let items = read(Some(InputFormat::Jsonl), &file, &options(), false);
    assert_eq!(items.iter().map(place).collect::<Vec<_>>(), expected(&file));
    assert!(items.last().is_some_and(is_last), "{items:?}");
    for reject in items.iter().filter_map(|item| item.as_ref().err()) {
        check_raw(reject, &file);
    }
}

/// Gold files: the same, with labels.
pub fn gold(data: &[u8]) {
    if is_archive(data) {
        return;
    }
    let good = "{\"doc_id\": \"the last of all\", \"sentences\": \
        [{\"text\": \"It rained.\", \"stance\": \"assert\", \"attribution\": \"none\"}]}\n";
    let file = [data, b"\n", good.as_bytes()].concat();
    let source = Source::from_reader("hostile", None, Cursor::new(file.clone()));
    let items: Vec<_> = gold_files::documents(vec![source], &options()).collect();
    let mut places = Vec::new();
    for item in &items {
        match item {
            Ok(gold) => {
                places.push((gold.document.origin.record, gold.document.origin.offset));
                let sentences = match &gold.document.body {
                    sayso::Body::Sentences { sentences, .. } => sentences.len(),
                    sayso::Body::Text(_) => panic!("gold has sentences"),
                };
                assert_eq!(sentences, gold.gold.len());
            }
            Err(reject) => {
                places.push((reject.record, reject.offset));
                assert!(!matches!(reject.reason, RejectReason::Internal(_)), "{reject}");
                check_raw(reject, &file);
            }
        }
    }
    assert_eq!(places, expected(&file));
    let last = items.into_iter().next_back().expect("the good line");
    assert!(is_last(&last.map(|gold| gold.document)));
}

/// A reject that has its record has it as it stands in the file.
fn check_raw(reject: &Reject, file: &[u8]) {
    let (Some(raw), Some(offset)) = (&reject.raw, reject.offset) else {
        return;
    };
    let offset = usize::try_from(offset).expect("an offset in memory");
    assert!(file[offset..].starts_with(raw), "{reject}");
}
