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
        read_from("-", Some(2), "-#2", "Rain fell.")
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
