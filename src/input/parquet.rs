//! Parquet: a row is one document, and only the columns needed are read.
//!
//! A Parquet file says at its end where its parts are, and so cannot be read from its beginning. What comes
//! through a pipe is written to a nameless temporary file first. Inside gzip or zstd it is refused: it
//! compresses its own pages, and a bomb would fill the disk.

use std::{
    fs::File,
    io::{self, BufRead},
    sync::Arc,
};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::{
    arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder},
    file::metadata::{ColumnChunkMetaData, ParquetMetaData},
};

use super::{
    InputOptions,
    batches::{Batches, choose, damaged},
    reader::{Records, Unusable},
    source::{Opened, Progress},
};
use crate::{document::Document, error::RejectReason};

/// Text that is decoded at once, in bytes, as far as the sizes that the file gives for its rows are true of
/// each of them.
const BATCH_BYTES: i64 = 4 << 20;

/// Rows that are decoded at once.
const MOST_ROWS: i64 = 1024;

/// The rows of `opened`.
pub(super) fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    open(opened, options).unwrap_or_else(|reason| Box::new(Unusable(Some(reason))))
}

fn open(opened: Opened, options: &InputOptions) -> Result<Records<Document>, RejectReason> {
    let guesses = Arc::clone(&opened.guesses);
    let name = opened.name.clone();
    let table = Table::open(opened)?;
    let schema = table.schema();
    let columns = choose(&schema, options)?;
    guesses.note(&name, columns.guessed.clone());
    let needed = columns.needed();
    let batches = table.batches(&needed)?;
    Ok(Box::new(Batches::new(
        name, &schema, columns, &needed, options, batches,
    )))
}

/// A file whose columns are known, and none of whose rows has been read.
pub(super) struct Table {
    builder: ParquetRecordBatchReaderBuilder<File>,
    /// Bytes that progress is told of, over all rows.
    bytes: u64,
    progress: Arc<Progress>,
}

impl Table {
    pub fn open(opened: Opened) -> Result<Self, RejectReason> {
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
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
        check_places(builder.metadata(), length)?;
        Ok(Self {
            builder,
            bytes: if is_counted { 0 } else { length },
            progress: opened.progress,
        })
    }

    pub fn schema(&self) -> SchemaRef {
        Arc::clone(self.builder.schema())
    }

    /// The rows, in batches of the columns at the places in `needed`, in the order of the file.
    pub fn batches(
        self,
        needed: &[usize],
    ) -> Result<impl Iterator<Item = Result<RecordBatch, RejectReason>> + Send + use<>, RejectReason> {
        let groups = self.builder.metadata().row_groups().iter();
        let (bytes, rows) = groups.fold((0_i64, 0_i64), |(bytes, rows), group| {
            (
                bytes.saturating_add(group.total_byte_size()),
                rows.saturating_add(group.num_rows()),
            )
        });
        let bytes_per_row = (bytes / rows.max(1)).max(1);
        let batch_rows = (BATCH_BYTES / bytes_per_row).clamp(1, MOST_ROWS);
        let mask = ProjectionMask::roots(self.builder.parquet_schema(), needed.iter().copied());
        let batches = self
            .builder
            .with_projection(mask)
            .with_batch_size(usize::try_from(batch_rows).unwrap_or(1))
            .build()
            .map_err(damaged)?;
        // Pages are read here and there; progress follows the rows instead.
        let progress = self.progress;
        let bytes_of_row = self.bytes / u64::try_from(rows.max(1)).unwrap_or(1);
        Ok(batches.map(move |batch| {
            let batch = batch.map_err(damaged)?;
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
