//! Labelled rows of Parquet and Arrow.
//!
//! `label` writes dictionaries, 32-bit floats and 64-bit integers; whoever rewrites its table may make plain strings,
//! doubles or other integers of them. Columns are brought to one type each, a batch at a time.

use std::{borrow::Cow, sync::Arc};

use arrow_array::{
    Array, ArrayRef, RecordBatch,
    cast::AsArray,
    types::{Float32Type, Int64Type},
};
use arrow_cast::{can_cast_types, cast};
use arrow_schema::{ArrowError, DataType, Schema};

use super::{
    LabeledRow,
    cells::{self, Cells, Column, Layout, NAMES, Ours},
};
use crate::{
    error::RejectReason,
    input::{
        InputOptions, arrow,
        batches::{damaged, is_text, plain},
        parquet,
        reader::{Failure, Place, Reader, Records},
        source::Opened,
    },
};

/// Rows of a Parquet file that are decoded at once; a row is one sentence.
const BATCH_ROWS: usize = 1024;

pub(super) fn of_parquet(
    opened: Opened,
    options: &InputOptions,
) -> Result<Records<LabeledRow>, RejectReason> {
    let table = parquet::Table::open(opened, options)?;
    let schema = table.schema();
    let layout = layout(&schema, &options.keep)?;
    let places = layout.places();
    Ok(Box::new(Columnar::new(
        layout,
        &places,
        options,
        table.batches(&places, BATCH_ROWS)?,
    )))
}

pub(super) fn of_arrow(opened: Opened, options: &InputOptions) -> Result<Records<LabeledRow>, RejectReason> {
    let (schema, batches) = arrow::batches(opened, options)?;
    let layout = layout(&schema, &options.keep)?;
    let all: Vec<usize> = (0..schema.fields().len()).collect();
    Ok(Box::new(Columnar::new(layout, &all, options, batches)))
}

/// Where our columns are in `schema`; each must be of a type that can be brought to ours.
fn layout(schema: &Schema, keep: &[String]) -> Result<Layout, RejectReason> {
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let layout = Layout::of(&names, keep)?;
    let check = |column: Column| {
        let Some(place) = layout.place(column) else {
            return Ok(());
        };
        let kind = schema.field(place).data_type();
        let (fits, expected) = match target(column) {
            DataType::Int64 => (kind.is_integer(), "whole numbers"),
            DataType::Float32 => (kind.is_numeric(), "numbers"),
            DataType::Boolean => (*kind == DataType::Boolean, "truth values"),
            _ => match column {
                Column::Kept(_) => (can_cast_types(kind, &DataType::Utf8), "text, numbers or dates"),
                Column::Ours(Ours::Document) => (is_text(kind) || kind.is_integer(), "text or whole numbers"),
                // A column in which nothing ever stood has no type to some writers.
                _ => (is_text(kind) || *kind == DataType::Null, "text"),
            },
        };
        if fits {
            return Ok(());
        }
        Err(RejectReason::ColumnType {
            column: names[place].as_str().into(),
            expected,
            found: kind.to_string().into(),
        })
    };
    for column in columns(keep.len()) {
        check(column)?;
    }
    Ok(layout)
}

/// All columns that are read, in an order of their own.
fn columns(kept: usize) -> impl Iterator<Item = Column> {
    OURS.into_iter()
        .map(Column::Ours)
        .chain([Column::Uncertain])
        .chain((0..kept).map(Column::Kept))
}

const OURS: [Ours; NAMES.len()] = [
    Ours::Document,
    Ours::Sentence,
    Ours::Start,
    Ours::End,
    Ours::Text,
    Ours::Label,
    Ours::Confidence,
    Ours::Stance,
    Ours::Assert,
    Ours::Deny,
    Ours::NoComment,
    Ours::Attribution,
    Ours::Named,
    Ours::Anonymous,
    Ours::Unspecified,
    Ours::Anonymity,
    Ours::Source,
    Ours::Cue,
];

/// The place of a column in the order of [`columns`].
fn index(column: Column) -> usize {
    match column {
        Column::Ours(column) => column as usize,
        Column::Uncertain => NAMES.len(),
        Column::Kept(place) => NAMES.len() + 1 + place,
    }
}

/// The type that a column is brought to.
fn target(column: Column) -> DataType {
    match column {
        Column::Ours(Ours::Sentence | Ours::Start | Ours::End) => DataType::Int64,
        Column::Ours(
            Ours::Confidence
            | Ours::Assert
            | Ours::Deny
            | Ours::NoComment
            | Ours::Named
            | Ours::Anonymous
            | Ours::Unspecified,
        ) => DataType::Float32,
        Column::Uncertain => DataType::Boolean,
        Column::Ours(_) | Column::Kept(_) => DataType::Utf8,
    }
}

