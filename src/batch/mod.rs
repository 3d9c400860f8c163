//! Labels many documents on all cores, with the answers in input order and memory bounded.
//!
//! The calling thread reads records, hands out work and hands out answers; a rayon pool works in between. A
//! document is first *prepared* as one piece of work (segmentation, tokenization, windows). Its windows are
//! then *encoded* in groups of about 512 tokens, whatever documents they come from: a long document
//! is spread over all threads, and many short ones share a group, so that the encoder reads its weights once for
//! many rows. Which windows share a group changes no answer, because an engine's answer for a window depends on
//! that window alone.
//!
//! Reading and writing thus overlap with the encoder, nothing spins, and no more than 1 MiB of
//! text and kept columns (but always two documents per thread) is between reading and handing out, whatever the size of the
//! corpus.

mod pending;
mod work;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use rayon::{Scope, ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use self::pending::Pending;
use self::work::{Done, Group, Work, encode, prepare};
use crate::classifier::Classifier;
use crate::document::Document;
use crate::error::Reject;
use crate::prediction::LabeledDocument;

/// Tokens that the encoder takes at once: enough rows for its weights to be worth reading, few enough for the
/// activations to stay in the caches of a core.
const GROUP_TOKENS: usize = 512;

/// Text and kept columns between reading and handing out.
const IN_FLIGHT_BYTES: usize = 1 << 20;

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
    /// labelled, or whose labelling panics.
    ///
    /// # Errors
    ///
    /// Stops at the first error of `sink` and returns it; nothing is handed to `sink` after it.
    pub fn run<E>(
        &self,
        classifier: &Classifier,
        records: impl Iterator<Item = Result<Document, Reject>>,
        sink: impl FnMut(Outcome) -> Result<(), E>,
    ) -> Result<(), E> {
        self.run_until(&AtomicBool::new(false), classifier, records, sink)
    }

    /// The same, but ends soon after another thread has set `stop`: with the outcomes handed out so far, and without
    /// those of the documents that were being labelled.
    pub fn run_until<E>(
        &self,
        stop: &AtomicBool,
        classifier: &Classifier,
        mut records: impl Iterator<Item = Result<Document, Reject>>,
        mut sink: impl FnMut(Outcome) -> Result<(), E>,
    ) -> Result<(), E> {
        let threads = self.pool.current_num_threads();
        let stopped = || stop.load(Ordering::Relaxed);
        let abandoned = AtomicBool::new(false);
        let (sender, receiver) = mpsc::channel();
        self.pool.in_place_scope(|scope| {
            let desk = Desk {
                classifier,
                abandoned: &abandoned,
                scope,
                sender,
                receiver,
            };
            let mut pending = Pending::new();
            let mut exhausted = false;
            while !stopped() {
                while !exhausted && !stopped() && pending.wants_more(threads, IN_FLIGHT_BYTES) {
                    match records.next() {
                        None => exhausted = true,
                        Some(Ok(document)) => desk.prepare(pending.admit(&document), document),
                        Some(Err(reject)) => pending.admit_reject(reject),
                    }
                    pending.hand_out(classifier, &mut sink)?;
                }
                if pending.is_empty() {
                    return Ok(());
                }
                // Threads that would have nothing else to do take a group that is not full.
                let group_tokens = if pending.unprepared() > 0 { GROUP_TOKENS } else { 1 };
                while let Some(group) = pending.next_group(group_tokens, GROUP_TOKENS) {
                    desk.encode(group);
                }
                if let Some(done) = desk.wait() {
                    pending.settle(done);
                }
                pending.hand_out(classifier, &mut sink)?;
            }
            Ok(())
        })
    }
}

/// Where work goes out and comes back.
struct Desk<'a, 'scope> {
    classifier: &'scope Classifier,
    /// Whether nobody waits for answers any more: work that has not begun need not be done.
    abandoned: &'scope AtomicBool,
    scope: &'a Scope<'scope>,
    sender: Sender<Done>,
    receiver: Receiver<Done>,
}

impl Desk<'_, '_> {
    fn prepare(&self, index: u64, document: Document) {
        self.spawn(move |classifier| Done::Prepared(index, prepare(classifier, document)));
    }

    fn encode(&self, group: Group) {
        self.spawn(move |classifier| Done::Encoded(encode(classifier, group)));
    }

    fn spawn(&self, work: impl Work) {
        let (classifier, abandoned, sender) = (self.classifier, self.abandoned, self.sender.clone());
        self.scope.spawn(move |_| {
            if !abandoned.load(Ordering::Relaxed) {
                // Nobody listens any more once the sink has failed.
                let _ = sender.send(work(classifier));
            }
        });
    }

    /// Waits for the next piece of work to come back.
    fn wait(&self) -> Option<Done> {
        self.receiver.recv().ok()
    }
}

impl Drop for Desk<'_, '_> {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }
}
