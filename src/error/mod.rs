//! What can go wrong, named so that a user can find it and put it right.
//!
//! Errors stand on the lowest floor because every stage reports through them. They differ by how much they
//! stop: a [`Reject`] costs one record and the run goes on, an [`InputError`] costs a whole input.
//!
//! The `Display` of each is the whole message on one line, cause included, ready to be printed alone;
//! `source` gives the cause to programs, so do not print both.

mod input;
mod model;
mod reject;

pub use input::{BrokenPattern, InputError, UnknownFormat};
pub use model::{EngineError, ModelError};
pub use reject::{Reject, RejectReason, place};
