//! Inputs that change or stop while they are read: what was read before is labelled, the rest is one reject.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;
mod hostile_common;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use cli_common::folder;
use hostile_common::{Run, padded_corpus, program, shell};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

const DOCUMENTS: usize = 1000;
const GOOD: &str = "{\"doc_id\": \"good\", \"text\": \"It rained in Karst.\"}\n";

fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = program();
    command.current_dir(folder).args(["label", "-q"]).args(arguments);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Bytes that `child` has read of `path`; `None` as long as it is not open.
fn position(child: &Child, path: &Path) -> Option<u64> {
    let process = Path::new("/proc").join(child.id().to_string());
    for entry in fs::read_dir(process.join("fd")).ok()?.flatten() {
        if fs::read_link(entry.path()).is_ok_and(|target| target == path) {
            let info = fs::read_to_string(process.join("fdinfo").join(entry.file_name())).ok()?;
            let position = info.lines().find_map(|line| line.strip_prefix("pos:"))?;
            return position.trim().parse().ok();
        }
    }
    None
}

/// Cuts `name` to a quarter as soon as the program has read some of it; it waits meanwhile, because nobody takes its
/// rows.
fn shrunk_while_read(folder: &Path, name: &str) -> Run {
    let child = start(folder, &[name, "z.jsonl", "--keep", "pad"]);
    let path = folder.join(name).canonicalize().unwrap();
    let length = fs::metadata(&path).unwrap().len();
    let began = Instant::now();
    // Parquet's footer is read first: a reader that stands still for a while is behind it.
    let mut before = None;
    loop {
        assert!(began.elapsed() < Duration::from_secs(60), "{name} is never read");
        std::thread::sleep(Duration::from_millis(if name.ends_with("parquet") {
            300
        } else {
            1
        }));
        let now = position(&child, &path).filter(|position| *position > 0);
        if now.is_some() && (now == before || !name.ends_with("parquet")) {
            break;
        }
        before = now;
    }
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(length / 4)
        .unwrap();
    child.wait_with_output().unwrap().into()
}

fn ids(run: &Run) -> Vec<String> {
    let mut rows = csv::Reader::from_reader(run.stdout.as_bytes());
    rows.records().map(|row| row.unwrap()[0].to_owned()).collect()
}

/// Rows of the documents before the cut, in order, and of the file after it; one message.
fn check(run: &Run, expected: &str) {
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let ids = ids(run);
    let (last, before) = ids.split_last().unwrap();
    assert_eq!(last, "good");
    assert!(before.len() < DOCUMENTS, "{} documents are all", before.len());
    assert!(
        before
            .iter()
            .map(String::as_str)
            .eq((0..before.len()).map(|number| number.to_string()))
    );
    let expected = expected.replace("NEXT", &(before.len() + 1).to_string());
    assert_eq!(run.stderr, expected);
}

fn batch() -> RecordBatch {
    let pad = "x".repeat(8000);
    let ids: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..DOCUMENTS).map(|number| number.to_string()),
    ));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["It rained in Karst."; DOCUMENTS]));
    let pads: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..DOCUMENTS).map(|number| format!("{number}{pad}")),
    ));
    RecordBatch::try_from_iter([("doc_id", ids), ("text", texts), ("pad", pads)]).unwrap()
}

#[test]
fn lines_and_rows_that_vanish() {
    let lines = padded_corpus(DOCUMENTS, 8000);
    let rows = |delimiter: char| {
        let pad = "x".repeat(8000);
        let row = |number| format!("{number}{delimiter}It rained in Karst.{delimiter}{pad}\n");
        format!("doc_id{delimiter}text{delimiter}pad\n") + &(0..DOCUMENTS).map(row).collect::<String>()
    };
    for (name, content) in [("a.jsonl", lines), ("a.csv", rows(',')), ("a.tsv", rows('\t'))] {
        let folder = folder(&[(name, content.as_str()), ("z.jsonl", GOOD)]);
        let run = shrunk_while_read(folder.path(), name);
        check(
            &run,
            &format!("sayso: {name}:NEXT: cannot be read: the file became shorter while it was read\n"),
        );
    }
}

