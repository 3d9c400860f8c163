//! JSON Lines: what is accepted, and the message for everything that is not.

use super::*;

#[test]
fn the_text_column_is_guessed_in_order() {
    for (line, expected) in [
        (r#"{"body": "b", "text": "t"}"#, "t"),
        (r#"{"article": "a", "content": "c", "body": "b"}"#, "b"),
        (r#"{"article": "a", "content": "c"}"#, "c"),
        (r#"{"article": "a"}"#, "a"),
        (r#"{"text": null, "article": "a"}"#, "a"),
    ] {
        assert_eq!(one(jsonl(line)).body, Body::Text(expected.into()), "{line}");
    }
}

#[test]
fn the_id_is_guessed_in_order() {
    for (line, expected) in [
        (r#"{"text": "", "url": "u", "id": "i", "doc_id": "d"}"#, "d"),
        (r#"{"text": "", "url": "u", "id": 7}"#, "7"),
        (r#"{"text": "", "url": "u", "id": null}"#, "u"),
        (r#"{"text": "", "url": ""}"#, "corpus#1"),
        (
            r#"{"text": "", "id": -123456789012345678901234567890}"#,
            "-123456789012345678901234567890",
        ),
    ] {
        assert_eq!(one(jsonl(line)).id, expected, "{line}");
    }
}

#[test]
fn columns_asked_for_are_used_instead() {
    let options = InputOptions {
        text_column: Some("headline".into()),
        id_column: Some("key".into()),
        ..InputOptions::default()
    };
    let line = r#"{"headline": "Rain fell.", "text": "x", "sentences": ["y"], "key": "k", "id": "z"}"#;
    let document = one(read_as(InputFormat::Jsonl, line, &options));
    assert_eq!(document, read_from("corpus", Some((1, 0)), "k", "Rain fell."));
}

#[test]
fn sentences_may_be_strings_or_objects_and_have_context() {
    let line = r#"{"id": "a", "context": ["Before."], "sentences": ["One.", {"text": "Two.", "n": 2}]}"#;
    let body = Body::Sentences {
        context: vec!["Before.".into()],
        sentences: vec!["One.".into(), "Two.".into()],
    };
    assert_eq!(one(jsonl(line)).body, body);
}

#[test]
fn kept_columns_come_out_as_they_were_written() {
    let keep = ["title", "words", "paid", "date", "tags", "gone"]
        .map(String::from)
        .to_vec();
    let options = InputOptions {
        keep: keep.clone(),
        ..InputOptions::default()
    };
    let line = r#"{"text": "", "title": "a \"b\" \u00e9\n", "words": 1.10, "paid": true, "date": null,
        "tags": { "b" : [ 1e3, "x y" ], "a" : {} }}"#
        .replace('\n', " ");
    let document = one(read_as(InputFormat::Jsonl, line, &options));
    let values = [
        "a \"b\" é\n",
        "1.10",
        "true",
        "",
        r#"{"b":[1e3,"x y"],"a":{}}"#,
        "",
    ];
    let expected: Vec<_> = keep.into_iter().zip(values.map(String::from)).collect();
    assert_eq!(document.metadata, expected);
}

#[test]
fn blank_lines_are_passed_over_but_counted() {
    let items = jsonl("\u{feff}\r\n{\"text\": \"a\"}\r\n\n  \n{\"text\": \"b\"}");
    let ids: Vec<_> = items.into_iter().map(|item| item.unwrap().id).collect();
    assert_eq!(ids, ["corpus#2", "corpus#5"]);
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    assert_eq!(
        one(jsonl(r#"{"text": "a", "text": "b"}"#)).body,
        Body::Text("b".into())
    );
}

#[test]
fn an_empty_file_has_no_documents() {
    assert!(jsonl("").is_empty());
}

#[test]
fn a_broken_line_costs_that_line_alone() {
    let bytes = b"{\"text\": \"a\"}\n{\"text\": \"b\n\xff\n{\"text\": \"c\"}\n".to_vec();
    let shown: Vec<_> = jsonl(bytes)
        .into_iter()
        .map(|item| item.map_or_else(|reject| reject.to_string(), |document| document.id))
        .collect();
    let expected = [
        "corpus#1",
        "corpus:2: broken JSON at column 11: EOF while parsing a string",
        "corpus:3: not valid UTF-8 at byte 0",
        "corpus#4",
    ];
    assert_eq!(shown, expected);
}

/// Every way in which a line can be wrong, with the whole message.
macro_rules! rejected {
    ($($name:ident: $line:expr => $message:expr;)+) => {
        $(
            #[test]
            fn $name() {
                assert_eq!(message(jsonl($line)), $message);
            }
        )+
    };
}

rejected! {
    a_truncated_line: r#"{"text": "#
        => "corpus:1: broken JSON at column 9: EOF while parsing a value";
    trailing_characters: r#"{"text": "a"} {"text": "b"}"#
        => "corpus:1: broken JSON at column 15: trailing characters";
    no_json: "Rain fell."
        => "corpus:1: broken JSON at column 1: expected value";
    a_list: r#"[{"text": "a"}]"#
        => "corpus:1: expected a JSON object, found a list";
    a_number: "17"
        => "corpus:1: expected a JSON object, found a number";
    no_text: r#"{"id": "a"}"#
        => "corpus:1: document \"a\": field \"text\" is missing";
    null_text: r#"{"text": null}"#
        => "corpus:1: document \"corpus#1\": field \"text\": expected a string, found null";
    numeric_text: r#"{"id": 3, "text": 5}"#
        => "corpus:1: document \"3\": field \"text\": expected a string, found a number";
    fractional_id: r#"{"id": 1.5, "text": ""}"#
        => "corpus:1: field \"id\": expected a string or an integer, found a number";
    object_id: r#"{"id": {"$oid": "5f"}, "text": ""}"#
        => "corpus:1: field \"id\": expected a string or an integer, found an object";
    sentences_no_list: r#"{"id": "a", "sentences": "One."}"#
        => "corpus:1: document \"a\": field \"sentences\": expected a list, found a string";
    numeric_sentence: r#"{"id": "a", "sentences": ["One.", 2]}"#
        => "corpus:1: document \"a\": field \"sentences[1]\": expected a string or an object with \"text\", \
            found a number";
    sentence_without_text: r#"{"id": "a", "sentences": [{"txt": "One."}]}"#
        => "corpus:1: document \"a\": field \"sentences[0].text\" is missing";
    numeric_context: r#"{"id": "a", "context": [{}], "sentences": []}"#
        => "corpus:1: document \"a\": field \"context[0]\": expected a string, found an object";
    a_lone_surrogate: r#"{"id": "a", "text": "\ud800"}"#
        => "corpus:1: document \"a\": broken JSON at column 28: unexpected end of hex escape";
}

#[test]
fn an_id_column_asked_for_must_be_there() {
    let options = InputOptions {
        id_column: Some("key".into()),
        ..InputOptions::default()
    };
    let items = read_as(InputFormat::Jsonl, r#"{"id": "a", "text": ""}"#, &options);
    assert_eq!(message(items), "corpus:1: field \"key\" is missing");
}

#[test]
fn a_text_column_asked_for_must_be_there() {
    let options = InputOptions {
        text_column: Some("lead".into()),
        ..InputOptions::default()
    };
    let items = read_as(InputFormat::Jsonl, r#"{"id": "a", "text": ""}"#, &options);
    assert_eq!(
        message(items),
        "corpus:1: document \"a\": field \"lead\" is missing"
    );
}

#[test]
fn deep_nesting_is_harmless() {
    let deep = format!(
        r#"{{"text": "a", "x": {}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let options = InputOptions {
        keep: vec!["x".into()],
        ..InputOptions::default()
    };
    assert_eq!(
        one(read_as(InputFormat::Jsonl, deep, &options)).metadata[0]
            .1
            .len(),
        200_000
    );
}
