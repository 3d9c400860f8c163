//! Files that claim more than they hold, and archives that hold more than they seem to: neither takes memory that the
//! limit does not allow, and the files beside them are labelled.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;
mod hostile_common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use cli_common::folder;
use hostile_common::{Run, label};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

/// The limit of a record in these tests, and so sixteen times as much for a batch.
const LIMIT: &str = "1000000";
const GOOD: &str = "{\"doc_id\": \"good\", \"text\": \"It rained in Karst.\"}\n";

fn batch(texts: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter([("text", texts)]).unwrap()
}

fn stream(batches: &[RecordBatch], compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default()
        .try_with_compression(compression)
        .unwrap();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

/// Labels a file of `bytes` and a good one after it.
fn label_beside_a_good_one(name: &str, bytes: &[u8]) -> Run {
    let folder = folder(&[(name, bytes), ("z.jsonl", GOOD.as_bytes())]);
    label(folder.path(), &[name, "z.jsonl", "--max-record-bytes", LIMIT])
}

/// The message about a file that costs itself alone.
fn message(name: &str, bytes: &[u8], rows: usize) -> String {
    let run = label_beside_a_good_one(name, bytes);
    assert_eq!((run.status, run.rows()), (Some(1), rows), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    run.stderr
}

/// `bytes` with every `from` made `to`; there is at least one.
fn patched(mut bytes: Vec<u8>, from: [u8; 8], to: [u8; 8]) -> Vec<u8> {
    let mut count = 0;
    for place in 0..bytes.len() - 7 {
        if bytes[place..place + 8] == from {
            bytes[place..place + 8].copy_from_slice(&to);
            count += 1;
        }
    }
    assert!(count > 0);
    bytes
}

#[test]
fn an_arrow_buffer_that_claims_an_exabyte() {
    let text = "It rained in Karst. ".repeat(5000);
    for compression in [CompressionType::ZSTD, CompressionType::LZ4_FRAME] {
        for claim in [1_i64 << 60, i64::MAX, 1 << 40, 16_000_001] {
            let honest = stream(
                &[batch(Arc::new(StringArray::from(vec![text.as_str()])))],
                Some(compression),
            );
            let bytes = patched(honest, (text.len() as i64).to_le_bytes(), claim.to_le_bytes());
            // Its offsets are in the batch as well: two numbers of four bytes.
            let whole = claim.cast_unsigned() + 8;
            assert_eq!(
                message("a.arrows", &bytes, 1),
                format!(
                    "sayso: a.arrows:1: a batch of {whole} bytes is larger than the limit of 16000000 bytes\n"
                )
            );
        }
    }
}

#[test]
fn an_arrow_message_that_claims_an_exabyte() {
    let honest = stream(
        &[batch(Arc::new(StringArray::from(vec!["x".repeat(1001)])))],
        None,
    );
    // The length of the body stands in the message as it is: offsets and text, each up to a multiple of 64.
    let body = [64_i64 + 1024, 8 + 1008, 1088]
        .into_iter()
        .find(|body| honest.windows(8).any(|window| window == body.to_le_bytes()));
    let bytes = patched(honest, body.unwrap().to_le_bytes(), (1_i64 << 60).to_le_bytes());
    let expected = "sayso: a.arrows:1: a batch of 1152921504606846976 bytes is larger than the limit of 16000000 bytes\n";
    assert_eq!(message("a.arrows", &bytes, 1), expected);
}

#[test]
fn an_arrow_file_of_a_bomb() {
    let bomb = "0".repeat(20_000_000);
    let small = batch(Arc::new(StringArray::from(vec!["It rained."])));
    for compression in [CompressionType::ZSTD, CompressionType::LZ4_FRAME] {
        let large = batch(Arc::new(StringArray::from(vec![bomb.as_str()])));
        let bytes = stream(&[small.clone(), large, small.clone()], Some(compression));
        assert!(bytes.len() < 200_000);
        let expected =
            "sayso: a.arrows:2: a batch of 20000008 bytes is larger than the limit of 16000000 bytes\n";
        assert_eq!(message("a.arrows", &bytes, 2), expected);
    }
}

#[test]
fn an_arrow_dictionary_counts_with_the_batches_that_need_it() {
    let words = StringArray::from(vec!["0".repeat(20_000_000)]);
    let keys = Int32Array::from(vec![0; 3]);
    let texts = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(words)).unwrap();
    let bytes = stream(&[batch(Arc::new(texts))], Some(CompressionType::ZSTD));
    let expected =
        "sayso: a.arrows:1: a batch of 20000008 bytes is larger than the limit of 16000000 bytes\n";
    assert_eq!(message("a.arrows", &bytes, 1), expected);
}

fn parquet(texts: ArrayRef) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .set_dictionary_page_size_limit(64 << 20)
        .build();
    // Without what Arrow adds: a column of texts, however it was made.
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    let batch = batch(texts);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn a_parquet_page_of_a_bomb() {
    let bytes = parquet(Arc::new(StringArray::from(vec!["0".repeat(20_000_000)])));
    assert!(bytes.len() < 20_000, "{}", bytes.len());
    let expected =
        "sayso: a.parquet:1: a page of 20000004 bytes is larger than the limit of 16000000 bytes\n";
    assert_eq!(message("a.parquet", &bytes, 1), expected);
}

#[test]
fn a_long_text_that_many_rows_share_costs_each_of_them_alone() {
    // Side by side they would be more than a column of text may have.
    let words = StringArray::from(vec!["0".repeat(2_000_000), "It rained in Karst.".to_owned()]);
    let mut keys = vec![0; 1100];
    keys[1000] = 1;
    let texts = DictionaryArray::<Int32Type>::try_new(Int32Array::from(keys), Arc::new(words)).unwrap();
    let run = label_beside_a_good_one("a.parquet", &parquet(Arc::new(texts)));
    assert_eq!(
        (run.status, run.rows()),
        (Some(1), 2),
        "{}",
        &run.stderr[..run.stderr.len().min(999)]
    );
    let messages: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(messages.len(), 1099);
    assert_eq!(
        messages[1000],
        "sayso: a.parquet:1002: document \"a.parquet#1002\": longer than the limit of 1000000 bytes"
    );
}

/// Zeros that a small archive becomes.
fn bomb(folder: &Path, name: &str, prefix: &str, zeros: usize) {
    let file = fs::File::create(folder.join(name)).unwrap();
    let mut out: Box<dyn Write> = if name.ends_with("gz") {
        Box::new(flate2::write::GzEncoder::new(file, flate2::Compression::fast()))
    } else {
        Box::new(zstd::Encoder::new(file, 1).unwrap().auto_finish())
    };
    out.write_all(prefix.as_bytes()).unwrap();
    let piece = vec![b'0'; 1 << 20];
    (0..zeros >> 20).for_each(|_| out.write_all(&piece).unwrap());
}

#[test]
fn bombs_of_gzip_and_zstd_are_records_over_the_limit() {
    for extension in ["gz", "zst"] {
        for (format, prefix, place) in [
            ("jsonl", "{\"text\": \"", ":1"),
            ("csv", "text\n", ":1"),
            ("tsv", "text\n", ":1"),
            ("txt", "", ""),
        ] {
            let folder = folder(&[("z.jsonl", GOOD)]);
            let name = format!("bomb.{format}.{extension}");
            bomb(folder.path(), &name, prefix, 256 << 20);
            let run = label(folder.path(), &[&name, "z.jsonl", "--max-record-bytes", LIMIT]);
            let expected = format!("sayso: {name}{place}: longer than the limit of {LIMIT} bytes\n");
            assert_eq!((run.verdict(), run.rows()), ((Some(1), expected.as_str()), 1));
        }
    }
}
