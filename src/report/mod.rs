//! One page about a labelled corpus: shares, sources, time, and documents to read.
//!
//! Rows come from [`labeled::rows`](crate::input::labeled::rows) and pass by once. [`ReportBuilder`] adds them up,
//! however many they are, and holds the text of few documents; [`Report::page`] writes one HTML file that needs neither
//! network nor program. Everything in it is somebody else's text, so that nothing reaches the page unescaped, and the page's
//! own policy forbids it any script but ours.

mod figures;
mod frequent;
mod groups;
mod interval;
mod marks;
mod measures;
mod page;
mod periods;
mod sample;
mod sources;
mod sums;
mod visible;

use std::collections::HashSet;

pub use figures::{AxisShare, Bound, DateFigures, DateRow, Figures, GroupFigures, GroupRow, Shares};
pub use frequent::Frequent;
pub use page::{PageError, PageOptions};
pub use sources::Sources;
pub use sums::Share;

use self::figures::Expected;
use self::groups::Groups;
use self::measures::Counts;
use self::periods::Periods;
use self::sample::{IdHash, Sample};
use self::sources::SourceCounts;
use self::sums::Sums;
use crate::input::labeled::LabeledRow;

/// What a report is about, besides its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportOptions {
    /// The column that says to which group a document belongs.
    pub group: Option<String>,
    /// The most groups that are listed; those beyond are put together.
    pub most_groups: usize,
    /// The column that says when a document appeared.
    pub date: Option<String>,
    /// The most documents that are shown with their text.
    pub most_documents: usize,
    /// A label less sure than this is uncertain. Without it, the tables' column `uncertain` says what is, and
    /// where a table lacks it, [`ReportOptions::DEFAULT_BOUND`] is the bound.
    pub min_confidence: Option<f32>,
    /// The largest page, in bytes; documents that have no room are left out.
    pub max_page_bytes: usize,
}

impl ReportOptions {
    /// A label below it is more likely wrong than right.
    pub const DEFAULT_BOUND: f32 = 0.5;
    pub const DEFAULT_GROUPS: usize = 12;
    pub const DEFAULT_DOCUMENTS: usize = 200;
    pub const DEFAULT_PAGE_BYTES: usize = 5_000_000;

    /// The columns to keep of the rows, for [`InputOptions::keep`](crate::input::InputOptions::keep).
    pub fn keep(&self) -> Vec<String> {
        self.group.iter().chain(&self.date).cloned().collect()
    }
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            group: None,
            most_groups: Self::DEFAULT_GROUPS,
            date: None,
            most_documents: Self::DEFAULT_DOCUMENTS,
            min_confidence: None,
            max_page_bytes: Self::DEFAULT_PAGE_BYTES,
        }
    }
}

/// Adds up rows. Those of one document should follow each other, as `label` writes them; a document whose rows do not is
/// counted as one all the same, but its parts as independent of each other in the intervals.
pub struct ReportBuilder {
    options: ReportOptions,
    /// The document whose rows are being read.
    current: Option<Current>,
    seen: HashSet<IdHash>,
    scattered: HashSet<IdHash>,
    all: Sums,
    expected: Expected,
    groups: Groups,
    periods: Periods,
    sources: SourceCounts,
    sample: Sample,
    rejected: u64,
    by_column: u64,
}

/// Rows of one document that follow each other.
struct Current {
    document: String,
    kept: Vec<String>,
    hash: IdHash,
    is_sampled: bool,
    counts: Counts,
}

impl ReportBuilder {
    pub fn new(options: ReportOptions) -> Self {
        Self {
            current: None,
            seen: HashSet::new(),
            scattered: HashSet::new(),
            all: Sums::default(),
            expected: Expected::default(),
            groups: Groups::default(),
            periods: Periods::new(),
            sources: SourceCounts::new(),
            sample: Sample::new(options.most_documents, options.max_page_bytes),
            rejected: 0,
            by_column: 0,
            options,
        }
    }

    /// Counts a row that could not be read.
    pub fn reject(&mut self) {
        self.rejected += 1;
    }

    /// Adds a row that was read with [`ReportOptions::keep`].
    pub fn add(&mut self, row: LabeledRow) {
        let goes_on = self
            .current
            .as_ref()
            .is_some_and(|current| current.document == row.document && current.kept == row.kept);
        if !goes_on {
            self.close();
            self.current = Some(self.begin(&row));
        }
        let is_uncertain = self.is_uncertain(&row);
        for (sum, probability) in self.expected.stance.iter_mut().zip(row.stance_probabilities) {
            *sum += f64::from(probability);
        }
        for (sum, probability) in self
            .expected
            .attribution
            .iter_mut()
            .zip(row.attribution_probabilities)
        {
            *sum += f64::from(probability);
        }
        self.sources.add(&row);
        if let Some(current) = &mut self.current {
            current.counts.add(&row, is_uncertain);
            if current.is_sampled {
                self.sample.add(current.hash, &row, is_uncertain);
            }
        }
    }

    fn is_uncertain(&mut self, row: &LabeledRow) -> bool {
        match (self.options.min_confidence, row.uncertain) {
            (Some(bound), _) => row.confidence < bound,
            (None, Some(is_uncertain)) => {
                self.by_column += 1;
                is_uncertain
            }
            (None, None) => row.confidence < ReportOptions::DEFAULT_BOUND,
        }
    }

    fn begin(&mut self, row: &LabeledRow) -> Current {
        let hash = IdHash::of(&row.document);
        if !self.seen.insert(hash) {
            self.scattered.insert(hash);
        }
        let (group, date) = self.group_and_date(&row.kept);
        Current {
            hash,
            is_sampled: self.sample.begin(hash, &row.document, group, date),
            document: row.document.clone(),
            kept: row.kept.clone(),
            counts: Counts::default(),
        }
    }

