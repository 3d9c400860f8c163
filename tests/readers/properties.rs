//! Any bytes at all, and what must hold of them.

use super::*;

/// Bytes that come near to being JSON Lines, where plain random bytes never would.
fn nearly_jsonl() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\n",
            "\"text\":",
            "\"sentences\":",
            "\"id\":",
            "\"a\"",
            "1",
            "null",
            "true",
            " ",
            "\u{feff}",
            "\\u00",
            "{\"text\":\"a\"}",
            "é",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

fn json_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..30).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in nearly_jsonl()) {
        let options = InputOptions { keep: vec!["id".into(), "x".into()], ..InputOptions::default() };
        let lines = bytes.split(|byte| *byte == b'\n').count();
        for format in [Some(InputFormat::Text), Some(InputFormat::Jsonl), None] {
            let source = Source::from_reader("f", format, io::Cursor::new(bytes.clone()));
            let items = documents(vec![source], &options).count();
            prop_assert!(items <= lines);
            if format == Some(InputFormat::Text) {
                prop_assert_eq!(items, 1);
            }
        }
    }

    #[test]
    fn good_lines_among_broken_ones_all_come_out(
        lines in prop::collection::vec(prop_oneof![
            json_text().prop_map(Ok),
            // No line end, and no way to be a record: it begins with a closing brace.
            prop::collection::vec(any::<u8>().prop_filter("line end", |byte| *byte != b'\n'), 0..20)
                .prop_map(|mut bytes| { bytes.insert(0, b'}'); Err(bytes) }),
        ], 0..20),
    ) {
        let mut file = Vec::new();
        for line in &lines {
            match line {
                Ok(text) => file.extend(serde_json::json!({ "text": text }).to_string().bytes()),
                Err(bytes) => file.extend(bytes),
            }
            file.push(b'\n');
        }
        let items = jsonl(file);
        prop_assert_eq!(items.len(), lines.len());
        for (index, (item, line)) in items.into_iter().zip(&lines).enumerate() {
            match (item, line) {
                (Ok(document), Ok(text)) => {
                    let number = index as u64 + 1;
                    let expected = read_from("corpus", Some(number), &format!("corpus#{number}"), text);
                    prop_assert_eq!(document, expected);
                }
                (Err(reject), Err(_)) => prop_assert_eq!(reject.record, Some(index as u64 + 1)),
                (item, line) => prop_assert!(false, "{item:?} from {line:?}"),
            }
        }
    }

    #[test]
    fn what_is_written_as_json_is_read_back(
        id in "[^\u{0}]{1,12}",
        sentences in prop::collection::vec(json_text(), 0..6),
        context in prop::collection::vec(json_text(), 0..3),
        outlet in json_text(),
    ) {
        let line = serde_json::json!({
            "id": id, "sentences": sentences, "context": context, "outlet": outlet,
        });
        let options = InputOptions { keep: vec!["outlet".into()], ..InputOptions::default() };
        let document = one(read_as(InputFormat::Jsonl, line.to_string(), &options));
        let metadata = vec![("outlet".to_owned(), outlet)];
        prop_assert_eq!((document.id, document.metadata), (id, metadata));
        prop_assert_eq!(document.body, Body::Sentences { context, sentences });
    }
}
