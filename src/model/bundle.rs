//! Where a bundle's files come from: a folder, or the copy that the binary carries.
//!
//! A bundle has weights in one precision or two: `model.safetensors` as they were trained, `model.int8.safetensors`
//! made from them for the 8-bit engine. The binary carries the small one. `include_bytes!` leaves it in the
//! binary's read-only pages, so it costs no memory of its own until it is read.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::ModelError;

macro_rules! embedded {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/default/", $file))
    };
}

const FLOAT_WEIGHTS: &str = "model.safetensors";
const INT8_WEIGHTS: &str = "model.int8.safetensors";

/// The unparsed files of a bundle, each with the path that errors name. Weights are read when they are asked for, and
/// only those.
pub struct Bundle {
    pub config: BundleFile,
    pub tokenizer: BundleFile,
    /// Where the weights are; the binary has its own.
    folder: Option<PathBuf>,
}

/// One file of a bundle.
pub struct BundleFile {
    pub path: PathBuf,
    pub bytes: Cow<'static, [u8]>,
}

impl Bundle {
    /// The default bundle, which is part of the binary; its weights are the 8-bit ones.
    pub fn embedded() -> Self {
        Self {
            config: BundleFile::embedded("config.json", embedded!("config.json")),
            tokenizer: BundleFile::embedded("tokenizer.json", embedded!("tokenizer.json")),
            folder: None,
        }
    }

    /// The bundle in `folder`.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        Ok(Self {
            config: BundleFile::read(folder, "config.json")?,
            tokenizer: BundleFile::read(folder, "tokenizer.json")?,
            folder: Some(folder.to_owned()),
        })
    }

    /// A number that changes with anything in the bundle that answers depend on: the SHA-256 of the configuration, the
    /// tokenizer and the given weights, in hexadecimal digits.
    pub fn digest(&self, weights: &BundleFile) -> String {
        let mut hash = Sha256::new();
        for file in [&self.config, &self.tokenizer, weights] {
            hash.update((file.bytes.len() as u64).to_le_bytes());
            hash.update(&file.bytes);
        }
        format!("{:x}", hash.finalize())
    }

    /// The weights as they were trained.
    pub fn float_weights(&self) -> Result<BundleFile, ModelError> {
        let Some(folder) = &self.folder else {
            let path = embedded_path(FLOAT_WEIGHTS);
            return Err(ModelError::NoFloatWeights { path });
        };
        match BundleFile::read(folder, FLOAT_WEIGHTS) {
            Err(ModelError::Unreadable { path, source })
                if source.kind() == io::ErrorKind::NotFound && folder.join(INT8_WEIGHTS).exists() =>
            {
                Err(ModelError::NoFloatWeights { path })
            }
            found => found,
        }
    }

    /// The 8-bit weights, or, where the bundle has none, those that they can be made from.
    pub fn int8_weights(&self) -> Result<BundleFile, ModelError> {
        let Some(folder) = &self.folder else {
            return Ok(BundleFile::embedded(
                INT8_WEIGHTS,
                embedded!("model.int8.safetensors"),
            ));
        };
        match BundleFile::read(folder, INT8_WEIGHTS) {
            Err(ModelError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                BundleFile::read(folder, FLOAT_WEIGHTS)
            }
            found => found,
        }
    }
}

impl BundleFile {
    fn embedded(name: &str, bytes: &'static [u8]) -> Self {
        Self {
            path: embedded_path(name),
            bytes: Cow::Borrowed(bytes),
        }
    }

    fn read(folder: &Path, name: &str) -> Result<Self, ModelError> {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Self {
                path,
                bytes: Cow::Owned(bytes),
            }),
            Err(source) => Err(ModelError::Unreadable { path, source }),
        }
    }
}

/// What errors call a file that the binary carries.
fn embedded_path(name: &str) -> PathBuf {
    Path::new("<embedded>").join(name)
}
