//! Compression: a layer below every format that is read from its beginning to its end.
//!
//! Both decoders hold a window and no more, so that a bomb becomes many bytes that pass by, and no record
//! is larger than the limit of the readers above. Members that follow each other, as `cat a.gz b.gz` makes
//! them, are read as one.

use std::{
    io::{self, BufRead, BufReader},
    path::Path,
};

use super::peek::peek;

/// How the bytes of an input are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    Gzip,
    Zstd,
}

/// Every compression with its extension and the bytes that begin it; no text in UTF-8 begins with them.
const TABLE: &[(Compression, &str, &[u8])] = &[
    (Compression::Gzip, "gz", &[0x1f, 0x8b]),
    (Compression::Zstd, "zst", &[0x28, 0xb5, 0x2f, 0xfd]),
];

/// The extensions of compressed files, without the dot.
pub(super) fn extensions() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(_, extension, _)| *extension)
}

impl Compression {
    /// The compression that a path's extension stands for, in either case, and the path without it.
    pub(super) fn from_path(path: &Path) -> (Option<Self>, &Path) {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let row = extension.and_then(|extension| {
            TABLE
                .iter()
                .find(|(_, known, _)| extension.eq_ignore_ascii_case(known))
        });
        match (row, path.file_stem()) {
            (Some((compression, ..)), Some(stem)) => (Some(*compression), Path::new(stem)),
            _ => (None, path),
        }
    }

    /// The compression that the first bytes of `reader` stand for, and a reader that still has them.
    fn sniff(reader: Box<dyn BufRead + Send>) -> io::Result<(Option<Self>, Box<dyn BufRead + Send>)> {
        let (first, reader) = peek(reader, 4)?;
        let row = TABLE.iter().find(|(.., magic)| first.starts_with(magic));
        Ok((row.map(|(compression, ..)| *compression), reader))
    }
}

/// The bytes of `reader` decompressed: as `expected`, by its extension; else as its first bytes say. Returns
/// also whether there was anything to decompress.
pub(super) fn decompressed(
    expected: Option<Compression>,
    reader: Box<dyn BufRead + Send>,
) -> io::Result<(bool, Box<dyn BufRead + Send>)> {
    let (compression, reader) = match expected {
        Some(_) => (expected, reader),
        None => Compression::sniff(reader)?,
    };
    Ok(match compression {
        None => (false, reader),
        Some(Compression::Gzip) => {
            let decoder = flate2::bufread::MultiGzDecoder::new(reader);
            (true, Box::new(BufReader::new(decoder)))
        }
        Some(Compression::Zstd) => {
            let decoder = zstd::stream::read::Decoder::with_buffer(reader)?;
            (true, Box::new(BufReader::new(decoder)))
        }
    })
}
