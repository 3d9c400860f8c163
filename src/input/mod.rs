//! Reads corpora: from the paths a user names to a stream of documents.
//!
//! Two steps. [`discover`] turns paths into [`Source`]s and says which paths it cannot use; [`documents`]
//! then reads the sources one after the other. A record that cannot be read becomes a
//! [`Reject`](crate::error::Reject) in the stream and the ones after it still come. The stream holds one
//! record in memory at a time (of Arrow a batch of rows, of Parquet a page), plus some 9 bytes for every id it has seen.
//!
//! **A new format** is a value of [`InputFormat`] with its row in the table beside it, one file here with a
//! `read` function that returns a `Reader`, and one arm in `read` below. `lines.rs` helps formats of lines,
//! `columns.rs` those of tables. Compression is a layer under all formats, in `compression.rs`.

mod arrow;
mod batches;
mod columns;
mod compression;
mod delimited;
mod discover;
mod documents;
mod format;
pub mod gold;
mod guesses;
mod ids;
mod json;
mod jsonl;
pub mod labeled;
mod lines;
mod messages;
mod pages;
mod parquet;
mod pattern;
mod peek;
mod reader;
mod rows;
mod shard;
mod source;
mod text;

pub use discover::{Discovery, discover};
pub use documents::{Documents, documents};
pub use format::InputFormat;
pub use guesses::{Guess, GuessedColumns, GuessedId, Guesses};
pub use pattern::Pattern;
pub use shard::{NoShard, Shard};
pub use source::{Progress, Source};

use std::path::PathBuf;

use crate::document::Document;
use reader::Records;
use source::Opened;

/// How inputs are to be read; the default guesses everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputOptions {
    /// The format of every input, whatever its extension; by default the extension decides.
    pub format: Option<InputFormat>,
    /// Which files of a directory are read, whatever their extensions; by default those whose extension is
    /// known. One pattern that fits is enough.
    pub patterns: Vec<Pattern>,
    /// The field that holds a record's text, in formats that have fields; by default the first present of
    /// `text`, `body`, `content` and `article`. Where it is given, a record's `sentences` are not looked at.
    pub text_column: Option<String>,
    /// The field that holds a record's id; by default the first present of `doc_id`, `id` and `url`, else
    /// `<file>#<record>`.
    pub id_column: Option<String>,
    /// Fields to carry along as [`Document::metadata`], in this order. One that a record lacks is empty.
    pub keep: Vec<String>,
    /// The longest record that is read, in bytes after decompression: a file of text, a line of JSONL, a row
    /// of CSV or TSV, a cell that is read in Parquet or Arrow. A longer one is rejected, and those after it are read. A
    /// batch of Arrow or a page of Parquet may be sixteen times as large; the rest of a file with a larger one is
    /// rejected.
    pub max_record_bytes: usize,
    /// The part of the corpus to read; by default all of it. A record that has no id because it cannot be read belongs to the
    /// part that holds `<file>#<record>`, so that the parts together reject it once.
    pub shard: Option<Shard>,
    /// Files that the search of a directory passes over, such as the rows of an earlier run.
    pub except: Vec<PathBuf>,
}

impl InputOptions {
    /// 64 MiB, a hundred times a long novel.
    pub const DEFAULT_MAX_RECORD_BYTES: usize = 64 << 20;
}

impl Default for InputOptions {
    fn default() -> Self {
        Self {
            format: None,
            patterns: Vec::new(),
            text_column: None,
            id_column: None,
            keep: Vec::new(),
            max_record_bytes: Self::DEFAULT_MAX_RECORD_BYTES,
            shard: None,
            except: Vec::new(),
        }
    }
}

/// The documents of one opened source. Every format has its arm here.
fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    match opened.format {
        InputFormat::Text => text::read(opened, options),
        InputFormat::Jsonl => jsonl::read(opened, options),
        InputFormat::Csv => delimited::read(opened, options, b','),
        InputFormat::Tsv => delimited::read(opened, options, b'\t'),
        InputFormat::Parquet => parquet::read(opened, options),
        InputFormat::Arrow => arrow::read(opened, options),
    }
}
