//! Parquet: a row is one document, and only the columns needed are read.
//!
//! A Parquet file says at its end where its parts are, and so cannot be read from its beginning. What comes
//! through a pipe is written to a nameless temporary file first. Inside gzip or zstd it is refused: it
//! compresses its own pages, and a bomb would fill the disk.

use std::{
    fs::File,
    io::{self, BufRead},
    sync::{Arc, PoisonError},
};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    file::metadata::{ColumnChunkMetaData, ParquetMetaData},
};

use super::{
    InputOptions,
    batches::{Batches, batch_limit, choose, damaged},
    pages::{Pages, Refusal},
    reader::{Records, Unusable},
    source::{Opened, Progress},
};
use crate::{document::Document, error::RejectReason};

/// Documents that are decoded at once. In the file rows may share a text, or its beginning; decoded, each has its own, and what
/// the file says of its sizes need not be true.
const BATCH_ROWS: usize = 1;

/// The rows of `opened`.
pub(super) fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    open(opened, options).unwrap_or_else(|reason| Box::new(Unusable(Some(reason))))
}

fn open(opened: Opened, options: &InputOptions) -> Result<Records<Document>, RejectReason> {
    let guesses = Arc::clone(&opened.guesses);
    let name = opened.name.clone();
    let table = Table::open(opened, options)?;
    let schema = table.schema();
    let columns = choose(&schema, options)?;
    guesses.note(&name, columns.guessed.clone());
    let needed = columns.needed();
    let batches = table.batches(&needed, BATCH_ROWS)?;
    Ok(Box::new(Batches::new(
        name, &schema, columns, &needed, options, batches,
    )))
}

/// A file whose columns are known, and none of whose rows has been read.
pub(super) struct Table {
    builder: ParquetRecordBatchReaderBuilder<Pages>,
    refusal: Refusal,
    /// Bytes that progress is told of, over all rows.
    bytes: u64,
    progress: Arc<Progress>,
}

impl Table {
    pub fn open(opened: Opened, options: &InputOptions) -> Result<Self, RejectReason> {
        if opened.is_compressed {
            return Err(RejectReason::CompressedParquet);
        }
        // What comes through a pipe is counted as it comes.
        let is_counted = opened.file.is_none();
        let file = match opened.file {
            Some(file) => file,
            None => spooled(opened.reader).map_err(RejectReason::Unreadable)?,
        };
        let length = file.metadata().map_err(RejectReason::Unreadable)?.len();
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(damaged)?;
        check_places(metadata.metadata(), length)?;
        let pages = Pages::new(file, length, batch_limit(options));
        Ok(Self {
            refusal: pages.refusal(),
            builder: ParquetRecordBatchReaderBuilder::new_with_metadata(pages, metadata),
            bytes: if is_counted { 0 } else { length },
            progress: opened.progress,
        })
    }

    pub fn schema(&self) -> SchemaRef {
        Arc::clone(self.builder.schema())
    }

    /// The rows, so many at once, of the columns at the places in `needed`, in the order of the file.
    pub fn batches(
        self,
        needed: &[usize],
        rows_at_once: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, RejectReason>> + Send + use<>, RejectReason> {
        let groups = self.builder.metadata().row_groups().iter();
        let rows = groups.fold(0_i64, |rows, group| rows.saturating_add(group.num_rows()));
        let mask = ProjectionMask::roots(self.builder.parquet_schema(), needed.iter().copied());
        let batches = self
            .builder
            .with_projection(mask)
            .with_batch_size(rows_at_once)
            .build()
            .map_err(damaged)?;
        // Pages are read here and there; progress follows the rows instead.
        let (progress, refusal) = (self.progress, self.refusal);
        let bytes_of_row = self.bytes / u64::try_from(rows.max(1)).unwrap_or(1);
        Ok(batches.map(move |batch| {
            let refused = || refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
            let batch = batch.map_err(|error| refused().unwrap_or_else(|| damaged(error)))?;
            progress.add(bytes_of_row * batch.num_rows() as u64);
            Ok(batch)
        }))
    }
}

/// Makes sure that every column lies within the file, which has `length` bytes: room for it is made before it
/// is read, and a damaged size would ask for more memory than there is.
fn check_places(metadata: &ParquetMetaData, length: u64) -> Result<(), RejectReason> {
    let lies_within = |column: &ColumnChunkMetaData| {
        let start = column
            .dictionary_page_offset()
            .unwrap_or_else(|| column.data_page_offset());
        let end = start.checked_add(column.compressed_size());
        let end = end.and_then(|end| u64::try_from(end).ok());
        start >= 0 && column.compressed_size() >= 0 && end.is_some_and(|end| end <= length)
    };
    let mut columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    if columns.all(lies_within) {
        return Ok(());
    }
    Err(RejectReason::Unreadable(io::Error::new(
        io::ErrorKind::InvalidData,
        "a column lies beyond the end of the file",
    )))
}

/// A temporary file with all that `reader` gives; it is gone when it is closed.
fn spooled(mut reader: Box<dyn BufRead + Send>) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut reader, &mut file)?;
    Ok(file)
}
