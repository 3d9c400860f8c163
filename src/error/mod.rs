//! Everything that can go wrong, by the part that it goes wrong in.

mod model;

pub use model::{EngineError, ModelError};
