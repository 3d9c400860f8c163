//! Every format gives the same rows, with the types that its readers expect, and so that a reader can skip.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod output_common;

use std::collections::BTreeMap;
use std::io::Cursor;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use output_common::reading::{batches, cells, file, rows};
use output_common::{Shared, bytes, corpus, keeping, sentence, span};
use parquet::basic::Compression;
use parquet::file::properties::ReaderProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::serialized_reader::ReadOptionsBuilder;
use proptest::prelude::*;
use sayso::output::{OutputFormat, TableOptions, writer};
use sayso::prediction::{Anonymity, Attribution, Label, LabeledDocument, LabeledSentence, SpanKind, Stance};
use serde_json::Value;

const TYPED: [OutputFormat; 3] = [OutputFormat::Parquet, OutputFormat::Arrow, OutputFormat::Feather];

fn check_that_all_formats_agree(options: &TableOptions, documents: &[LabeledDocument]) {
    let jsonl = String::from_utf8(bytes(OutputFormat::Jsonl, options, documents)).unwrap();
    let expected: Vec<Value> = jsonl
        .split_terminator('\n')
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for format in TYPED {
        let found = rows(format, bytes(format, options, documents));
        assert_eq!(found, expected, "{format}");
    }
    let expected: Vec<_> = expected.iter().map(cells).collect();
    for (format, delimiter) in [(OutputFormat::Csv, b','), (OutputFormat::Tsv, b'\t')] {
        let written = bytes(format, options, documents);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .from_reader(&*written);
        let records = reader.deserialize().map(Result::unwrap);
        let found: Vec<BTreeMap<String, String>> = records.collect();
        assert_eq!(found, expected, "{format}");
    }
}

#[test]
fn all_formats_agree_on_a_corpus() {
    for min_confidence in [None, Some(0.98)] {
        let options = TableOptions {
            min_confidence,
            ..keeping(&["outlet", "source"])
        };
        check_that_all_formats_agree(&options, &corpus());
    }
    check_that_all_formats_agree(&TableOptions::default(), &[]);
}

#[test]
fn the_types_are_the_same_in_every_typed_format() {
    let options = TableOptions {
        min_confidence: Some(0.5),
        ..keeping(&["outlet"])
    };
    for format in TYPED {
        for documents in [vec![], corpus()] {
            let (schema, _) = batches(format, bytes(format, &options, &documents));
            let fields: Vec<String> = schema
                .fields()
                .iter()
                .map(|field| {
                    let mark = if field.is_nullable() { "?" } else { "" };
                    format!("{}{mark} {}", field.name(), field.data_type())
                })
                .collect();
            insta::allow_duplicates! {
                insta::assert_snapshot!("schema", fields.join("\n"));
            }
        }
    }
}

fn story(id: String, sentences: usize) -> LabeledDocument {
    LabeledDocument {
        id,
        metadata: vec![],
        sentences: vec![sentence(0, "The Tarn light stands idle."); sentences],
        warnings: vec![],
    }
}

#[test]
fn a_reader_of_parquet_can_skip_row_groups() {
    let documents: Vec<_> = (0..300)
        .map(|number| story(format!("story-{number:03}"), 1000))
        .collect();
    let written = bytes(OutputFormat::Parquet, &keeping(&["date"]), &documents);
    let options = ReadOptionsBuilder::new()
        .with_reader_properties(ReaderProperties::builder().set_read_bloom_filter(true).build())
        .build();
    let reader = SerializedFileReader::new_with_options(file(&written), options).unwrap();
    let groups = reader.metadata().row_groups();
    let sizes: Vec<i64> = groups.iter().map(|group| group.num_rows()).collect();
    assert_eq!(sizes, [131_072, 131_072, 300_000 - 2 * 131_072]);
    let mut bounds = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        for column in group.columns() {
            let name = column.column_path().string();
            assert!(matches!(column.compression(), Compression::ZSTD(_)), "{name}");
            let is_ordered = ["doc_id", "date"].contains(&&*name);
            assert_eq!(column.statistics().is_some(), is_ordered, "{name}");
        }
        let column = group
            .columns()
            .iter()
            .position(|column| column.column_path().string() == "doc_id");
        let statistics = group.columns()[column.unwrap()].statistics().unwrap();
        let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
        bounds.push([text(statistics.min_bytes_opt()), text(statistics.max_bytes_opt())]);
        let group = reader.get_row_group(index).unwrap();
        let filter = group.get_column_bloom_filter(column.unwrap()).unwrap();
        assert!(bounds[index].iter().all(|bound| filter.check(bound.as_str())));
        let known = |number: &usize| filter.check(format!("story-{number:03}").as_str());
        assert!(
            (0..300).filter(known).count() < 200,
            "the filter of group {index} lets all through"
        );
    }
    let expected = [
        ["story-000", "story-131"],
        ["story-131", "story-262"],
        ["story-262", "story-299"],
    ];
    assert_eq!(bounds, expected);
}

