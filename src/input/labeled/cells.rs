//! The columns of a labelled table, and the row that the cells of one of its lines make, whatever the format.

use std::borrow::Cow;

use super::LabeledRow;
use crate::{
    error::RejectReason,
    input::reader::Failure,
    prediction::{Anonymity, Attribution, Label, Stance},
};

/// A column of ours, its value the place in [`NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ours {
    Document,
    Sentence,
    Start,
    End,
    Text,
    Label,
    Confidence,
    Stance,
    Assert,
    Deny,
    NoComment,
    Attribution,
    Named,
    Anonymous,
    Unspecified,
    Anonymity,
    Source,
    Cue,
}

/// The names of [`Ours`] in a table, all of which must be there.
pub(super) const NAMES: [&str; 18] = [
    "doc_id",
    "sentence",
    "start",
    "end",
    "text",
    "label",
    "confidence",
    "stance",
    "p_assert",
    "p_deny",
    "p_no_comment",
    "attribution",
    "p_named",
    "p_anonymous",
    "p_unspecified",
    "anonymity",
    "source",
    "cue",
];

/// A column that only some tables have.
pub(super) const UNCERTAIN: &str = "uncertain";

/// What a probability is to be, as messages say it.
pub(super) const PROBABILITY: &str = "a number from 0 to 1";
pub(super) const COUNT: &str = "a whole number from 0";
pub(super) const FLAG: &str = "true or false";

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Ours(Ours),
    Uncertain,
    /// By its place in the list of columns to keep.
    Kept(usize),
}

/// The cells of a row. A cell without a value is empty text.
pub(super) trait Cells {
    fn text(&self, column: Column) -> Result<Cow<'_, str>, RejectReason>;

    fn count(&self, column: Ours) -> Result<u64, RejectReason>;

    fn probability(&self, column: Ours) -> Result<f32, RejectReason>;

    /// [`Column::Uncertain`]; `None` where the table lacks it or the cell is empty.
    fn uncertain(&self) -> Result<Option<bool>, RejectReason>;
}

/// The row that `cells` make, with so many kept columns. `limit` is the most bytes that its text may have.
pub(super) fn row(cells: &impl Cells, kept: usize, limit: usize) -> Result<LabeledRow, Failure> {
    let document = cells.text(Column::Ours(Ours::Document))?.into_owned();
    let rest = || -> Result<LabeledRow, RejectReason> {
        let text = cells.text(Column::Ours(Ours::Text))?;
        if text.len() > limit {
            return Err(RejectReason::TooLarge { limit });
        }
        let text_of = |column| cells.text(Column::Ours(column)).map(Cow::into_owned);
        let anonymity = cells.text(Column::Ours(Ours::Anonymity))?;
        let anonymity = match &*anonymity {
            "" => None,
            name => Some(named(
                Ours::Anonymity,
                name,
                Anonymity::from_name,
                Anonymity::NAMES,
            )?),
        };
        let probability = |column| cells.probability(column);
        let [assert, deny, no_comment] = [Ours::Assert, Ours::Deny, Ours::NoComment].map(probability);
        let (assert, deny, no_comment) = (assert?, deny?, no_comment?);
        let [named_source, anonymous, unspecified] =
            [Ours::Named, Ours::Anonymous, Ours::Unspecified].map(probability);
        let (named_source, anonymous, unspecified) = (named_source?, anonymous?, unspecified?);
        let kept = (0..kept).map(|place| cells.text(Column::Kept(place)).map(Cow::into_owned));
        Ok(LabeledRow {
            document: String::new(),
            sentence: cells.count(Ours::Sentence)?,
            start: cells.count(Ours::Start)?,
            end: cells.count(Ours::End)?,
            text: text.into_owned(),
            label: one_of(cells, Ours::Label, Label::from_name, Label::NAMES)?,
            confidence: cells.probability(Ours::Confidence)?,
            stance: one_of(cells, Ours::Stance, Stance::from_name, Stance::NAMES)?,
            stance_probabilities: [assert, deny, no_comment, remainder([assert, deny, no_comment])],
            attribution: one_of(
                cells,
                Ours::Attribution,
                Attribution::from_name,
                Attribution::NAMES,
            )?,
            attribution_probabilities: [
                remainder([named_source, anonymous, unspecified]),
                named_source,
                anonymous,
                unspecified,
            ],
            anonymity,
            source: text_of(Ours::Source)?,
            cue: text_of(Ours::Cue)?,
            uncertain: cells.uncertain()?,
            kept: kept.collect::<Result<_, _>>()?,
        })
    };
    match rest() {
        Ok(row) => Ok(LabeledRow { document, ..row }),
        Err(reason) => Err(Failure {
            document: Some(document).filter(|id| !id.is_empty()),
            reason,
        }),
    }
}

/// What remains to 1; never below 0, for the others are rounded.
fn remainder(others: [f32; 3]) -> f32 {
    (1.0 - others.iter().sum::<f32>()).max(0.0)
}

fn one_of<T>(
    cells: &impl Cells,
    column: Ours,
    from_name: fn(&str) -> Option<T>,
    allowed: &'static [&'static str],
) -> Result<T, RejectReason> {
    named(column, &cells.text(Column::Ours(column))?, from_name, allowed)
}

