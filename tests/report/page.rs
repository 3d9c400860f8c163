//! The page as a file: complete in itself, and sound for those who read it without seeing or without scripts.

use super::*;

fn whole_page() -> String {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rows.csv", &corpus());
    let columns = ["--group-column", "outlet", "--date-column", "date"];
    page(folder.path(), &[&["rows.csv"], &columns[..]].concat())
}

#[test]
fn the_page_asks_for_nothing() {
    let page = whole_page();
    for element in [
        "<link", "<img", "<iframe", "<object", "<embed", "src=\"", "@import",
    ] {
        let markup = page.split("<script>").next().unwrap();
        assert!(!markup.contains(element), "{element}");
    }
    assert!(!page.contains("url(http") && !page.contains("fetch(\"http"));
}

#[test]
fn every_figure_stands_in_a_table_too() {
    let page = whole_page();
    let markup = page.split("<script type=").next().unwrap();
    for words in [
        "<caption>Labels</caption>",
        "Shares by group, with 95 % intervals",
        "Shares by week, with 95 % intervals",
        "<caption>Named sources</caption>",
        "<caption>Wordings of anonymous sources</caption>",
        "<bdi>Velm, &quot;Daily&quot;</bdi>",
        "1 document with 1 sentence has no date.",
        "a date that is not one of ISO 8601, such as “<bdi>in spring</bdi>”",
        "A label is uncertain below a confidence of 0.5",
    ] {
        assert!(markup.contains(words), "{words}");
    }
}

#[test]
fn the_same_rows_make_the_same_page() {
    assert!(whole_page() == whole_page());
}

#[test]
fn a_page_keeps_its_limit_and_a_report_says_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rows.csv", &corpus());
    let assert = sayso()
        .current_dir(&folder)
        .args(["report", "rows.csv", "-o", "page.html"])
        .assert()
        .success();
    let size = fs::metadata(folder.path().join("page.html")).unwrap().len();
    assert_eq!(
        cli_common::stderr(&assert),
        format!("sayso: 4 documents, 9 sentences, 0 records rejected; a page of {size} bytes\n")
    );
    assert!(size < 400_000, "the empty page has grown to {size} bytes");
}
