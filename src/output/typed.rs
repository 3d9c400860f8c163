//! What Parquet and Arrow share: rows are gathered into record batches, and a batch goes out when it is full.
//!
//! A batch is bounded in rows and in bytes of text, whatever the documents are like, so that memory stays flat and
//! a reader at the other end of a pipe need not wait for the end.

use std::error::Error;
use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::columns::Table;
use super::record_batch::BatchBuilder;
use super::{RowWriter, TableOptions};
use crate::prediction::LabeledDocument;

/// Rows of a batch: enough that a batch costs its reader nothing to speak of, and few seconds of labelling.
const BATCH_ROWS: usize = 1024;

/// Text of a batch, for rows that carry whole articles in a kept column.
const BATCH_BYTES: usize = 4 << 20;

/// Where batches go.
pub(super) trait BatchSink: Sized {
    fn new(schema: &SchemaRef, out: Box<dyn Write + Send>) -> io::Result<Self>;

    fn write(&mut self, batch: &RecordBatch) -> io::Result<()>;

    /// Writes what closes the file.
    fn finish(self) -> io::Result<()>;
}

pub(super) struct TypedWriter<S> {
    table: Table,
    batch: BatchBuilder,
    sink: S,
}

impl<S: BatchSink> TypedWriter<S> {
    pub fn new(options: &TableOptions, out: Box<dyn Write + Send>) -> io::Result<Self> {
        let table = Table::new(options);
        let batch = BatchBuilder::new(&table);
        let sink = S::new(&batch.schema(), out)?;
        Ok(Self { table, batch, sink })
    }
}

impl<S: BatchSink> RowWriter for TypedWriter<S> {
    fn write(&mut self, document: &LabeledDocument) -> io::Result<()> {
        for row in self.table.rows(document) {
            self.batch.push(&self.table, &row)?;
            if self.batch.rows() >= BATCH_ROWS || self.batch.bytes() >= BATCH_BYTES {
                self.sink.write(&self.batch.finish()?)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if self.batch.rows() > 0 {
            self.sink.write(&self.batch.finish()?)?;
        }
        self.sink.finish()
    }
}

/// The error of the output below `error`, where there is one, as it was: what wraps it hides its kind.
pub(super) fn io_error(error: impl Error + Send + Sync + 'static) -> io::Error {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(current) = cause {
        if let Some(below) = current.downcast_ref::<io::Error>() {
            return match below.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(below.kind(), below.to_string()),
            };
        }
        cause = current.source();
    }
    io::Error::other(error)
}
