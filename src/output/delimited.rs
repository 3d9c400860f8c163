//! CSV and TSV.
//!
//! RFC 4180 but for lines that end in `\n`: a cell with a delimiter, a quotation mark or a line end is
//! quoted, and everything else stands as it is. pandas and polars read it without any option. Note that
//! `pandas.read_csv` takes a text that is `NA`, `null` or the like for a missing value, quoted or not;
//! `keep_default_na=False` prevents that. A text that begins with `=` is written as it is too, because rows
//! are meant for programs, and the text must slice the document; [`spreadsheet`] says what can be done about it.

use std::borrow::Cow;
use std::io;

use super::{
    RowWriter, TableOptions,
    columns::{self, Table, Value},
    compression::Output,
    spreadsheet,
};
use crate::prediction::LabeledDocument;

pub(super) struct DelimitedWriter {
    writer: csv::Writer<Output>,
    table: Table,
    spreadsheet_safe: bool,
}

impl DelimitedWriter {
    /// Writes the header and gives the writer for the rows.
    pub fn new(delimiter: u8, options: &TableOptions, out: Output) -> io::Result<Self> {
        let writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
        let mut rows = Self {
            writer,
            table: Table::new(options),
            spreadsheet_safe: options.spreadsheet_safe,
        };
        for column in &rows.table.columns {
            rows.writer.write_field(column.name).map_err(io_error)?;
        }
        for column in &rows.table.kept {
            write_text(&mut rows.writer, &column.name, rows.spreadsheet_safe)?;
        }
        rows.writer.write_record(None::<&[u8]>).map_err(io_error)?;
        Ok(rows)
    }
}

impl RowWriter for DelimitedWriter {
    fn write(&mut self, document: &LabeledDocument) -> io::Result<()> {
        let writer = &mut self.writer;
        for row in self.table.rows(document) {
            for column in &self.table.columns {
                match (column.value)(&row) {
                    Value::Text(text) => write_text(writer, text, self.spreadsheet_safe)?,
                    Value::Count(count) => writer.write_field(count.to_string()).map_err(io_error)?,
                    Value::Probability(value) => writer
                        .write_field(columns::probability(value)?)
                        .map_err(io_error)?,
                    Value::Flag(flag) => writer.write_field(flag.to_string()).map_err(io_error)?,
                    Value::Absent => writer.write_field("").map_err(io_error)?,
                }
            }
            for column in &self.table.kept {
                let value = columns::kept_value(document, column);
                write_text(writer, value, self.spreadsheet_safe)?;
            }
            writer.write_record(None::<&[u8]>).map_err(io_error)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let out = self
            .writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        out.finish()
    }
}

fn write_text(writer: &mut csv::Writer<Output>, text: &str, spreadsheet_safe: bool) -> io::Result<()> {
    let cell = if spreadsheet_safe {
        spreadsheet::marked(text)
    } else {
        Cow::Borrowed(text)
    };
    writer.write_field(cell.as_bytes()).map_err(io_error)
}

/// The error below, as it was: the conversion that the csv crate offers hides its kind.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