fn named<T>(
    column: Ours,
    name: &str,
    from_name: fn(&str) -> Option<T>,
    allowed: &'static [&'static str],
) -> Result<T, RejectReason> {
    from_name(name).ok_or_else(|| RejectReason::UnknownValue {
        field: NAMES[column as usize].into(),
        found: shortened(name).into(),
        allowed,
    })
}

/// The count that `written` stands for.
pub(super) fn count(column: Ours, written: &str) -> Result<u64, RejectReason> {
    let parsed = written.parse().ok();
    parsed.ok_or_else(|| wrong(NAMES[column as usize], COUNT, written))
}

/// The probability that `written` stands for.
pub(super) fn probability(column: Ours, written: &str) -> Result<f32, RejectReason> {
    let value = written.parse::<f32>().ok();
    let value = value.filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| wrong(NAMES[column as usize], PROBABILITY, written))
}

/// The truth value that `written` stands for, as sayso writes it or as pandas does; `None` where it is empty.
pub(super) fn flag(written: &str) -> Result<Option<bool>, RejectReason> {
    match written {
        "" => Ok(None),
        "true" | "True" | "TRUE" => Ok(Some(true)),
        "false" | "False" | "FALSE" => Ok(Some(false)),
        _ => Err(wrong(UNCERTAIN, FLAG, written)),
    }
}

pub(super) fn wrong(field: &str, expected: &'static str, found: &str) -> RejectReason {
    RejectReason::WrongValue {
        field: field.into(),
        expected,
        found: shortened(found).into(),
    }
}

/// A value short enough for a message; a wrong file may have an article where a number is expected.
fn shortened(value: &str) -> String {
    const MOST_CHARACTERS: usize = 60;
    match value.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// The reason for a table that lacks `column`, and has `columns`.
pub(super) fn missing(column: &str, columns: &[String]) -> RejectReason {
    RejectReason::MissingColumn {
        wanted: column.into(),
        columns: shortened_list(columns).into(),
    }
}

/// `names` separated by commas; only the first where they are many or long.
fn shortened_list(names: &[String]) -> String {
    const MOST_NAMES: usize = 40;
    let mut shown: Vec<String> = names
        .iter()
        .take(MOST_NAMES)
        .map(|name| shortened(name))
        .collect();
    if names.len() > MOST_NAMES {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// The places in a header of the columns that are read.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    ours: [usize; NAMES.len()],
    uncertain: Option<usize>,
    kept: Vec<usize>,
}

impl Layout {
    /// Finds them among `names`. Of two columns with one name, the first counts.
    ///
    /// # Errors
    /// [`RejectReason::MissingColumn`] for the first that is not there.
    pub fn of(names: &[String], keep: &[String]) -> Result<Self, RejectReason> {
        let position = |wanted: &str| names.iter().position(|name| name == wanted);
        let required = |wanted: &str| position(wanted).ok_or_else(|| missing(wanted, names));
        let mut ours = [0; NAMES.len()];
        for (place, name) in ours.iter_mut().zip(NAMES) {
            *place = required(name)?;
        }
        Ok(Self {
            ours,
            uncertain: position(UNCERTAIN),
            kept: keep.iter().map(|name| required(name)).collect::<Result<_, _>>()?,
        })
    }

    /// The place of a column; `None` where the table lacks it.
    pub fn place(&self, column: Column) -> Option<usize> {
        match column {
            Column::Ours(column) => Some(self.ours[column as usize]),
            Column::Uncertain => self.uncertain,
            Column::Kept(place) => self.kept.get(place).copied(),
        }
    }

    /// All places, in order, each once.
    pub fn places(&self) -> Vec<usize> {
        let mut places = self.ours.to_vec();
        places.extend(self.uncertain);
        places.extend(&self.kept);
        places.sort_unstable();
        places.dedup();
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::columns;

    #[test]
    fn what_is_read_is_what_is_written() {
        let written: Vec<&str> = columns::COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(NAMES.as_slice(), written);
        assert_eq!(UNCERTAIN, columns::UNCERTAIN.name);
        assert_eq!(NAMES[Ours::Cue as usize], "cue");
    }

    #[test]
    fn a_probability_is_a_number_from_0_to_1() {
        for written in ["", "NaN", "inf", "-0.1", "1.0001", "0,5", "half"] {
            assert!(probability(Ours::Deny, written).is_err(), "{written}");
        }
        assert_eq!(probability(Ours::Deny, "0.2500").unwrap(), 0.25);
        assert_eq!(probability(Ours::Deny, "1").unwrap(), 1.0);
        assert_eq!(probability(Ours::Deny, "5e-05").unwrap(), 5e-5);
    }

    #[test]
    fn a_message_quotes_the_beginning_of_a_long_value() {
        let message = count(Ours::Start, &"word ".repeat(100)).unwrap_err().to_string();
        assert!(message.len() < 200, "{message}");
        assert!(
            message.starts_with(r#"field "start": expected a whole number from 0, found "word word"#),
            "{message}"
        );
    }
}
