//! Gzip and zstd below the formats: members that follow each other, archives that are damaged, bombs.

use std::io::Write;

use super::*;

const LINES: &str = "{\"text\": \"Rain fell.\"}\n{\"text\": \"Snow fell.\"}\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// Lines that do not compress to nothing, so that a part of the archive is a part of them.
fn many_lines() -> String {
    let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ number;
    let line = |number: u64| format!("{{\"text\": \"{:x}\"}}\n", hash(hash(number)));
    (0..20_000).map(line).collect()
}

fn read_files(files: &[(&str, Vec<u8>)]) -> Vec<Result<Document, Reject>> {
    let root = TempDir::new().unwrap();
    for (name, bytes) in files {
        fs::write(root.path().join(name), bytes).unwrap();
    }
    let options = InputOptions::default();
    let found = discover(&[root.path().to_path_buf()], &options);
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    documents(found.sources, &options).collect()
}

#[test]
fn files_are_decompressed_by_their_extension() {
    let items = read_files(&[
        ("a.jsonl.gz", gzip(LINES.as_bytes())),
        ("b.CSV.ZST", zstd(b"id,text\nb1,\nb2,\n")),
        ("c.txt.gz", gzip(b"Rain fell.")),
        ("d.tsv.zst", zstd(b"id\ttext\nd1\t\n")),
    ]);
    let found = shown(items);
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found[0].ends_with("a.jsonl.gz#1"), "{found:?}");
    assert_eq!(found[2..4], ["b1", "b2"]);
    assert!(found[4].ends_with("c.txt.gz"), "{found:?}");
    assert_eq!(found[5], "d1");
}

#[test]
fn a_stream_is_decompressed_by_its_first_bytes() {
    for bytes in [gzip(LINES.as_bytes()), zstd(LINES.as_bytes())] {
        let source = Source::from_reader("-", None, io::Cursor::new(bytes));
        let items = documents(vec![source], &InputOptions::default()).collect();
        assert_eq!(shown(items), ["-#1", "-#2"]);
    }
}

#[test]
fn offsets_count_what_came_out() {
    let items = read_files(&[("a.jsonl.gz", gzip(LINES.as_bytes()))]);
    let offsets: Vec<_> = items
        .iter()
        .map(|item| item.as_ref().unwrap().origin.offset)
        .collect();
    assert_eq!(offsets, [Some(0), Some(23)]);
}

#[test]
fn members_that_follow_each_other_are_one_file() {
    let (one, two) = LINES.split_at(30);
    for bytes in [
        [gzip(one.as_bytes()), gzip(two.as_bytes())].concat(),
        [zstd(one.as_bytes()), zstd(b""), zstd(two.as_bytes())].concat(),
    ] {
        assert_eq!(shown(jsonl(bytes)), ["corpus#1", "corpus#2"]);
    }
}

#[test]
fn a_truncated_archive_is_a_reject_after_the_records_before_the_cut() {
    let lines = many_lines();
    for bytes in [gzip(lines.as_bytes()), zstd(lines.as_bytes())] {
        let items = jsonl(&bytes[..bytes.len() / 2]);
        let (last, before) = items.split_last().unwrap();
        assert!(before.len() > 4_000, "{}", before.len());
        let expected: Vec<_> = (1..=before.len())
            .map(|number| format!("corpus#{number}"))
            .collect();
        let found: Vec<_> = before
            .iter()
            .map(|item| item.as_ref().unwrap().id.clone())
            .collect();
        assert_eq!(found, expected);
        let reject = last.as_ref().unwrap_err();
        assert!(
            matches!(reject.reason, sayso::error::RejectReason::Unreadable(_)),
            "{reject}"
        );
        assert_eq!(reject.record, Some(before.len() as u64 + 1));
    }
}

#[test]
fn a_damaged_archive_is_a_reject_and_the_next_file_is_read() {
    let mut damaged = gzip(many_lines().as_bytes());
    let end = damaged.len();
    // In the checksum, so that every record is whole.
    damaged[end - 6] ^= 0xff;
    let items = read_files(&[
        ("a.jsonl.gz", damaged),
        ("b.txt.gz", b"no archive at all".to_vec()),
        ("c.txt.zst", b"no archive at all".to_vec()),
        ("d.txt.gz", Vec::new()),
        ("e.txt", b"Rain fell.".to_vec()),
    ]);
    let good = items.iter().filter(|item| item.is_ok()).count();
    assert_eq!(good, 20_001, "every line of a, and e");
    let rejects: Vec<_> = items.into_iter().filter_map(Result::err).collect();
    let names = ["a.jsonl.gz", "b.txt.gz", "c.txt.zst", "d.txt.gz"];
    assert_eq!(rejects.len(), names.len(), "{rejects:?}");
    for (reject, name) in rejects.iter().zip(names) {
        assert!(reject.file.ends_with(name), "{reject}");
        assert!(reject.to_string().contains("cannot be read: "), "{reject}");
    }
}

#[test]
fn a_bomb_is_rejected_at_the_limit() {
    let options = InputOptions {
        max_record_bytes: 1 << 20,
        ..InputOptions::default()
    };
    let zeros = [
        b"{\"text\": \"".to_vec(),
        vec![b'0'; 32 << 20],
        b"\"}\n{\"text\": \"\"}\n".to_vec(),
    ]
    .concat();
    for bytes in [gzip(&zeros), zstd(&zeros)] {
        assert!(bytes.len() < 1 << 17);
        let items = read_as(InputFormat::Jsonl, bytes.clone(), &options);
        assert_eq!(
            shown(items),
            ["corpus:1: longer than the limit of 1048576 bytes", "corpus#2"]
        );
        let text = message(read_as(InputFormat::Text, bytes, &options));
        assert_eq!(text, "corpus: longer than the limit of 1048576 bytes");
    }
}

#[test]
fn progress_counts_compressed_bytes() {
    let root = TempDir::new().unwrap();
    let bytes = gzip(many_lines().as_bytes());
    fs::write(root.path().join("a.jsonl.gz"), &bytes).unwrap();
    let options = InputOptions::default();
    let found = discover(&[root.path().to_path_buf()], &options);
    let stream = documents(found.sources, &options);
    let progress = stream.progress();
    assert_eq!(progress.total(), Some(bytes.len() as u64));
    assert_eq!(stream.count(), 20_000);
    assert_eq!(progress.read(), bytes.len() as u64);
}
