//! Turns sentences into wordpiece ids with the bundle's own `tokenizer.json`.
//!
//! The model must see the ids it was trained on, so the tokenizer is read from the bundle rather than
//! assumed; padding and truncation are switched off whatever the file says, because windows do both jobs.

use std::path::Path;

use crate::error::ModelError;

/// A thread-safe tokenizer.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`; `path` only names it in errors.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, ModelError> {
        let broken = |error: tokenizers::Error| ModelError::BrokenTokenizer {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(broken)?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(broken)?;
        Ok(Self { inner })
    }

    /// The wordpiece ids of one sentence, without `[CLS]` and `[SEP]`.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        match self.inner.encode_fast(text, false) {
            Ok(encoding) => Ok(encoding.get_ids().to_vec()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// How many ids there are; every id is below it.
    pub fn vocabulary_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }
}
