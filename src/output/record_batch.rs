//! Rows as Arrow record batches: one schema and one builder for every format that has types.
//!
//! The schema follows from [`columns`]. Counts are `Int64`, although they are never negative: that is what pandas
//! and polars make of the CSV, and Spark's Arrow has no unsigned numbers. Probabilities are `Float32`, rounded as
//! in the CSV, so that every format gives equal rows. Names of a closed set (`label`, `stance`, …) are
//! dictionaries that hold all names in the model's order, the same in every batch; their keys are `Int32`, because
//! that is what pyarrow reads out of a Parquet file, whatever was written. Spans are a list of structs.

use std::io;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float32Builder, Int32Builder, Int64Builder, OffsetBufferBuilder, StringBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, ListArray, RecordBatch, StringArray, StructArray};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema, SchemaRef};

use super::columns::{self, Kind, Row, SPANS, Table, Value};
use super::typed::io_error;
use crate::prediction::Span;

/// The most bytes that a cell may hold. Arrow counts the bytes of a text column in 32 bits, and a batch is ended
/// long before two such cells are in it.
const CELL_BYTES: usize = 1 << 30;

/// Rows that wait to become a batch.
pub(super) struct BatchBuilder {
    schema: SchemaRef,
    ours: Vec<CellBuilder>,
    spans: SpanBuilder,
    kept: Vec<StringBuilder>,
    rows: usize,
    bytes: usize,
}

impl BatchBuilder {
    pub fn new(table: &Table) -> Self {
        let ours = table.columns.iter();
        let mut fields: Vec<Field> = ours
            .map(|column| Field::new(column.name, data_type(column.kind), column.is_optional))
            .collect();
        let spans = SpanBuilder::new();
        fields.push(Field::new(SPANS, DataType::List(spans.item.clone()), false));
        let kept = table.kept.iter();
        fields.extend(kept.map(|column| Field::new(&column.name, DataType::Utf8, false)));
        Self {
            schema: Arc::new(Schema::new(fields)),
            ours: table
                .columns
                .iter()
                .map(|column| CellBuilder::new(column.kind))
                .collect(),
            spans,
            kept: table.kept.iter().map(|_| StringBuilder::new()).collect(),
            rows: 0,
            bytes: 0,
        }
    }

    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// How many rows wait.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many bytes of text the waiting rows hold.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a row of the table that the builder was made for.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for a value that its column cannot hold.
    pub fn push(&mut self, table: &Table, row: &Row<'_>) -> io::Result<()> {
        for (builder, column) in self.ours.iter_mut().zip(&table.columns) {
            let value = (column.value)(row);
            if let Value::Text(text) = value {
                self.bytes += bounded(text)?.len();
            }
            builder.push(value)?;
        }
        self.spans.push(&row.labeled.prediction.spans)?;
        for (builder, column) in self.kept.iter_mut().zip(&table.kept) {
            let value = bounded(columns::kept_value(row.document, column))?;
            self.bytes += value.len();
            builder.append_value(value);
        }
        self.rows += 1;
        Ok(())
    }

    /// The waiting rows as a batch; none wait after it.
    pub fn finish(&mut self) -> io::Result<RecordBatch> {
        let arrays = self.arrays().map_err(io_error)?;
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new(self.schema(), arrays).map_err(io_error)
    }

    fn arrays(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        let ours = self.ours.iter_mut().map(CellBuilder::finish);
        let mut arrays = ours.collect::<Result<Vec<_>, _>>()?;
        arrays.push(Arc::new(self.spans.finish()?));
        for builder in &mut self.kept {
            arrays.push(Arc::new(builder.finish()));
        }
        Ok(arrays)
    }
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Name(_) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Count => DataType::Int64,
        Kind::Probability => DataType::Float32,
        Kind::Flag => DataType::Boolean,
    }
}

/// One column of ours, as far as it has come.
enum CellBuilder {
    Text(StringBuilder),
    Name {
        names: &'static [&'static str],
        /// The names as an array, shared by all batches.
        values: ArrayRef,
        keys: Int32Builder,
    },
    Count(Int64Builder),
    Probability(Float32Builder),
    Flag(BooleanBuilder),
}

