//! Every table that `label` writes is read, and so are those that other programs make of them.

use super::*;

/// The page without the name of the file, which alone may differ.
fn page_of(folder: &Path, name: &str) -> String {
    let arguments = [name, "--group-column", "outlet", "--date-column", "date"];
    page(folder, &arguments).replacen(name, "FILE", 1)
}

#[test]
fn a_page_does_not_depend_on_the_format_of_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "rows.csv",
        "rows.tsv",
        "rows.jsonl",
        "rows.parquet",
        "rows.pq",
        "rows.arrow",
        "rows.arrows",
        "rows.csv.gz",
        "rows.tsv.zst",
        "rows.jsonl.zst",
    ];
    let mut pages = Vec::new();
    for name in names {
        write(folder.path(), name, &corpus());
        pages.push(page_of(folder.path(), name));
    }
    for (name, page) in names.iter().zip(&pages) {
        assert!(*page == pages[0], "the page of {name} is another");
    }
}

#[test]
fn a_folder_and_standard_input_are_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("rows")).unwrap();
    write(folder.path(), "rows/first.csv", &corpus()[..2]);
    write(folder.path(), "rows/second.parquet", &corpus()[2..]);
    assert_eq!(figures(&page(folder.path(), &["rows"]))["documents"], 4);

    let rows = fs::read(folder.path().join("rows/first.csv")).unwrap();
    let assert = sayso()
        .args(["report", "-", "--input-format", "csv", "-o", "-", "-q"])
        .write_stdin(rows)
        .assert()
        .success()
        .stderr("");
    assert_eq!(figures(&cli_common::stdout(&assert))["documents"], 2);
}

/// As pandas writes it: other types, an index, no nulls, `True`.
const REWRITTEN: &str = "\
,sentence,doc_id,text,start,end,label,confidence,stance,p_assert,p_deny,p_no_comment,attribution,p_named,p_anonymous,p_unspecified,anonymity,source,cue,uncertain,topic
0,0,7,It rained.,0,10,assertion,0.97,assert,0.98,0.01,0.0,none,1e-05,0.0,0.0,,,,False,weather
1,1,7,\"He denied it, twice.\",11,31,denial,0.4,deny,0.3,0.6,0.05,named,0.9,0.05,0,,He,denied,True,
";

#[test]
fn a_table_that_pandas_wrote_anew_is_read() {
    let folder = cli_common::folder(&[("rows.csv", REWRITTEN)]);
    let page = page(folder.path(), &["rows.csv", "--group-column", "topic"]);
    let figures = figures(&page);
    assert_eq!(figures["sentences"], 2);
    assert_eq!(figures["all"]["uncertain"]["count"], 1);
    assert_eq!(
        figures["documents"], 1,
        "a value that changes within a document makes no second one"
    );
    assert_eq!(documents(&page)[0]["id"], "7");
}

#[test]
fn typed_columns_may_have_been_widened() {
    use arrow_array::{
        ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, RecordBatch, StringArray,
    };
    use std::sync::Arc;
    let text = |values: [&str; 2]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let numbers = |values: [f64; 2]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    let counts = |values: [i32; 2]| Arc::new(Int32Array::from(values.to_vec())) as ArrayRef;
    let absent = Arc::new(arrow_array::LargeStringArray::from(vec![
        None::<&str>,
        Some("He"),
    ])) as ArrayRef;
    let batch = RecordBatch::try_from_iter_with_nullable([
        (
            "day",
            Arc::new(Date32Array::from(vec![20_000, 20_001])) as ArrayRef,
            true,
        ),
        ("doc_id", counts([1, 2]), true),
        ("sentence", counts([0, 0]), true),
        ("start", counts([0, 0]), true),
        ("end", counts([10, 13]), true),
        ("text", text(["It rained.", "He denied it."]), true),
        ("label", text(["assertion", "denial"]), true),
        ("confidence", numbers([0.9, 0.8]), true),
        ("stance", text(["assert", "deny"]), true),
        ("p_assert", numbers([0.9, 0.1]), true),
        ("p_deny", numbers([0.05, 0.8]), true),
        ("p_no_comment", numbers([0.0, 0.0]), true),
        ("attribution", text(["none", "named"]), true),
        ("p_named", numbers([0.0, 0.9]), true),
        ("p_anonymous", numbers([0.0, 0.0]), true),
        ("p_unspecified", numbers([0.0, 0.0]), true),
        (
            "anonymity",
            Arc::new(arrow_array::NullArray::new(2)) as ArrayRef,
            true,
        ),
        ("source", absent.clone(), true),
        ("cue", absent, true),
        (
            "uncertain",
            Arc::new(BooleanArray::from(vec![None, Some(true)])) as ArrayRef,
            true,
        ),
    ])
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("rows.parquet")).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let figures = figures(&page(folder.path(), &["rows.parquet", "--date-column", "day"]));
    assert_eq!(
        (&figures["documents"], &figures["sentences"]),
        (&2.into(), &2.into())
    );
    let days: Vec<&str> = figures["dates"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(days, ["2024-10-04", "2024-10-05"]);
}
