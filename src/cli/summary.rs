//! What a labelling run did, counted, in the few lines that close it.

use std::fmt;
use std::time::Instant;

use sayso::prediction::{Label, LabeledDocument};
use serde_json::{Map, Value, json};

use super::log::{Level, is_json, log};
use super::terminal::show;

/// Counts of one run.
pub struct Summary {
    started: Instant,
    pub documents: u64,
    pub rejected: u64,
    pub warnings: u64,
    labels: [u64; Label::ALL.len()],
    /// Documents and sentences of an unfinished run that this one goes on with: they took no time.
    before: (u64, u64),
}

impl Summary {
    /// Starts the clock.
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            documents: 0,
            rejected: 0,
            warnings: 0,
            labels: [0; Label::ALL.len()],
            before: (0, 0),
        }
    }

    /// Starts the clock anew: what came before was no labelling.
    pub fn restart(&mut self) {
        self.started = Instant::now();
    }

    /// Starts the clock anew, and takes what was counted for an earlier run's.
    pub fn go_on(&mut self) {
        self.restart();
        self.before = (self.documents, self.sentences());
    }

    pub fn add(&mut self, document: &LabeledDocument) {
        self.documents += 1;
        self.warnings += document.warnings.len() as u64;
        for sentence in &document.sentences {
            self.labels[sentence.prediction.label as usize] += 1;
        }
    }

    pub fn sentences(&self) -> u64 {
        self.labels.iter().sum()
    }

    /// How much was done, how fast.
    pub fn headline(&self) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        format!(
            "{}, {} in {seconds:.1} s ({:.0} sentences/s)",
            count(self.documents, "document"),
            count(self.sentences(), "sentence"),
            self.rate()
        )
    }

    /// Sentences per second of this run.
    fn rate(&self) -> f64 {
        let seconds = self.started.elapsed().as_secs_f64();
        (self.sentences() - self.before.1) as f64 / seconds.max(1e-3)
    }

    /// The same for programs.
    pub fn fields(&self) -> Value {
        let labels: Map<String, Value> = Label::ALL
            .iter()
            .zip(self.labels)
            .map(|(label, number)| (label.name().to_owned(), number.into()))
            .collect();
        json!({
            "documents": self.documents,
            "sentences": self.sentences(),
            "labels": labels,
            "rejected": self.rejected,
            "warnings": self.warnings,
            "documents_before": self.before.0,
            "seconds": self.started.elapsed().as_secs_f64(),
            "sentences_per_second": self.rate(),
        })
    }

    /// Closes a run on standard error.
    pub fn show(&self) {
        if is_json() {
            log(Level::Info, "done", self.headline(), self.fields());
        } else {
            show(self);
        }
    }
}

/// `1 record`, `2 records`.
pub fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences = self.sentences();
        writeln!(formatter, "{}", self.headline())?;
        if let (1.., done) = self.before {
            let documents = count(self.before.0, "document");
            let sentences = count(done, "sentence");
            writeln!(
                formatter,
                "  of them {documents}, {sentences} of the unfinished run"
            )?;
        }
        if sentences > 0 {
            let share = |number| 100.0 * number as f64 / sentences as f64;
            let digits = sentences.to_string().len();
            for (label, &number) in Label::ALL.iter().zip(&self.labels) {
                writeln!(
                    formatter,
                    "  {label:<9}  {number:>digits$}  {:>5.1} %",
                    share(number)
                )?;
            }
        }
        let rejected = count(self.rejected, "record");
        writeln!(
            formatter,
            "{rejected} rejected, {}",
            count(self.warnings, "warning")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_all_sentences() {
        let mut summary = Summary::start();
        (summary.documents, summary.rejected, summary.labels) = (1, 2, [6, 1, 3, 0]);
        let text = summary.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("1 document, 10 sentences in "), "{text}");
        assert_eq!(lines[1], "  assertion   6   60.0 %");
        assert_eq!(lines[4], "  none        0    0.0 %");
        assert_eq!(lines[5], "2 records rejected, 0 warnings");
    }
}
