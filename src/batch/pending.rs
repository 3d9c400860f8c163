//! The documents between reading and handing out: which windows still wait for the encoder, what was found in which
//! sentences, and what is next in line.

use std::collections::VecDeque;

use super::Outcome;
use super::work::{Done, EncodedGroup, Group, Part};
use crate::classifier::{Classifier, Findings, Prepared};
use crate::document::{Body, Document, Origin};
use crate::error::{Reject, RejectReason};
use crate::model::Batch;
use crate::window::Window;

/// Documents in input order, and a queue of windows.
pub(super) struct Pending {
    /// Number of the document at the front of `documents`.
    first: u64,
    documents: VecDeque<Entry>,
    windows: VecDeque<(u64, Window)>,
    queued_tokens: usize,
    bytes: usize,
    unprepared: usize,
}

struct Entry {
    bytes: usize,
    state: State,
}

enum State {
    Preparing,
    Encoding {
        document: Document,
        prepared: Prepared,
        findings: Vec<Findings>,
        missing: usize,
    },
    Rejected(Reject),
}

impl Pending {
    pub(super) fn new() -> Self {
        Self {
            first: 0,
            documents: VecDeque::new(),
            windows: VecDeque::new(),
            queued_tokens: 0,
            bytes: 0,
            unprepared: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Documents that are still being prepared.
    pub(super) fn unprepared(&self) -> usize {
        self.unprepared
    }

    /// Whether another document may be read.
    pub(super) fn wants_more(&self, threads: usize, most_bytes: usize) -> bool {
        self.bytes < most_bytes || self.documents.len() < 2 * threads
    }

    /// Makes room for a document that is about to be prepared, and returns its number.
    pub(super) fn admit(&mut self, document: &Document) -> u64 {
        self.unprepared += 1;
        self.push(size(document), State::Preparing)
    }

    /// Takes a record that is rejected already.
    pub(super) fn admit_reject(&mut self, reject: Reject) {
        let bytes = reject.raw.as_ref().map_or(0, |raw| raw.len());
        self.push(bytes, State::Rejected(reject));
    }

    fn push(&mut self, bytes: usize, state: State) -> u64 {
        // A document of no text still takes room.
        let bytes = bytes + size_of::<Entry>();
        self.bytes += bytes;
        self.documents.push_back(Entry { bytes, state });
        self.first + self.documents.len() as u64 - 1
    }

    /// The next windows for the encoder: up to `most_tokens`, at least one window, and none at all as long as
    /// fewer than `least_tokens` are queued.
    pub(super) fn next_group(&mut self, least_tokens: usize, most_tokens: usize) -> Option<Group> {
        if self.queued_tokens < least_tokens {
            return None;
        }
        let (mut batch, mut parts) = (Batch::default(), Vec::<Part>::new());
        while let Some((_, window)) = self.windows.front() {
            if !parts.is_empty() && batch.ids.len() + window.ids.len() > most_tokens {
                break;
            }
            let Some((document, window)) = self.windows.pop_front() else {
                break;
            };
            self.queued_tokens -= window.ids.len();
            batch.push(&window.ids, &window.sentences);
            let sentences = window.first..window.first + window.sentences.len();
            match parts.last_mut() {
                Some(last) if last.document == document => last.sentences.end = sentences.end,
                _ => parts.push(Part { document, sentences }),
            }
        }
        (!parts.is_empty()).then_some(Group { batch, parts })
    }

    /// Takes back what a thread has done.
    pub(super) fn settle(&mut self, done: Done) {
        match done {
            Done::Prepared(number, (document, prepared)) => {
                self.unprepared -= 1;
                let state = match prepared {
                    Ok(prepared) => self.queue(number, document, prepared),
                    Err(reason) => State::Rejected(reject(&document.origin, document.id, reason)),
                };
                if let Some(entry) = self.entry(number) {
                    entry.state = state;
                }
            }
            Done::Encoded(group) => self.settle_group(group),
        }
    }

    fn queue(&mut self, number: u64, document: Document, mut prepared: Prepared) -> State {
        for window in prepared.windows.drain(..) {
            self.queued_tokens += window.ids.len();
            self.windows.push_back((number, window));
        }
        let missing = prepared.sentences.len();
        State::Encoding {
            document,
            findings: vec![Findings::default(); missing],
            prepared,
            missing,
        }
    }

    fn settle_group(&mut self, group: EncodedGroup) {
        let (mut found, failure) = match group.findings {
            Ok(findings) => (findings.into_iter(), None),
            Err(message) => (Vec::new().into_iter(), Some(message)),
        };
        for part in group.parts {
            // Taken even for a document that is gone: what follows belongs to the next part.
            let own: Vec<Findings> = found.by_ref().take(part.sentences.len()).collect();
            // A document that an earlier group spoilt may have been handed out already.
            let Some(entry) = self.entry(part.document) else {
                continue;
            };
            let State::Encoding {
                document,
                findings,
                missing,
                ..
            } = &mut entry.state
            else {
                continue;
            };
            match &failure {
                None => {
                    *missing -= part.sentences.len();
                    findings[part.sentences]
                        .iter_mut()
                        .zip(own)
                        .for_each(|(place, own)| *place = own);
                }
                Some(message) => {
                    let reason = RejectReason::Internal(message.clone());
                    let reject = reject(&document.origin, document.id.clone(), reason);
                    entry.state = State::Rejected(reject);
                }
            }
        }
    }

    /// Hands the documents at the front to `sink`, as far as they are done.
    pub(super) fn hand_out<E>(
        &mut self,
        classifier: &Classifier,
        sink: &mut impl FnMut(Outcome) -> Result<(), E>,
    ) -> Result<(), E> {
        while self.documents.front().is_some_and(|entry| entry.state.is_done()) {
            let Some(entry) = self.documents.pop_front() else {
                break;
            };
            self.first += 1;
            self.bytes -= entry.bytes;
            match entry.state {
                State::Encoding {
                    document,
                    prepared,
                    findings,
                    ..
                } => sink(match classifier.finish(&document, prepared, &findings) {
                    Ok(labeled) => Outcome::Labeled(labeled),
                    Err(error) => {
                        Outcome::Rejected(reject(&document.origin, document.id, RejectReason::Engine(error)))
                    }
                })?,
                State::Rejected(reject) => sink(Outcome::Rejected(reject))?,
                State::Preparing => unreachable!("a document that is being prepared is not done"),
            }
        }
        Ok(())
    }

    /// The document with this number, unless it was handed out.
    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let index = number.checked_sub(self.first)?;
        self.documents.get_mut(usize::try_from(index).ok()?)
    }
}

impl State {
    fn is_done(&self) -> bool {
        match self {
            Self::Preparing => false,
            Self::Encoding { missing, .. } => *missing == 0,
            Self::Rejected(_) => true,
        }
    }
}

/// Bytes of text, and of what is carried through with it.
fn size(document: &Document) -> usize {
    let carried = document.metadata.iter().map(|(_, value)| value.len());
    carried.sum::<usize>()
        + match &document.body {
            Body::Text(text) => text.len(),
            Body::Sentences { context, sentences } => context
                .iter()
                .chain(sentences)
                .map(|sentence| sentence.len())
                .sum(),
        }
}

fn reject(origin: &Origin, document: String, reason: RejectReason) -> Reject {
    Reject {
        file: origin.file.clone(),
        record: origin.record,
        offset: origin.offset,
        document: Some(document),
        reason,
        raw: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_through_takes_room() {
        let mut document = Document::from_text("tarn", "The light stands idle.");
        document.metadata = vec![("body".into(), "x".repeat(1000))];
        let mut pending = Pending::new();
        pending.admit(&document);
        assert!(
            pending.wants_more(1, 1000),
            "two documents per thread, whatever their size"
        );
        pending.admit(&document);
        assert!(!pending.wants_more(1, 1000));
    }
}
