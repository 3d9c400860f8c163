//! Parquet: the smallest file, and one that a reader need not read whole.
//!
//! Columns are dictionary-encoded where that helps and compressed with zstd. Rows stand in groups, in the order of
//! the input. A group has the least and the greatest document id and value of every kept column, such as a date, and a
//! Bloom filter tells whether a document is in the group at all. What the model says has no such bounds: every group holds
//! all labels and probabilities from 0 to 1. Only the group that is being filled is in memory, and what the end of the file
//! says of every group; pages have no index there, because a group has only a few. Nothing is written out of order, so that
//! the output may be a pipe.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
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

pub(super) struct ParquetFile(ArrowWriter<Box<dyn Write + Send>>);

impl BatchSink for ParquetFile {
    fn new(schema: &SchemaRef, out: Box<dyn Write + Send>) -> io::Result<Self> {
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
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .set_column_bloom_filter_max_ndv(document.clone(), GROUP_ROWS as u64)
            .set_column_bloom_filter_fpp(document.clone(), FALSE_POSITIVES);
        let properties = kept.chain([document]).fold(properties, |properties, column| {
            properties.set_column_statistics_enabled(column, EnabledStatistics::Chunk)
        });
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties.build()));
        writer.map(Self).map_err(io_error)
    }

    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.0.write(batch).map_err(io_error)
    }

    fn finish(mut self) -> io::Result<()> {
        self.0.finish().map(drop).map_err(io_error)
    }
}
