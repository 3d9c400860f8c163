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
        let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).count();
        let formats = InputFormat::names().map(|name| name.parse().ok()).chain([None]);
        for format in formats {
            let source = Source::from_reader("f", format, io::Cursor::new(bytes.clone()));
            let items: Vec<_> = documents(vec![source], &options).collect();
            let panicked = |item: &Result<Document, Reject>| {
                item.as_ref().is_err_and(|reject| reject.to_string().contains("internal error"))
            };
            prop_assert!(!items.iter().any(panicked), "{items:?}");
            let items = items.len();
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
        let mut offsets = Vec::new();
        for line in &lines {
            offsets.push(file.len() as u64);
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
                    let place = Some((number, offsets[index]));
                    let expected = read_from("corpus", place, &format!("corpus#{number}"), text);
                    prop_assert_eq!(document, expected);
                }
                (Err(reject), Err(bytes)) => {
                    let place = (reject.record, reject.offset);
                    prop_assert_eq!(place, (Some(index as u64 + 1), Some(offsets[index])));
                    let whole = bytes.strip_suffix(b"\r").unwrap_or(bytes);
                    prop_assert_eq!(reject.raw.as_deref(), Some(whole));
                }
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

    #[test]
    fn what_is_written_as_a_table_is_read_back(
        rows in prop::collection::vec((json_text(), json_text()), 0..8),
        tabs in any::<bool>(),
        line_end in prop::sample::select(vec![csv::Terminator::CRLF, csv::Terminator::Any(b'\n')]),
        all_quoted in any::<bool>(),
        mark in any::<bool>(),
    ) {
        let style = if all_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new();
        writer.delimiter(if tabs { b'\t' } else { b',' }).terminator(line_end).quote_style(style);
        let mut writer = writer.from_writer(if mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() });
        writer.write_record(["id", "body", "outlet"]).unwrap();
        for (number, (text, outlet)) in rows.iter().enumerate() {
            writer.write_record([&format!("row {number}"), text, outlet]).unwrap();
        }
        let options = InputOptions { keep: vec!["outlet".into()], ..InputOptions::default() };
        let format = if tabs { InputFormat::Tsv } else { InputFormat::Csv };
        let items = read_as(format, writer.into_inner().unwrap(), &options);
        prop_assert_eq!(items.len(), rows.len());
        for (number, (item, (text, outlet))) in items.into_iter().zip(&rows).enumerate() {
            let document = item.unwrap();
            prop_assert_eq!(document.id, format!("row {number}"));
            prop_assert_eq!(&document.metadata, &[("outlet".to_owned(), outlet.clone())]);
            prop_assert_eq!(document.body, Body::Text(text.clone()));
            prop_assert_eq!(document.origin.record, Some(number as u64 + 1));
        }
    }

    /// Whatever the bytes, the offset of a reject is that of its bytes, and nothing is said twice.
    #[test]
    fn rejected_rows_are_where_they_are_said_to_be(
        pieces in prop::collection::vec(
            prop::sample::select(vec!["a", ",", "\"", "\"\"", "\n", "\r\n", "b,c\n", "é", " "]), 0..40),
        limit in 4_usize..60,
    ) {
        let bytes = format!("id,text\n{}", pieces.concat()).into_bytes();
        let options = InputOptions { max_record_bytes: limit.max(8), ..InputOptions::default() };
        let mut last = 0;
        for item in read_as(InputFormat::Csv, bytes.clone(), &options) {
            let (offset, raw) = match item {
                Ok(document) => (document.origin.offset, None),
                Err(reject) => (reject.offset, reject.raw),
            };
            let offset = usize::try_from(offset.unwrap()).unwrap();
            prop_assert!(offset > last, "{offset} after {last}");
            last = offset;
            if let Some(raw) = raw {
                prop_assert!(bytes[offset..].starts_with(&raw), "{offset}: {raw:?}");
            }
        }
    }

    #[test]
    fn compression_changes_nothing(bytes in nearly_jsonl(), cut in 0_usize..40) {
        use std::io::Write;
        let cut = cut.min(bytes.len());
        let gzip = |bytes: &[u8]| {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        };
        let members = [gzip(&bytes[..cut]), gzip(&bytes[cut..])].concat();
        let frames = [&bytes[..cut], &bytes[cut..]].map(|part| zstd::encode_all(part, 1).unwrap()).concat();
        let options = InputOptions::default();
        let plain = format!("{:?}", read_as(InputFormat::Jsonl, bytes, &options));
        prop_assert_eq!(&format!("{:?}", read_as(InputFormat::Jsonl, members, &options)), &plain);
        prop_assert_eq!(&format!("{:?}", read_as(InputFormat::Jsonl, frames, &options)), &plain);
    }
}
