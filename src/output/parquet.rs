//! Parquet: the smallest file, and one that a reader need not read whole.
//!
//! Columns are dictionary-encoded where that helps and compressed with zstd. Rows stand in groups, in the order of
//! the input. A group has the least and the greatest document id and value of every kept column, such as a date, and a
//! Bloom filter tells whether a document is in the group at all. What the model says has no such bounds: every group holds
//! all labels and probabilities from 0 to 1. Only the group that is being filled is in memory, and what the end of the file
//! says of every group; pages have no index there, because a group has only a few. Nothing is written out of order, so that
//! the output may be a pipe.
//!
//! The crate's writer holds what it will say of a group in structures that are six times as large as the bytes they become,
//! which over a large corpus is most of what grows. So every group is written as a file of its own, of which the pages alone
//! go out; its footer is kept as bytes, and all of them become one at the end.

use std::io::{self, Write};
use std::mem;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{
    ParquetMetaDataOptions, ParquetMetaDataReader, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::columns::SPANS;
use super::typed::{BatchSink, io_error};

/// Rows of a group: some thousand articles, some megabytes in the file. Not fewer, because what is said of a group at the end
/// of the file stays in memory until then.
const GROUP_ROWS: usize = 1 << 17;

/// Bytes of a group, encoded, for rows that carry whole articles in a kept column.
const GROUP_BYTES: usize = 32 << 20;

/// zstd's own default; higher levels take much longer and gain little.
const ZSTD_LEVEL: i32 = 3;

/// How often the Bloom filter says that a document may be in a group where it is not.
const FALSE_POSITIVES: f64 = 0.01;

/// What a Parquet file begins and ends with.
const MAGIC: &[u8; 4] = b"PAR1";

/// Bytes that follow a footer: its length, and the magic ones.
const TRAILER: usize = 4 + MAGIC.len();

pub(super) struct ParquetFile {
    schema: SchemaRef,
    properties: WriterProperties,
    group_rows: usize,
    written: Vec<Group>,
    /// Bytes of the file so far, but for the group that is being filled.
    position: usize,
    filling: ArrowWriter<Pages>,
}

/// A group in the file.
struct Group {
    /// Where its pages begin.
    start: usize,
    /// The footer that it would have as a file of its own.
    footer: Box<[u8]>,
}

/// Where the writer of a group writes: its pages go into the file, what stands before and after them does not.
struct Pages {
    file: Box<dyn Write + Send>,
    are_pages: bool,
    aside: Vec<u8>,
}

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.are_pages {
            self.file.write(bytes)
        } else {
            self.aside.write(bytes)
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.are_pages { self.file.flush() } else { Ok(()) }
    }
}

