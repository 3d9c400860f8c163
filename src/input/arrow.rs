//! Arrow IPC, as a stream or as a file: a row is one document.
//!
//! A file is read as the stream that it holds between its magic bytes and its footer. So it may come
//! through a pipe or compressed, and of one that was cut off everything before the cut is read.

use std::{
    io::{self, BufRead},
    sync::Arc,
};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_schema::SchemaRef;

use super::{
    InputOptions,
    batches::{Batches, batch_limit, choose, damaged},
    messages::Messages,
    peek::peek,
    reader::{Records, Unusable},
    source::Opened,
};
use crate::{document::Document, error::RejectReason};

/// What begins an Arrow file; after it come zeros up to some alignment, then the stream.
pub(super) const FILE_MAGIC: &[u8] = b"ARROW1\0\0";

/// The rows of `opened`. One batch is in memory at a time, of whatever size its writer made it, up to [`batch_limit`].
pub(super) fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    open(opened, options).unwrap_or_else(|reason| Box::new(Unusable(Some(reason))))
}

fn open(opened: Opened, options: &InputOptions) -> Result<Records<Document>, RejectReason> {
    let guesses = Arc::clone(&opened.guesses);
    let name = opened.name.clone();
    let (schema, batches) = batches(opened, options)?;
    let columns = choose(&schema, options)?;
    guesses.note(&name, columns.guessed.clone());
    let all: Vec<usize> = (0..schema.fields().len()).collect();
    Ok(Box::new(Batches::new(
        name, &schema, columns, &all, options, batches,
    )))
}

/// The columns of `opened`, and its rows as its writer batched them.
pub(super) fn batches(
    opened: Opened,
    options: &InputOptions,
) -> Result<
    (
        SchemaRef,
        impl Iterator<Item = Result<RecordBatch, RejectReason>> + Send + use<>,
    ),
    RejectReason,
> {
    let reader = stream(opened.reader).map_err(RejectReason::Unreadable)?;
    let messages = Messages::new(reader, batch_limit(options));
    let batches = StreamReader::try_new(messages, None).map_err(damaged)?;
    Ok((batches.schema(), batches.map(|batch| batch.map_err(damaged))))
}

/// The stream within a file, or the stream itself.
fn stream(reader: Box<dyn BufRead + Send>) -> io::Result<Box<dyn BufRead + Send>> {
    let (first, mut reader) = peek(reader, FILE_MAGIC.len())?;
    if first != FILE_MAGIC {
        return Ok(reader);
    }
    reader.consume(first.len());
    // A message begins with 0xff.
    while let [0, ..] = reader.fill_buf()? {
        reader.consume(1);
    }
    Ok(reader)
}
