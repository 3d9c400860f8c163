//! CSV and TSV.
//!
//! RFC 4180 but for lines that end in `\n`: a cell with a delimiter, a quotation mark or a line end is
//! quoted, and everything else stands as it is. pandas and polars read it without any option. Note that
//! `pandas.read_csv` takes a text that is `NA`, `null` or the like for a missing value, quoted or not;
//! `keep_default_na=False` prevents that. A text that begins with `=` is written as it is too, because rows
//! are meant for programs, and the text must slice the document.

use std::io::{self, Write};

use super::{
    RowWriter,
    columns::{self, Table, TableOptions, Value},
};
use crate::prediction::LabeledDocument;

pub(super) struct DelimitedWriter {
    writer: csv::Writer<Box<dyn Write + Send>>,
    table: Table,
}

impl DelimitedWriter {
    /// Writes the header and gives the writer for the rows.
    pub fn new(delimiter: u8, options: &TableOptions, out: Box<dyn Write + Send>) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
        let table = Table::new(options);
        let ours = table.columns.iter().map(|column| column.name);
        writer
            .write_record(ours.chain(table.kept.iter().map(|column| column.name.as_str())))
            .map_err(io_error)?;
        Ok(Self { writer, table })
    }
}

impl RowWriter for DelimitedWriter {
    fn write(&mut self, document: &LabeledDocument) -> io::Result<()> {
        for row in self.table.rows(document) {
            for column in &self.table.columns {
                let written = match (column.value)(&row) {
                    Value::Text(text) => self.writer.write_field(text),
                    Value::Count(count) => self.writer.write_field(count.to_string()),
                    Value::Probability(value) => self.writer.write_field(columns::probability(value)?),
                    Value::Flag(flag) => self.writer.write_field(flag.to_string()),
                    Value::Absent => self.writer.write_field(""),
                };
                written.map_err(io_error)?;
            }
            for column in &self.table.kept {
                self.writer
                    .write_field(columns::kept_value(document, column))
                    .map_err(io_error)?;
            }
            self.writer.write_record(None::<&[u8]>).map_err(io_error)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The error below, as it was: the conversion that the csv crate offers hides its kind.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
