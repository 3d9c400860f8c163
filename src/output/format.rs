//! The formats of the output: their names and their file extensions.

use std::{fmt, path::Path, str::FromStr};

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
}

/// Every format with its name and its extensions.
const TABLE: &[(OutputFormat, &str, &[&str])] = &[
    (OutputFormat::Csv, "csv", &["csv"]),
    (OutputFormat::Tsv, "tsv", &["tsv", "tab"]),
    (OutputFormat::Jsonl, "jsonl", &["jsonl", "ndjson"]),
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

    /// The format that a path's extension (in either case) stands for, if it is known.
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let row = TABLE
            .iter()
            .find(|(.., extensions)| extensions.contains(&extension.as_str()));
        row.map(|(format, ..)| *format)
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
