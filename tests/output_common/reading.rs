//! Rows read back from what was written, in every format.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sayso::output::{Compression, OutputFormat, columns};
use serde_json::{Map, Value, json};

/// The cells of every row, by their column's name, as a CSV has them.
pub fn all_cells(
    format: OutputFormat,
    compression: Option<Compression>,
    written: Vec<u8>,
) -> Vec<BTreeMap<String, String>> {
    let mut plain = Vec::new();
    match compression {
        None => plain = written,
        Some(Compression::Gzip) => drop(
            flate2::read::GzDecoder::new(&*written)
                .read_to_end(&mut plain)
                .unwrap(),
        ),
        Some(Compression::Zstd) => plain = zstd::decode_all(&*written).unwrap(),
    }
    match format {
        OutputFormat::Csv | OutputFormat::Tsv => {
            let delimiter = if format == OutputFormat::Csv { b',' } else { b'\t' };
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .from_reader(&*plain);
            reader.deserialize().map(Result::unwrap).collect()
        }
        OutputFormat::Jsonl => {
            let lines = String::from_utf8(plain).unwrap();
            let row = |line: &str| cells(&serde_json::from_str(line).unwrap());
            lines.split_terminator('\n').map(row).collect()
        }
        _ => rows(format, plain).iter().map(cells).collect(),
    }
}

/// A file that holds `bytes`, read from its beginning.
pub fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

pub fn batches(format: OutputFormat, written: Vec<u8>) -> (SchemaRef, Vec<RecordBatch>) {
    match format {
        OutputFormat::Parquet => {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file(&written)).unwrap();
            let schema = builder.schema().clone();
            (schema, builder.build().unwrap().map(Result::unwrap).collect())
        }
        OutputFormat::Arrow => {
            let reader = StreamReader::try_new(Cursor::new(written), None).unwrap();
            (reader.schema(), reader.map(Result::unwrap).collect())
        }
        OutputFormat::Feather => {
            let reader = FileReader::try_new(Cursor::new(written), None).unwrap();
            (reader.schema(), reader.map(Result::unwrap).collect())
        }
        _ => panic!("{format} has no batches"),
    }
}

/// The rows of a format with types, as JSON Lines would have them.
pub fn rows(format: OutputFormat, written: Vec<u8>) -> Vec<Value> {
    let (schema, batches) = batches(format, written);
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let fields = schema.fields().iter().zip(batch.columns());
            let object: Map<String, Value> = fields
                .map(|(field, column)| (field.name().clone(), cell(column, row)))
                .collect();
            rows.push(Value::Object(object));
        }
    }
    rows
}

fn cell(column: &ArrayRef, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => json!(column.as_string::<i32>().value(row)),
        DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => json!(column.as_boolean().value(row)),
        // The shortest decimal that stands for the number, as somebody would write it.
        DataType::Float32 => {
            let number = column.as_primitive::<Float32Type>().value(row);
            json!(number.to_string().parse::<f64>().unwrap())
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_dictionary::<Int32Type>();
            let key = usize::try_from(dictionary.keys().value(row)).unwrap();
            json!(dictionary.values().as_string::<i32>().value(key))
        }
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            (0..items.len()).map(|item| cell(&items, item)).collect()
        }
        DataType::Struct(fields) => {
            let parts = fields.iter().zip(column.as_struct().columns());
            let object: Map<String, Value> = parts
                .map(|(field, part)| (field.name().clone(), cell(part, row)))
                .collect();
            Value::Object(object)
        }
        other => panic!("a column of {other}"),
    }
}

/// A row of JSON Lines as the cells of CSV, by their column's name.
pub fn cells(row: &Value) -> BTreeMap<String, String> {
    let row = row.as_object().unwrap().iter();
    let plain = row.filter(|(name, _)| *name != columns::SPANS);
    plain
        .map(|(name, value)| {
            let cell = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Number(number) if name == "confidence" || name.starts_with("p_") => {
                    format!("{:.4}", number.as_f64().unwrap())
                }
                other => other.to_string(),
            };
            (name.clone(), cell)
        })
        .collect()
}
