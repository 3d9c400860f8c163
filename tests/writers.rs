//! What stands in the output files, byte by byte, and that other programs read the same out of them.

#![allow(clippy::unwrap_used)] // What helps a test may panic like one.

mod output_common;

use std::{
    io::{self, Write},
    path::Path,
};

use output_common::{bytes, corpus, keeping, sentence};
use proptest::prelude::*;
use sayso::{
    output::{Compression, OutputFormat, TableOptions, UnfitOption, columns, unmarked, writer},
    prediction::LabeledDocument,
};

fn written(format: OutputFormat, keep: &[&str], documents: &[LabeledDocument]) -> String {
    written_with(format, &keeping(keep), documents)
}

fn written_with(format: OutputFormat, options: &TableOptions, documents: &[LabeledDocument]) -> String {
    String::from_utf8(bytes(format, options, documents)).unwrap()
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
    let options = TableOptions {
        min_confidence: bound,
        ..keeping(&["outlet"])
    };
    for (format, doubtful, sure) in [
        (OutputFormat::Csv, ",true,", ",false,"),
        (
            OutputFormat::Jsonl,
            ",\"uncertain\":true,",
            ",\"uncertain\":false,",
        ),
    ] {
        let plain = written(format, &["outlet"], &corpus());
        let marked = written_with(format, &options, &corpus());
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
        assert_eq!(format.name(), name);
    }
    for (path, format) in [
        ("out.csv", Some(OutputFormat::Csv)),
        ("out.TSV", Some(OutputFormat::Tsv)),
        ("out.tab", Some(OutputFormat::Tsv)),
        ("out.ndjson", Some(OutputFormat::Jsonl)),
        ("out.parquet", Some(OutputFormat::Parquet)),
        ("out.arrows", Some(OutputFormat::Arrow)),
        ("out.arrow", Some(OutputFormat::Feather)),
        ("out.feather", Some(OutputFormat::Feather)),
        ("out.csv.gz", Some(OutputFormat::Csv)),
        ("out.Jsonl.ZST", Some(OutputFormat::Jsonl)),
        ("out.gz", None),
        ("out.gz.data", None),
        ("out", None),
    ] {
        assert_eq!(OutputFormat::from_path(Path::new(path)), format, "{path}");
    }
    let error = "xlsx".parse::<OutputFormat>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown format \"xlsx\", expected one of csv, tsv, jsonl, parquet, arrow, feather"
    );
}