struct Columnar<I> {
    batches: I,
    layout: Layout,
    /// The places in the file of the columns that the batches hold.
    read: Vec<usize>,
    kept: usize,
    limit: usize,
    /// The current batch, in the order of [`columns`]; `None` where the table lacks a column.
    batch: Vec<Option<ArrayRef>>,
    row: usize,
    rows: usize,
    /// Number of the last row.
    number: u64,
    failed: bool,
}

impl<I> Columnar<I> {
    fn new(layout: Layout, read: &[usize], options: &InputOptions, batches: I) -> Self {
        Self {
            batches,
            layout,
            read: read.to_vec(),
            kept: options.keep.len(),
            limit: options.max_record_bytes,
            batch: Vec::new(),
            row: 0,
            rows: 0,
            number: 0,
            failed: false,
        }
    }

    fn brought_to_our_types(&self, batch: &RecordBatch) -> Result<Vec<Option<ArrayRef>>, ArrowError> {
        let arrays = plain(batch)?;
        let array = |column: Column| {
            let place = self.layout.place(column)?;
            let place = self.read.iter().position(|read| *read == place)?;
            arrays
                .get(place)
                .map(|array| match (array.data_type(), target(column)) {
                    (found, wanted) if *found == wanted => Ok(Arc::clone(array)),
                    (_, wanted) => cast(array, &wanted),
                })
        };
        columns(self.kept)
            .map(|column| array(column).transpose())
            .collect()
    }
}

impl<I: Iterator<Item = Result<RecordBatch, RejectReason>>> Reader<LabeledRow> for Columnar<I> {
    fn next(&mut self) -> Option<Result<LabeledRow, Failure>> {
        if self.failed {
            return None;
        }
        self.number += 1;
        self.row += 1;
        while self.row >= self.rows {
            let batch = self.batches.next()?;
            let columns = batch.and_then(|batch| {
                let columns = self.brought_to_our_types(&batch).map_err(damaged)?;
                Ok((batch.num_rows(), columns))
            });
            match columns {
                Ok((rows, columns)) => (self.rows, self.batch, self.row) = (rows, columns, 0),
                Err(reason) => {
                    self.failed = true;
                    return Some(Err(reason.into()));
                }
            }
        }
        let line = Line {
            batch: &self.batch,
            row: self.row,
        };
        Some(cells::row(&line, self.kept, self.limit))
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

struct Line<'batch> {
    batch: &'batch [Option<ArrayRef>],
    row: usize,
}

impl Line<'_> {
    /// The array of a column, unless there is nothing in this row of it.
    fn array(&self, column: Column) -> Option<&ArrayRef> {
        let array = self.batch.get(index(column))?.as_ref()?;
        array.is_valid(self.row).then_some(array)
    }

    fn empty(column: Ours, expected: &'static str) -> RejectReason {
        RejectReason::WrongType {
            field: NAMES[column as usize].into(),
            expected,
            found: "nothing",
        }
    }
}

impl Cells for Line<'_> {
    fn text(&self, column: Column) -> Result<Cow<'_, str>, RejectReason> {
        let array = self.array(column).and_then(|array| array.as_string_opt::<i32>());
        match (array, column) {
            (Some(array), _) => Ok(Cow::Borrowed(array.value(self.row))),
            (None, Column::Kept(_) | Column::Uncertain) => Ok(Cow::Borrowed("")),
            (None, Column::Ours(Ours::Anonymity | Ours::Source | Ours::Cue)) => Ok(Cow::Borrowed("")),
            (None, Column::Ours(column)) => Err(Self::empty(column, "a string")),
        }
    }

    fn count(&self, column: Ours) -> Result<u64, RejectReason> {
        let array = self.array(Column::Ours(column));
        let array = array.and_then(|array| array.as_primitive_opt::<Int64Type>());
        let value = array
            .ok_or_else(|| Self::empty(column, cells::COUNT))?
            .value(self.row);
        let name = NAMES[column as usize];
        u64::try_from(value).map_err(|_| cells::wrong(name, cells::COUNT, &value.to_string()))
    }

    fn probability(&self, column: Ours) -> Result<f32, RejectReason> {
        let array = self.array(Column::Ours(column));
        let array = array.and_then(|array| array.as_primitive_opt::<Float32Type>());
        let value = array
            .ok_or_else(|| Self::empty(column, cells::PROBABILITY))?
            .value(self.row);
        if (0.0..=1.0).contains(&value) {
            return Ok(value);
        }
        let name = NAMES[column as usize];
        Err(cells::wrong(name, cells::PROBABILITY, &value.to_string()))
    }

    fn uncertain(&self) -> Result<Option<bool>, RejectReason> {
        let array = self
            .array(Column::Uncertain)
            .and_then(|array| array.as_boolean_opt());
        Ok(array.map(|array| array.value(self.row)))
    }
}