#[test]
fn rows_that_carry_articles_make_smaller_batches() {
    let article = "The Tarn light stands idle. ".repeat(40_000);
    let document = LabeledDocument {
        metadata: vec![("body".into(), article)],
        ..story("tarn".into(), 20)
    };
    for format in [OutputFormat::Arrow, OutputFormat::Feather] {
        let (_, batches) = batches(
            format,
            bytes(format, &keeping(&["body"]), std::slice::from_ref(&document)),
        );
        let sizes: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(sizes, [4, 4, 4, 4, 4], "{format}: of 1.1 MB a row");
    }
}

#[test]
fn a_stream_hands_on_a_batch_before_the_end() {
    let out = Shared::default();
    let mut rows = writer(
        OutputFormat::Arrow,
        &TableOptions::default(),
        Box::new(out.clone()),
    )
    .unwrap();
    rows.write(&story("tarn".into(), 5000)).unwrap();
    let mut reader = StreamReader::try_new(Cursor::new(out.bytes()), None).unwrap();
    let batch = reader.next().unwrap().unwrap();
    assert_eq!(batch.num_rows(), 1024);
    rows.finish().unwrap();
    let (_, batches) = batches(OutputFormat::Arrow, out.bytes());
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 5000);
}

fn any_probability() -> impl Strategy<Value = f32> {
    prop_oneof![
        0.0..=1.0_f32,
        (0..=32_u8).prop_map(|number| f32::from(number) / 32.0)
    ]
}

fn any_sentence() -> impl Strategy<Value = LabeledSentence> {
    let names = (
        prop::sample::select(Label::ALL),
        prop::sample::select(Stance::ALL),
        prop::sample::select(Attribution::ALL),
        prop::option::of(prop::sample::select(Anonymity::ALL)),
    );
    let numbers = (
        0..1_000_000_usize,
        any_probability(),
        prop::array::uniform4(any_probability()),
        prop::array::uniform4(any_probability()),
    );
    let words = (
        any::<String>(),
        prop::option::of(any::<String>()),
        prop::option::of(any::<String>()),
    );
    let spans = prop::collection::vec(
        (prop::sample::select(SpanKind::ALL), 0..99_usize, 0..99_usize),
        0..3,
    );
    (names, numbers, words, spans).prop_map(|(names, numbers, words, spans)| {
        let mut row = sentence(numbers.0, &words.0);
        let prediction = &mut row.prediction;
        (prediction.label, prediction.stance) = (names.0, names.1);
        (prediction.attribution, prediction.anonymity) = (names.2, names.3);
        prediction.confidence = numbers.1;
        prediction.stance_probabilities = numbers.2;
        prediction.attribution_probabilities = numbers.3;
        (prediction.source, prediction.cue) = (words.1, words.2);
        prediction.spans = spans
            .into_iter()
            .map(|(kind, start, length)| span(kind, start, start + length))
            .collect();
        row
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn all_formats_agree_on_any_documents(
        documents in prop::collection::vec(
            (any::<String>(), any::<String>(), prop::collection::vec(any_sentence(), 0..4)), 0..4,
        ),
        min_confidence in prop::option::of(any_probability()),
    ) {
        let documents: Vec<LabeledDocument> = documents
            .into_iter()
            .map(|(id, outlet, sentences)| LabeledDocument {
                id,
                metadata: vec![("outlet".into(), outlet)],
                sentences,
                warnings: vec![],
            })
            .collect();
        let options = TableOptions { min_confidence, ..keeping(&["outlet"]) };
        check_that_all_formats_agree(&options, &documents);
    }
}