impl BatchSink for ParquetFile {
    fn new(schema: &SchemaRef, out: Box<dyn Write + Send>) -> io::Result<Self> {
        let properties = properties(schema)?;
        Ok(Self {
            schema: schema.clone(),
            group_rows: GROUP_ROWS,
            written: Vec::new(),
            position: 0,
            filling: group_writer(out, schema, &properties)?,
            properties,
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.filling.write(batch).map_err(io_error)?;
        if self.filling.in_progress_rows() >= self.group_rows
            || self.filling.in_progress_size() >= GROUP_BYTES
        {
            self.end_group()?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        if self.filling.in_progress_rows() > 0 {
            self.end_group()?;
        }
        self.begin()?;
        let footer = self.footer().map_err(io_error)?;
        let file = &mut self.filling.inner_mut().file;
        file.write_all(&footer)?;
        file.flush()
    }
}

impl ParquetFile {
    /// Writes what stands before the first group, where that has not been done.
    fn begin(&mut self) -> io::Result<()> {
        if self.position == 0 {
            self.filling.inner_mut().file.write_all(MAGIC)?;
            self.position = MAGIC.len();
        }
        Ok(())
    }

    /// Writes the group that is being filled, and begins another.
    fn end_group(&mut self) -> io::Result<()> {
        self.begin()?;
        self.filling.flush().map_err(io_error)?;
        // Before the footer, because what writes that hides why a file could not be written.
        self.filling.sync()?;
        let size = self.filling.bytes_written() - MAGIC.len();
        let pages = self.filling.inner_mut();
        (pages.are_pages, pages.aside) = (false, Vec::new());
        let file = mem::replace(&mut pages.file, Box::new(io::sink()));
        let next = group_writer(file, &self.schema, &self.properties)?;
        let ended = mem::replace(&mut self.filling, next).into_inner();
        let mut footer = ended.map_err(io_error)?.aside;
        footer.truncate(footer.len().saturating_sub(TRAILER));
        self.written.push(Group {
            start: self.position,
            footer: footer.into(),
        });
        self.position += size;
        Ok(())
    }

    /// What stands after the last group.
    fn footer(&self) -> ParquetResult<Vec<u8>> {
        let (schema, properties) = (self.schema.clone(), self.properties.clone());
        let whole = ArrowWriter::try_new(io::sink(), schema, Some(properties))?.finish()?;
        let options = ParquetMetaDataOptions::new()
            .with_schema(whole.file_metadata().schema_descr_ptr())
            .with_encoding_stats_as_mask(false);
        let mut groups = Vec::new();
        for Group { start, footer } in &self.written {
            let alone = ParquetMetaDataReader::decode_metadata_with_options(footer, Some(&options))?;
            for group in alone.into_builder().take_row_groups() {
                groups.push(moved(group, groups.len(), start - MAGIC.len())?);
            }
        }
        let whole = whole.into_builder().set_row_groups(groups).build();
        let mut footer = Vec::new();
        ParquetMetaDataWriter::new(&mut footer, &whole).finish()?;
        Ok(footer)
    }
}

/// How all groups are written.
fn properties(schema: &SchemaRef) -> io::Result<WriterProperties> {
    let document = ColumnPath::from("doc_id");
    let fields = schema.fields().iter().map(|field| field.name().clone());
    let kept = fields
        .skip_while(|name| name != SPANS)
        .skip(1)
        .map(ColumnPath::from);
    let properties = WriterProperties::builder()
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_compression(Compression::ZSTD(
            ZstdLevel::try_new(ZSTD_LEVEL).map_err(io_error)?,
        ))
        // A group ends where `write` says so.
        .set_max_row_group_row_count(None)
        .set_column_bloom_filter_max_ndv(document.clone(), GROUP_ROWS as u64)
        .set_column_bloom_filter_fpp(document.clone(), FALSE_POSITIVES);
    let properties = kept.chain([document]).fold(properties, |properties, column| {
        properties.set_column_statistics_enabled(column, EnabledStatistics::Chunk)
    });
    Ok(properties.build())
}

/// The writer of a group, which goes to the end of `file`.
fn group_writer(
    file: Box<dyn Write + Send>,
    schema: &SchemaRef,
    properties: &WriterProperties,
) -> io::Result<ArrowWriter<Pages>> {
    // The schema as Arrow has it is said once, at the end of the whole file.
    let options = ArrowWriterOptions::new()
        .with_properties(properties.clone())
        .with_skip_arrow_metadata(true);
    let pages = Pages {
        file,
        are_pages: false,
        aside: Vec::new(),
    };
    let mut writer = ArrowWriter::try_new_with_options(pages, schema.clone(), options).map_err(io_error)?;
    writer.sync()?;
    writer.inner_mut().are_pages = true;
    Ok(writer)
}

/// `group`, the one of a file of its own, as the group `ordinal` of a file in which it stands `distance` bytes further on.
fn moved(group: RowGroupMetaData, ordinal: usize, distance: usize) -> ParquetResult<RowGroupMetaData> {
    let distance = distance as i64;
    let further = |offset: Option<i64>| offset.map(|offset| offset + distance);
    let ordinal = i32::try_from(ordinal).map_err(|error| ParquetError::External(error.into()))?;
    let start = further(group.file_offset());
    let mut moved = group.into_builder().set_ordinal(ordinal);
    if let Some(start) = start {
        moved = moved.set_file_offset(start);
    }
    let columns = moved.take_columns().into_iter().map(|column| {
        let dictionary = further(column.dictionary_page_offset());
        let (data, bloom_filter) = (
            column.data_page_offset() + distance,
            further(column.bloom_filter_offset()),
        );
        column
            .into_builder()
            .set_dictionary_page_offset(dictionary)
            .set_data_page_offset(data)
            .set_bloom_filter_offset(bloom_filter)
            .build()
    });
    let columns = columns.collect::<ParquetResult<_>>()?;
    moved.set_column_metadata(columns).build()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float32Array, StringArray};
    use arrow_schema::{DataType, Field, Schema};

    use super::*;

    const ROWS: usize = 100;

    fn batches(schema: &SchemaRef, count: usize) -> Vec<RecordBatch> {
        let batch = |number: usize| {
            let texts = |salt: usize| (0..ROWS).map(move |row| format!("{}", (number * ROWS + row) / salt));
            let numbers = (0..ROWS).map(|row| (row * number) as f32);
            let columns: [ArrayRef; 4] = [
                Arc::new(StringArray::from_iter_values(texts(7))),
                Arc::new(Float32Array::from_iter_values(numbers)),
                Arc::new(StringArray::from_iter_values(texts(1))),
                Arc::new(StringArray::from_iter(
                    texts(50).map(|text| (text != "3").then_some(text)),
                )),
            ];
            RecordBatch::try_new(schema.clone(), columns.to_vec()).unwrap()
        };
        (0..count).map(batch).collect()
    }

    /// The crate's own writer says where it cuts; this one has to write the same bytes for less memory.
    #[test]
    fn the_file_is_that_of_one_writer_for_all_groups() {
        let schema = Arc::new(Schema::new(vec![
            Field::new("doc_id", DataType::Utf8, false),
            Field::new("p_deny", DataType::Float32, false),
            Field::new(SPANS, DataType::Utf8, false),
            Field::new("date", DataType::Utf8, true),
        ]));
        for count in [0, 1, 3, 7, 9] {
            let batches = batches(&schema, count);
            let own = tempfile::NamedTempFile::new().unwrap();
            let mut file = ParquetFile::new(&schema, Box::new(own.reopen().unwrap())).unwrap();
            file.group_rows = 3 * ROWS;
            batches.iter().for_each(|batch| file.write(batch).unwrap());
            file.finish().unwrap();

            let mut expected = Vec::new();
            let properties = properties(&schema).unwrap().into_builder();
            let properties = properties.set_max_row_group_row_count(Some(3 * ROWS)).build();
            let mut writer = ArrowWriter::try_new(&mut expected, schema.clone(), Some(properties)).unwrap();
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
            writer.close().unwrap();
            assert!(fs::read(own.path()).unwrap() == expected, "{count} batches");
        }
    }
}
