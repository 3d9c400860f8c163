//! Says for every sentence of a news text who says so, and whether they assert or deny it.

pub mod batch;
pub mod classifier;
pub mod document;
pub mod error;
pub mod evaluate;
pub mod input;
pub mod kernels;
pub mod label;
pub mod model;
pub mod output;
pub mod prediction;
pub mod segment;
pub mod tokenize;
pub mod window;
