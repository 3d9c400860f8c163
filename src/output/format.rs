//! The formats of the output: their names and their file extensions.
//!
//! An extension that says how a file is compressed is looked through: `rows.csv.gz` is CSV.

use std::{fmt, path::Path, str::FromStr};

use super::Compression;
use crate::error::UnknownFormat;

/// How the table is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// Comma-separated, RFC 4180, with a header.
    Csv,
    /// The same with tabs.
    Tsv,
    /// A row is one line, a JSON object.
    Jsonl,
    /// Typed columns, compressed, in row groups that can be skipped.
    Parquet,
    /// An Arrow IPC stream.
    Arrow,
    /// An Arrow IPC file, also known as Feather.
    Feather,
}

/// Every format with its name and its extensions.
const TABLE: &[(OutputFormat, &str, &[&str])] = &[
    (OutputFormat::Csv, "csv", &["csv"]),
    (OutputFormat::Tsv, "tsv", &["tsv", "tab"]),
    (OutputFormat::Jsonl, "jsonl", &["jsonl", "ndjson"]),
    (OutputFormat::Parquet, "parquet", &["parquet", "pq"]),
    (OutputFormat::Arrow, "arrow", &["arrows"]),
    (OutputFormat::Feather, "feather", &["feather", "arrow"]),
];

impl OutputFormat {
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

    /// The format that a path's extension (in either case) stands for, if it is known; for a path that says that
    /// the file is compressed, the extension before that.
    pub fn from_path(path: &Path) -> Option<Self> {
        let path = match Compression::from_path(path) {
            Some(_) => Path::new(path.file_stem()?),
            None => path,
        };
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let row = TABLE
            .iter()
            .find(|(.., extensions)| extensions.contains(&extension.as_str()));
        row.map(|(format, ..)| *format)
    }

    /// Whether rows are lines of text.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Jsonl)
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for OutputFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let row = TABLE.iter().find(|(_, known, _)| *known == name);
        row.map(|(format, ..)| *format).ok_or_else(|| UnknownFormat {
            name: name.to_owned(),
            known: Self::names().collect::<Vec<_>>().join(", "),
        })
    }
}
