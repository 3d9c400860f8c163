//! CSV and TSV: rows stand where they are said to stand, and a good row after broken ones is read.

use sayso::input::{InputFormat, InputOptions};

use super::reading::{is_archive, is_last, place, read};

/// Comma-separated values.
pub fn csv(data: &[u8]) {
    table(InputFormat::Csv, ',', data);
}

/// The same, separated by tabs.
pub fn tsv(data: &[u8]) {
    table(InputFormat::Tsv, '\t', data);
}

/// The first byte says whether the rest of `data` comes after a good header, and with which limit.
fn table(format: InputFormat, delimiter: char, data: &[u8]) {
    let (mode, data) = data.split_first().unwrap_or((&0, data));
    let has_header = mode & 1 == 0;
    let is_limited = mode & 2 != 0;
    let options = InputOptions {
        keep: vec!["outlet".to_owned()],
        max_record_bytes: if is_limited { 64 } else { 1 << 20 },
        ..InputOptions::default()
    };
    let header = if has_header {
        format!("id{delimiter}text\n")
    } else {
        String::new()
    };
    let last = format!("\nthe last of all{delimiter}It rained in Karst.\n");
    let file = [header.as_bytes(), data, last.as_bytes()].concat();
    if is_archive(&file) {
        return;
    }
    let items = read(Some(format), &file, &options, false);

    let lines = file.split(|byte| matches!(byte, b'\n' | b'\r')).count();
    assert!(items.len() <= lines, "{items:?}");
    let places: Vec<_> = items.iter().map(place).collect();
    assert!(
        places.is_sorted_by(|(_, before), (_, after)| before < after),
        "{places:?}"
    );
    for reject in items.iter().filter_map(|item| item.as_ref().err()) {
        let (Some(raw), Some(offset)) = (&reject.raw, reject.offset) else {
            continue;
        };
        let offset = usize::try_from(offset).expect("an offset in memory");
        assert!(file[offset..].starts_with(raw), "{reject}");
    }
    // A row over the limit that opens a quote may reach to the end of the file.
    if has_header && !is_limited {
        assert!(items.last().is_some_and(is_last), "{items:?}");
    }
}
