//! Where rows and messages go: formats, files that must survive, closed pipes.

mod cli_common;

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};

use cli_common::{CORPUS, HARBOUR, Rows, folder, label, names_in, sayso, stderr, stdout};

#[test]
fn the_extension_of_the_output_decides_its_format() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    let label_into = |more: &[&str]| {
        sayso()
            .current_dir(&folder)
            .args(["label", "corpus.jsonl", "-q"])
            .args(more)
            .assert()
            .success()
            .stdout("");
    };
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    label_into(&["-o", "rows.csv"]);
    label_into(&["-o", "rows.tsv"]);
    label_into(&["-o", "rows.jsonl"]);
    label_into(&["-o", "rows.data"]);
    label_into(&["-o", "rows.txt", "--format", "tsv"]);
    assert_eq!(
        Rows::read(&read("rows.tsv"), b'\t').rows,
        Rows::of_csv(&read("rows.csv")).rows
    );
    assert_eq!(read("rows.data"), read("rows.csv"));
    assert_eq!(read("rows.txt"), read("rows.tsv"));
    let jsonl = read("rows.jsonl");
    let first: serde_json::Value = serde_json::from_str(jsonl.lines().next().unwrap()).unwrap();
    assert_eq!(jsonl.lines().count(), 4);
    assert_eq!(
        (&first["doc_id"], &first["sentence"]),
        (&"ferry".into(), &0.into())
    );
    assert_eq!(names_in(folder.path()).len(), 6, "no temporary file stays");
}

#[test]
fn the_extension_of_the_output_decides_its_compression() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    let label_into = |more: &[&str]| {
        let mut command = sayso();
        command.current_dir(&folder).args(["label", "corpus.jsonl", "-q"]);
        command.args(more).assert().success().stdout("");
    };
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    for (plain, compressed) in [("rows.csv", "rows.csv.gz"), ("rows.jsonl", "rows.jsonl.GZ")] {
        label_into(&["-o", plain]);
        label_into(&["-o", compressed]);
        let bytes = read(compressed);
        let unpacked = io::read_to_string(flate2::read::GzDecoder::new(&*bytes)).unwrap();
        assert_eq!(unpacked.as_bytes(), read(plain));
    }
    label_into(&["-o", "rows.zst"]);
    assert_eq!(zstd::decode_all(&*read("rows.zst")).unwrap(), read("rows.csv"));
    label_into(&["-o", "rows.data.zst", "--format", "jsonl"]);
    assert_eq!(
        zstd::decode_all(&*read("rows.data.zst")).unwrap(),
        read("rows.jsonl")
    );
}

