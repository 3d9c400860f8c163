//! Archives: broken ones, and whole ones that were cut off.

use std::io::Write;

use sayso::input::{InputFormat, InputOptions};

use super::reading::read;

/// Bytes that may be an archive of lines. What comes out is at most what the limit lets through, line by line.
pub fn archive(data: &[u8]) {
    let options = InputOptions {
        max_record_bytes: 1 << 10,
        ..InputOptions::default()
    };
    read(Some(InputFormat::Jsonl), data, &options, false);
}

/// Lines, compressed and cut off at some byte: what stands before the cut is read as if they were whole.
pub fn cut_off(data: &[u8]) {
    let (&[kind, low, high], lines) = data.split_first_chunk().unwrap_or((&[0; 3], data));
    let options = InputOptions::default();
    // The archive's own first bytes must not be those of another.
    let lines = [b"{}\n", lines].concat();
    let archive = if kind & 1 == 0 { gzip(&lines) } else { zstd(&lines) };
    let length = usize::from(u16::from_le_bytes([low, high])).min(archive.len());
    let whole = read(Some(InputFormat::Jsonl), &lines, &options, false);
    if length == archive.len() {
        let found = read(Some(InputFormat::Jsonl), &archive, &options, false);
        assert_eq!(format!("{found:?}"), format!("{whole:?}"));
        return;
    }
    // Of less than its first bytes nobody can tell that it is an archive.
    if length < 4 {
        return;
    }
    let mut found = read(Some(InputFormat::Jsonl), &archive[..length], &options, false);
    found
        .pop()
        .expect("a cut archive gives a reject")
        .expect_err("the end is missing");
    assert_eq!(format!("{found:?}"), format!("{:?}", &whole[..found.len()]));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).expect("memory takes all");
    writer.finish().expect("memory takes all")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("memory takes all")
}