impl CellBuilder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Name(names) => Self::Name {
                names,
                values: Arc::new(StringArray::from_iter_values(names)),
                keys: Int32Builder::new(),
            },
            Kind::Count => Self::Count(Int64Builder::new()),
            Kind::Probability => Self::Probability(Float32Builder::new()),
            Kind::Flag => Self::Flag(BooleanBuilder::new()),
        }
    }

    fn push(&mut self, value: Value<'_>) -> io::Result<()> {
        match (self, value) {
            (Self::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Self::Text(builder), Value::Absent) => builder.append_null(),
            (Self::Name { names, keys, .. }, Value::Text(text)) => {
                let key = names.iter().position(|name| *name == text);
                let key = key.and_then(|key| i32::try_from(key).ok());
                keys.append_value(key.ok_or_else(|| invalid(format!("{text:?} is none of {names:?}")))?);
            }
            (Self::Name { keys, .. }, Value::Absent) => keys.append_null(),
            (Self::Count(builder), Value::Count(count)) => builder.append_value(signed(count)?),
            (Self::Probability(builder), Value::Probability(value)) => {
                builder.append_value(columns::rounded(value)?);
            }
            (Self::Flag(builder), Value::Flag(flag)) => builder.append_value(flag),
            (_, value) => return Err(invalid(format!("{value:?} is not of its column's kind"))),
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Name { values, keys, .. } => Arc::new(DictionaryArray::<Int32Type>::try_new(
                keys.finish(),
                values.clone(),
            )?),
            Self::Count(builder) => Arc::new(builder.finish()),
            Self::Probability(builder) => Arc::new(builder.finish()),
            Self::Flag(builder) => Arc::new(builder.finish()),
        })
    }
}

/// The column of spans, as far as it has come.
struct SpanBuilder {
    item: FieldRef,
    fields: Fields,
    lengths: OffsetBufferBuilder<i32>,
    kinds: StringBuilder,
    starts: Int64Builder,
    ends: Int64Builder,
}

impl SpanBuilder {
    fn new() -> Self {
        let fields = Fields::from(vec![
            Field::new("kind", DataType::Utf8, false),
            Field::new("start", DataType::Int64, false),
            Field::new("end", DataType::Int64, false),
        ]);
        Self {
            item: Arc::new(Field::new("item", DataType::Struct(fields.clone()), false)),
            fields,
            lengths: OffsetBufferBuilder::new(0),
            kinds: StringBuilder::new(),
            starts: Int64Builder::new(),
            ends: Int64Builder::new(),
        }
    }

    fn push(&mut self, spans: &[Span]) -> io::Result<()> {
        for span in spans {
            self.kinds.append_value(span.kind.name());
            self.starts.append_value(signed(span.start)?);
            self.ends.append_value(signed(span.end)?);
        }
        self.lengths.push_length(spans.len());
        Ok(())
    }

    fn finish(&mut self) -> Result<ListArray, ArrowError> {
        let arrays: Vec<Arc<dyn Array>> = vec![
            Arc::new(self.kinds.finish()),
            Arc::new(self.starts.finish()),
            Arc::new(self.ends.finish()),
        ];
        let spans = StructArray::try_new(self.fields.clone(), arrays, None)?;
        let lengths = std::mem::replace(&mut self.lengths, OffsetBufferBuilder::new(0));
        ListArray::try_new(self.item.clone(), lengths.finish(), Arc::new(spans), None)
    }
}

fn bounded(text: &str) -> io::Result<&str> {
    if text.len() > CELL_BYTES {
        return Err(invalid(format!(
            "a cell of {} bytes is too large for this format",
            text.len()
        )));
    }
    Ok(text)
}

fn signed(count: usize) -> io::Result<i64> {
    i64::try_from(count).map_err(|_| invalid(format!("{count} is too large for this format")))
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