#[test]
fn what_a_format_cannot_do_is_refused_before_anything_is_read() {
    let folder = folder::<&str>(&[]);
    for (arguments, message) in [
        (
            &["-o", "rows.parquet.gz"][..],
            "cannot write rows.parquet.gz: parquet cannot be compressed as a whole: its columns are compressed already; \
             use a name without .gz",
        ),
        (
            &["-o", "rows.arrows.zst"],
            "cannot write rows.arrows.zst: arrow cannot be compressed as a whole: its readers use the bytes as they lie; \
             use a name without .zst",
        ),
        (
            &["--format", "jsonl", "--spreadsheet-safe"],
            "cannot write standard output: only csv and tsv can be made safe for spreadsheets; no spreadsheet runs a \
             cell of jsonl",
        ),
    ] {
        let (status, _, messages) = label(folder.path(), &[&["nowhere.jsonl"], arguments].concat());
        assert_eq!((status, messages), (2, format!("sayso: {message}\n")));
    }
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn rows_for_a_spreadsheet_hold_no_formula() {
    let article = "=HYPERLINK(\"http://example.org\") it said.\n\n-- No, he said.\n";
    let folder = folder(&[("article.txt", article)]);
    let texts = |more: &[&str]| -> Vec<String> {
        let mut command = sayso();
        command.current_dir(&folder).args(["label", "article.txt", "-q"]);
        let rows = Rows::of_csv(&stdout(&command.args(more).assert().success()));
        rows.column("text").into_iter().map(str::to_owned).collect()
    };
    let exact = texts(&[]);
    assert_eq!(exact[0], "=HYPERLINK(\"http://example.org\") it said.");
    let safe = texts(&["--spreadsheet-safe"]);
    assert_eq!(safe.len(), exact.len());
    for (safe, exact) in safe.iter().zip(&exact) {
        assert!(!safe.starts_with(['=', '-']), "{safe}");
        assert_eq!(sayso::output::unmarked(safe), exact);
    }
}

#[test]
fn typed_rows_go_through_a_pipe() {
    for format in ["parquet", "arrow", "feather"] {
        let folder = folder(&[("corpus.jsonl", CORPUS)]);
        let name = format!("rows.{}", if format == "arrow" { "arrows" } else { format });
        let mut command = sayso();
        command
            .current_dir(&folder)
            .args(["label", "corpus.jsonl", "-q", "-o", &name]);
        command.assert().success();
        let piped = sayso()
            .args(["label", "-q", "--format", format])
            .write_stdin(CORPUS)
            .assert()
            .success();
        let file = fs::read(folder.path().join(&name)).unwrap();
        assert!(file.len() > 1000, "{name} has {} bytes", file.len());
        assert_eq!(piped.get_output().stdout, file, "{format}");
    }
}

#[test]
fn the_format_flag_holds_for_standard_output() {
    let csv = sayso().args(["label"]).write_stdin(CORPUS).assert().success();
    let tsv = sayso()
        .args(["label", "--format", "tsv"])
        .write_stdin(CORPUS)
        .assert()
        .success();
    assert_eq!(stdout(&tsv).lines().count(), 5);
    assert_eq!(
        Rows::of_csv(&stdout(&csv)).rows,
        Rows::read(&stdout(&tsv), b'\t').rows
    );
}

#[test]
fn labelling_a_folder_again_into_itself_reads_the_same_documents() {
    let folder = folder(&[("harbour.txt", HARBOUR)]);
    let run = || {
        sayso()
            .current_dir(&folder)
            .args(["label", ".", "-o", "rows.csv"])
            .assert()
            .success();
        fs::read(folder.path().join("rows.csv")).unwrap()
    };
    assert_eq!(run(), run());
    let (status, _, messages) = label(folder.path(), &["rows.csv", "-o", "./rows.csv"]);
    assert_eq!(status, 2);
    assert_eq!(
        messages,
        "sayso: cannot write ./rows.csv: it is also the input rows.csv\n"
    );
}

#[test]
fn the_summary_closes_the_run_on_standard_error() {
    let assert = sayso().arg("label").write_stdin(CORPUS).assert().success();
    let summary = stderr(&assert);
    let shares: Vec<&str> = summary.lines().filter(|line| line.ends_with(" %")).collect();
    assert!(summary.contains("2 documents, 4 sentences in "), "{summary}");
    assert!(summary.contains("sentences/s"), "{summary}");
    assert!(summary.contains("0 records rejected, 0 warnings"), "{summary}");
    assert_eq!(shares.len(), 4, "one line per label: {summary}");
    assert!(
        !summary.contains('\u{1b}'),
        "no colour and no bar where standard error is no terminal: {summary:?}"
    );
}

#[test]
fn quiet_says_nothing() {
    sayso()
        .args(["label", "--quiet"])
        .write_stdin(CORPUS)
        .assert()
        .success()
        .stdout(predicates::str::starts_with("doc_id,"))
        .stderr("");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    // The kept field makes the rows larger than what a pipe and all buffers hold.
    let padding = "x".repeat(8_000);
    let line =
        |number| serde_json::json!({"id": number, "text": "It rained in Karst.", "pad": padding}).to_string();
    let corpus: Vec<String> = (0..100).map(line).collect();
    let folder = folder(&[("corpus.jsonl", corpus.join("\n"))]);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("sayso"))
        .args([
            "label",
            "--keep",
            "pad",
            "--text-column",
            "text",
            "--id-column",
            "id",
        ])
        .arg(folder.path().join("corpus.jsonl"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(first.starts_with("doc_id,"));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn an_output_that_cannot_be_written() {
    let folder = folder(&[("harbour.txt", HARBOUR), ("taken/readme", "")]);
    for output in ["no/such/folder/rows.csv", "taken"] {
        let (status, documents, messages) = label(folder.path(), &["harbour.txt", "-o", output]);
        assert_eq!((status, documents.len()), (2, 0), "{output}");
        assert!(
            messages.starts_with(&format!("sayso: cannot write {output}: ")),
            "{messages}"
        );
        assert_eq!(messages.lines().count(), 1, "{messages}");
    }
}

#[cfg(unix)]
#[test]
fn an_output_that_is_an_input() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    let path = |name: &str| folder.path().join(name);
    std::os::unix::fs::symlink(path("corpus.jsonl"), path("soft.jsonl")).unwrap();
    fs::hard_link(path("corpus.jsonl"), path("hard.jsonl")).unwrap();
    fs::create_dir(path("sub")).unwrap();
    for output in [
        "corpus.jsonl",
        "./sub/../corpus.jsonl",
        "soft.jsonl",
        "hard.jsonl",
    ] {
        let (status, documents, messages) = label(folder.path(), &["corpus.jsonl", "-o", output]);
        assert_eq!((status, documents.len()), (2, 0), "{output}");
        assert_eq!(
            messages,
            format!("sayso: cannot write {output}: it is also the input corpus.jsonl\n")
        );
        assert_eq!(
            fs::read_to_string(path("corpus.jsonl")).unwrap(),
            CORPUS,
            "{output}"
        );
    }
    let (status, _, messages) = label(folder.path(), &[".", "-o", "corpus.jsonl"]);
    assert_eq!(status, 2, "found in a directory: {messages}");
    let input = fs::File::open(path("corpus.jsonl")).unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sayso"));
    let redirected = command
        .arg("label")
        .arg("-o")
        .arg(path("corpus.jsonl"))
        .stdin(input);
    assert_eq!(
        redirected.output().unwrap().status.code(),
        Some(2),
        "read from standard input"
    );
    assert_eq!(fs::read_to_string(path("corpus.jsonl")).unwrap(), CORPUS);
}

#[cfg(unix)]
#[test]
fn standard_output_that_is_an_input() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    let path = folder.path().join("corpus.jsonl");
    let append = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sayso"))
        .args(["label", "-q"])
        .arg(&path)
        .stdout(append)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&path).unwrap(), CORPUS);
}

#[test]
fn an_older_output_survives_a_run_that_labels_nothing() {
    let folder = folder(&[("rows.csv", "older rows"), ("bad.jsonl", "{\n")]);
    let (status, ..) = label(folder.path(), &["bad.jsonl", "-o", "rows.csv"]);
    assert_eq!(status, 2);
    assert_eq!(
        fs::read_to_string(folder.path().join("rows.csv")).unwrap(),
        "older rows"
    );
    assert_eq!(
        names_in(folder.path()),
        ["bad.jsonl", "rows.csv"],
        "no temporary file stays"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_an_input_whose_name_is_no_text() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder::<&str>(&[]);
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"k\xe6rst.txt"));
    fs::write(&path, HARBOUR).unwrap();
    sayso()
        .arg("label")
        .arg(&path)
        .arg("-o")
        .arg(&path)
        .assert()
        .code(2);
    assert_eq!(fs::read_to_string(&path).unwrap(), HARBOUR);
    sayso().arg("label").arg(&path).assert().success();
}