#[test]
fn an_arrow_stream_that_vanishes() {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch().schema()).unwrap();
    (0..DOCUMENTS)
        .step_by(10)
        .for_each(|start| writer.write(&batch().slice(start, 10)).unwrap());
    let folder = folder(&[
        ("a.arrows", writer.into_inner().unwrap().as_slice()),
        ("z.jsonl", GOOD.as_bytes()),
    ]);
    let run = shrunk_while_read(folder.path(), "a.arrows");
    check(
        &run,
        "sayso: a.arrows:NEXT: cannot be read: the file became shorter while it was read\n",
    );
}

#[test]
fn a_parquet_file_that_vanishes() {
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(10))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch().schema(), Some(properties)).unwrap();
    writer.write(&batch()).unwrap();
    let folder = folder(&[
        ("a.parquet", writer.into_inner().unwrap().as_slice()),
        ("z.jsonl", GOOD.as_bytes()),
    ]);
    let run = shrunk_while_read(folder.path(), "a.parquet");
    check(
        &run,
        "sayso: a.parquet:NEXT: cannot be read: the file became shorter while it was read\n",
    );
}

#[test]
fn a_text_that_vanishes() {
    // Decompressing takes long enough for the file to be cut meanwhile.
    let mut bits = 1_u64;
    let word = |_| {
        bits = bits
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        format!("{:x} ", bits >> 8)
    };
    let text: String = (0..4_000_000).map(word).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let folder = folder(&[
        ("a.txt.gz", gzip.finish().unwrap().as_slice()),
        ("z.jsonl", GOOD.as_bytes()),
    ]);
    let run = shrunk_while_read(folder.path(), "a.txt.gz");
    let expected = "sayso: a.txt.gz: cannot be read: the file became shorter while it was read\n";
    assert_eq!(
        (run.verdict(), ids(&run)),
        ((Some(1), expected), vec!["good".to_owned()])
    );
}

#[test]
fn a_file_that_grows_is_read_to_where_it_ends() {
    let folder = folder(&[
        ("a.jsonl", padded_corpus(DOCUMENTS, 8000).as_str()),
        ("z.jsonl", GOOD),
    ]);
    let mut child = start(folder.path(), &["a.jsonl", "z.jsonl", "--keep", "pad"]);
    let mut first = [0; 1];
    let mut rows = child.stdout.take().unwrap();
    rows.read_exact(&mut first).unwrap();
    let mut file = fs::File::options()
        .append(true)
        .open(folder.path().join("a.jsonl"))
        .unwrap();
    file.write_all(b"{\"doc_id\": \"late\", \"text\": \"It snowed.\"}\n")
        .unwrap();
    let mut rest = String::from_utf8(first.to_vec()).unwrap();
    rows.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
    let mut rows = csv::Reader::from_reader(rest.as_bytes());
    let last: Vec<String> = rows
        .records()
        .map(|row| row.unwrap()[0].to_owned())
        .skip(DOCUMENTS)
        .collect();
    assert_eq!(last, ["late", "good"]);
}

#[test]
fn a_pipe_that_ends_in_the_middle_of_a_record() {
    let folder = folder(&[("corpus.jsonl", GOOD)]);
    let run = shell(
        folder.path(),
        "{ cat corpus.jsonl; printf '{\"doc_id\": \"cut'; } | $SAYSO label -q -",
    );
    let expected = "sayso: <stdin>:2: broken JSON at column 15: EOF while parsing a string\n";
    assert_eq!((run.verdict(), run.rows()), ((Some(1), expected), 1));
}

#[test]
fn places_that_are_no_files() {
    let folder = folder(&[("z.jsonl", GOOD)]);
    for (place, expected) in [
        (
            "/proc/self/mem",
            "sayso: /proc/self/mem: cannot be read: Input/output error (os error 5)\n",
        ),
        (
            "/dev/zero",
            "sayso: /dev/zero: longer than the limit of 1000000 bytes\n",
        ),
    ] {
        let line = format!("$SAYSO label -q {place} z.jsonl --max-record-bytes 1000000");
        let run = shell(folder.path(), &line);
        assert_eq!((run.verdict(), run.rows()), ((Some(1), expected), 1), "{place}");
    }
}
