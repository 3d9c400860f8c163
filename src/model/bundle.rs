//! Where a bundle's three files come from: a folder, or the copy that the binary carries.
//!
//! The embedded copy makes one file run anywhere offline; `include_bytes!` leaves it in the binary's
//! read-only pages, so it costs no memory of its own until it is read.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::ModelError;

macro_rules! embedded {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/default/", $file))
    };
}

/// The unparsed files of a bundle, each with the path that errors name.
pub struct Bundle {
    pub config: BundleFile,
    pub tokenizer: BundleFile,
    pub weights: BundleFile,
}

/// One file of a bundle.
pub struct BundleFile {
    pub path: PathBuf,
    pub bytes: Cow<'static, [u8]>,
}

impl Bundle {
    /// The default bundle, which is part of the binary.
    pub fn embedded() -> Self {
        let file = |name: &str, bytes: &'static [u8]| BundleFile {
            path: Path::new("<embedded>").join(name),
            bytes: Cow::Borrowed(bytes),
        };
        Self {
            config: file("config.json", embedded!("config.json")),
            tokenizer: file("tokenizer.json", embedded!("tokenizer.json")),
            weights: file("model.safetensors", embedded!("model.safetensors")),
        }
    }

    /// The bundle in `folder`.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        let file = |name: &str| {
            let path = folder.join(name);
            match fs::read(&path) {
                Ok(bytes) => Ok(BundleFile {
                    path,
                    bytes: Cow::Owned(bytes),
                }),
                Err(source) => Err(ModelError::Unreadable { path, source }),
            }
        };
        Ok(Self {
            config: file("config.json")?,
            tokenizer: file("tokenizer.json")?,
            weights: file("model.safetensors")?,
        })
    }
}
