//! What benches of text need of the default model: its configuration and tokenizer, and the windows that the encoder reads.

use std::path::{Path, PathBuf};

use sayso::model::{Bundle, ModelConfig};
use sayso::tokenize::Tokenizer;
use sayso::window::{Window, pack, shorten};

pub struct DefaultModel {
    pub config: ModelConfig,
    pub tokenizer: Tokenizer,
}

impl DefaultModel {
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default")
    }

    pub fn bundle() -> Bundle {
        Bundle::read(&Self::folder()).expect("the default bundle")
    }

    pub fn read() -> Self {
        let bundle = Self::bundle();
        let config = ModelConfig::from_bytes(&bundle.config.bytes, &bundle.config.path)
            .expect("the default configuration");
        let tokenizer = Tokenizer::from_bytes(&bundle.tokenizer.bytes, &bundle.tokenizer.path)
            .expect("the default tokenizer");
        Self { config, tokenizer }
    }

    /// The token ids of every sentence, as windows take them.
    pub fn ids<'a>(&self, sentences: impl IntoIterator<Item = &'a str>) -> Vec<Vec<u32>> {
        let encoded = sentences.into_iter().map(|sentence| {
            let mut ids = self.tokenizer.encode(sentence).expect("tokenizes");
            shorten(&mut ids, &self.config.window);
            ids
        });
        encoded.collect()
    }

    /// The windows of one document.
    pub fn windows(&self, ids: &[Vec<u32>]) -> Vec<Window> {
        pack(&[], ids, &self.config.window)
    }
}
