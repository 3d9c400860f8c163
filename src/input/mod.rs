//! Reads corpora: from the paths a user names to a stream of documents.
//!
//! Two steps. [`discover`] turns paths into [`Source`]s and says which paths it cannot use; [`documents`]
//! then reads the sources one after the other. A record that cannot be read becomes a
//! [`Reject`](crate::error::Reject) in the stream and the ones after it still come. The stream holds one
//! record in memory at a time, plus 16 bytes and a place for every id it has seen.
//!
//! **A new format** is a value of [`InputFormat`] with its row in the table beside it, one file here with a
//! `read` function like that of `text.rs`, and one arm in `read` below. Compression is a layer under all
//! formats, in `source.rs`, where a source is opened.

mod discover;
mod documents;
mod format;
pub mod gold;
mod ids;
mod json;
mod jsonl;
mod lines;
mod source;
mod text;

pub use discover::{Discovery, discover};
pub use documents::{Documents, documents};
pub use format::InputFormat;
pub use lines::MAX_LINE_BYTES;
pub use source::{Progress, Source};

use crate::document::Document;
use documents::Records;
use source::Opened;

/// How inputs are to be read; the default guesses everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputOptions {
    /// The format of every input, whatever its extension; by default the extension decides.
    pub format: Option<InputFormat>,
    /// The field that holds a record's text, in formats that have fields; by default the first present of
    /// `text`, `body`, `content` and `article`. Where it is given, a record's `sentences` are not looked at.
    pub text_column: Option<String>,
    /// The field that holds a record's id; by default the first present of `doc_id`, `id` and `url`, else
    /// `<file>#<line>`.
    pub id_column: Option<String>,
    /// Fields to carry along as [`Document::metadata`], in this order. One that a record lacks is empty.
    pub keep: Vec<String>,
}

/// The documents of one opened source. Every format has its arm here.
fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    match opened.format {
        InputFormat::Text => text::read(opened, options),
        InputFormat::Jsonl => jsonl::read(opened, options),
    }
}
