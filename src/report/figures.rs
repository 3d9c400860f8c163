//! What a report says in numbers: the values behind every tile, table and chart of the page.
//!
//! The page carries them as JSON too (`<script id="figures">`), so that whoever has the page has the figures, and
//! a test or a notebook can compare them with its own.

use serde::Serialize;

use super::groups::{Group, Groups};
use super::measures::Measure;
use super::periods::Timeline;
use super::sources::Sources;
use super::sums::{Share, Sums, rounded};
use super::visible::clipped;
use crate::prediction::{Anonymity, Attribution, Label, Stance};

/// All figures of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Distinct ids.
    pub documents: u64,
    /// Documents some of whose rows stand apart from the others, in another file for example.
    pub scattered: u64,
    pub sentences: u64,
    /// Rows and files that could not be read; their sentences are in no other figure.
    pub rejected: u64,
    pub bound: Bound,
    /// The whole corpus.
    pub all: Shares,
    /// In the order of [`Stance::ALL`]; likewise below.
    pub stance: Vec<AxisShare>,
    pub attribution: Vec<AxisShare>,
    /// Shares of all sentences, those without an anonymous source included.
    pub anonymity: Vec<AxisShare>,
    pub named: Sources,
    pub anonymous: Sources,
    /// With a column of groups.
    pub groups: Option<GroupFigures>,
    /// With a column of dates.
    pub dates: Option<DateFigures>,
}

/// What makes a label uncertain.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// A label less sure than this is uncertain, unless the table says for itself.
    pub confidence: f32,
    /// Whether the bound was given for this report; then tables are not asked.
    pub is_given: bool,
    /// Sentences for which the table's column `uncertain` was believed.
    pub by_column: u64,
}

/// Shares of the sentences of a corpus, a group or a period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shares {
    pub documents: u64,
    pub sentences: u64,
    /// In the order of [`Label::ALL`].
    pub labels: Vec<Share>,
    /// Sentences that deny, whatever their label: those of anonymous sources have another.
    pub denials: Share,
    /// Anonymous sources in the broad sense: all that a reader cannot identify.
    pub broad: Share,
    /// In the strict sense: anonymity `explicit`.
    pub strict: Share,
    pub uncertain: Share,
}

impl Shares {
    pub(super) fn of(sums: &Sums) -> Self {
        Self {
            documents: sums.documents,
            sentences: sums.sentences,
            labels: Label::ALL
                .iter()
                .map(|label| sums.share(Measure::label(*label)))
                .collect(),
            denials: sums.share(Measure::DENIAL),
            broad: sums.share(Measure::BROAD),
            strict: sums.share(Measure::STRICT),
            uncertain: sums.share(Measure::UNCERTAIN),
        }
    }
}

/// The share of one answer on an axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AxisShare {
    pub name: &'static str,
    #[serde(flatten)]
    pub share: Share,
    /// The mean of the answer's probabilities, where tables have them: the share that the model expects, in which a
    /// sentence between two answers counts partly for each.
    #[serde(serialize_with = "optional")]
    pub expected: Option<f64>,
}

fn optional<S: serde::Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => rounded(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// Sums of probabilities over sentences.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub stance: [f64; 4],
    pub attribution: [f64; 4],
}

/// The three axes of `sums`.
pub(super) fn axes(sums: &Sums, expected: &Expected) -> [Vec<AxisShare>; 3] {
    let mean = |sum: f64| Some(sum / sums.sentences.max(1) as f64);
    let axis = |name, measure, expected| AxisShare {
        name,
        share: sums.share(measure),
        expected,
    };
    let stance = Stance::ALL.iter().zip(expected.stance);
    let attribution = Attribution::ALL.iter().zip(expected.attribution);
    [
        stance
            .map(|(value, sum)| axis(value.name(), Measure::stance(*value), mean(sum)))
            .collect(),
        attribution
            .map(|(value, sum)| axis(value.name(), Measure::attribution(*value), mean(sum)))
            .collect(),
        Anonymity::ALL
            .iter()
            .map(|value| axis(value.name(), Measure::anonymity(*value), None))
            .collect(),
    ]
}

/// Shares by the values of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupFigures {
    pub column: String,
    /// How many values there are; a lower bound where `is_cut`.
    pub distinct: usize,
    /// Whether there were so many values that the later ones were not told apart.
    pub is_cut: bool,
    pub rows: Vec<GroupRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupRow {
    /// `value`, `other` (values that are not listed) or `missing`.
    pub kind: &'static str,
    /// The value, or how `other` and `missing` are called on the page.
    pub name: String,
    #[serde(flatten)]
    pub shares: Shares,
}

impl GroupFigures {
    pub(super) fn of(column: &str, groups: Groups, most: usize) -> Self {
        let (distinct, is_cut) = (groups.distinct(), groups.is_cut());
        let row = |(group, sums): (Group, Sums)| {
            let (kind, name) = match group {
                Group::Value(value) => ("value", value),
                Group::Other(values) if is_cut => ("other", format!("more than {values} others")),
                Group::Other(1) => ("other", "1 other".to_owned()),
                Group::Other(values) => ("other", format!("{values} others")),
                Group::Missing => ("missing", "no value".to_owned()),
            };
            GroupRow {
                kind,
                name,
                shares: Shares::of(&sums),
            }
        };
        Self {
            column: clipped(column, COLUMN_CHARACTERS).into_owned(),
            distinct,
            is_cut,
            rows: groups.finish(most).into_iter().map(row).collect(),
        }
    }
}

/// Shares over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DateFigures {
    pub column: String,
    /// How long a period is: `day`, `week`, `month`, `quarter`, `year`, `decade` or `century`.
    pub unit: &'static str,
    pub rows: Vec<DateRow>,
    /// Documents without a date, and their sentences.
    pub missing: [u64; 2],
    /// Documents whose date could not be read, and their sentences.
    pub unreadable: [u64; 2],
    /// One of these dates.
    pub example: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DateRow {
    /// The first day, as `2024-03-01`.
    pub start: String,
    /// The period as it is called: `2024-03`.
    pub name: String,
    #[serde(flatten)]
    pub shares: Shares,
}

impl DateFigures {
    pub(super) fn of(column: &str, timeline: Timeline) -> Self {
        let size = |sums: &Sums| [sums.documents, sums.sentences];
        let unit = timeline.unit;
        let row = |(start, sums): &(chrono::NaiveDate, Sums)| DateRow {
            start: start.to_string(),
            name: unit.label(*start),
            shares: Shares::of(sums),
        };
        Self {
            column: clipped(column, COLUMN_CHARACTERS).into_owned(),
            unit: unit.name(),
            rows: timeline.periods.iter().map(row).collect(),
            missing: size(&timeline.missing),
            unreadable: size(&timeline.unreadable),
            example: timeline
                .example
                .map(|example| clipped(&example, COLUMN_CHARACTERS).into_owned()),
        }
    }
}

/// Characters of a column's name, or of a date, that are shown.
const COLUMN_CHARACTERS: usize = 60;
