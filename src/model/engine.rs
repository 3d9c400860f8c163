//! The contract between the classifier and whatever runs the encoder.

use std::ops::Range;

use ndarray::Array2;

use crate::error::EngineError;

/// Token windows, one after the other, and the sentences in them.
///
/// Windows are told apart by `cumulative_lengths`: window *w* is
/// `ids[cumulative_lengths[w]..cumulative_lengths[w + 1]]`. A sentence is a range of `ids` that ends after
/// its `[SEP]` and lies within one window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub ids: Vec<u32>,
    /// One more than there are windows; starts at 0 and ends at `ids.len()`.
    pub cumulative_lengths: Vec<usize>,
    pub sentences: Vec<Range<usize>>,
}

impl Batch {
    /// A batch of no windows.
    pub fn new() -> Self {
        Self {
            ids: Vec::new(),
            cumulative_lengths: vec![0],
            sentences: Vec::new(),
        }
    }

    /// Appends one window; `sentences` are ranges of its own ids.
    pub fn push(&mut self, ids: &[u32], sentences: &[Range<usize>]) {
        let offset = self.ids.len();
        self.ids.extend_from_slice(ids);
        self.cumulative_lengths.push(self.ids.len());
        self.sentences.extend(
            sentences
                .iter()
                .map(|range| range.start + offset..range.end + offset),
        );
    }

    /// The windows as ranges of `ids`.
    pub fn windows(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.cumulative_lengths.windows(2).map(|pair| pair[0]..pair[1])
    }
}

/// One row per sentence of a batch, in order; one column per value of the axis, in the order of
/// `prediction`'s enums.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    pub stance: Array2<f32>,
    pub attribution: Array2<f32>,
    pub anonymity: Array2<f32>,
}

/// Runs the encoder and its heads. What it answers for a window depends on that window alone.
pub trait Engine: Send + Sync {
    /// Logits for every sentence of `batch`.
    fn forward(&self, batch: &Batch) -> Result<Logits, EngineError>;
}
