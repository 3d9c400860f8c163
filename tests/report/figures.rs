//! What a page says of a corpus.

use serde_json::json;

use super::*;

#[test]
fn the_figures_of_a_small_corpus() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rows.csv", &corpus());
    let columns = ["--group-column", "outlet", "--date-column", "date"];
    let page = page(folder.path(), &[&["rows.csv"], &columns[..]].concat());
    insta::assert_snapshot!("figures", serde_json::to_string_pretty(&figures(&page)).unwrap());
    // Without its sentences, whose layout is that of the page's own script.
    let rows: Vec<Value> = documents(&page)
        .into_iter()
        .map(|mut document| {
            document.as_object_mut().unwrap().remove("text");
            document
        })
        .collect();
    insta::assert_snapshot!("documents", serde_json::to_string_pretty(&rows).unwrap());
}

#[test]
fn strict_anonymity_is_what_is_explicit_and_broad_is_all() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rows.csv", &corpus());
    let figures = figures(&page(folder.path(), &["rows.csv"]));
    assert_eq!(
        (
            &figures["all"]["strict"]["count"],
            &figures["all"]["broad"]["count"]
        ),
        (&json!(2), &json!(3))
    );
    assert_eq!(
        (&figures["groups"], &figures["dates"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn the_column_uncertain_is_believed_unless_a_bound_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let uncertain = |arguments: &[&str]| {
        let figures = figures(&page(folder.path(), arguments));
        figures["all"]["uncertain"]["count"].as_u64().unwrap()
    };
    write(folder.path(), "plain.csv", &corpus());
    write_with(folder.path(), "strict.parquet", &corpus(), Some(0.99));
    write_with(folder.path(), "lax.jsonl", &corpus(), Some(0.1));
    assert_eq!(uncertain(&["plain.csv"]), 3, "those below one half");
    assert_eq!(uncertain(&["strict.parquet"]), 9);
    assert_eq!(uncertain(&["lax.jsonl"]), 0);
    assert_eq!(uncertain(&["strict.parquet", "--min-confidence", "0.4"]), 0);
    assert_eq!(uncertain(&["lax.jsonl", "--min-confidence", "0.98"]), 9);
}

#[test]
fn few_groups_are_listed_and_the_rest_is_put_together() {
    let folder = tempfile::tempdir().unwrap();
    let documents: Vec<LabeledDocument> = (0..40)
        .map(|number| {
            let sentences = vec![sentence(0, "It rained."); 1 + number % 10];
            document(
                &number.to_string(),
                &format!("outlet {}", number % 10),
                "",
                sentences,
            )
        })
        .collect();
    write(folder.path(), "rows.jsonl", &documents);
    let arguments = ["rows.jsonl", "--group-column", "outlet", "--groups", "3"];
    let figures = figures(&page(folder.path(), &arguments));
    let rows: Vec<(&str, u64)> = figures["groups"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["sentences"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        rows,
        [
            ("outlet 9", 40),
            ("outlet 8", 36),
            ("outlet 7", 32),
            ("7 others", 112)
        ]
    );
}

#[test]
fn a_page_carries_so_many_documents_and_always_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents: Vec<LabeledDocument> = (0..50)
        .map(|number| {
            document(
                &format!("story-{number}"),
                "",
                "",
                vec![sentence(0, "It rained.")],
            )
        })
        .collect();
    write(folder.path(), "forwards.csv", &documents);
    documents.reverse();
    write(folder.path(), "backwards.csv", &documents);
    let ids = |arguments: &[&str]| {
        let page = page(folder.path(), arguments);
        let ids: Vec<String> = super::documents(&page)
            .iter()
            .map(|document| document["id"].as_str().unwrap().to_owned())
            .collect();
        (ids, page)
    };
    let (chosen, page) = ids(&["forwards.csv", "--documents", "7"]);
    assert_eq!(chosen.len(), 7);
    assert!(page.contains("7 of 50 documents are here with their text, chosen by a hash of their ids"));
    assert_eq!(ids(&["backwards.csv", "--documents", "7"]).0, chosen);
    let (all, page) = ids(&["forwards.csv"]);
    assert_eq!((all.len(), &all[..7]), (50, &chosen[..]));
    assert!(page.contains("All 50 documents are here with their text."));
    assert_eq!(ids(&["forwards.csv", "--documents", "0"]).0.len(), 0);
}

#[test]
fn several_files_are_one_corpus() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (&corpus()[..2], &corpus()[2..]);
    write(folder.path(), "whole.csv", &corpus());
    write(folder.path(), "first.parquet", first);
    write(folder.path(), "second.jsonl", second);
    let whole = page(folder.path(), &["whole.csv", "--group-column", "outlet"]);
    let parts = page(
        folder.path(),
        &["first.parquet", "second.jsonl", "--group-column", "outlet"],
    );
    assert_eq!(figures(&parts), figures(&whole));
    assert_eq!(documents(&parts), documents(&whole));
}

#[test]
fn a_document_in_two_files_is_one_document_and_the_page_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = corpus();
    write(folder.path(), "first.csv", &documents[..1]);
    // One more sentence of the ferry, after other documents.
    documents[0].sentences.truncate(1);
    documents.rotate_left(1);
    write(folder.path(), "second.csv", &documents);
    let page = page(folder.path(), &["first.csv", "second.csv"]);
    let figures = figures(&page);
    assert_eq!(
        (
            &figures["documents"],
            &figures["scattered"],
            &figures["sentences"]
        ),
        (&json!(4), &json!(1), &json!(10))
    );
    assert!(page.contains("1 document has rows in more than one place of the input."));
    let ferry = super::documents(&page)
        .into_iter()
        .find(|document| document["id"] == "ferry")
        .unwrap();
    assert_eq!(ferry["sentences"], 4);
}
