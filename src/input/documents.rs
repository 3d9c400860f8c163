//! Reads sources one after the other as a single stream of documents with distinct ids.

use std::{sync::Arc, vec};

use super::{
    InputOptions,
    ids::Ids,
    source::{Opened, Progress, Source},
};
use crate::{
    document::Document,
    error::{Reject, RejectReason},
};

/// What a format's reader gives: a value and its record number (from 1; `None` where the file is the record).
pub(super) type Records<T> = Box<dyn Iterator<Item = Result<(Option<u64>, T), Reject>> + Send>;

/// The documents of `sources`, in order.
///
/// Sources are opened as their turn comes; one that cannot be opened is a reject. An id that was used before
/// in the same run is a reject of the later record, because rows are joined by it.
pub fn documents(sources: Vec<Source>, options: &InputOptions) -> Documents {
    Documents::new(sources, options, super::read, |document| &document.id)
}

/// A stream of documents, or of gold documents; see [`documents`] and
/// [`gold::documents`](super::gold::documents).
pub struct Documents<T = Document> {
    sources: vec::IntoIter<Source>,
    options: InputOptions,
    open: fn(Opened, &InputOptions) -> Records<T>,
    id: fn(&T) -> &str,
    current: Option<Records<T>>,
    /// The names of the sources begun so far; the last is the current one.
    names: Vec<String>,
    record: Option<u64>,
    ids: Ids,
    progress: Arc<Progress>,
}

impl<T> Documents<T> {
    pub(super) fn new(
        sources: Vec<Source>,
        options: &InputOptions,
        open: fn(Opened, &InputOptions) -> Records<T>,
        id: fn(&T) -> &str,
    ) -> Self {
        let progress = Arc::new(Progress::new(&sources));
        Self {
            sources: sources.into_iter(),
            options: options.clone(),
            open,
            id,
            current: None,
            names: Vec::new(),
            record: None,
            ids: Ids::new(),
            progress,
        }
    }

    /// How far reading has come; it goes on being updated.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// The file and record of the document that came last, for a [`Reject`] made by a later stage.
    /// The file is empty before the first document.
    pub fn place(&self) -> (&str, Option<u64>) {
        (self.names.last().map_or("", String::as_str), self.record)
    }

    fn distinct(&mut self, number: Option<u64>, value: T) -> Result<T, Reject> {
        let index = self.names.len() - 1;
        let Err((first, record)) = self.ids.insert((self.id)(&value), index, number) else {
            return Ok(value);
        };
        let file = self.names.get(first).cloned().unwrap_or_default();
        Err(Reject {
            file: self.names[index].clone(),
            record: number,
            document: Some((self.id)(&value).to_owned()),
            reason: RejectReason::DuplicateId { file, record },
        })
    }
}

impl<T> Iterator for Documents<T> {
    type Item = Result<T, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.current.as_mut().and_then(Iterator::next) {
                return Some(match item {
                    Ok((number, value)) => {
                        self.record = number;
                        self.distinct(number, value)
                    }
                    Err(reject) => {
                        self.record = reject.record;
                        Err(reject)
                    }
                });
            }
            let source = self.sources.next()?;
            let file = source.name().to_owned();
            self.names.push(file.clone());
            self.record = None;
            self.current = match source.open(self.progress()) {
                Ok(opened) => Some((self.open)(opened, &self.options)),
                Err(error) => {
                    self.current = None;
                    let reason = RejectReason::Unreadable(error);
                    return Some(Err(Reject {
                        file,
                        record: None,
                        document: None,
                        reason,
                    }));
                }
            };
        }
    }
}
