//! CSV and TSV: what is accepted, and the message for everything that is not.

use super::*;

fn csv(bytes: impl Into<Vec<u8>>) -> Vec<Result<Document, Reject>> {
    read_as(InputFormat::Csv, bytes, &InputOptions::default())
}

fn texts(items: Vec<Result<Document, Reject>>) -> Vec<String> {
    let text = |item: Result<Document, Reject>| match item {
        Ok(Document {
            body: Body::Text(text),
            ..
        }) => text,
        other => panic!("expected a text: {other:?}"),
    };
    items.into_iter().map(text).collect()
}

#[test]
fn the_first_row_names_the_columns() {
    let document = one(csv("url,content\nhttps://a/1,Rain fell.\n"));
    assert_eq!(
        document,
        read_from("corpus", Some((1, 12)), "https://a/1", "Rain fell.")
    );
}

#[test]
fn tabs_separate_the_cells_of_tsv() {
    let options = InputOptions::default();
    let document = one(read_as(InputFormat::Tsv, "text\tid\nRain, fell.\ta\n", &options));
    assert_eq!(document, read_from("corpus", Some((1, 8)), "a", "Rain, fell."));
}

#[test]
fn columns_are_guessed_as_in_json_and_in_any_case() {
    for (header, expected) in [
        ("body,text", "2"),
        ("article,content", "2"),
        ("Body,other", "1"),
        ("TEXT,body", "2"),
    ] {
        assert_eq!(texts(csv(format!("{header}\n1,2\n"))), [expected], "{header}");
    }
    assert_eq!(
        texts(csv("headline\nRain fell.\n")),
        ["Rain fell."],
        "a lone column"
    );
    assert_eq!(one(csv("URL,text\nu,\n")).id, "u");
    assert_eq!(one(csv("id,text\n,\n")).id, "corpus#1", "an empty id is none");
}

#[test]
fn of_two_columns_with_one_name_the_first_counts() {
    assert_eq!(texts(csv("text,text\n1,2\n")), ["1"]);
}

#[test]
fn line_ends_byte_order_marks_and_blank_lines_change_nothing() {
    let plain = "id,text\na,\"one\ntwo\"\nb,three\n";
    let expected = ["one\ntwo", "three"];
    assert_eq!(texts(csv(plain)), expected);
    assert_eq!(texts(csv(plain.trim_end())), expected);
    assert_eq!(texts(csv(format!("\u{feff}{plain}"))), expected);
    assert_eq!(texts(csv(format!("\n\r\n{plain}\n\n"))), expected);
    assert_eq!(texts(csv(plain.replace("b,", "  \n\nb,"))), expected);
    let windows = plain.replace('\n', "\r\n");
    assert_eq!(texts(csv(windows)), ["one\r\ntwo", "three"]);
    assert_eq!(
        texts(csv("\u{feff}\"text\",id\n1,2\n")),
        ["1"],
        "quotes after the mark"
    );
}

#[test]
fn quotes_within_quotes_are_doubled() {
    assert_eq!(
        texts(csv("text,id\n\"\"\"No,\"\" he said.\",a\n")),
        ["\"No,\" he said."]
    );
}

#[test]
fn empty_cells_are_empty_texts() {
    assert_eq!(texts(csv("id,text\na,\nb,\"\"\n")), ["", ""]);
    assert!(csv("").is_empty());
    assert!(csv("\u{feff}\n\n").is_empty());
    assert!(csv("id,text\n").is_empty());
}

#[test]
fn kept_columns_come_in_the_order_asked_for() {
    let options = InputOptions {
        keep: ["outlet", "gone", "id"].map(String::from).to_vec(),
        ..InputOptions::default()
    };
    let document = one(read_as(
        InputFormat::Csv,
        "id,outlet,text\n7,\"Velm, Daily\",\n",
        &options,
    ));
    let expected = [("outlet", "Velm, Daily"), ("gone", ""), ("id", "7")];
    assert_eq!(
        document.metadata,
        expected.map(|(column, value)| (column.to_owned(), value.to_owned()))
    );
}

