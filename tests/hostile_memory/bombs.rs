//! Small files that become large, each read with a record's limit of a megabyte.

use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::WriterProperties;
use sayso::input::{InputFormat, InputOptions, Source, documents};

const LIMIT: usize = 1 << 20;

/// Each bomb, and the megabytes that may be taken for it: the window of an archive, or a page and a text.
pub const KINDS: [(&str, f64); 7] = [
    ("jsonl.gz", 8.0),
    ("jsonl.zst", 16.0),
    ("csv.gz", 8.0),
    ("txt.zst", 16.0),
    ("arrow", 24.0),
    ("shared_text.parquet", 40.0),
    ("shared_prefix.parquet", 40.0),
];

/// Two gigabytes of zeros, in some formats as one text, in others as five hundred that are the same, of a gigabyte together. The file itself is
/// made by another process, because the making takes memory.
pub fn read(kind: &str) {
    let folder = std::env::temp_dir().join(format!("sayso-bombs-{}", std::process::id()));
    let path = folder.join(kind);
    std::fs::create_dir_all(&folder).unwrap();
    if let Some(kind) = kind.strip_prefix("make:") {
        make(
            kind,
            &mut File::create(std::env::var("SAYSO_BOMB").unwrap()).unwrap(),
        );
        return;
    }
    let made = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "measured", "--ignored"])
        .env(super::TASK, format!("bomb make:{kind}"))
        .env("SAYSO_BOMB", &path)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let length = path.metadata().unwrap().len();
    assert!(length < 10_000_000, "{kind} has {length} bytes");
    let options = InputOptions {
        max_record_bytes: LIMIT,
        ..InputOptions::default()
    };
    let format = match kind.split_once('.') {
        Some(("jsonl", _)) => InputFormat::Jsonl,
        Some(("csv", _)) => InputFormat::Csv,
        Some(("txt", _)) => InputFormat::Text,
        Some((_, "parquet")) => InputFormat::Parquet,
        _ => InputFormat::Arrow,
    };
    let good = Source::from_reader("good", Some(InputFormat::Text), Cursor::new("It rained."));
    let sources = vec![Source::file(&path, format, Some(length)), good];
    let (mut rejected, mut read) = (0, 0);
    for item in documents(sources, &options) {
        match item {
            Ok(_) => read += 1,
            Err(_) => rejected += 1,
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let expected = if kind.ends_with("parquet") { 500 } else { 1 };
    assert_eq!((rejected, read), (expected, 1), "{kind}");
}

fn make(kind: &str, file: &mut File) {
    let zeros = |length: u64| std::io::repeat(b'0').take(length);
    let text = "0".repeat(2 * LIMIT);
    match kind {
        "jsonl.gz" | "csv.gz" => {
            let mut out = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            out.write_all(if kind == "csv.gz" {
                b"text\n"
            } else {
                b"{\"text\": \""
            })
            .unwrap();
            std::io::copy(&mut zeros(2 << 30), &mut out).unwrap();
            out.finish().unwrap();
        }
        "jsonl.zst" | "txt.zst" => {
            let mut out = zstd::Encoder::new(file, 3).unwrap();
            std::io::copy(&mut zeros(2 << 30), &mut out).unwrap();
            out.finish().unwrap();
        }
        "arrow" => {
            let batch = batch(vec!["0".repeat(1 << 30).as_str()]);
            let options = IpcWriteOptions::default()
                .try_with_compression(Some(CompressionType::ZSTD))
                .unwrap();
            let mut out = StreamWriter::try_new_with_options(file, &batch.schema(), options).unwrap();
            out.write(&batch).unwrap();
            out.finish().unwrap();
        }
        "shared_text.parquet" => {
            let properties = WriterProperties::builder().set_dictionary_page_size_limit(64 << 20);
            parquet(file, &[text.as_str()], properties.build());
        }
        _ => {
            let properties = WriterProperties::builder()
                .set_dictionary_enabled(false)
                .set_encoding(Encoding::DELTA_BYTE_ARRAY)
                .set_compression(Compression::ZSTD(Default::default()));
            parquet(file, &[text.as_str()], properties.build());
        }
    }
}

fn batch(texts: Vec<&str>) -> RecordBatch {
    let texts: ArrayRef = Arc::new(StringArray::from(texts));
    RecordBatch::try_from_iter([("text", texts)]).unwrap()
}

/// Five hundred rows of the same text.
fn parquet(file: &mut File, texts: &[&str], properties: WriterProperties) {
    let batch = batch(texts.repeat(100));
    let mut out = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    (0..5).for_each(|_| out.write(&batch).unwrap());
    out.close().unwrap();
}
