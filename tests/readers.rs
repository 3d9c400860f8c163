//! What a user's files become: documents, or a reject that says where and why.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use sayso::{
    document::{Body, Document},
    error::Reject,
    input::{Discovery, InputFormat, InputOptions, Source, discover, documents},
};
use tempfile::TempDir;

/// Reads `bytes` as a file called `corpus`.
fn read_as(
    format: InputFormat,
    bytes: impl Into<Vec<u8>>,
    options: &InputOptions,
) -> Vec<Result<Document, Reject>> {
    let source = Source::from_reader("corpus", Some(format), io::Cursor::new(bytes.into()));
    documents(vec![source], options).collect()
}

fn jsonl(bytes: impl Into<Vec<u8>>) -> Vec<Result<Document, Reject>> {
    read_as(InputFormat::Jsonl, bytes, &InputOptions::default())
}

fn text(bytes: impl Into<Vec<u8>>) -> Vec<Result<Document, Reject>> {
    read_as(InputFormat::Text, bytes, &InputOptions::default())
}

/// The message of the only item, which must be a reject.
fn message(items: Vec<Result<Document, Reject>>) -> String {
    assert_eq!(items.len(), 1, "expected one reject: {items:?}");
    items.into_iter().next().unwrap().unwrap_err().to_string()
}

/// The only item, which must be a document.
fn one(items: Vec<Result<Document, Reject>>) -> Document {
    assert_eq!(items.len(), 1, "expected one document: {items:?}");
    items.into_iter().next().unwrap().unwrap()
}

/// A folder with `files`, each a path below it and its content.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn names(found: &Discovery, root: &Path) -> Vec<String> {
    let prefix = format!("{}/", root.display());
    found
        .sources
        .iter()
        .map(|source| source.name().replace(&prefix, ""))
        .collect()
}

fn errors(found: &Discovery, root: &Path) -> Vec<String> {
    let root = root.display().to_string();
    found
        .errors
        .iter()
        .map(|error| error.to_string().replace(&root, "ROOT"))
        .collect()
}

mod discovery {
    use super::*;

    #[test]
    fn a_directory_gives_its_known_files_sorted_by_bytes() {
        let root = folder(&[
            ("b.txt", ""),
            ("B.TXT", ""),
            ("a/z.jsonl", ""),
            ("a.ndjson", ""),
            ("a/deep/er/x.text", ""),
            ("README.md", ""),
            ("photo.jpg", ""),
            (".hidden.txt", ""),
            (".git/x.txt", ""),
        ]);
        let found = discover(&[root.path().to_path_buf()], &InputOptions::default());
        let expected = ["B.TXT", "a.ndjson", "a/deep/er/x.text", "a/z.jsonl", "b.txt"];
        assert_eq!(names(&found, root.path()), expected);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
    }

    #[test]
    fn a_format_asked_for_narrows_a_directory_to_its_files() {
        let root = folder(&[("a.txt", ""), ("b.jsonl", "")]);
        let options = InputOptions {
            format: Some(InputFormat::Jsonl),
            ..InputOptions::default()
        };
        let found = discover(&[root.path().to_path_buf()], &options);
        assert_eq!(names(&found, root.path()), ["b.jsonl"]);
    }

    #[test]
    fn a_named_file_is_read_whatever_its_name() {
        let root = folder(&[
            ("notes.md", "Rain fell."),
            (".draft", "Rain fell."),
            ("c.JSONL", "{}"),
        ]);
        let inputs = ["notes.md", ".draft", "c.JSONL"].map(|name| root.path().join(name));
        let found = discover(&inputs, &InputOptions::default());
        let formats: Vec<_> = found.sources.iter().map(Source::format).collect();
        assert_eq!(
            formats,
            [InputFormat::Text, InputFormat::Text, InputFormat::Jsonl].map(Some)
        );
    }

    #[test]
    fn a_format_asked_for_overrides_a_named_files_extension() {
        let root = folder(&[("corpus.json", "{}")]);
        let options = InputOptions {
            format: Some(InputFormat::Jsonl),
            ..InputOptions::default()
        };
        let found = discover(&[root.path().join("corpus.json")], &options);
        assert_eq!(found.sources[0].format(), Some(InputFormat::Jsonl));
    }

    #[test]
    fn a_missing_path_does_not_keep_the_others_from_being_read() {
        let root = folder(&[("a.txt", "Rain fell."), ("b.txt", "Rain fell.")]);
        let inputs = ["a.txt", "gone.txt", "b.txt"].map(|name| root.path().join(name));
        let found = discover(&inputs, &InputOptions::default());
        assert_eq!(names(&found, root.path()), ["a.txt", "b.txt"]);
        assert_eq!(
            errors(&found, root.path()),
            ["ROOT/gone.txt: no such file or directory"]
        );
    }

