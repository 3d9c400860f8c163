//! Where a bundle's files come from: a folder, or the copy that the binary carries.
//!
//! A bundle has weights in one precision or two: `model.safetensors` as they were trained, `model.int8.safetensors`
//! made from them for the 8-bit engine. The binary carries the small one. `include_bytes!` leaves it in the
//! binary's read-only pages, so it costs no memory of its own until it is read.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::ModelError;

macro_rules! embedded {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/default/", $file))
    };
}

const FLOAT_WEIGHTS: &str = "model.safetensors";
const INT8_WEIGHTS: &str = "model.int8.safetensors";

/// The unparsed files of a bundle, each with the path that errors name.
pub struct Bundle {
    pub config: BundleFile,
    pub tokenizer: BundleFile,
    float_weights: Option<BundleFile>,
    int8_weights: Option<BundleFile>,
    folder: PathBuf,
}

/// One file of a bundle.
pub struct BundleFile {
    pub path: PathBuf,
    pub bytes: Cow<'static, [u8]>,
}

impl Bundle {
    /// The default bundle, which is part of the binary; its weights are the 8-bit ones.
    pub fn embedded() -> Self {
        let folder = PathBuf::from("<embedded>");
        let file = |name: &str, bytes: &'static [u8]| BundleFile {
            path: folder.join(name),
            bytes: Cow::Borrowed(bytes),
        };
        Self {
            config: file("config.json", embedded!("config.json")),
            tokenizer: file("tokenizer.json", embedded!("tokenizer.json")),
            float_weights: None,
            int8_weights: Some(file(INT8_WEIGHTS, embedded!("model.int8.safetensors"))),
            folder,
        }
    }

    /// The bundle in `folder`, which must have weights in one precision at least.
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
        let optional = |name: &str| match file(name) {
            Err(ModelError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            found => found.map(Some),
        };
        let int8_weights = optional(INT8_WEIGHTS)?;
        let float_weights = match &int8_weights {
            Some(_) => optional(FLOAT_WEIGHTS)?,
            None => Some(file(FLOAT_WEIGHTS)?),
        };
        Ok(Self {
            config: file("config.json")?,
            tokenizer: file("tokenizer.json")?,
            float_weights,
            int8_weights,
            folder: folder.to_owned(),
        })
    }

    /// The weights as they were trained.
    pub fn float_weights(&self) -> Result<&BundleFile, ModelError> {
        self.float_weights
            .as_ref()
            .ok_or_else(|| ModelError::NoFloatWeights {
                path: self.folder.join(FLOAT_WEIGHTS),
            })
    }

    /// The 8-bit weights, or, where the bundle has none, those that they can be made from.
    pub fn int8_weights(&self) -> Result<&BundleFile, ModelError> {
        self.int8_weights
            .as_ref()
            .map_or_else(|| self.float_weights(), Ok)
    }
}
