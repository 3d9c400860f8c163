//! Says for every sentence of a news text who says so, and whether they assert or deny it.

pub mod document;
pub mod kernels;
pub mod prediction;
