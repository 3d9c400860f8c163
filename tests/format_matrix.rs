//! The same documents in every input format give the same rows in every output format.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod output_common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use output_common::reading::all_cells;
use output_common::{Shared, keeping};
use parquet::arrow::ArrowWriter;
use sayso::batch::{BatchRunner, Outcome};
use sayso::classifier::Classifier;
use sayso::input::{InputOptions, discover, documents};
use sayso::output::{Compression, OutputFormat, TableOptions, writer};
use sayso::prediction::LabeledDocument;

/// Id, text and a kept field. Names of files are ids, so that there are no others here.
const DOCUMENTS: [[&str; 3]; 4] = [
    [
        "harbour",
        "Mayor Ilse Brønlund denied on Monday that the harbour fund is empty. “Not one krone is missing,” she said 🙂.\n\n\
         Two officials, who asked not to be named, said: \"An audit, with\ttabs, had begun.\"",
        "The Tarn Gazette, late",
    ],
    ["empty", "", ""],
    ["formula", "=1+1, she wrote.\r\nWho will pay?", "\"quoted\""],
    ["short", "No", "a\nb"],
];

/// Every output: its format and compression.
fn outputs() -> Vec<(OutputFormat, Option<Compression>)> {
    let text = [OutputFormat::Csv, OutputFormat::Tsv, OutputFormat::Jsonl];
    let compressions = [None, Some(Compression::Gzip), Some(Compression::Zstd)];
    let text = text
        .into_iter()
        .flat_map(|format| compressions.map(|compression| (format, compression)));
    let typed = [OutputFormat::Parquet, OutputFormat::Arrow, OutputFormat::Feather];
    let all: Vec<_> = text.chain(typed.map(|format| (format, None))).collect();
    let names: std::collections::BTreeSet<&str> = all.iter().map(|(format, _)| format.name()).collect();
    assert_eq!(names, OutputFormat::names().collect(), "a format is missing here");
    all
}

fn delimited(delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    writer.write_record(["id", "text", "outlet"]).unwrap();
    DOCUMENTS.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

fn jsonl() -> Vec<u8> {
    let line = |[id, text, outlet]: &[&str; 3]| {
        serde_json::json!({"id": id, "text": text, "outlet": outlet}).to_string() + "\n"
    };
    DOCUMENTS.iter().map(line).collect::<String>().into_bytes()
}

fn batch() -> RecordBatch {
    let column = |place: usize| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(DOCUMENTS.map(|row| row[place])))
    };
    RecordBatch::try_from_iter([("id", column(0)), ("text", column(1)), ("outlet", column(2))]).unwrap()
}

fn parquet() -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch().schema(), None).unwrap();
    writer.write(&batch()).unwrap();
    writer.into_inner().unwrap()
}

fn arrow_file() -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batch().schema()).unwrap();
    writer.write(&batch()).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

fn arrow_stream() -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch().schema()).unwrap();
    writer.write(&batch()).unwrap();
    writer.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// The files of every input, in a folder of its own, as they are and compressed.
fn inputs() -> Vec<Vec<(String, Vec<u8>)>> {
    let texts = DOCUMENTS.map(|[id, text, _]| (format!("{id}.txt"), text.as_bytes().to_vec()));
    let streams = [
        vec![("all.csv".to_owned(), delimited(b','))],
        vec![("all.tsv".to_owned(), delimited(b'\t'))],
        vec![("all.jsonl".to_owned(), jsonl())],
        vec![("all.arrow".to_owned(), arrow_file())],
        vec![("all.arrows".to_owned(), arrow_stream())],
        texts.to_vec(),
    ];
    let mut inputs = vec![vec![("all.parquet".to_owned(), parquet())]];
    for files in streams {
        let packed = |extension: &str, pack: fn(&[u8]) -> Vec<u8>| {
            let file = |(name, bytes): &(String, Vec<u8>)| (format!("{name}.{extension}"), pack(bytes));
            files.iter().map(file).collect()
        };
        inputs.push(packed("gz", gzip));
        inputs.push(packed("zst", |bytes| zstd::encode_all(bytes, 3).unwrap()));
        inputs.push(files);
    }
    inputs
}

/// The documents of a folder labelled, by their ids, which are `DOCUMENTS`'s.
fn labelled(folder: &Path, classifier: &Classifier, keep: &TableOptions) -> Vec<LabeledDocument> {
    let options = InputOptions {
        keep: keep.keep.clone(),
        ..InputOptions::default()
    };
    let found = discover(&[folder.to_path_buf()], &options);
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    let mut all = Vec::new();
    let run =
        BatchRunner::new(None)
            .unwrap()
            .run(classifier, documents(found.sources, &options), |outcome| {
                match outcome {
                    Outcome::Labeled(document) => all.push(document),
                    Outcome::Rejected(reject) => return Err(reject),
                }
                Ok(())
            });
    run.unwrap();
    for document in &mut all {
        let name = Path::new(&document.id).file_name().unwrap().to_str().unwrap();
        document.id = name.split('.').next().unwrap().to_owned();
    }
    all.sort_by_key(|document| DOCUMENTS.iter().position(|[id, ..]| *id == document.id));
    all
}

fn rows(
    output: (OutputFormat, Option<Compression>),
    keep: &TableOptions,
    documents: &[LabeledDocument],
) -> Vec<BTreeMap<String, String>> {
    let (format, compression) = output;
    let options = TableOptions {
        compression,
        ..keep.clone()
    };
    let out = Shared::default();
    let mut rows = writer(format, &options, Box::new(out.clone())).unwrap();
    documents
        .iter()
        .for_each(|document| rows.write(document).unwrap());
    rows.finish().unwrap();
    all_cells(format, compression, out.bytes())
}

#[test]
fn every_input_gives_the_same_rows_in_every_output() {
    let classifier = Classifier::embedded().unwrap();
    let mut pairs = 0;
    for keep in [TableOptions::default(), keeping(&["outlet"])] {
        let mut expected: Option<Vec<BTreeMap<String, String>>> = None;
        for files in inputs() {
            let name = files[0].0.clone();
            // A text file has no fields to keep.
            if !keep.keep.is_empty() && name.contains(".txt") {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            for (name, bytes) in files {
                fs::write(folder.path().join(name), bytes).unwrap();
            }
            let documents = labelled(folder.path(), &classifier, &keep);
            for output in outputs() {
                let found = rows(output, &keep, &documents);
                let expected = expected.get_or_insert_with(|| found.clone());
                assert_eq!(&found, expected, "{name} to {output:?}");
                pairs += 1;
            }
        }
        let expected = expected.unwrap();
        assert_eq!(expected.len(), 6, "sentences");
        assert_eq!(expected[0]["stance"], "deny");
        assert_eq!(
            expected[0].get("outlet").map(String::as_str),
            keep.keep.first().map(|_| DOCUMENTS[0][2])
        );
    }
    assert_eq!(pairs, (19 + 16) * 12);
}
