//! The two pieces of work that a labelling thread does. Neither can end the run: an error or a panic becomes the
//! reason for which the documents concerned are rejected.

use std::any::Any;
use std::cell::RefCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::classifier::{Classifier, Findings, Memory, Prepared};
use crate::document::Document;
use crate::error::RejectReason;
use crate::model::Batch;

/// A piece of work, done on a labelling thread.
pub(super) trait Work: FnOnce(&Classifier) -> Done + Send + 'static {}

impl<F: FnOnce(&Classifier) -> Done + Send + 'static> Work for F {}

/// What comes back from a labelling thread.
pub(super) enum Done {
    Prepared(u64, (Document, Result<Prepared, RejectReason>)),
    Encoded(EncodedGroup),
}

/// Windows that are encoded together, of one or more documents.
pub(super) struct Group {
    pub(super) batch: Batch,
    pub(super) parts: Vec<Part>,
}

/// A document's share of a group: its sentences `sentences` (numbered in the document).
pub(super) struct Part {
    pub(super) document: u64,
    pub(super) sentences: Range<usize>,
}

/// A group, and what was found in its sentences, in the order of its parts.
pub(super) struct EncodedGroup {
    pub(super) parts: Vec<Part>,
    pub(super) findings: Result<Vec<Findings>, String>,
}

pub(super) fn prepare(
    classifier: &Classifier,
    document: Document,
) -> (Document, Result<Prepared, RejectReason>) {
    let prepared = match catch_unwind(AssertUnwindSafe(|| classifier.prepare(&document))) {
        Ok(prepared) => prepared.map_err(RejectReason::Engine),
        Err(panic) => Err(RejectReason::Internal(panic_message(panic.as_ref()))),
    };
    (document, prepared)
}

thread_local! {
    /// The memory that a labelling thread keeps from group to group.
    static MEMORY: RefCell<Memory> = RefCell::default();
}

pub(super) fn encode(classifier: &Classifier, group: Group) -> EncodedGroup {
    let run = || MEMORY.with_borrow_mut(|memory| Ok(classifier.encode(&group.batch, memory)?.collect()));
    let findings = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(findings) => findings.map_err(|error: crate::error::EngineError| error.to_string()),
        Err(panic) => Err(panic_message(panic.as_ref())),
    };
    EncodedGroup {
        parts: group.parts,
        findings,
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("the labelling thread panicked")
        .to_owned()
}
