//! Arrow IPC, as a stream and as a file.
//!
//! The stream (`.arrows`) is what goes through pipes: a schema, then batches, each handed on as soon as it is full. The
//! file (`.arrow`, `.feather`: pandas and R call it Feather) adds an index at the end, for readers that map it into
//! memory and pick. The names of the extensions are those that the Arrow project recommends. Neither is
//! compressed: readers use the bytes as they lie.

use std::io::{self, BufWriter, Write};

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::SchemaRef;

use super::typed::{BatchSink, io_error};

type Out = BufWriter<Box<dyn Write + Send>>;

pub(super) struct ArrowStream(StreamWriter<Out>);

impl BatchSink for ArrowStream {
    fn new(schema: &SchemaRef, out: Box<dyn Write + Send>) -> io::Result<Self> {
        let writer = StreamWriter::try_new(BufWriter::new(out), schema);
        writer.map(Self).map_err(io_error)
    }

    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.0.write(batch).map_err(io_error)?;
        self.0.flush().map_err(io_error)
    }

    fn finish(mut self) -> io::Result<()> {
        self.0.finish().map_err(io_error)
    }
}

pub(super) struct ArrowFile(FileWriter<Out>);

impl BatchSink for ArrowFile {
    fn new(schema: &SchemaRef, out: Box<dyn Write + Send>) -> io::Result<Self> {
        let writer = FileWriter::try_new(BufWriter::new(out), schema);
        writer.map(Self).map_err(io_error)
    }

    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.0.write(batch).map_err(io_error)
    }

    fn finish(mut self) -> io::Result<()> {
        self.0.finish().map_err(io_error)
    }
}
