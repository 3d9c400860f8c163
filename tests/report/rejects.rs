//! Tables that are wrong: each error names the file, the row and the reason.

use super::*;

const HEADER: &str = "doc_id,sentence,start,end,text,label,confidence,stance,p_assert,p_deny,p_no_comment,\
attribution,p_named,p_anonymous,p_unspecified,anonymity,source,cue\n";
const GOOD: &str = "a,0,0,3,Yes,assertion,0.9,assert,0.9,0.1,0,none,0,0,0,,,\n";

fn table(rows: &[&str]) -> String {
    format!("{HEADER}{}", rows.concat())
}

/// The status, and the messages, of a report on `content` as a file of this name.
fn tried(name: &str, content: impl AsRef<[u8]>, more: &[&str]) -> (i32, Option<String>, String) {
    let folder = cli_common::folder(&[(name, content)]);
    report(folder.path(), &[&[name], more].concat())
}

#[test]
fn a_wrong_row_is_named_and_the_others_are_counted() {
    let wrong = [
        (
            "a,0,0,3,Yes,assertion,high,assert,0.9,0.1,0,none,0,0,0,,,\n",
            r#"document "a": field "confidence": expected a number from 0 to 1, found "high""#,
        ),
        (
            "a,0,0,3,Yes,assertion,1.5,assert,0.9,0.1,0,none,0,0,0,,,\n",
            r#"document "a": field "confidence": expected a number from 0 to 1, found "1.5""#,
        ),
        (
            "a,0,0,3,Yes,assertion,NaN,assert,0.9,0.1,0,none,0,0,0,,,\n",
            r#"document "a": field "confidence": expected a number from 0 to 1, found "NaN""#,
        ),
        (
            "a,-1,0,3,Yes,assertion,0.9,assert,0.9,0.1,0,none,0,0,0,,,\n",
            r#"document "a": field "sentence": expected a whole number from 0, found "-1""#,
        ),
        (
            "a,0,0,3,Yes,denail,0.9,assert,0.9,0.1,0,none,0,0,0,,,\n",
            r#"document "a": field "label": unknown value "denail", expected one of assertion, denial, anonymous, none"#,
        ),
        (
            "a,0,0,3,Yes,assertion,0.9,assert,0.9,0.1,0,none,0,0,0,secret,,\n",
            r#"document "a": field "anonymity": unknown value "secret", expected one of explicit, role, group, document"#,
        ),
        ("a,0,0,3,Yes\n", "expected 18 cells, found 5"),
        ("a,0,0,3,\"Yes,assertion\n", "a quote is opened and never closed"),
    ];
    for (row, reason) in wrong {
        let (status, page, messages) = tried("rows.csv", table(&[GOOD, row, GOOD]), &[]);
        assert_eq!(messages, format!("sayso: rows.csv:2: {reason}\n"));
        assert_eq!(status, 1, "{reason}");
        let page = page.unwrap();
        let figures = figures(&page);
        assert_eq!(
            (&figures["sentences"], &figures["rejected"]),
            (&2.into(), &1.into())
        );
        assert!(page.contains("1 row or file could not be read"));
    }
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let mut rows = table(&[GOOD]).into_bytes();
    rows.extend_from_slice(b"a,0,0,3,Y\xffs,assertion,0.9,assert,0.9,0.1,0,none,0,0,0,,,\n");
    let (status, _, messages) = tried("rows.csv", rows, &[]);
    assert_eq!(
        (status, messages.as_str()),
        (1, "sayso: rows.csv:2: not valid UTF-8 at byte 9\n")
    );
    let utf_16: Vec<u8> = table(&[GOOD]).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (status, page, messages) = tried("rows.csv", utf_16, &[]);
    assert_eq!((status, page), (2, None));
    assert!(messages.starts_with("sayso: rows.csv: "), "{messages}");
}

