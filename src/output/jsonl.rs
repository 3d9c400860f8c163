//! JSON Lines: a row is one object with our columns in their order, `null` where a column has nothing.
//!
//! Numbers are numbers, with the same decimals as in CSV. Kept columns are strings, as they are everywhere in
//! the program.

use std::io::{self, BufWriter, Write};

use super::{
    RowWriter,
    columns::{self, COLUMNS, Kept, Row, Value},
};
use crate::prediction::LabeledDocument;

pub(super) struct JsonlWriter {
    out: BufWriter<Box<dyn Write + Send>>,
    kept: Vec<Kept>,
}

impl JsonlWriter {
    pub fn new(keep: &[String], out: Box<dyn Write + Send>) -> Self {
        Self {
            out: BufWriter::new(out),
            kept: columns::kept(keep),
        }
    }
}

impl RowWriter for JsonlWriter {
    fn write(&mut self, document: &LabeledDocument) -> io::Result<()> {
        let out = &mut self.out;
        for (index, labeled) in document.sentences.iter().enumerate() {
            let row = Row {
                document,
                index,
                labeled,
            };
            for (position, column) in COLUMNS.iter().enumerate() {
                out.write_all(if position == 0 { b"{" } else { b"," })?;
                write!(out, "\"{}\":", column.name)?;
                match (column.value)(&row) {
                    Value::Text(text) => serde_json::to_writer(&mut *out, text)?,
                    Value::Count(count) => write!(out, "{count}")?,
                    Value::Probability(value) => out.write_all(columns::probability(value)?.as_bytes())?,
                    Value::Absent => out.write_all(b"null")?,
                }
            }
            for column in &self.kept {
                out.write_all(b",")?;
                serde_json::to_writer(&mut *out, &column.name)?;
                out.write_all(b":")?;
                serde_json::to_writer(&mut *out, columns::kept_value(document, column))?;
            }
            out.write_all(b"}\n")?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
