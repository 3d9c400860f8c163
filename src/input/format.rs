//! The formats of an input: their names, their file extensions, and how to guess one from its first byte.

use std::{
    fmt,
    io::{self, BufRead, Read},
    path::Path,
    str::FromStr,
};

use super::{arrow, compression::Compression, peek::peek};
use crate::error::UnknownFormat;

/// How documents are laid out in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// A file is one document of running text.
    Text,
    /// A line is one document, a JSON object.
    Jsonl,
    /// A row is one document, its cells separated by commas; the first row names the columns.
    Csv,
    /// The same, separated by tabs.
    Tsv,
    /// A row is one document.
    Parquet,
    /// A row is one document, in an Arrow IPC file or stream.
    Arrow,
}

/// Every format with its name and its extensions; the first row with an extension has it.
const TABLE: &[(InputFormat, &str, &[&str])] = &[
    (InputFormat::Text, "text", &["txt", "text"]),
    (InputFormat::Jsonl, "jsonl", &["jsonl", "ndjson"]),
    (InputFormat::Csv, "csv", &["csv"]),
    (InputFormat::Tsv, "tsv", &["tsv", "tab"]),
    (InputFormat::Parquet, "parquet", &["parquet", "pq"]),
    (
        InputFormat::Arrow,
        "arrow",
        &["arrow", "arrows", "feather", "ipc"],
    ),
];

/// Where a guess gives up: leading space longer than this is no JSONL file.
const SNIFF_LIMIT: usize = 1 << 16;

/// Bytes that begin a format which is not text.
const MAGIC: &[(&[u8], InputFormat)] = &[
    // The mark, and the first field of a page or of the description of an empty file.
    (b"PAR1\x15", InputFormat::Parquet),
    (arrow::FILE_MAGIC, InputFormat::Arrow),
    (&[0xff; 4], InputFormat::Arrow),
];

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl InputFormat {
    /// The names of all formats, as options take them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(_, name, _)| *name)
    }

    /// The name that options use.
    pub fn name(self) -> &'static str {
        TABLE
            .iter()
            .find(|(format, ..)| *format == self)
            .map_or("", |(_, name, _)| name)
    }

    /// The extensions of files in this format, in lower case and without the dot.
    pub fn extensions(self) -> &'static [&'static str] {
        TABLE
            .iter()
            .find(|(format, ..)| *format == self)
            .map_or(&[], |(.., extensions)| extensions)
    }

    /// The extensions of every format.
    pub fn all_extensions() -> impl Iterator<Item = &'static str> {
        TABLE
            .iter()
            .flat_map(|(.., extensions)| extensions.iter().copied())
    }

    /// The format that a path's extension (in either case) stands for, if it is known; of a compressed file,
    /// the extension before that of the compression.
    pub fn from_path(path: &Path) -> Option<Self> {
        let (_, path) = Compression::from_path(path);
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let row = TABLE
            .iter()
            .find(|(.., extensions)| extensions.contains(&extension.as_str()));
        row.map(|(format, ..)| *format)
    }

    /// Guesses from the bytes that begin Parquet and Arrow, else from the first byte that is no space: `{`
    /// begins JSONL, anything else is text.
    ///
    /// Returns the reader with nothing taken from it, because offsets in a text count its leading space too.
    pub(super) fn sniff(reader: Box<dyn BufRead + Send>) -> io::Result<(Self, Box<dyn BufRead + Send>)> {
        let (first, mut reader) = peek(reader, arrow::FILE_MAGIC.len())?;
        if let Some((_, format)) = MAGIC.iter().find(|(magic, _)| first.starts_with(magic)) {
            return Ok((*format, reader));
        }
        let mut taken = Vec::new();
        let mut examined = 0;
        let format = loop {
            let chunk = match reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let ended = chunk.is_empty();
            let length = chunk.len();
            taken.extend_from_slice(chunk);
            reader.consume(length);
            // A byte order mark may come in pieces.
            if !ended && taken.len() < BYTE_ORDER_MARK.len() {
                continue;
            }
            if examined == 0 && taken.starts_with(BYTE_ORDER_MARK) {
                examined = BYTE_ORDER_MARK.len();
            }
            match taken[examined..].iter().find(|byte| !byte.is_ascii_whitespace()) {
                Some(b'{') => break Self::Jsonl,
                Some(_) => break Self::Text,
                None if ended || taken.len() > SNIFF_LIMIT => break Self::Text,
                None => examined = taken.len(),
            }
        };
        Ok((format, Box::new(io::Cursor::new(taken).chain(reader))))
    }
}

impl fmt::Display for InputFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for InputFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let row = TABLE.iter().find(|(_, known, _)| *known == name);
        row.map(|(format, ..)| *format).ok_or_else(|| UnknownFormat {
            name: name.to_owned(),
            known: Self::names().collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Sniffs `bytes` through a buffer of one byte, the hardest way in which they can arrive.
    fn sniff(bytes: &[u8]) -> InputFormat {
        let reader = BufReader::with_capacity(1, io::Cursor::new(bytes.to_vec()));
        let (format, mut whole) = InputFormat::sniff(Box::new(reader)).unwrap();
        let mut read = Vec::new();
        whole.read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes, "sniffing must not take anything");
        format
    }

    #[test]
    fn guesses_from_the_first_byte_that_is_no_space() {
        assert_eq!(sniff(b"{\"text\": 1}"), InputFormat::Jsonl);
        assert_eq!(sniff(b" \r\n\t{"), InputFormat::Jsonl);
        assert_eq!(sniff(b"\xef\xbb\xbf{"), InputFormat::Jsonl);
        assert_eq!(sniff(b"The mayor said {sic}."), InputFormat::Text);
        assert_eq!(sniff(b"\xef\xbb"), InputFormat::Text);
        assert_eq!(sniff(b""), InputFormat::Text);
        assert_eq!(sniff(b"  \n"), InputFormat::Text);
        assert_eq!(sniff(&[b' '; 2 * SNIFF_LIMIT]), InputFormat::Text);
    }

    #[test]
    fn guesses_from_the_bytes_that_begin_a_binary_format() {
        assert_eq!(sniff(b"PAR1\x15\x04"), InputFormat::Parquet);
        assert_eq!(sniff(b"ARROW1\0\0\xff\xff\xff\xff"), InputFormat::Arrow);
        assert_eq!(sniff(b"\xff\xff\xff\xff\x10\0\0\0"), InputFormat::Arrow);
        assert_eq!(sniff(b"PAR1S is what the sign said."), InputFormat::Text);
    }

    #[test]
    fn the_extension_before_that_of_a_compression_counts() {
        let format = |name: &str| InputFormat::from_path(Path::new(name));
        assert_eq!(format("a/articles.jsonl.gz"), Some(InputFormat::Jsonl));
        assert_eq!(format("ARTICLES.CSV.ZST"), Some(InputFormat::Csv));
        assert_eq!(format("articles.gz"), None);
        assert_eq!(format("articles.txt.gz.gz"), None);
    }

    #[test]
    fn a_name_gives_the_format_back() {
        for (format, name, _) in TABLE {
            assert_eq!(name.parse(), Ok(*format));
            assert_eq!(format.to_string(), *name);
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = "docx".parse::<InputFormat>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown format \"docx\", expected one of text, jsonl, csv, tsv, parquet, arrow"
        );
    }
}
