//! What can be wrong with a model bundle, and with running it.
//!
//! A bundle may come from anywhere, so each refusal says which file and which part of it is to blame.

use std::path::PathBuf;

use thiserror::Error;

use crate::device::Device;
use crate::kernels::PackError;

/// A model bundle that cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error(
        "{}: there is none; every engine but int8 needs the weights as they were trained, from a folder like \
         models/default of the source code",
        path.display()
    )]
    NoFloatWeights { path: PathBuf },
    #[error("{}: not a model configuration: {source}", path.display())]
    BrokenConfig {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("{}: {field} is {found}, which this version cannot run: {expected}", path.display())]
    UnsupportedConfig {
        path: PathBuf,
        field: &'static str,
        found: String,
        expected: String,
    },
    #[error("{}: not a safetensors file: {source}", path.display())]
    BrokenWeights {
        path: PathBuf,
        source: safetensors::SafeTensorError,
    },
    #[error("{}: tensor \"{tensor}\" is missing", path.display())]
    MissingTensor { path: PathBuf, tensor: String },
    #[error("{}: tensor \"{tensor}\" has shape {found:?}, the configuration asks for {expected:?}", path.display())]
    WrongShape {
        path: PathBuf,
        tensor: String,
        found: Vec<usize>,
        expected: Vec<usize>,
    },
    #[error("{}: tensor \"{tensor}\" holds {found}, which is not known here", path.display())]
    WrongType {
        path: PathBuf,
        tensor: String,
        found: String,
    },
    #[error("{}: tensor \"{tensor}\" holds a value that is not finite", path.display())]
    NotFinite { path: PathBuf, tensor: String },
    #[error("{}: layer \"{layer}\" cannot be used: {source}", path.display())]
    Unpackable {
        path: PathBuf,
        layer: String,
        source: PackError,
    },
    #[error("{}: not a tokenizer: {reason}", path.display())]
    BrokenTokenizer { path: PathBuf, reason: String },
    #[error(
        "built without rust-bert: the engine rust-bert needs a program built with the feature of that name, and libtorch; \
         see \"A second engine\" in the README"
    )]
    WithoutRustBert,
    #[error("device {device} cannot be used: {reason}")]
    NoDevice { device: Device, reason: String },
}

/// A document that the classifier could not label although its model is sound.
#[derive(Debug, Error)]
pub enum EngineError {
    #[error("sentence {sentence} cannot be tokenized: {reason}")]
    Tokenize { sentence: usize, reason: String },
    #[error("a window of {length} tokens does not fit a model of {limit} positions")]
    TooLong { length: usize, limit: usize },
    #[error("libtorch: {0}")]
    Torch(String),
    #[error("token {token} is outside the model's vocabulary of {vocabulary}")]
    UnknownToken { token: u32, vocabulary: usize },
}
