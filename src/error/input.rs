//! Errors that stop a whole input before its first record.

use std::io;

use thiserror::Error;

/// Why an input that was asked for gives no documents at all.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputError {
    #[error("{path}: no such file or directory")]
    Missing { path: String },

    #[error("{path}: cannot be read: {source}")]
    Unreadable { path: String, source: io::Error },

    /// A directory without a single file that would be read; `looked_for` are extensions or patterns.
    #[error("{path}: no readable file in this directory (looked for {looked_for})")]
    NothingReadable { path: String, looked_for: String },

    /// Standard input was named more than once; it can be read only once.
    #[error("-: standard input is given more than once")]
    StandardInputTwice,
}

impl InputError {
    /// The input as the user named it; `-` is standard input.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing { path } | Self::Unreadable { path, .. } | Self::NothingReadable { path, .. } => {
                path
            }
            Self::StandardInputTwice => "-",
        }
    }
}

/// A pattern of file names that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{pattern:?} is not a pattern: {reason}")]
pub struct BrokenPattern {
    pub pattern: String,
    pub reason: String,
}

/// A format name that is not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown format \"{name}\", expected one of {known}")]
pub struct UnknownFormat {
    pub name: String,
    /// The known names, separated by commas.
    pub known: String,
}
