//! Corpora of any size that are written as they are read, so that they take no memory themselves.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use sayso::input::{InputFormat, Source};

/// Every input that is measured.
pub const INPUTS: [&str; 13] = [
    "txt",
    "jsonl",
    "csv",
    "tsv",
    "jsonl.gz",
    "csv.gz",
    "tsv.gz",
    "jsonl.zst",
    "csv.zst",
    "tsv.zst",
    "arrow",
    "arrow.lz4",
    "parquet",
];

/// Documents of a batch of Arrow and a sixteenth of those of a row group of Parquet.
const BATCH: usize = 256;

/// An article of some 4,000 bytes; no two are the same.
pub fn article(number: usize) -> String {
    let sentence = |index: usize| {
        let figure = number.wrapping_mul(31).wrapping_add(index * 7) % 9973;
        format!("The minister of Orland said on Friday that {figure} ferries had been paid for in full. ")
    };
    (0..50).map(sentence).collect()
}

/// How many articles make so many megabytes.
pub fn count(megabytes: usize) -> usize {
    megabytes * 1_000_000 / article(0).len()
}

/// Bytes that a function makes piece by piece.
struct Pieces<F> {
    next: F,
    piece: Vec<u8>,
    at: usize,
}

impl<F: FnMut() -> Option<Vec<u8>>> Read for Pieces<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            match (self.next)() {
                Some(piece) => (self.piece, self.at) = (piece, 0),
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

fn pieces(mut pieces: impl Iterator<Item = Vec<u8>> + Send + 'static) -> impl Read + Send + 'static {
    Pieces {
        next: move || pieces.next(),
        piece: Vec::new(),
        at: 0,
    }
}

/// The sources of a corpus of `megabytes` of text in the format `input`. A corpus of Parquet is at `path`.
pub fn sources(input: &str, megabytes: usize, path: &Path) -> Vec<Source> {
    let count = count(megabytes);
    let (format, packing) = input.split_once('.').unwrap_or((input, ""));
    let delimited = |delimiter: &'static str| -> Box<dyn Read + Send> {
        let header = format!("id{delimiter}text\n").into_bytes();
        let row = move |number| format!("{number}{delimiter}{}\n", article(number)).into_bytes();
        Box::new(pieces([header].into_iter().chain((0..count).map(row))))
    };
    let (format, reader): (_, Box<dyn Read + Send>) = match format {
        "txt" => return texts(count),
        "parquet" => {
            let length = path.metadata().unwrap().len();
            return vec![Source::file(path, InputFormat::Parquet, Some(length))];
        }
        "jsonl" => {
            let line =
                |number| format!("{{\"id\": {number}, \"text\": \"{}\"}}\n", article(number)).into_bytes();
            (InputFormat::Jsonl, Box::new(pieces((0..count).map(line))))
        }
        "csv" => (InputFormat::Csv, delimited(",")),
        "tsv" => (InputFormat::Tsv, delimited("\t")),
        "arrow" => (InputFormat::Arrow, Box::new(arrow(count, packing == "lz4"))),
        other => panic!("no input {other}"),
    };
    let reader: Box<dyn Read + Send> = match packing {
        "gz" => Box::new(flate2::read::GzEncoder::new(reader, flate2::Compression::fast())),
        "zst" => Box::new(zstd::stream::read::Encoder::new(reader, 1).unwrap()),
        _ => reader,
    };
    vec![Source::from_reader("corpus", Some(format), reader)]
}

/// Files of a hundred articles each: a list of files takes memory for every one of them.
fn texts(count: usize) -> Vec<Source> {
    let file = |first: usize| {
        let articles = pieces((first..first + 100).map(|number| (article(number) + "\n\n").into_bytes()));
        Source::from_reader(format!("news/{first:09}.txt"), Some(InputFormat::Text), articles)
    };
    (0..count).step_by(100).map(file).collect()
}

fn batch(first: usize, count: usize) -> RecordBatch {
    let numbers = first..(first + BATCH).min(count);
    let ids: ArrayRef = Arc::new(StringArray::from_iter_values(
        numbers.clone().map(|number| number.to_string()),
    ));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(numbers.map(article)));
    RecordBatch::try_from_iter([("id", ids), ("text", texts)]).unwrap()
}

fn arrow(count: usize, is_compressed: bool) -> impl Read + Send + 'static {
    let compression = is_compressed.then_some(CompressionType::LZ4_FRAME);
    let options = IpcWriteOptions::default()
        .try_with_compression(compression)
        .unwrap();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch(0, 1).schema(), options).unwrap();
    pieces((0..count).step_by(BATCH).map(move |first| {
        writer.write(&batch(first, count)).unwrap();
        std::mem::take(writer.get_mut())
    }))
}

pub fn write_parquet(path: &Path, megabytes: usize) {
    let count = count(megabytes);
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(16 * BATCH))
        .build();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch(0, 1).schema(), Some(properties)).unwrap();
    (0..count)
        .step_by(BATCH)
        .for_each(|first| writer.write(&batch(first, count)).unwrap());
    writer.close().unwrap();
}