#[test]
fn a_probability_that_is_no_number_is_an_error() {
    let mut corpus = corpus();
    corpus[1].sentences[0].prediction.confidence = f32::NAN;
    for name in OutputFormat::names() {
        let format = name.parse().unwrap();
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
    let plain = OutputFormat::names().map(|name| (name.parse().unwrap(), None));
    let compressed = Compression::ALL.map(|compression| (OutputFormat::Csv, Some(compression)));
    for (format, compression) in plain.chain(compressed) {
        let options = TableOptions {
            compression,
            ..TableOptions::default()
        };
        let open = || writer(format, &options, Box::new(Broken)).unwrap();
        let mut rows = open();
        rows.write(&corpus()[2]).unwrap();
        let error = rows.finish().unwrap_err();
        assert_eq!(
            error.kind(),
            io::ErrorKind::BrokenPipe,
            "{format} {compression:?} at the end"
        );

        let mut rows = open();
        let document = LabeledDocument {
            sentences: vec![sentence(0, "The Tarn light stands idle."); 1000],
            ..corpus()[2].clone()
        };
        // More rows than a row group of Parquet has, and more than any format or compressor holds back.
        let error = (0..1000).try_for_each(|_| rows.write(&document)).unwrap_err();
        assert_eq!(
            error.kind(),
            io::ErrorKind::BrokenPipe,
            "{format} {compression:?} half-way"
        );
    }
}

#[test]
fn a_compressed_file_holds_what_a_plain_one_does() {
    for format in [OutputFormat::Csv, OutputFormat::Tsv, OutputFormat::Jsonl] {
        let plain = bytes(format, &keeping(&["outlet"]), &corpus());
        let compressed = |compression| {
            let options = TableOptions {
                compression: Some(compression),
                ..keeping(&["outlet"])
            };
            bytes(format, &options, &corpus())
        };
        let gzip = compressed(Compression::Gzip);
        let unpacked = io::read_to_string(flate2::read::GzDecoder::new(&*gzip)).unwrap();
        assert_eq!(unpacked.as_bytes(), plain, "{format}");
        assert_eq!(
            zstd::decode_all(&*compressed(Compression::Zstd)).unwrap(),
            plain,
            "{format}"
        );
    }
}

#[test]
fn a_compressed_file_that_was_cut_short_is_no_whole_one() {
    for compression in Compression::ALL {
        let out = output_common::Shared::default();
        let options = TableOptions {
            compression: Some(compression),
            ..TableOptions::default()
        };
        let mut rows = writer(OutputFormat::Csv, &options, Box::new(out.clone())).unwrap();
        rows.write(&corpus()[2]).unwrap();
        drop(rows);
        let unpacked = match compression {
            Compression::Gzip => io::read_to_string(flate2::read::GzDecoder::new(&*out.bytes())).map(drop),
            Compression::Zstd => zstd::decode_all(&*out.bytes()).map(drop),
        };
        assert_eq!(
            unpacked.unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof,
            "{compression}"
        );
    }
}

#[test]
fn an_option_that_a_format_has_no_use_for_is_an_error() {
    let options = TableOptions {
        compression: Some(Compression::Gzip),
        ..TableOptions::default()
    };
    for format in [OutputFormat::Parquet, OutputFormat::Arrow, OutputFormat::Feather] {
        let error = writer(format, &options, Box::new(io::sink())).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let compression = Compression::Gzip;
        let unfit = error.get_ref().unwrap().downcast_ref::<UnfitOption>();
        assert_eq!(unfit, Some(&UnfitOption::Compression { format, compression }));
    }
    let options = TableOptions {
        spreadsheet_safe: true,
        ..TableOptions::default()
    };
    for name in OutputFormat::names() {
        let format: OutputFormat = name.parse().unwrap();
        let fits = matches!(format, OutputFormat::Csv | OutputFormat::Tsv);
        assert_eq!(options.check(format).is_ok(), fits, "{name}");
    }
}

#[test]
fn rows_for_spreadsheets_have_no_formula_and_change_nothing_else() {
    let options = TableOptions {
        spreadsheet_safe: true,
        ..keeping(&["outlet", "@handle"])
    };
    let mut corpus = corpus();
    corpus[1].id = "+4930".into();
    corpus[1].sentences[0].prediction.cue = Some("-".into());
    corpus[1].metadata.push(("@handle".into(), "@tarn".into()));
    for (format, delimiter) in [(OutputFormat::Csv, b','), (OutputFormat::Tsv, b'\t')] {
        let cells = |options: &TableOptions| -> Vec<Vec<String>> {
            let file = written_with(format, options, &corpus);
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .delimiter(delimiter)
                .from_reader(file.as_bytes());
            let records = reader.records().map(Result::unwrap);
            records
                .map(|record| record.iter().map(str::to_owned).collect())
                .collect()
        };
        let exact = cells(&TableOptions {
            spreadsheet_safe: false,
            ..options.clone()
        });
        let safe = cells(&options);
        let marked: Vec<&str> = safe
            .iter()
            .flatten()
            .filter(|cell| cell.starts_with('\''))
            .map(String::as_str)
            .collect();
        assert_eq!(
            marked,
            ["'@handle", "'+4930", "'=1+1, she wrote.", "'-", "'@tarn"]
        );
        let restored: Vec<Vec<String>> = safe
            .iter()
            .map(|row| row.iter().map(|cell| unmarked(cell).to_owned()).collect())
            .collect();
        assert_eq!(restored, exact);
        assert_eq!(
            exact[1][4], "=1+1, she wrote.",
            "without the option a text is exact"
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
