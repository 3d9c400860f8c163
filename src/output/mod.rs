//! Writes labelled documents as a table, one row for every sentence.
//!
//! [`columns`] says what the table holds; each format has a file that says how it is written down. **A new
//! format** is a value of [`OutputFormat`] with its row in the table beside it, one file with a
//! [`RowWriter`], and one arm in [`writer`].

pub mod columns;
mod delimited;
mod format;
mod jsonl;

pub use format::OutputFormat;

use std::io::{self, Write};

pub use self::columns::TableOptions;
use crate::prediction::LabeledDocument;

/// Writes rows in one format.
pub trait RowWriter {
    /// Writes the rows of all sentences of `document`. Rows may stay in memory until
    /// [`finish`](Self::finish).
    fn write(&mut self, document: &LabeledDocument) -> io::Result<()>;

    /// Writes what is left. Without it, the end of the output may be missing and an error go unseen.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// A writer of `format` into `out`, which it buffers.
///
/// Metadata columns are written after ours; a document that lacks one has it empty. One that has the name of one of
/// our columns is written as `doc_<name>` (see [`columns::kept`]). Formats with a
/// header write it at once, so that a corpus without sentences still gives a table.
///
/// # Errors
/// Those of `out`, their kind unchanged, so that a broken pipe can be told from a full disk.
pub fn writer(
    format: OutputFormat,
    options: &TableOptions,
    out: Box<dyn Write + Send>,
) -> io::Result<Box<dyn RowWriter + Send>> {
    Ok(match format {
        OutputFormat::Csv => Box::new(delimited::DelimitedWriter::new(b',', options, out)?),
        OutputFormat::Tsv => Box::new(delimited::DelimitedWriter::new(b'\t', options, out)?),
        OutputFormat::Jsonl => Box::new(jsonl::JsonlWriter::new(options, out)),
    })
}
