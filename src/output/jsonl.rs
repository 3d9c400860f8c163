//! JSON Lines: a row is one object with our columns in their order, `null` where a column has nothing, and then `spans`:
//! everything that was marked in the sentence, with code points of the document.
//!
//! Numbers are numbers, with the same decimals as in CSV. Kept columns are strings, as they are everywhere in
//! the program.

use std::io::{self, BufWriter, Write};

use super::{
    RowWriter, TableOptions,
    columns::{self, SPANS, Table, Value},
    compression::Output,
};
use crate::prediction::LabeledDocument;

pub(super) struct JsonlWriter {
    out: BufWriter<Output>,
    table: Table,
}

impl JsonlWriter {
    pub fn new(options: &TableOptions, out: Output) -> Self {
        Self {
            out: BufWriter::new(out),
            table: Table::new(options),
        }
    }
}

impl RowWriter for JsonlWriter {
    fn write(&mut self, document: &LabeledDocument) -> io::Result<()> {
        let out = &mut self.out;
        for row in self.table.rows(document) {
            for (position, column) in self.table.columns.iter().enumerate() {
                out.write_all(if position == 0 { b"{" } else { b"," })?;
                write!(out, "\"{}\":", column.name)?;
                match (column.value)(&row) {
                    Value::Text(text) => serde_json::to_writer(&mut *out, text)?,
                    Value::Count(count) => write!(out, "{count}")?,
                    Value::Probability(value) => out.write_all(columns::probability(value)?.as_bytes())?,
                    Value::Flag(flag) => write!(out, "{flag}")?,
                    Value::Absent => out.write_all(b"null")?,
                }
            }
            write!(out, ",\"{SPANS}\":[")?;
            for (position, span) in row.labeled.prediction.spans.iter().enumerate() {
                let comma = if position == 0 { "" } else { "," };
                let (kind, start, end) = (span.kind, span.start, span.end);
                write!(
                    out,
                    "{comma}{{\"kind\":\"{kind}\",\"start\":{start},\"end\":{end}}}"
                )?;
            }
            out.write_all(b"]")?;
            for column in &self.table.kept {
                out.write_all(b",")?;
                serde_json::to_writer(&mut *out, &column.name)?;
                out.write_all(b":")?;
                serde_json::to_writer(&mut *out, columns::kept_value(document, column))?;
            }
            out.write_all(b"}\n")?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let out = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        out.finish()
    }
}
