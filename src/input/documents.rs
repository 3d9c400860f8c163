//! Reads sources one after the other as a single stream of documents with distinct ids.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    vec,
};

use super::{
    InputOptions,
    guesses::Guesses,
    ids::Ids,
    reader::{Failure, Place, Records},
    source::{Opened, Progress, Source},
};
use crate::{
    document::{Document, default_id},
    error::{Reject, RejectReason},
};

/// The documents of `sources`, in order.
///
/// Sources are opened as their turn comes; one that cannot be opened is a reject. An id that was used before
/// in the same run is a reject of the later record, because rows are joined by it.
pub fn documents(sources: Vec<Source>, options: &InputOptions) -> Documents {
    Documents::new(sources, options, super::read, Some(|document| &document.id))
}

/// A stream of documents, of gold documents or of labelled rows; see [`documents`],
/// [`gold::documents`](super::gold::documents) and [`labeled::rows`](super::labeled::rows).
pub struct Documents<T = Document> {
    sources: vec::IntoIter<Source>,
    options: InputOptions,
    open: fn(Opened, &InputOptions) -> Records<T>,
    /// What tells the records of a run apart, where that is asked of them.
    id: Option<fn(&T) -> &str>,
    current: Option<Records<T>>,
    /// The names of the sources begun so far; the last is the current one.
    names: Vec<String>,
    ids: Ids,
    progress: Arc<Progress>,
    guesses: Arc<Guesses>,
}

impl<T> Documents<T> {
    pub(super) fn new(
        sources: Vec<Source>,
        options: &InputOptions,
        open: fn(Opened, &InputOptions) -> Records<T>,
        id: Option<fn(&T) -> &str>,
    ) -> Self {
        let progress = Arc::new(Progress::new(&sources));
        Self {
            sources: sources.into_iter(),
            options: options.clone(),
            open,
            id,
            current: None,
            names: Vec::new(),
            ids: Ids::new(),
            progress,
            guesses: Arc::default(),
        }
    }

    /// How far reading has come; it goes on being updated.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Which columns were guessed to hold text and id; it goes on being updated.
    pub fn guesses(&self) -> Arc<Guesses> {
        Arc::clone(&self.guesses)
    }

    /// The next value of the current source; `None` at its end, or where there is no current source.
    fn step(&mut self) -> Option<Result<T, Reject>> {
        let reader = self.current.as_mut()?;
        let Ok(item) = catch_unwind(AssertUnwindSafe(|| reader.next())) else {
            return Some(Err(self.panicked()));
        };
        let item = item?;
        let place = reader.place();
        let claimed = item.and_then(|value| {
            self.claim(&value, place.record)?;
            Ok(value)
        });
        Some(claimed.map_err(|failure| self.reject(place, failure)))
    }

    /// Takes the id of `value` for it, unless another record has it.
    fn claim(&mut self, value: &T, record: Option<u64>) -> Result<(), Failure> {
        let Some(id) = self.id else {
            return Ok(());
        };
        let id = id(value);
        let index = self.names.len() - 1;
        self.ids.insert(id, index, record).map_err(|(first, record)| {
            let file = self.names.get(first).cloned().unwrap_or_default();
            Failure {
                document: Some(id.to_owned()),
                reason: RejectReason::DuplicateId { file, record },
            }
        })
    }

    /// Whether `item` is in the part of the corpus that is asked for.
    fn is_ours(&self, item: &Result<T, Reject>) -> bool {
        let Some(shard) = self.options.shard else {
            return true;
        };
        match item {
            Ok(value) => self.id.is_none_or(|id| shard.holds(id(value))),
            Err(reject) => match &reject.document {
                Some(id) => shard.holds(id),
                None => shard.holds(&default_id(&reject.file, reject.record)),
            },
        }
    }

    /// Gives up the current source. The libraries of binary formats have panicked on damaged files before.
    fn panicked(&mut self) -> Reject {
        self.current = None;
        let reason = RejectReason::Internal("the reader of this format panicked".to_owned());
        self.reject(Place::default(), reason.into())
    }

    fn reject(&self, place: Place, failure: Failure) -> Reject {
        let raw = self.current.as_ref().and_then(|reader| reader.raw());
        Reject {
            file: self.names.last().cloned().unwrap_or_default(),
            record: place.record,
            offset: place.offset,
            document: failure.document,
            reason: failure.reason,
            raw: raw.map(Box::from),
        }
    }
}

impl<T> Iterator for Documents<T> {
    type Item = Result<T, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let item = self.next_of_all()?;
            if self.is_ours(&item) {
                return Some(item);
            }
        }
    }
}

impl<T> Documents<T> {
    fn next_of_all(&mut self) -> Option<Result<T, Reject>> {
        loop {
            if let Some(item) = self.step() {
                return Some(item);
            }
            self.current = None;
            let source = self.sources.next()?;
            self.names.push(source.name().to_owned());
            let (progress, guesses) = (self.progress(), self.guesses());
            let (open, options) = (self.open, &self.options);
            let opened = catch_unwind(AssertUnwindSafe(|| {
                Ok(open(source.open(progress, guesses)?, options))
            }));
            match opened {
                Ok(Ok(reader)) => self.current = Some(reader),
                Ok(Err(error)) => {
                    let reason = RejectReason::Unreadable(error);
                    return Some(Err(self.reject(Place::default(), reason.into())));
                }
                Err(_) => return Some(Err(self.panicked())),
            }
        }
    }
}
