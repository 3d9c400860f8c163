//! What stands in the output files, byte by byte, and that other programs read the same out of them.

#![allow(clippy::unwrap_used)] // What helps a test may panic like one.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use sayso::{
    document::Sentence,
    output::{OutputFormat, TableOptions, columns, writer},
    prediction::{
        Anonymity, Attribution, Label, LabeledDocument, LabeledSentence, Prediction, Span, SpanKind, Stance,
    },
};

/// An output that the test can look into after the writer is gone.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn written(format: OutputFormat, keep: &[&str], documents: &[LabeledDocument]) -> String {
    written_with(format, keep, None, documents)
}

fn written_with(
    format: OutputFormat,
    keep: &[&str],
    min_confidence: Option<f32>,
    documents: &[LabeledDocument],
) -> String {
    let out = Shared::default();
    let options = TableOptions {
        keep: keep.iter().map(ToString::to_string).collect(),
        min_confidence,
    };
    let mut rows = writer(format, &options, Box::new(out.clone())).unwrap();
    for document in documents {
        rows.write(document).unwrap();
    }
    rows.finish().unwrap();
    let bytes = out.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn sentence(start: usize, text: &str) -> LabeledSentence {
    LabeledSentence {
        sentence: Sentence {
            start,
            end: start + text.chars().count(),
            text: text.into(),
        },
        prediction: Prediction {
            label: Label::Assertion,
            confidence: 0.97312,
            stance: Stance::Assert,
            stance_probabilities: [0.98, 0.015, 0.00004, 0.00496],
            attribution: Attribution::None,
            attribution_probabilities: [0.99, 0.00996, 0.00004, 0.0],
            anonymity: None,
            source: None,
            cue: None,
            spans: Vec::new(),
        },
    }
}

fn span(kind: SpanKind, start: usize, end: usize) -> Span {
    Span { kind, start, end }
}

/// Documents that need all of the quoting there is.
fn corpus() -> Vec<LabeledDocument> {
    let mut denial = sentence(27, "“Nobody sold the lighthouse,”\na \"keeper\" said, twice.\t");
    denial.prediction = Prediction {
        label: Label::Anonymous,
        confidence: 1.0,
        stance: Stance::Deny,
        stance_probabilities: [0.25, 0.5, 0.125, 0.125],
        attribution: Attribution::Anonymous,
        attribution_probabilities: [0.0, 0.25, 0.625, 0.125],
        anonymity: Some(Anonymity::Role),
        source: Some("a \"keeper\"".into()),
        cue: Some("said".into()),
        spans: vec![span(SpanKind::Content, 28, 55), span(SpanKind::Source, 57, 67)],
    };
    vec![
        LabeledDocument {
            id: "empty".into(),
            metadata: vec![],
            sentences: vec![],
            warnings: vec![],
        },
        LabeledDocument {
            id: "NA".into(),
            metadata: vec![],
            sentences: vec![sentence(3, "=1+1, she wrote.")],
            warnings: vec![],
        },
        LabeledDocument {
            id: "tarn/1".into(),
            metadata: vec![
                ("outlet".into(), "The Tarn Gazette, late".into()),
                ("source".into(), "wire".into()),
            ],
            sentences: vec![sentence(0, "The Tarn light stands idle."), denial],
            warnings: vec!["not a column".into()],
        },
    ]
}

#[test]
fn csv() {
    insta::assert_snapshot!(written(OutputFormat::Csv, &["outlet", "source"], &corpus()));
}

#[test]
fn tsv() {
    insta::assert_snapshot!(written(OutputFormat::Tsv, &["outlet", "source"], &corpus()));
}

#[test]
fn jsonl() {
    insta::assert_snapshot!(written(OutputFormat::Jsonl, &["outlet", "source"], &corpus()));
}

#[test]
fn an_empty_corpus_still_has_a_header() {
    let header = "doc_id,sentence,start,end,text,label,confidence,stance,p_assert,p_deny,p_no_comment,attribution,\
                  p_named,p_anonymous,p_unspecified,anonymity,source,cue";
    assert_eq!(written(OutputFormat::Csv, &[], &[]), format!("{header}\n"));
    assert_eq!(
        written(OutputFormat::Tsv, &[], &[]),
        format!("{}\n", header.replace(',', "\t"))
    );
    assert_eq!(written(OutputFormat::Jsonl, &[], &[]), "");
}

#[test]
fn every_jsonl_row_is_an_object_with_the_columns_in_order() {
    let text = written(OutputFormat::Jsonl, &["outlet"], &corpus());
    assert_eq!(text.lines().count(), 3);
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let object = value.as_object().unwrap();
        assert_eq!(
            object.len(),
            columns::COLUMNS.len() + 2,
            "spans and one kept column besides"
        );
        assert!(object["spans"].is_array());
        let mut from = 0;
        for column in &columns::COLUMNS {
            let key = format!("\"{}\":", column.name);
            from += line[from..]
                .find(&key)
                .unwrap_or_else(|| panic!("{key} after byte {from}"));
        }
        assert!(object["p_deny"].is_f64() && object["start"].is_u64());
    }
}

