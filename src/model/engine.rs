//! The contract between the classifier and whatever runs the encoder.

use std::any::Any;
use std::ops::Range;

use crate::error::EngineError;
use crate::prediction::{Logits, TagLogits};

/// Token windows, one after the other, and the sentences in them.
///
/// Windows are told apart by `cumulative_lengths`: window *w* is
/// `ids[cumulative_lengths[w]..cumulative_lengths[w + 1]]`. A sentence is a range of `ids` that ends after
/// its `[SEP]` and lies within one window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub ids: Vec<u32>,
    /// One more than there are windows; starts at 0 and ends at `ids.len()`.
    pub cumulative_lengths: Vec<usize>,
    pub sentences: Vec<Range<usize>>,
}

impl Default for Batch {
    /// A batch of no windows.
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            cumulative_lengths: vec![0],
            sentences: Vec::new(),
        }
    }
}

impl Batch {
    /// Empties the batch, keeping its memory.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.cumulative_lengths.truncate(1);
        self.sentences.clear();
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

    /// The windows as ranges of `ids`, each with the range of `sentences` that lie in it.
    pub fn windows_with_sentences(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
        let mut first = 0;
        self.windows().map(move |window| {
            let own = self.sentences[first..].iter();
            let end = first + own.take_while(|sentence| sentence.end <= window.end).count();
            let sentences = first..end;
            first = end;
            (window, sentences)
        })
    }
}

/// What an engine answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Of every sentence of the batch, in order.
    pub sentences: Vec<Logits>,
    /// Of every token of the batch; empty where the model marks no spans.
    pub tags: Vec<TagLogits>,
}

impl Answers {
    /// Forgets all answers, keeping the memory.
    pub fn clear(&mut self) {
        self.sentences.clear();
        self.tags.clear();
    }
}

/// Memory that an engine works in, kept by each thread from batch to batch. What it holds is the engine's business.
pub struct Workspace(Box<dyn Any + Send>);

impl Workspace {
    /// A workspace that holds `memory`.
    pub fn new<T: Any + Send>(memory: T) -> Self {
        Self(Box::new(memory))
    }

    /// The memory, which another kind of engine may have left in another shape: then it starts anew.
    pub fn memory<T: Any + Send + Default>(&mut self) -> &mut T {
        if !self.0.is::<T>() {
            self.0 = Box::new(T::default());
        }
        match self.0.downcast_mut() {
            Some(memory) => memory,
            None => unreachable!("a workspace holds what was just put into it"),
        }
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new(())
    }
}

/// Runs the encoder and its heads. What it answers for a window depends on that window alone.
pub trait Engine: Send + Sync {
    /// Replaces `answers` with those to `batch`.
    fn forward(
        &self,
        batch: &Batch,
        workspace: &mut Workspace,
        answers: &mut Answers,
    ) -> Result<(), EngineError>;
}
