//! What may be asked of a table besides its format, and which formats can do it.

use thiserror::Error;

use super::{Compression, OutputFormat};

/// What a table holds besides the columns that it always has, and how it is written down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableOptions {
    /// The metadata columns that are carried through, in this order; see [`columns::kept`](super::columns::kept).
    pub keep: Vec<String>,
    /// Adds the column `uncertain`: whether the confidence of a row's label is below this.
    pub min_confidence: Option<f32>,
    /// Compresses the file as a whole; text formats only.
    pub compression: Option<Compression>,
    /// Puts an apostrophe before every cell that a spreadsheet would run as a formula; CSV and TSV only. The text
    /// of such a cell is no longer that of the document: [`unmarked`](super::unmarked) gives it.
    pub spreadsheet_safe: bool,
}

/// An option that a format has no use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnfitOption {
    #[error(
        "{format} cannot be compressed as a whole: {}; use a name without .{compression}",
        if *format == OutputFormat::Parquet {
            "its columns are compressed already"
        } else {
            "its readers use the bytes as they lie"
        }
    )]
    Compression {
        format: OutputFormat,
        compression: Compression,
    },

    #[error("only csv and tsv can be made safe for spreadsheets; no spreadsheet runs a cell of {format}")]
    SpreadsheetSafe { format: OutputFormat },
}

impl TableOptions {
    /// Whether `format` can do all that is asked.
    ///
    /// # Errors
    /// The first option that it has no use for.
    pub fn check(&self, format: OutputFormat) -> Result<(), UnfitOption> {
        match self.compression {
            Some(compression) if !format.is_text() => {
                return Err(UnfitOption::Compression { format, compression });
            }
            _ => {}
        }
        if self.spreadsheet_safe && !matches!(format, OutputFormat::Csv | OutputFormat::Tsv) {
            return Err(UnfitOption::SpreadsheetSafe { format });
        }
        Ok(())
    }
}
