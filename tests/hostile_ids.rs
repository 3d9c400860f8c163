//! Ids and names that look like something else: a path that leads out, a line of its own, the end of a string.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;
mod hostile_common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_ipc::reader::{FileReader, StreamReader};
use cli_common::{folder, names_in};
use hostile_common::label;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

const IDS: [&str; 14] = [
    "../../../etc/cron.d/evil",
    "/etc/passwd",
    "..\\..\\windows\\system32",
    "C:evil.txt",
    "\\\\server\\share\\evil",
    "two\nlines",
    "two\r\nlines,\"quoted\"",
    "nul\0inside",
    "\u{1b}[2J\u{9b}31m",
    "\u{202e}gnp.exe",
    "-o evil.csv",
    "=HYPERLINK(\"http://example.org\")",
    " ",
    "'; drop table rows; --",
];

fn corpus() -> String {
    let line = |id: &str| json!({"doc_id": id, "text": "It rained in Karst."}).to_string() + "\n";
    IDS.into_iter().map(line).collect()
}

/// The first column of a file of rows.
fn ids(path: &Path) -> Vec<String> {
    let batches: Vec<_> = match path.extension().unwrap().to_str().unwrap() {
        "csv" | "tsv" => {
            let is_csv = path.extension().unwrap() == "csv";
            let mut reader = csv::ReaderBuilder::new();
            let mut reader = reader
                .delimiter(if is_csv { b',' } else { b'\t' })
                .from_path(path)
                .unwrap();
            return reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
        }
        "jsonl" => {
            let id = |line: &str| {
                serde_json::from_str::<Value>(line).unwrap()["doc_id"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            };
            return fs::read_to_string(path)
                .unwrap()
                .split_terminator('\n')
                .map(id)
                .collect();
        }
        "parquet" => {
            let file = fs::File::open(path).unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(file)
                .unwrap()
                .build()
                .unwrap();
            reader.map(Result::unwrap).collect()
        }
        "arrows" => StreamReader::try_new(fs::File::open(path).unwrap(), None)
            .unwrap()
            .map(Result::unwrap)
            .collect(),
        _ => FileReader::try_new(fs::File::open(path).unwrap(), None)
            .unwrap()
            .map(Result::unwrap)
            .collect(),
    };
    let values = batches
        .iter()
        .flat_map(|batch| batch.column(0).as_string::<i32>().iter());
    values.map(|id| id.unwrap().to_owned()).collect()
}

#[test]
fn an_id_is_text_and_no_path() {
    for output in [
        "rows.csv",
        "rows.tsv",
        "rows.jsonl",
        "rows.parquet",
        "rows.arrows",
        "rows.feather",
    ] {
        let outer = folder(&[("in/corpus.jsonl", corpus())]);
        let inner = outer.path().join("in");
        let run = label(
            &inner,
            &["corpus.jsonl", "-o", output, "--rejects", "rejects.jsonl"],
        );
        assert_eq!(run.verdict(), (Some(0), ""), "{output}");
        assert_eq!(ids(&inner.join(output)), IDS, "{output}");
        let mut expected = ["corpus.jsonl", "rejects.jsonl", output];
        expected.sort_unstable();
        assert_eq!(names_in(&inner), expected, "nothing else is written");
        assert_eq!(names_in(outer.path()), ["in"]);
    }
}

#[test]
fn an_id_of_several_lines_is_one_line_of_a_message() {
    let folder = folder(&[("corpus.jsonl", corpus() + &corpus())]);
    let run = label(folder.path(), &["corpus.jsonl", "--rejects", "rejects.jsonl"]);
    assert_eq!((run.status, run.rows()), (Some(1), IDS.len()));
    let expected: Vec<String> = IDS
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let place = IDS.len() + number + 1;
            let reason = format!("its id was already used by corpus.jsonl:{}", number + 1);
            format!("sayso: corpus.jsonl:{place}: document {id:?}: {reason}")
        })
        .collect();
    assert_eq!(run.stderr.lines().collect::<Vec<_>>(), expected);
    let rejects = fs::read_to_string(folder.path().join("rejects.jsonl")).unwrap();
    let found: Vec<Value> = rejects
        .split_terminator('\n')
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        found
            .iter()
            .map(|reject| reject["document"].as_str().unwrap())
            .collect::<Vec<_>>(),
        IDS
    );
}

#[cfg(target_os = "linux")]
#[test]
fn files_of_any_name_are_read_and_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = folder::<&str>(&[]);
    let names: [&[u8]; 5] = [
        b"two\nlines.txt",
        b"\x1b[2J.txt",
        b"-o.txt",
        b"k\xe6rst.txt",
        b"a,\"b\".txt",
    ];
    for name in names {
        fs::write(folder.path().join(OsStr::from_bytes(name)), "It rained in Karst.").unwrap();
    }
    fs::write(folder.path().join("bad\nsayso: all well.txt"), b"\xff").unwrap();
    let run = label(folder.path(), &["."]);
    let expected = "sayso: ./bad\\nsayso: all well.txt: not valid UTF-8 at byte 0\n";
    assert_eq!(run.verdict(), (Some(1), expected));
    let mut rows = csv::Reader::from_reader(run.stdout.as_bytes());
    let found: Vec<String> = rows.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert_eq!(
        found,
        [
            "./\u{1b}[2J.txt",
            "./-o.txt",
            "./a,\"b\".txt",
            "./k\u{fffd}rst.txt",
            "./two\nlines.txt"
        ]
    );
}

#[test]
fn kept_fields_of_odd_names_are_columns_like_others() {
    let names = ["../up", "two\nlines", "doc_id", "\u{1b}[2J"];
    let fields: BTreeMap<&str, &str> = names.iter().map(|name| (*name, *name)).collect();
    let mut record = json!(fields);
    record["text"] = "It rained in Karst.".into();
    let folder = folder(&[("corpus.jsonl", record.to_string())]);
    let run = label(folder.path(), &["corpus.jsonl", "--keep", &names.join(",")]);
    assert_eq!(run.verdict(), (Some(0), ""));
    let mut rows = csv::Reader::from_reader(run.stdout.as_bytes());
    let header: Vec<String> = rows
        .headers()
        .unwrap()
        .iter()
        .skip(18)
        .map(str::to_owned)
        .collect();
    assert_eq!(header, ["../up", "two\nlines", "doc_doc_id", "\u{1b}[2J"]);
    let row: Vec<String> = rows
        .records()
        .next()
        .unwrap()
        .unwrap()
        .iter()
        .skip(18)
        .map(str::to_owned)
        .collect();
    assert_eq!(row, names);
}
