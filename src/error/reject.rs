//! One record that could not be done, with the place where it stands.

use std::{fmt, io};

use thiserror::Error;

use super::EngineError;

/// A record that was left out of the output. The records around it are not affected.
///
/// Printed as `corpus.jsonl:17: field "text" is missing`, with the document's id after the place where it is
/// known and says something that the place does not.
#[derive(Debug)]
pub struct Reject {
    /// The input as the user named it; `-` is standard input.
    pub file: String,
    /// Line (JSONL) or row number within `file`, counted from 1; `None` where the file is the record, or is
    /// rejected as a whole.
    pub record: Option<u64>,
    /// First byte of the record in `file`, from 0, after decompression, where that is known.
    pub offset: Option<u64>,
    /// The document's id, where reading came far enough to know it.
    pub document: Option<String>,
    pub reason: RejectReason,
    /// The record as it stands in `file`, without its end of line, where it could be had whole.
    pub raw: Option<Box<[u8]>>,
}

impl fmt::Display for Reject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&place(&self.file, self.record))?;
        if let Some(document) = self.document.as_deref().filter(|document| *document != self.file) {
            write!(formatter, ": document {document:?}")?;
        }
        write!(formatter, ": {}", self.reason)
    }
}

impl std::error::Error for Reject {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.reason.source()
    }
}

