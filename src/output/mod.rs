//! Writes labelled documents as a table, one row for every sentence.
//!
//! [`columns`] says what the table holds; each format has a file that says how it is written down. **A new
//! format** is a value of [`OutputFormat`] with its row in the table beside it, one file with a
//! [`RowWriter`], and one arm in [`writer`]. Formats of text write cells one by one; formats with types share
//! record batches and have a sink for these instead.

mod arrow;
pub mod columns;
mod compression;
mod delimited;
mod format;
mod jsonl;
mod options;
mod parquet;
mod record_batch;
mod spreadsheet;
mod typed;

use std::io::{self, Write};

pub use self::compression::Compression;
pub use self::format::OutputFormat;
pub use self::options::{TableOptions, UnfitOption};
pub use self::spreadsheet::unmarked;
use self::{compression::Output, typed::TypedWriter};
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
/// Those of `out`, their kind unchanged, so that a broken pipe can be told from a full disk;
/// [`io::ErrorKind::InvalidInput`] with an [`UnfitOption`] where the format cannot do what `options` ask for.
pub fn writer(
    format: OutputFormat,
    options: &TableOptions,
    out: Box<dyn Write + Send>,
) -> io::Result<Box<dyn RowWriter + Send>> {
    options
        .check(format)
        .map_err(|unfit| io::Error::new(io::ErrorKind::InvalidInput, unfit))?;
    let text = |out| Output::new(options.compression, out);
    Ok(match format {
        OutputFormat::Csv => Box::new(delimited::DelimitedWriter::new(b',', options, text(out)?)?),
        OutputFormat::Tsv => Box::new(delimited::DelimitedWriter::new(b'\t', options, text(out)?)?),
        OutputFormat::Jsonl => Box::new(jsonl::JsonlWriter::new(options, text(out)?)),
        OutputFormat::Parquet => Box::new(TypedWriter::<parquet::ParquetFile>::new(options, out)?),
        OutputFormat::Arrow => Box::new(TypedWriter::<arrow::ArrowStream>::new(options, out)?),
        OutputFormat::Feather => Box::new(TypedWriter::<arrow::ArrowFile>::new(options, out)?),
    })
}
