//! The model: what a bundle holds, and the engines that run it.
//!
//! A bundle is a folder (or the copy of one that the binary carries) with weights, tokenizer and
//! configuration. An engine turns token windows into logits, and knows nothing of documents or labels.

mod bundle;
mod config;
mod engine;
pub mod fast;
pub mod native;
#[cfg(feature = "rust-bert")]
pub mod rust_bert;
mod weights;

pub use bundle::{Bundle, BundleFile};
pub use config::{AxisConfig, EncoderConfig, ModelConfig, Pooling};
pub use engine::{Answers, Batch, Engine, Workspace};
pub use weights::{Matrix, Weights};