#[test]
fn a_table_that_is_not_sayso_s_is_refused() {
    let (status, page, messages) = tried("rows.csv", "id,text\n1,It rained.\n", &[]);
    assert_eq!((status, page), (2, None));
    assert_eq!(
        messages,
        "sayso: rows.csv: no column is called doc_id; there are: id, text\n"
    );

    let (status, _, messages) = tried("rows.csv", "", &[]);
    assert_eq!(
        (status, messages.as_str()),
        (2, "sayso: rows.csv: no column is called doc_id; there are: \n")
    );

    let (status, _, messages) = tried("story.txt", "It rained.", &[]);
    assert_eq!(status, 2);
    assert_eq!(
        messages,
        "sayso: story.txt: a file of format text holds no table of labelled sentences; expected one of csv, tsv, jsonl, parquet, arrow\n"
    );

    let (status, _, messages) = tried("rows.parquet", table(&[GOOD]), &[]);
    assert_eq!(status, 2);
    assert!(
        messages.starts_with("sayso: rows.parquet: cannot be read: "),
        "{messages}"
    );

    let (status, _, messages) = tried(
        "rows.jsonl",
        "{\"doc_id\": \"a\", \"text\": \"It rained.\"}\n[1]\n{\n",
        &[],
    );
    assert_eq!(status, 2);
    let lines: Vec<&str> = messages.lines().collect();
    assert_eq!(
        lines[0],
        r#"sayso: rows.jsonl:1: document "a": field "anonymity" is missing"#
    );
    assert_eq!(
        lines[1],
        "sayso: rows.jsonl:2: expected a JSON object, found a list"
    );
    assert!(
        lines[2].starts_with("sayso: rows.jsonl:3: broken JSON at column "),
        "{messages}"
    );
}

#[test]
fn a_column_that_was_asked_for_must_be_there() {
    for more in [["--group-column", "outlet"], ["--date-column", "outlet"]] {
        let (status, _, messages) = tried("rows.csv", table(&[GOOD]), &more);
        assert_eq!(status, 2);
        assert!(
            messages.starts_with("sayso: rows.csv: no column is called outlet; there are: doc_id, "),
            "{messages}"
        );
    }
    let row = r#"{"doc_id":"a","sentence":0,"start":0,"end":3,"text":"Yes","label":"assertion","confidence":0.9,"stance":"assert","p_assert":0.9,"p_deny":0.1,"p_no_comment":0,"attribution":"none","p_named":0,"p_anonymous":0,"p_unspecified":0,"anonymity":null,"source":null,"cue":null}"#;
    assert_eq!(tried("rows.jsonl", row, &[]).0, 0);
    let (status, _, messages) = tried("rows.jsonl", row, &["--group-column", "outlet"]);
    assert_eq!(
        (status, messages.as_str()),
        (
            2,
            "sayso: rows.jsonl:1: document \"a\": field \"outlet\" is missing\n"
        )
    );
}

#[test]
fn the_rejects_of_a_wrong_file_do_not_fill_the_screen() {
    let rows = table(&["wrong\n"; 500]);
    let (status, _, messages) = tried("rows.csv", rows, &[]);
    assert_eq!((status, messages.lines().count()), (2, 21));
    assert!(
        messages.ends_with("sayso: rows.csv: 480 rows more rejected\n"),
        "{messages}"
    );
}

#[test]
fn an_input_is_not_overwritten_and_a_failed_run_leaves_the_page_as_it_was() {
    let folder = cli_common::folder(&[("rows.csv", table(&[GOOD])), ("wrong.csv", "id\n1\n".to_owned())]);
    let run = |arguments: &[&str]| {
        let assert = sayso()
            .current_dir(&folder)
            .arg("report")
            .args(arguments)
            .assert()
            .code(2);
        cli_common::stderr(&assert)
    };
    let message = run(&["rows.csv", "-o", "rows.csv"]);
    assert_eq!(
        message,
        "sayso: cannot write rows.csv: it is also the input rows.csv\n"
    );
    fs::write(folder.path().join("page.html"), "old").unwrap();
    run(&["wrong.csv", "-o", "page.html"]);
    let message = run(&["rows.csv", "-o", "page.html", "--max-page-bytes", "1000"]);
    assert!(
        message.contains("even without a document, more than the limit of 1000"),
        "{message}"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("page.html")).unwrap(),
        "old"
    );
    assert_eq!(
        cli_common::names_in(folder.path()),
        ["page.html", "rows.csv", "wrong.csv"]
    );
}

#[test]
fn a_cut_off_file_is_a_reject_and_what_was_read_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let documents = vec![corpus()[0].clone(); 3000];
    write(folder.path(), "rows.csv.gz", &documents);
    let whole = fs::read(folder.path().join("rows.csv.gz")).unwrap();
    fs::write(folder.path().join("rows.csv.gz"), &whole[..whole.len() / 2]).unwrap();
    let (status, page, messages) = report(folder.path(), &["rows.csv.gz"]);
    assert_eq!(status, 1);
    assert!(messages.contains("cannot be read"), "{messages}");
    let sentences = figures(&page.unwrap())["sentences"].as_u64().unwrap();
    assert!((100..9000).contains(&sentences), "{sentences}");
}