    /// The values of the columns, in the order of [`ReportOptions::keep`].
    fn group_and_date<'row>(&self, kept: &'row [String]) -> (Option<&'row str>, Option<&'row str>) {
        let mut kept = kept.iter().map(String::as_str);
        let group = self.options.group.as_ref().and_then(|_| kept.next());
        let date = self.options.date.as_ref().and_then(|_| kept.next());
        (group, date)
    }

    /// Adds up the current document.
    fn close(&mut self) {
        let Some(current) = self.current.take() else {
            return;
        };
        self.all.add(&current.counts);
        let (group, date) = self.group_and_date(&current.kept);
        if let Some(group) = group {
            self.groups.add(group, &current.counts);
        }
        if let Some(date) = date {
            self.periods.add(date, &current.counts);
        }
    }

    /// The report on all rows added.
    pub fn finish(mut self) -> Report {
        self.close();
        let [stance, attribution, anonymity] = figures::axes(&self.all, &self.expected);
        let (named, anonymous) = self.sources.finish();
        let groups = self.options.group.as_ref();
        let dates = self.options.date.as_ref();
        let mut all = Shares::of(&self.all);
        all.documents = self.seen.len() as u64;
        Report {
            figures: Figures {
                documents: self.seen.len() as u64,
                scattered: self.scattered.len() as u64,
                sentences: self.all.sentences,
                rejected: self.rejected,
                bound: Bound {
                    confidence: self
                        .options
                        .min_confidence
                        .unwrap_or(ReportOptions::DEFAULT_BOUND),
                    is_given: self.options.min_confidence.is_some(),
                    by_column: self.by_column,
                },
                all,
                stance,
                attribution,
                anonymity,
                named,
                anonymous,
                groups: groups.map(|column| GroupFigures::of(column, self.groups, self.options.most_groups)),
                dates: dates.map(|column| DateFigures::of(column, self.periods.finish())),
            },
            sample: self.sample,
            options: self.options,
        }
    }
}

/// A corpus, added up.
pub struct Report {
    pub figures: Figures,
    sample: Sample,
    options: ReportOptions,
}

impl Report {
    /// The report as one HTML file.
    ///
    /// # Errors
    /// [`PageError::TooLarge`] where the page has no room even without a document.
    pub fn page(self, options: &PageOptions) -> Result<String, PageError> {
        page::render(&self.figures, self.sample, &self.options, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::{Anonymity, Attribution, Label, Stance};

    /// A row that asserts, in its author's voice.
    pub(super) fn row(document: &str, sentence: u64, text: &str) -> LabeledRow {
        LabeledRow {
            document: document.to_owned(),
            sentence,
            start: 0,
            end: text.chars().count() as u64,
            text: text.to_owned(),
            label: Label::Assertion,
            confidence: 0.9,
            stance: Stance::Assert,
            stance_probabilities: [0.9, 0.1, 0.0, 0.0],
            attribution: Attribution::None,
            attribution_probabilities: [1.0, 0.0, 0.0, 0.0],
            anonymity: None,
            source: String::new(),
            cue: String::new(),
            uncertain: None,
            kept: Vec::new(),
        }
    }

    fn anonymous_denial(document: &str) -> LabeledRow {
        LabeledRow {
            label: Label::Anonymous,
            stance: Stance::Deny,
            attribution: Attribution::Anonymous,
            anonymity: Some(Anonymity::Explicit),
            source: "Sources".to_owned(),
            confidence: 0.4,
            ..row(document, 1, "Sources denied it.")
        }
    }

    #[test]
    fn an_anonymous_denial_counts_as_both() {
        let mut builder = ReportBuilder::new(ReportOptions::default());
        builder.add(row("a", 0, "It rained."));
        builder.add(anonymous_denial("a"));
        builder.add(row("b", 0, "It snowed."));
        let figures = builder.finish().figures;
        assert_eq!((figures.documents, figures.sentences), (2, 3));
        let counts: Vec<u64> = figures.all.labels.iter().map(|share| share.count).collect();
        assert_eq!(counts, [2, 0, 1, 0]);
        let all = &figures.all;
        assert_eq!(
            [
                all.denials.count,
                all.broad.count,
                all.strict.count,
                all.uncertain.count
            ],
            [1; 4]
        );
        assert_eq!(figures.anonymous.top[0].text, "Sources");
    }

    #[test]
    fn the_bound_is_the_one_given_or_the_tables_or_the_default() {
        let rows = || {
            let flagged = LabeledRow {
                uncertain: Some(true),
                ..row("a", 0, "It rained.")
            };
            [flagged, row("a", 1, "It snowed."), anonymous_denial("a")]
        };
        let uncertain = |min_confidence| {
            let mut builder = ReportBuilder::new(ReportOptions {
                min_confidence,
                ..ReportOptions::default()
            });
            rows().into_iter().for_each(|row| builder.add(row));
            let figures = builder.finish().figures;
            (figures.all.uncertain.count, figures.bound.by_column)
        };
        assert_eq!(uncertain(None), (2, 1));
        assert_eq!(uncertain(Some(0.3)), (0, 0));
        assert_eq!(uncertain(Some(0.95)), (3, 0));
    }

    #[test]
    fn a_document_in_two_places_is_one_document() {
        let mut builder = ReportBuilder::new(ReportOptions::default());
        for document in ["a", "b", "a"] {
            builder.add(row(document, 0, "It rained."));
        }
        let figures = builder.finish().figures;
        assert_eq!(
            (figures.documents, figures.scattered, figures.sentences),
            (2, 1, 3)
        );
        assert_eq!(figures.all.documents, 2);
    }
}
