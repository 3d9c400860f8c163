//! What holds of every reader: it ends, says a reason for what it leaves out, and harms nothing that follows.

use std::io::Cursor;

use sayso::document::Document;
use sayso::error::{Reject, RejectReason};
use sayso::input::{InputFormat, InputOptions, Source, documents};

/// What hostile bytes became.
pub type Items = Vec<Result<Document, Reject>>;

/// The id of a record that no reader may lose.
pub const LAST: &str = "the last of all";

/// A line of JSON with that id.
pub const LAST_LINE: &str = "{\"doc_id\": \"the last of all\", \"text\": \"It rained in Karst.\"}\n";

/// Reads `data`, and after it a good source, which must come out whole. `contained` says that a library may panic
/// on `data`, which costs this file alone.
pub fn read(format: Option<InputFormat>, data: &[u8], options: &InputOptions, contained: bool) -> Items {
    let hostile = Source::from_reader("hostile", format, Cursor::new(data.to_vec()));
    let good = Source::from_reader("good", Some(InputFormat::Jsonl), Cursor::new(LAST_LINE));
    let mut items: Items = documents(vec![hostile, good], options).collect();
    let last = items.pop().expect("two sources give something");
    assert!(is_last(&last), "the source after it: {last:?}");
    for item in &items {
        if let Err(reject) = item {
            assert!(!reject.reason.to_string().is_empty());
            let is_internal = matches!(reject.reason, RejectReason::Internal(_));
            assert!(contained || !is_internal, "{reject}");
        }
    }
    items
}

/// Whether this is the record [`LAST`], or its refusal because `data` used its id before.
pub fn is_last(item: &Result<Document, Reject>) -> bool {
    match item {
        Ok(document) => document.id == LAST,
        Err(reject) => {
            reject.document.as_deref() == Some(LAST)
                && matches!(reject.reason, RejectReason::DuplicateId { .. })
        }
    }
}

/// Number and offset of an item's record.
pub fn place(item: &Result<Document, Reject>) -> (Option<u64>, Option<u64>) {
    match item {
        Ok(document) => (document.origin.record, document.origin.offset),
        Err(reject) => (reject.record, reject.offset),
    }
}

/// Whether `data` begins like an archive: it is read as one, whatever the format below it.
pub fn is_archive(data: &[u8]) -> bool {
    data.starts_with(&[0x1f, 0x8b]) || data.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}