#[test]
fn a_least_confidence_adds_a_column_and_changes_no_other() {
    let bound = Some(0.98);
    for (format, doubtful, sure) in [
        (OutputFormat::Csv, ",true,", ",false,"),
        (
            OutputFormat::Jsonl,
            ",\"uncertain\":true,",
            ",\"uncertain\":false,",
        ),
    ] {
        let plain = written(format, &["outlet"], &corpus());
        let marked = written_with(format, &["outlet"], bound, &corpus());
        assert_eq!(marked.matches(doubtful).count(), 2, "0.97312 is below {bound:?}");
        assert_eq!(marked.matches(sure).count(), 1);
        let taken_out = marked
            .replace(doubtful, ",")
            .replace(sure, ",")
            .replace(",uncertain,", ",");
        assert_eq!(taken_out, plain);
    }
}

#[test]
fn a_kept_column_never_shares_a_name_with_ours() {
    let names = |keep: &[&str]| -> Vec<String> {
        let keep: Vec<String> = keep.iter().map(ToString::to_string).collect();
        columns::kept(&keep)
            .into_iter()
            .map(|column| column.name)
            .collect()
    };
    assert_eq!(names(&["date", "source"]), ["date", "doc_source"]);
    assert_eq!(names(&["source", "doc_source"]), ["doc_doc_source", "doc_source"]);
    assert_eq!(names(&["doc_source", "source"]), ["doc_source", "doc_doc_source"]);
    assert_eq!(names(&["doc_id"]), ["doc_doc_id"]);
    assert_eq!(names(&["date", "date"]), ["date"]);
    assert_eq!(names(&["spans", "uncertain"]), ["doc_spans", "doc_uncertain"]);
}

#[test]
fn formats_are_known_by_name_and_by_extension() {
    for name in OutputFormat::names() {
        let format: OutputFormat = name.parse().unwrap();
        assert_eq!(format.to_string(), name);
        let path = format!("out.{}", name.to_ascii_uppercase());
        assert_eq!(OutputFormat::from_path(Path::new(&path)), Some(format));
    }
    assert_eq!(OutputFormat::from_path(Path::new("out")), None);
    let error = "xlsx".parse::<OutputFormat>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown format \"xlsx\", expected one of csv, tsv, jsonl"
    );
}

#[test]
fn a_probability_that_is_no_number_is_an_error() {
    let mut corpus = corpus();
    corpus[1].sentences[0].prediction.confidence = f32::NAN;
    for format in [OutputFormat::Csv, OutputFormat::Jsonl] {
        let mut rows = writer(format, &TableOptions::default(), Box::new(io::sink())).unwrap();
        let error = rows.write(&corpus[1]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(error.to_string(), "NaN is not a probability");
    }
}

/// A pipe that nobody reads from.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_broken_pipe_is_seen_as_one() {
    for name in OutputFormat::names() {
        let format = name.parse().unwrap();
        let mut rows = writer(format, &TableOptions::default(), Box::new(Broken)).unwrap();
        rows.write(&corpus()[2]).unwrap();
        assert_eq!(
            rows.finish().unwrap_err().kind(),
            io::ErrorKind::BrokenPipe,
            "{name} at the end"
        );

        let mut rows = writer(format, &TableOptions::default(), Box::new(Broken)).unwrap();
        let mut write = || (0..10_000).try_for_each(|_| rows.write(&corpus()[2]));
        assert_eq!(
            write().unwrap_err().kind(),
            io::ErrorKind::BrokenPipe,
            "{name} half-way"
        );
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        3 => prop::sample::select(vec!['"', ',', '\t', '\n', '\r', ' ', '\\', '\'', ';', '#', '\0', '\u{feff}']),
        2 => any::<char>(),
    ];
    prop::collection::vec(character, 0..20).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn any_text_comes_back_out_of_every_format(
        id in any_text(), texts in prop::collection::vec(any_text(), 1..4), cue in any_text(), kept in any_text(),
    ) {
        let mut document = LabeledDocument {
            id: id.clone(),
            metadata: vec![("outlet".into(), kept.clone())],
            sentences: texts.iter().map(|text| sentence(0, text)).collect(),
            warnings: vec![],
        };
        for labeled in &mut document.sentences {
            labeled.prediction.cue = Some(cue.clone());
        }
        let documents = [document];
        for (format, delimiter) in [(OutputFormat::Csv, b','), (OutputFormat::Tsv, b'\t')] {
            let file = written(format, &["outlet"], &documents);
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(file.as_bytes());
            let records: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(records.len(), texts.len());
            for (index, (record, text)) in records.iter().zip(&texts).enumerate() {
                let cells = [&record[0], &record[1], &record[4], &record[17], &record[18]];
                let index = index.to_string();
                prop_assert_eq!(cells, [&*id, &*index, &**text, &*cue, &*kept]);
            }
        }
        let file = written(OutputFormat::Jsonl, &["outlet"], &documents);
        prop_assert_eq!(file.matches('\n').count(), texts.len());
        for (line, text) in file.split_terminator('\n').zip(&texts) {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let cells = ["doc_id", "text", "cue", "outlet"].map(|name| value[name].as_str().unwrap());
            prop_assert_eq!(cells, [&*id, &**text, &*cue, &*kept]);
        }
    }
}
