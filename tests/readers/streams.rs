//! Many sources as one stream: distinct ids, failures, progress.

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
        read_from("-", Some((2, 3)), "-#2", "Rain fell.")
    );
    assert_eq!(
        read("  \nRain fell."),
        read_from("-", None, "-", "  \nRain fell.")
    );
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
    assert_eq!((progress.read(), progress.total()), (0, Some(34)));
    stream.next().unwrap().unwrap();
    assert_eq!(progress.read(), 10);
    let origin = stream.next().unwrap().unwrap().origin;
    assert!(origin.file.ends_with("b.jsonl"), "{}", origin.file);
    assert_eq!(origin.record, Some(2));
    assert!(stream.next().is_none());
    assert_eq!(progress.read(), 34);
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_a_reject_after_what_was_read() {
    let line = format!("{}\n", serde_json::json!({"text": "Rain fell. ".repeat(1000)}));
    let root = folder(&[("a.jsonl", &*line.repeat(50)), ("b.txt", "Snow fell.")]);
    let options = InputOptions::default();
    let found = discover(&[root.path().to_path_buf()], &options);
    let mut stream = documents(found.sources, &options);
    stream.next().unwrap().unwrap();
    let file = fs::File::options()
        .write(true)
        .open(root.path().join("a.jsonl"))
        .unwrap();
    file.set_len(20 * line.len() as u64 + 7).unwrap();
    let rest: Vec<_> = stream.collect();
    assert_eq!(rest.iter().filter(|item| item.is_ok()).count(), 20);
    let reject = rest[19].as_ref().unwrap_err();
    assert_eq!(
        (reject.record, reject.offset),
        (Some(21), Some(20 * line.len() as u64))
    );
    let message = reject.reason.to_string();
    assert_eq!(
        message,
        "cannot be read: the file became shorter while it was read"
    );
    assert_eq!(rest[20].as_ref().unwrap().body, Body::Text("Snow fell.".into()));
}

#[test]
fn a_reject_has_its_place_and_its_bytes() {
    let bytes =
        b"{\"id\": \"a\", \"text\": \"\"}\n\n{\"id\": \xff}\r\n{\"id\": \"a\", \"text\": \"\"}".to_vec();
    let rejects: Vec<_> = jsonl(bytes).into_iter().filter_map(Result::err).collect();
    let places: Vec<_> = rejects
        .iter()
        .map(|reject| (reject.record, reject.offset))
        .collect();
    assert_eq!(places, [(Some(3), Some(25)), (Some(4), Some(36))]);
    assert_eq!(rejects[0].raw.as_deref(), Some(&b"{\"id\": \xff}"[..]));
    assert_eq!(
        rejects[1].raw.as_deref(),
        Some(&b"{\"id\": \"a\", \"text\": \"\"}"[..])
    );
}

#[test]
fn a_record_over_the_limit_costs_itself_alone() {
    let options = InputOptions {
        max_record_bytes: 30,
        ..InputOptions::default()
    };
    let long = "x".repeat(40);
    let lines = format!("{{\"text\": \"a\"}}\n{{\"text\": \"{long}\"}}\n{{\"text\": \"b\"}}\n");
    let items = read_as(InputFormat::Jsonl, lines, &options);
    assert_eq!(items[1].as_ref().unwrap_err().raw, None);
    assert_eq!(
        shown(items),
        [
            "corpus#1",
            "corpus:2: longer than the limit of 30 bytes",
            "corpus#3"
        ]
    );
    let message = message(read_as(InputFormat::Text, long, &options));
    assert_eq!(message, "corpus: longer than the limit of 30 bytes");
}

#[test]
fn each_guess_is_noted_once() {
    let source = |name: &str, content: &'static str| {
        Source::from_reader(name, Some(InputFormat::Jsonl), content.as_bytes())
    };
    let first = "{\"id\": \"a\", \"text\": \"\"}\n{\"id\": \"b\", \"text\": \"\"}\n{\"body\": \"\"}\n";
    let second = "{\"id\": \"c\", \"text\": \"\"}\n{\"url\": \"d\", \"sentences\": []}\n";
    let mut stream = documents(
        vec![source("one", first), source("-", second)],
        &InputOptions::default(),
    );
    let guesses = stream.guesses();
    let said = || guesses.take().iter().map(ToString::to_string).collect::<Vec<_>>();
    stream.next().unwrap().unwrap();
    assert_eq!(
        said(),
        ["one: the text is taken from \"text\", the id from \"id\""]
    );
    assert_eq!(stream.count(), 4);
    let expected = [
        "one: the text is taken from \"body\", the id is made of file and record",
        "<stdin>: the text is taken from \"sentences\", the id from \"url\"",
    ];
    assert_eq!(said(), expected);
}

#[test]
fn columns_that_are_given_are_no_guess() {
    let guessed = |text: Option<&str>, id: Option<&str>| {
        let options = InputOptions {
            text_column: text.map(str::to_owned),
            id_column: id.map(str::to_owned),
            ..InputOptions::default()
        };
        let source = Source::from_reader("f", Some(InputFormat::Csv), "id,text\na,b\n".as_bytes());
        let stream = documents(vec![source], &options);
        let guesses = stream.guesses();
        assert_eq!(stream.filter(Result::is_ok).count(), 1);
        guesses.take().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(guessed(Some("text"), Some("id")), [""; 0]);
    assert_eq!(guessed(Some("text"), None), ["f: the id from \"id\""]);
    assert_eq!(guessed(None, Some("id")), ["f: the text is taken from \"text\""]);
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
