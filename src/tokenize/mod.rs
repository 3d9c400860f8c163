//! Turns sentences into wordpiece ids with the bundle's own `tokenizer.json`.
//!
//! The model must see the ids it was trained on, so the tokenizer is read from the bundle rather than
//! assumed; padding and truncation are left out whatever the file says, because windows do both jobs.
//!
//! BERT's uncased tokenizer is done here (`wordpiece.rs`); a bundle with any other, or a sentence that spells out a
//! special token, goes to the `tokenizers` library.

mod wordpiece;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::OnceLock;

use serde::Deserialize;

use self::wordpiece::{CharacterRanges, WordPiece};
use crate::error::ModelError;

/// A thread-safe tokenizer.
pub struct Tokenizer {
    fast: Option<WordPiece>,
    /// The special tokens as they are spelt out.
    special: Vec<String>,
    /// The library's tokenizer takes its time to load, and few runs need it.
    library: OnceLock<Result<tokenizers::Tokenizer, String>>,
    bytes: Box<[u8]>,
}

/// What every `tokenizer.json` has.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
}

#[derive(Deserialize)]
struct AddedToken {
    content: String,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`; `path` only names it in errors.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, ModelError> {
        let broken = |reason: String| ModelError::BrokenTokenizer {
            path: path.to_owned(),
            reason,
        };
        let header: Header = serde_json::from_slice(bytes).map_err(|error| broken(error.to_string()))?;
        let special: Vec<String> = (header.added_tokens.into_iter())
            .map(|token| token.content)
            .filter(|content| !content.is_empty())
            .collect();
        // The library gives a special token that the vocabulary lacks an id of its own choice.
        let has_all = |wordpiece: &WordPiece| special.iter().all(|token| wordpiece.has(token));
        let tokenizer = Self {
            fast: WordPiece::from_bytes(bytes).filter(has_all),
            special,
            library: OnceLock::new(),
            bytes: bytes.into(),
        };
        if tokenizer.fast.is_none() {
            tokenizer.library().map_err(broken)?;
        }
        Ok(tokenizer)
    }

    /// The wordpiece ids of one sentence, without `[CLS]` and `[SEP]`.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        match self.wordpiece_for(text) {
            Some(wordpiece) => {
                let mut ids = Vec::new();
                wordpiece.encode(text, &mut ids, &mut ());
                Ok(ids)
            }
            None => self.encode_by_library(text),
        }
    }

    /// The characters (Unicode code points) of the sentence that each of its ids stands for.
    pub fn character_ranges(&self, text: &str) -> Result<Vec<Range<usize>>, String> {
        match self.wordpiece_for(text) {
            Some(wordpiece) => {
                let mut places = CharacterRanges::default();
                wordpiece.encode(text, &mut Vec::new(), &mut places);
                Ok(places.ranges)
            }
            None => self.character_ranges_by_library(text),
        }
    }

    /// The same ids as [`encode`](Self::encode) by the `tokenizers` library, which is the reference.
    pub fn encode_by_library(&self, text: &str) -> Result<Vec<u32>, String> {
        let library = self.library()?;
        let encoding = contained(|| library.encode_fast(text, false))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The same ranges as [`character_ranges`](Self::character_ranges) by the library.
    pub fn character_ranges_by_library(&self, text: &str) -> Result<Vec<Range<usize>>, String> {
        let library = self.library()?;
        let encoding = contained(|| library.encode_char_offsets(text, false))?;
        let offsets = encoding.get_offsets().iter();
        Ok(offsets.map(|&(start, end)| start..end).collect())
    }

    /// Our own tokenizer, where it knows all that is in `text`.
    fn wordpiece_for(&self, text: &str) -> Option<&WordPiece> {
        let spelt_out = |token: &String| text.contains(token.as_str());
        self.fast.as_ref().filter(|_| !self.special.iter().any(spelt_out))
    }

    /// One more than the largest id.
    pub fn vocabulary_size(&self) -> usize {
        match (&self.fast, self.library.get()) {
            (Some(wordpiece), _) => wordpiece.vocabulary_size(),
            // Ids need not follow each other.
            (None, Some(Ok(library))) => {
                let largest = library.get_vocab(true).into_values().max();
                largest.map_or(0, |largest| largest as usize + 1)
            }
            _ => 0,
        }
    }

    fn library(&self) -> Result<&tokenizers::Tokenizer, String> {
        let loaded = self.library.get_or_init(|| {
            let mut library = contained(|| tokenizers::Tokenizer::from_bytes(&self.bytes))?;
            library.with_padding(None);
            library.with_truncation(None).map_err(|error| error.to_string())?;
            Ok(library)
        });
        loaded.as_ref().map_err(Clone::clone)
    }
}

/// What the library answers, in words where it fails. It panics at some files that it should refuse, and a bundle may
/// come from anywhere.
fn contained<T>(work: impl FnOnce() -> tokenizers::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("the tokenizers library panicked".to_owned()),
    }
}