    #[test]
    fn a_directory_without_readable_files_is_an_error() {
        let root = folder(&[("README.md", ""), ("sub/photo.jpg", "")]);
        let found = discover(&[root.path().to_path_buf()], &InputOptions::default());
        assert!(found.sources.is_empty());
        let expected = "ROOT: no readable file in this directory (looked for .txt, .text, .jsonl, .ndjson)";
        assert_eq!(errors(&found, root.path()), [expected]);
    }

    #[test]
    fn standard_input_can_be_given_once() {
        let found = discover(
            &[PathBuf::from("-"), PathBuf::from("-")],
            &InputOptions::default(),
        );
        assert_eq!(found.sources.len(), 1);
        assert_eq!(found.sources[0].name(), "-");
        let messages: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        assert_eq!(messages, ["-: standard input is given more than once"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_are_followed_and_circles_are_not() {
        use std::os::unix::fs::symlink;
        let root = folder(&[("a.txt", "")]);
        symlink(root.path().join("a.txt"), root.path().join("b.txt")).unwrap();
        symlink(root.path(), root.path().join("circle")).unwrap();
        symlink(root.path().join("nowhere"), root.path().join("c.txt")).unwrap();
        let found = discover(&[root.path().to_path_buf()], &InputOptions::default());
        assert_eq!(names(&found, root.path()), ["a.txt", "b.txt"]);
        assert_eq!(
            errors(&found, root.path()),
            ["ROOT/c.txt: no such file or directory"]
        );
    }

    #[test]
    fn a_file_that_goes_away_before_its_turn_is_a_reject() {
        let root = folder(&[("a.txt", "Rain fell."), ("b.txt", "Snow fell.")]);
        let options = InputOptions::default();
        let found = discover(&[root.path().to_path_buf()], &options);
        fs::remove_file(root.path().join("a.txt")).unwrap();
        let items: Vec<_> = documents(found.sources, &options).collect();
        let reject = items[0].as_ref().unwrap_err().to_string();
        assert!(reject.contains("a.txt: cannot be read: "), "{reject}");
        assert_eq!(items[1].as_ref().unwrap().body, Body::Text("Snow fell.".into()));
    }
}

mod text_files {
    use super::*;

    #[test]
    fn a_file_is_one_document_named_by_its_path() {
        let root = folder(&[("harbour.txt", "The mayor of Tarn spoke.\r\nNobody listened.\n")]);
        let path = root.path().join("harbour.txt");
        let options = InputOptions::default();
        let found = discover(std::slice::from_ref(&path), &options);
        let document = one(documents(found.sources, &options).collect());
        let content = "The mayor of Tarn spoke.\r\nNobody listened.\n";
        assert_eq!(document, Document::from_text(path.display().to_string(), content));
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(
            one(text("\u{feff}Rain fell.")).body,
            Body::Text("Rain fell.".into())
        );
    }

    #[test]
    fn an_empty_file_is_an_empty_document() {
        assert_eq!(one(text("")).body, Body::Text(String::new()));
        assert_eq!(one(text(" \n\t")).body, Body::Text(" \n\t".into()));
    }

    #[test]
    fn kept_columns_are_empty() {
        let options = InputOptions {
            keep: vec!["outlet".into()],
            ..InputOptions::default()
        };
        let document = one(read_as(InputFormat::Text, "Rain fell.", &options));
        assert_eq!(document.metadata, [("outlet".to_owned(), String::new())]);
    }

    #[test]
    fn invalid_utf8_is_rejected_with_its_byte() {
        let message = message(text(b"caf\xe9 au lait".to_vec()));
        assert_eq!(message, "corpus: not valid UTF-8 at byte 3");
    }

    #[test]
    fn a_nul_byte_is_rejected_as_binary() {
        let message = message(text(b"\x7fELF\x00".to_vec()));
        assert_eq!(message, "corpus: looks like a binary file: NUL at byte 4");
    }

    #[test]
    fn utf16_is_rejected_as_binary() {
        assert_eq!(
            message(text(b"\xff\xfeR\x00".to_vec())),
            "corpus: looks like a binary file: NUL at byte 3"
        );
    }
}

mod json_lines {
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
        assert_eq!(document, Document::from_text("k", "Rain fell."));
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
            "corpus:2: broken JSON at column 12: control character (\\u0000-\\u001F) found while parsing a string",
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
}

mod streams {
    use super::*;

    /// Gives its bytes, then fails.
    struct Failing(io::Cursor<Vec<u8>>);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("the disk fell off")),
                count => Ok(count),
            }
        }
    }

    #[test]
    fn a_failing_source_ends_with_a_reject_and_the_next_is_read() {
        for format in [InputFormat::Jsonl, InputFormat::Text] {
            let bytes = b"{\"text\": \"a\"}\n{\"tex".to_vec();
            let failing = Source::from_reader("bad", Some(format), Failing(io::Cursor::new(bytes)));
            let good = Source::from_reader("good", Some(InputFormat::Text), io::Cursor::new("Rain fell."));
            let items: Vec<_> = documents(vec![failing, good], &InputOptions::default()).collect();
            let rejects: Vec<_> = items
                .iter()
                .filter_map(|item| item.as_ref().err())
                .map(ToString::to_string)
                .collect();
            assert_eq!(rejects.len(), 1, "{rejects:?}");
            assert!(
                rejects[0].ends_with(": cannot be read: the disk fell off"),
                "{rejects:?}"
            );
            assert_eq!(items.last().unwrap().as_ref().unwrap().id, "good");
        }
    }

    #[test]
    fn a_failure_before_the_format_is_known_is_a_reject() {
        let failing = Source::from_reader("bad", None, Failing(io::Cursor::new(Vec::new())));
        let items: Vec<_> = documents(vec![failing], &InputOptions::default()).collect();
        assert_eq!(message(items), "bad: cannot be read: the disk fell off");
    }

    #[test]
    fn an_id_used_twice_rejects_the_later_record() {
        let first = "{\"id\": \"a\", \"text\": \"\"}\n{\"id\": \"b\", \"text\": \"\"}\n";
        let second = "{\"id\": \"b\", \"text\": \"\"}\n{\"id\": \"c\", \"text\": \"\"}\n";
        let source = |name: &str, content: &'static str| {
            Source::from_reader(name, Some(InputFormat::Jsonl), content.as_bytes())
        };
        let sources = vec![source("one.jsonl", first), source("two.jsonl", second)];
        let shown: Vec<_> = documents(sources, &InputOptions::default())
            .map(|item| item.map_or_else(|reject| reject.to_string(), |document| document.id))
            .collect();
        let reject = "two.jsonl:1: document \"b\": its id was already used by one.jsonl:2";
        assert_eq!(shown, ["a", "b", reject, "c"]);
    }

    #[test]
    fn a_file_given_twice_is_read_once() {
        let source = || Source::from_reader("a.txt", Some(InputFormat::Text), "Rain fell.".as_bytes());
        let items: Vec<_> = documents(vec![source(), source()], &InputOptions::default()).collect();
        assert!(items[0].is_ok());
        let reject = items[1].as_ref().unwrap_err().to_string();
        assert_eq!(reject, "a.txt: its id was already used by a.txt");
    }

    #[test]
    fn a_rejected_record_does_not_use_its_id() {
        let items = jsonl("{\"id\": \"a\"}\n{\"id\": \"a\", \"text\": \"\"}\n");
        assert!(items[0].is_err() && items[1].is_ok(), "{items:?}");
    }

    #[test]
    fn without_a_format_the_first_byte_decides() {
        let read = |content: &'static str| {
            let source = Source::from_reader("-", None, content.as_bytes());
            one(documents(vec![source], &InputOptions::default()).collect())
        };
        assert_eq!(
            read("  \n{\"text\": \"Rain fell.\"}"),
            Document::from_text("-#2", "Rain fell.")
        );
        assert_eq!(read("  \nRain fell."), Document::from_text("-", "  \nRain fell."));
    }

    #[test]
    fn progress_counts_every_byte_and_place_follows() {
        let root = folder(&[
            ("a.txt", "Rain fell."),
            ("b.jsonl", "\n{\"text\": \"Snow fell.\"}\n"),
        ]);
        let options = InputOptions::default();
        let found = discover(&[root.path().to_path_buf()], &options);
        let mut stream = documents(found.sources, &options);
        let progress = stream.progress();
        assert_eq!((progress.read(), progress.total()), (0, Some(35)));
        stream.next().unwrap().unwrap();
        assert_eq!(progress.read(), 10);
        stream.next().unwrap().unwrap();
        let (file, record) = stream.place();
        assert!(file.ends_with("b.jsonl"), "{file}");
        assert_eq!(record, Some(2));
        assert!(stream.next().is_none());
        assert_eq!(progress.read(), 35);
    }

    #[test]
    fn the_total_is_unknown_where_a_source_does_not_say() {
        let source = Source::from_reader("-", None, io::empty());
        assert_eq!(
            documents(vec![source], &InputOptions::default())
                .progress()
                .total(),
            None
        );
    }

    #[test]
    fn the_stream_can_be_sent_to_another_thread() {
        let source = Source::standard_input(Some(InputFormat::Text));
        let stream = documents(vec![source], &InputOptions::default());
        std::thread::spawn(move || drop(stream)).join().unwrap();
    }
}

mod properties {
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
                        let expected = Document::from_text(format!("corpus#{}", index + 1), text);
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
            prop_assert_eq!(document, Document { id, metadata, body: Body::Sentences { context, sentences } });
        }
    }
}
