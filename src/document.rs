//! What flows into the program: a document, whole or already split into sentences.
//!
//! These types belong to nobody in particular: readers make them, the segmenter refines them, the
//! classifier labels them and writers print them.

use serde::{Deserialize, Serialize};

/// One news article, or an excerpt of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Identifies the document within its corpus; printed in every row.
    pub id: String,
    /// Columns carried through to the output, in the order in which they were asked for.
    pub metadata: Vec<(String, String)>,
    pub body: Body,
    pub origin: Origin,
}

impl Document {
    /// A document of running text, with no metadata.
    pub fn from_text(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            metadata: Vec::new(),
            body: Body::Text(text.into()),
            origin: Origin::default(),
        }
    }

    /// A document whose sentences are known already, with no metadata and no context.
    pub fn from_sentences<S: Into<String>>(
        id: impl Into<String>,
        sentences: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            id: id.into(),
            metadata: Vec::new(),
            body: Body::Sentences {
                context: Vec::new(),
                sentences: sentences.into_iter().map(Into::into).collect(),
            },
            origin: Origin::default(),
        }
    }
}

/// Where a document was read, so that a later stage can say which record it could not do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The input as the user named it; empty for a document that was not read from an input.
    pub file: String,
    /// Line (JSONL) or row number within `file`, counted from 1; `None` where the file is the document.
    pub record: Option<u64>,
    /// First byte of the record in `file`, from 0, after decompression; `None` where the file is the document,
    /// and in formats whose records do not stand one after the other.
    pub offset: Option<u64>,
}

impl Origin {
    /// The id of a document that brings none.
    pub fn default_id(&self) -> String {
        default_id(&self.file, self.record)
    }
}

/// The id of a record that brings none: its file, and its number there where it has one.
pub(crate) fn default_id(file: &str, record: Option<u64>) -> String {
    match record {
        Some(record) => format!("{file}#{record}"),
        None => file.to_owned(),
    }
}

/// The text of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Running text, to be split by the segmenter.
    Text(String),
    /// Sentences split by whoever made the corpus. `context` is read before them and not reported.
    Sentences {
        context: Vec<String>,
        sentences: Vec<String>,
    },
}

/// A sentence and where it stands in its document.
///
/// `start` and `end` count Unicode code points, so that `text[start:end]` is the sentence in Python. In a
/// document that came already split, they count within the sentences joined by one space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    pub start: usize,
    pub end: usize,
    pub text: String,
}
