//! A labelling run under way: what happens to each outcome, and what is kept for a run that goes on after this one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sayso::Classifier;
use sayso::batch::{BatchRunner, Outcome};
use sayso::document::Document;
use sayso::error::{Reject, place};
use sayso::input::{Documents, Guesses, Progress};
use sayso::journal::{Entry, Journal, Replay, fingerprint};
use sayso::output::RowWriter;
use serde_json::json;

use super::log::{Level, is_json, log};
use super::rejects::Rejects;
use super::summary::{Summary, count};
use super::terminal::{ProgressLine, make_printable};
use super::unfinished::Beginning;

pub const WRITE_FAILED: &str = "cannot write the rows";
const JOURNAL_FAILED: &str = "cannot write the journal of the run";

/// How often a log for programs says how far the work has come.
const PROGRESS_TIME: Duration = Duration::from_secs(10);

/// What ends a run early: `--max-rejects`.
#[derive(Debug, thiserror::Error)]
#[error("stopped: more than {} rejected", count(*limit, "record"))]
struct TooManyRejects {
    limit: u64,
}

/// Ends the run where it has rejected more than `limit` records.
pub fn check(rejected: u64, limit: Option<u64>) -> Result<()> {
    match limit {
        Some(limit) if rejected > limit => Err(TooManyRejects { limit }.into()),
        _ => Ok(()),
    }
}

/// How a run ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Finished,
    /// By a signal.
    Interrupted,
}

/// What a run needs to know, and where its outcomes go.
pub struct Work<'a> {
    pub classifier: &'a Classifier,
    pub runner: &'a BatchRunner,
    pub stop: Arc<AtomicBool>,
    pub reading: Arc<Progress>,
    pub guesses: Arc<Guesses>,
    pub rows: Box<dyn RowWriter + Send>,
    pub rejects: &'a mut Rejects,
    pub line: ProgressLine,
    pub summary: Summary,
    pub quiet: bool,
    pub rows_on_terminal: bool,
    pub max_rejects: Option<u64>,
    /// Where what is done is kept, while there is such a place.
    pub journal: Option<Journal>,
    /// Whether there is something to go on with.
    pub resumable: bool,
    pub logged: Instant,
}

impl Work<'_> {
    /// Does it all but the end of the rows, which is left to the caller, who may want to know first how it ended.
    pub fn run(&mut self, mut documents: Documents, beginning: Option<Beginning>) -> Result<End> {
        match beginning {
            Some(Beginning::New(journal)) => self.journal = Some(journal),
            Some(Beginning::Unfinished(replay)) => {
                self.resumable = true;
                self.replay(replay, &mut documents)?;
            }
            None => {}
        }
        self.label(documents)?;
        Ok(if self.stopped() {
            End::Interrupted
        } else {
            End::Finished
        })
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Takes the answers from a journal as far as they reach, reading along in the documents.
    fn replay(&mut self, mut replay: Replay, documents: &mut Documents) -> Result<()> {
        const READ_FAILED: &str = "cannot read the journal of the unfinished run";
        while let Some(entry) = replay.next_entry().context(READ_FAILED)? {
            if self.stopped() {
                return Ok(());
            }
            match (documents.next(), entry.fingerprint, entry.labeled) {
                (Some(Ok(document)), Some(known), Some(labeled)) if fingerprint(&document) == known => {
                    self.take(Outcome::Labeled(labeled))?;
                }
                (Some(Ok(document)), Some(known), None) if fingerprint(&document) == known => {
                    // It was rejected for a reason that the journal does not keep, and will be again.
                    let (runner, classifier) = (self.runner, self.classifier);
                    runner.run(classifier, iter::once(Ok(document)), |outcome| self.take(outcome))?;
                }
                (Some(Err(reject)), None, None) => self.take(Outcome::Rejected(reject))?,
                (Some(Ok(document)), ..) => {
                    let origin = document.origin;
                    bail!(changed(&place(&origin.file, origin.record)))
                }
                (Some(Err(reject)), ..) => bail!(changed(&place(&reject.file, reject.record))),
                (None, ..) => bail!(changed("the input")),
            }
        }
        self.summary.go_on();
        self.line.go_on(self.reading.read());
        if !self.quiet {
            let message = format!(
                "going on after {} of the unfinished run",
                count(self.summary.documents + self.summary.rejected, "record")
            );
            let fields = json!({ "documents": self.summary.documents, "rejected": self.summary.rejected });
            self.line.log(Level::Info, "resume", message, fields);
        }
        self.journal = Some(replay.go_on().context(JOURNAL_FAILED)?);
        Ok(())
    }

    fn label(&mut self, documents: Documents) -> Result<()> {
        // In input order, as the outcomes come.
        let fingerprints = RefCell::new(VecDeque::new());
        let keeps = self.journal.is_some();
        let documents = documents.inspect(|record: &Result<Document, Reject>| {
            if keeps {
                let known = record.as_ref().ok().map(fingerprint);
                fingerprints.borrow_mut().push_back(known);
            }
        });
        let (runner, classifier, stop) = (self.runner, self.classifier, Arc::clone(&self.stop));
        runner.run_until(&stop, classifier, documents, |outcome| {
            let known = fingerprints.borrow_mut().pop_front().flatten();
            self.keep(&outcome, known)?;
            self.take(outcome)
        })
    }

    /// Notes an outcome for a run that goes on after this one.
    fn keep(&mut self, outcome: &Outcome, fingerprint: Option<u64>) -> Result<()> {
        if let Some(journal) = &mut self.journal {
            let labeled = match outcome {
                Outcome::Labeled(document) => Some(document),
                Outcome::Rejected(_) => None,
            };
            journal
                .add(&Entry { fingerprint, labeled })
                .context(JOURNAL_FAILED)?;
            self.resumable = true;
        }
        Ok(())
    }

    fn take(&mut self, outcome: Outcome) -> Result<()> {
        if !self.quiet {
            for guess in self.guesses.take() {
                let fields = json!({ "file": guess.file });
                self.line.log(Level::Info, "guess", guess, fields);
            }
        }
        match outcome {
            Outcome::Labeled(mut document) => {
                if self.rows_on_terminal {
                    make_printable(&mut document);
                }
                self.rows.write(&document).context(WRITE_FAILED)?;
                self.summary.add(&document);
                self.line.advance(document.sentences.len(), self.reading.read());
                if !self.quiet {
                    self.line.warn(&document);
                }
            }
            Outcome::Rejected(reject) => {
                self.summary.rejected += 1;
                self.line.reject(&reject);
                self.rejects.record(&reject)?;
                check(self.summary.rejected, self.max_rejects)?;
            }
        }
        if is_json() && !self.quiet && self.logged.elapsed() >= PROGRESS_TIME {
            self.logged = Instant::now();
            let mut fields = self.summary.fields();
            fields["bytes_read"] = self.reading.read().into();
            fields["bytes"] = self.reading.total().into();
            log(Level::Info, "progress", self.summary.headline(), fields);
        }
        Ok(())
    }
}

fn changed(place: &str) -> String {
    format!(
        "{place} is not what the unfinished run read there: the input has changed; begin anew with --force"
    )
}
