//! Says for every sentence of a news text who says so, and whether they assert or deny it.
//!
//! ```
//! use sayso::{Classifier, Document, Label, Stance};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let classifier = Classifier::embedded()?;
//! let story = Document::from_text(
//!     "story",
//!     "Mayor Odalys Brandt denied that she had taken money from the ferry company. Who will pay for the bridge?",
//! );
//! let labeled = classifier.label(&story)?;
//!
//! let denial = &labeled.sentences[0];
//! assert_eq!(denial.prediction.label, Label::Denial);
//! assert_eq!((denial.sentence.start, denial.sentence.end), (0, 75));
//! assert_eq!(labeled.sentences[1].prediction.stance, Stance::None);
//! # Ok(())
//! # }
//! ```
//!
//! [`Classifier`] labels one [`Document`]; [`BatchRunner`] labels many on all cores, in input order and bounded
//! memory. What the answers mean is in `docs/LABELS.md`, and `docs/ARCHITECTURE.md` shows how the modules depend on
//! each other: [`error`], [`document`], [`prediction`] and [`kernels`] at the bottom; on them the stages [`input`],
//! [`segment`], [`tokenize`], [`window`], [`model`], [`label`], [`output`] and [`journal`]; then [`classifier`],
//! [`batch`] and [`evaluate`]. Beside these, [`report`] makes a page of what [`output`] wrote and [`input`] reads back.

pub mod batch;
pub mod classifier;
pub mod device;
pub mod document;
pub mod error;
pub mod evaluate;
pub mod input;
pub mod journal;
pub mod kernels;
pub mod label;
pub mod model;
pub mod output;
pub mod prediction;
pub mod report;
pub mod segment;
pub mod tokenize;
pub mod window;

pub use batch::{BatchRunner, Outcome};
pub use classifier::{Classifier, EngineKind, EngineOptions, ModelInfo};
pub use device::Device;
pub use document::{Body, Document, Sentence};
pub use prediction::{Anonymity, Attribution, Label, LabeledDocument, LabeledSentence, Prediction, Stance};

/// The README's programs, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