#[test]
fn wrong_rows_cost_only_themselves() {
    let bytes = b"id,text\na,\nb\nc,1,2\nd,caf\xe9\ne,\xff\xfe\nf,\n".to_vec();
    let items = csv(bytes);
    let rejects: Vec<_> = items.iter().filter_map(|item| item.as_ref().err()).collect();
    let places: Vec<_> = rejects
        .iter()
        .map(|reject| (reject.offset, reject.raw.as_deref()))
        .collect();
    let expected: [(Option<u64>, Option<&[u8]>); 4] = [
        (Some(11), Some(b"b")),
        (Some(13), Some(b"c,1,2")),
        (Some(19), Some(b"d,caf\xe9")),
        (Some(26), Some(b"e,\xff\xfe")),
    ];
    assert_eq!(places, expected);
    let expected = [
        "a",
        "corpus:2: expected 2 cells, found 1",
        "corpus:3: expected 2 cells, found 3",
        "corpus:4: not valid UTF-8 at byte 5",
        "corpus:5: not valid UTF-8 at byte 2",
        "f",
    ];
    assert_eq!(shown(items), expected);
}

#[test]
fn a_row_over_the_limit_costs_itself_alone() {
    let options = InputOptions {
        max_record_bytes: 20,
        ..InputOptions::default()
    };
    let (long, at) = ("x".repeat(5000), "y".repeat(18));
    let bytes = format!("id,text\na,\nb,\"{long}\n{long}\"\nc,{at}\nd,{at}z\ne,\n");
    let items = read_as(InputFormat::Csv, bytes, &options);
    let expected = [
        "a",
        "corpus:2: longer than the limit of 20 bytes",
        "c",
        "corpus:4: longer than the limit of 20 bytes",
        "e",
    ];
    assert_eq!(shown(items), expected);
}

#[test]
fn a_row_of_too_many_cells_costs_itself_alone() {
    let items = csv(format!("id,text\na,\nb{}\nc,\n", ",".repeat(200_000)));
    let expected = ["a", "corpus:2: expected 2 cells, found 200001", "c"];
    assert_eq!(shown(items), expected);
    let message = message(csv(format!("id,text{}\na,\n", ",".repeat(200_000))));
    assert_eq!(message, "corpus: more than 65536 columns");
}

#[test]
fn a_quote_that_is_never_closed_costs_its_line_alone() {
    let items = csv("id,text\na,1\nb,\"2\nc,3\nd,4\n");
    assert_eq!(items[1].as_ref().unwrap_err().raw.as_deref(), Some(&b"b,\"2"[..]));
    let expected = ["a", "corpus:2: a quote is opened and never closed", "c", "d"];
    assert_eq!(shown(items), expected);
    assert_eq!(
        shown(csv("id,text\na,\"1")),
        ["corpus:1: a quote is opened and never closed"]
    );
    assert_eq!(
        texts(csv("id,text\na,\"1\"")),
        ["1"],
        "closed by the file's last byte"
    );
}

#[test]
fn a_table_without_a_text_is_rejected_once() {
    let message = message(csv("name,headline\na,b\nc,d\n"));
    let expected = "corpus: no column is called text, body, content, article; there are: name, headline";
    assert_eq!(message, expected);
}

#[test]
fn columns_asked_for_must_be_there() {
    let read = |text: Option<&str>, id: Option<&str>, table: &str| {
        let options = InputOptions {
            text_column: text.map(str::to_owned),
            id_column: id.map(str::to_owned),
            ..InputOptions::default()
        };
        shown(read_as(InputFormat::Csv, table, &options))
    };
    let table = "key,lead,text\nk,1,2\n,1,2\n";
    assert_eq!(
        read(Some("lead"), Some("key"), table),
        ["k", "corpus:2: field \"key\" is missing"]
    );
    assert_eq!(
        read(Some("Lead"), None, table),
        ["corpus: no column is called Lead; there are: key, lead, text"]
    );
    assert_eq!(
        read(None, Some("nr"), table),
        ["corpus: no column is called nr; there are: key, lead, text"]
    );
}

#[test]
fn a_table_in_utf16_is_rejected_once() {
    let utf16: Vec<u8> = "\u{feff}id,text\na,b\nc,d\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        message(csv(utf16)),
        "corpus: looks like a binary file: NUL at byte 3"
    );
}

#[test]
fn ids_may_hold_anything() {
    let id = "a\n\u{1b}[2J\u{7}";
    assert_eq!(one(csv(format!("id,text\n\"{id}\",\n"))).id, id);
}
