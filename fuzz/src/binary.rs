//! Parquet and Arrow: whatever a file claims of itself, it costs bounded memory and no other file.
//!
//! Their libraries have panicked on damaged files before. The reader contains that, and a target must let it.

use sayso::input::{InputFormat, InputOptions};

use super::reading::read;

/// Parquet files.
pub fn parquet(data: &[u8]) {
    table(InputFormat::Parquet, data);
}

/// Arrow IPC files and streams.
pub fn arrow(data: &[u8]) {
    table(InputFormat::Arrow, data);
}

fn table(format: InputFormat, data: &[u8]) {
    let options = InputOptions {
        keep: ["list", "when", "number"].map(str::to_owned).to_vec(),
        max_record_bytes: 1 << 12,
        ..InputOptions::default()
    };
    let items = read(Some(format), data, &options, true);
    for document in items.iter().flatten() {
        let kept = document.metadata.iter().map(|(_, value)| value.len());
        assert!(kept.max().unwrap_or(0) <= 1 << 12, "a kept column over the limit");
    }
    let of_the_file = items.iter().filter_map(|item| item.as_ref().err());
    let of_the_file = of_the_file.filter(|reject| reject.record.is_none());
    assert!(of_the_file.count() <= 1, "{items:?}");
}
