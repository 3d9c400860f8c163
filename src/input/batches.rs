//! Documents from batches of Arrow columns, in which both Parquet and Arrow files are read.
//!
//! A batch is in memory with its columns side by side; its rows become documents one at a time.

use std::{error::Error, fmt, io};

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::{
    cast,
    display::{ArrayFormatter, FormatOptions},
};
use arrow_schema::{ArrowError, DataType, Schema};

use super::{
    InputOptions,
    columns::Columns,
    reader::{Failure, Place, Reader},
};
use crate::{
    document::{Document, Origin},
    error::RejectReason,
};

/// How many of the longest records a batch, or a page, may be as large as.
const RECORDS_OF_A_BATCH: usize = 16;

/// What a batch may always have, in bytes: headers and padding count, too.
const SMALL_BATCH: u64 = 1 << 20;

/// Rows that have to be in memory at once, and are too many.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a batch of {bytes} bytes is larger than the limit of {limit} bytes")]
pub(super) struct TooLarge {
    pub bytes: u64,
    pub limit: u64,
}

impl From<TooLarge> for io::Error {
    fn from(error: TooLarge) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

/// The most bytes that rows may take that have to be in memory at once.
pub(super) fn batch_limit(options: &InputOptions) -> u64 {
    let records = options.max_record_bytes.saturating_mul(RECORDS_OF_A_BATCH) as u64;
    records.max(SMALL_BATCH)
}

/// The columns of a file of this schema that a run needs.
///
/// The text is text in any of Arrow's layouts, the id text or a whole number, as in JSON.
pub(super) fn choose(schema: &Schema, options: &InputOptions) -> Result<Columns, RejectReason> {
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let columns = Columns::choose(&names, options)?;
    let expect = |place: usize, expected, fits: fn(&DataType) -> bool| {
        let kind = schema.field(place).data_type();
        if fits(kind) {
            return Ok(());
        }
        Err(RejectReason::ColumnType {
            column: names[place].as_str().into(),
            expected,
            found: kind.to_string().into(),
        })
    };
    expect(columns.text(), "text", is_text)?;
    if let Some(id) = columns.id() {
        expect(id, "text or whole numbers", |kind| {
            is_text(kind) || kind.is_integer()
        })?;
    }
    Ok(columns)
}

pub(super) fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// The documents of `batches`, whose schemas have `columns` at the places that `needed` lists.
pub(super) struct Batches<I> {
    file: String,
    batches: I,
    columns: Columns,
    /// Names of all columns of the file, needed or not.
    names: Vec<String>,
    /// For every column of the file, its place in a batch, where it is read at all.
    places: Vec<Option<usize>>,
    /// What is left of the current batch: its columns and the next row.
    batch: Vec<ArrayRef>,
    row: usize,
    rows: usize,
    /// Number of the last record.
    number: u64,
    limit: usize,
    failed: bool,
}

impl<I> Batches<I> {
    /// `read` are the places in the file of the columns that the batches hold, in the order in which they
    /// hold them.
    pub fn new(
        file: String,
        schema: &Schema,
        columns: Columns,
        read: &[usize],
        options: &InputOptions,
        batches: I,
    ) -> Self {
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let place = |column| read.iter().position(|other| *other == column);
        Self {
            file,
            batches,
            columns,
            places: (0..names.len()).map(place).collect(),
            names,
            batch: Vec::new(),
            row: 0,
            rows: 0,
            number: 0,
            limit: options.max_record_bytes,
            failed: false,
        }
    }

    fn document(&self) -> Result<Document, Failure> {
        let origin = Origin {
            file: self.file.clone(),
            record: Some(self.number),
            offset: None,
        };
        self.columns
            .document(&self.names, origin, |column| self.cell(column))
    }

    fn cell(&self, column: usize) -> Result<Option<String>, RejectReason> {
        let array = self.places[column].and_then(|place| self.batch.get(place));
        let Some(array) = array.filter(|array| !array.is_null(self.row)) else {
            return Ok(None);
        };
        let options = FormatOptions::new().with_display_error(false);
        let mut text = Bounded {
            text: String::new(),
            limit: self.limit,
            is_over: false,
        };
        let written = ArrayFormatter::try_new(array, &options)
            .and_then(|formatter| formatter.value(self.row).write(&mut text));
        match written {
            _ if text.is_over => Err(RejectReason::TooLarge { limit: self.limit }),
            Ok(()) => Ok(Some(text.text)),
            Err(error) => Err(RejectReason::Unwritable {
                field: self.names[column].as_str().into(),
                reason: error.to_string().into(),
            }),
        }
    }
}

/// Text up to a limit. Lists of lists can share their items, and so be far longer than their file is.
struct Bounded {
    text: String,
    limit: usize,
    is_over: bool,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.is_over |= part.len() > self.limit - self.text.len();
        if self.is_over {
            return Err(fmt::Error);
        }
        self.text.push_str(part);
        Ok(())
    }
}

impl<I: Iterator<Item = Result<RecordBatch, RejectReason>>> Reader<Document> for Batches<I> {
    fn next(&mut self) -> Option<Result<Document, Failure>> {
        if self.failed {
            return None;
        }
        self.number += 1;
        self.row += 1;
        while self.row >= self.rows {
            let batch = self.batches.next()?;
            match batch.and_then(|batch| plain(&batch).map_err(damaged)) {
                Ok(columns) => {
                    self.rows = columns.first().map_or(0, |column| column.len());
                    self.batch = columns;
                    self.row = 0;
                }
                Err(reason) => {
                    self.failed = true;
                    return Some(Err(reason.into()));
                }
            }
        }
        Some(self.document())
    }

    fn place(&self) -> Place {
        Place {
            record: (self.number > 0).then_some(self.number),
            offset: None,
        }
    }

    /// A row of columns does not stand in the file as it is.
    fn raw(&self) -> Option<&[u8]> {
        None
    }
}

/// The columns of a batch, points in time brought to UTC: their zones have rules that change, and the same
/// file should read the same everywhere.
pub(super) fn plain(batch: &RecordBatch) -> Result<Vec<ArrayRef>, ArrowError> {
    let plain = |column: &ArrayRef| match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => {
            cast(column, &DataType::Timestamp(*unit, Some("+00:00".into())))
        }
        _ => Ok(column.clone()),
    };
    batch.columns().iter().map(plain).collect()
}

/// The reason for a file that cannot be read on: what stands below the library's error, where something does.
pub(super) fn damaged(error: impl Error + Send + Sync + 'static) -> RejectReason {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(current) = cause {
        let below = current.downcast_ref::<io::Error>();
        // What an io::Error was made of is not among its causes.
        let inner = below
            .and_then(io::Error::get_ref)
            .map(|inner| inner as &(dyn Error + 'static));
        if let Some(TooLarge { bytes, limit }) = inner.unwrap_or(current).downcast_ref() {
            return RejectReason::BatchTooLarge {
                what: "a batch",
                bytes: *bytes,
                limit: *limit,
            };
        }
        if let Some(below) = below {
            return RejectReason::Unreadable(io::Error::new(below.kind(), below.to_string()));
        }
        cause = current.source();
    }
    RejectReason::Unreadable(io::Error::other(error))
}