/// Why a record was rejected.
///
/// Field names are boxed to keep `Result<_, Reject>` small, since every record travels in one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// `offset` counts bytes from the start of the file or line, from 0.
    #[error("not valid UTF-8 at byte {offset}")]
    InvalidUtf8 { offset: usize },

    /// A NUL byte, which no text has. `offset` counts bytes from the start of the file, from 0.
    #[error("looks like a binary file: NUL at byte {offset}")]
    Binary { offset: usize },

    /// `column` counts bytes within the line, from 1.
    #[error("broken JSON at column {column}: {}", without_position(source))]
    BrokenJson {
        column: usize,
        source: serde_json::Error,
    },

    /// The line is JSON, but no object; `found` is what it is, with its article.
    #[error("expected a JSON object, found {found}")]
    NotAnObject { found: &'static str },

    #[error("field {field:?} is missing")]
    MissingField { field: Box<str> },

    /// `expected` and `found` are kinds of value, with their article.
    #[error("field {field:?}: expected {expected}, found {found}")]
    WrongType {
        field: Box<str>,
        expected: &'static str,
        found: &'static str,
    },

    /// A value outside its closed set, e.g. a stance that the guideline does not have.
    #[error("field {field:?}: unknown value {found:?}, expected one of {}", allowed.join(", "))]
    UnknownValue {
        field: Box<str>,
        found: Box<str>,
        allowed: &'static [&'static str],
    },

    /// A value that is not what its field holds; `expected` says that, with its article.
    #[error("field {field:?}: expected {expected}, found {found:?}")]
    WrongValue {
        field: Box<str>,
        expected: &'static str,
        found: Box<str>,
    },

    /// A value that contradicts another field of the same record.
    #[error("field {field:?} is given, but {because}")]
    Contradiction { field: Box<str>, because: &'static str },

    /// Ids must tell documents apart within one run, across its files. `file` and `record` are the first
    /// holder.
    #[error("its id was already used by {}", place(file, *record))]
    DuplicateId { file: String, record: Option<u64> },

    /// A table whose header lacks a column; `wanted` are the names it could have, `columns` those it has.
    #[error("no column is called {wanted}; there are: {columns}")]
    MissingColumn { wanted: Box<str>, columns: Box<str> },

    /// A column of a table whose cells are of a kind that does not fit its use.
    #[error("column {column:?}: expected {expected}, found {found}")]
    ColumnType {
        column: Box<str>,
        expected: &'static str,
        found: Box<str>,
    },

    /// A value that has no plain written form.
    #[error("field {field:?} cannot be written: {reason}")]
    Unwritable { field: Box<str>, reason: Box<str> },

    /// An input in a format that cannot hold what is read from it; `expected` are formats that can.
    #[error("a file of format {found} holds no table of labelled sentences; expected one of {expected}")]
    NoTable {
        found: &'static str,
        expected: &'static str,
    },

    /// A row of a table that has more or fewer cells than the header has names.
    #[error("expected {expected} cells, found {found}")]
    Ragged { expected: usize, found: usize },

    /// A header of more names than a table can have.
    #[error("more than {limit} columns")]
    TooManyColumns { limit: usize },

    /// A cell that begins with a quote and does not end before the file does.
    #[error("a quote is opened and never closed")]
    UnclosedQuote,

    /// Parquet inside gzip or zstd, where its parts cannot be reached.
    #[error("a parquet file cannot be read from within gzip or zstd; decompress it first")]
    CompressedParquet,

    /// `limit` is in bytes.
    #[error("longer than the limit of {limit} bytes")]
    TooLarge { limit: usize },

    /// A batch of rows that has to be in memory at once, decompressed; the rest of the file is lost with it. Both are
    /// in bytes.
    #[error("{what} of {bytes} bytes is larger than the limit of {limit} bytes")]
    BatchTooLarge {
        what: &'static str,
        bytes: u64,
        limit: u64,
    },

    /// Reading failed half-way, of a damaged file for example; the rest of the file is lost with this record.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),

    /// The record was read, but its sentences cannot be run through the model.
    #[error("cannot be labelled: {0}")]
    Engine(#[from] EngineError),

    /// A defect of this program, e.g. a worker that panicked.
    #[error("internal error: {0}")]
    Internal(String),
}

/// `file` or `file:record`, as compilers and grep print places.
pub fn place(file: &str, record: Option<u64>) -> String {
    let file = if file == "-" { "<stdin>" } else { file };
    match record {
        Some(record) => format!("{file}:{record}"),
        None => file.to_owned(),
    }
}

/// The parser's message without its own "at line 1 column 9", which counts within a line or field, not the
/// file.
fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    match message.strip_suffix(&position) {
        Some(bare) => bare.to_owned(),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn reject(document: Option<&str>, reason: RejectReason) -> Reject {
        Reject {
            file: "corpus.jsonl".into(),
            record: Some(17),
            offset: None,
            document: document.map(str::to_owned),
            reason,
            raw: None,
        }
    }

    #[test]
    fn names_the_place_then_the_reason() {
        let missing = || RejectReason::MissingField { field: "text".into() };
        let unknown = reject(None, missing());
        assert_eq!(unknown.to_string(), "corpus.jsonl:17: field \"text\" is missing");
        let known = reject(Some("a\"1"), missing());
        assert_eq!(
            known.to_string(),
            r#"corpus.jsonl:17: document "a\"1": field "text" is missing"#
        );
    }

    #[test]
    fn does_not_repeat_the_file_as_the_document() {
        let reject = Reject {
            file: "harbour.txt".into(),
            record: None,
            offset: None,
            document: Some("harbour.txt".into()),
            reason: RejectReason::InvalidUtf8 { offset: 4 },
            raw: None,
        };
        assert_eq!(reject.to_string(), "harbour.txt: not valid UTF-8 at byte 4");
    }

    #[test]
    fn keeps_the_cause() {
        let gone = reject(None, RejectReason::Unreadable(io::Error::other("disk fell off")));
        assert_eq!(gone.to_string(), "corpus.jsonl:17: cannot be read: disk fell off");
        let cause = gone.source().expect("an unreadable record has a cause");
        assert_eq!(cause.to_string(), "disk fell off");
    }

    #[test]
    fn calls_standard_input_by_name() {
        let reason = RejectReason::DuplicateId {
            file: "-".into(),
            record: Some(2),
        };
        assert_eq!(reason.to_string(), "its id was already used by <stdin>:2");
    }
}
