//! Labels many documents on all cores, with the answers in input order and memory bounded.
//!
//! The calling thread reads records and hands out answers; a rayon pool labels in between. At most
//! 16 documents per thread are between reading and handing out, so the size of a corpus
//! does not matter, and a long document delays the documents behind it without stopping the other threads.

use std::any::Any;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::classifier::Classifier;
use crate::document::Document;
use crate::error::{Reject, RejectReason};
use crate::prediction::LabeledDocument;

/// Enough to keep a thread fed while its neighbour works on a long document.
const IN_FLIGHT_PER_THREAD: usize = 16;

/// What became of one record.
#[derive(Debug)]
pub enum Outcome {
    Labeled(LabeledDocument),
    Rejected(Reject),
}

/// A pool of labelling threads. How many there are changes nothing in the answers.
pub struct BatchRunner {
    pool: ThreadPool,
}

impl BatchRunner {
    /// Starts `threads` labelling threads, or one for every core that the process may use.
    pub fn new(threads: Option<NonZeroUsize>) -> Result<Self, ThreadPoolBuildError> {
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads.map_or_else(cores, NonZeroUsize::get))
            .thread_name(|index| format!("sayso-{index}"))
            .build()?;
        Ok(Self { pool })
    }

    /// Labels `records` in parallel and hands each outcome to `sink`, in input order.
    ///
    /// A record that came in as a reject goes out as one, in its place; so does a document that cannot be
    /// labelled.
    ///
    /// # Errors
    ///
    /// Stops at the first error of `sink` and returns it; nothing is handed to `sink` after it.
    pub fn run<E>(
        &self,
        classifier: &Classifier,
        mut records: impl Iterator<Item = Result<Document, Reject>>,
        mut sink: impl FnMut(Outcome) -> Result<(), E>,
    ) -> Result<(), E> {
        let most_in_flight = self.pool.current_num_threads() * IN_FLIGHT_PER_THREAD;
        let (sender, receiver) = mpsc::channel();
        self.pool.in_place_scope(|scope| {
            let mut waiting = BTreeMap::new();
            let (mut read, mut handed_out) = (0_u64, 0_u64);
            let mut exhausted = false;
            loop {
                while !exhausted && read - handed_out < most_in_flight as u64 {
                    match records.next() {
                        None => exhausted = true,
                        Some(Err(reject)) => {
                            waiting.insert(read, Outcome::Rejected(reject));
                            read += 1;
                        }
                        Some(Ok(document)) => {
                            let (sender, index) = (sender.clone(), read);
                            scope.spawn(move |_| {
                                // Nobody listens any more once the sink has failed.
                                let _ = sender.send((index, label(classifier, &document)));
                            });
                            read += 1;
                        }
                    }
                    while let Some(outcome) = waiting.remove(&handed_out) {
                        sink(outcome)?;
                        handed_out += 1;
                    }
                }
                if handed_out == read {
                    return Ok(());
                }
                if let Ok((index, outcome)) = receiver.recv() {
                    waiting.insert(index, outcome);
                }
                while let Some(outcome) = waiting.remove(&handed_out) {
                    sink(outcome)?;
                    handed_out += 1;
                }
            }
        })
    }
}

/// Labels one document; an error or a panic becomes a reject, so that it costs the run one record.
fn label(classifier: &Classifier, document: &Document) -> Outcome {
    let reason = match catch_unwind(AssertUnwindSafe(|| classifier.label(document))) {
        Ok(Ok(labeled)) => return Outcome::Labeled(labeled),
        Ok(Err(error)) => RejectReason::Engine(error),
        Err(panic) => RejectReason::Internal(panic_message(panic.as_ref())),
    };
    Outcome::Rejected(Reject {
        file: document.origin.file.clone(),
        record: document.origin.record,
        document: Some(document.id.clone()),
        reason,
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("the labelling thread panicked")
        .to_owned()
}
