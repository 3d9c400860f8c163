//! The columns of the table: their names, their order, and what stands in each. Every format draws on this
//! file.
//!
//! The order is part of the interface; a new column goes at the end of ours, before the kept ones.

use std::io;

use super::TableOptions;
use crate::prediction::{Anonymity, Attribution, Label, LabeledDocument, LabeledSentence, Stance};

/// Decimals of a probability: enough to order sentences and to draw a calibration curve, and few enough that
/// engines which differ in the last bits of a float write the same file.
pub const DECIMALS: usize = 4;

/// What formats with nested values have besides: all spans of a sentence.
pub const SPANS: &str = "spans";

/// Put before a kept column's name where we have a column of that name.
const RENAME: &str = "doc_";

/// One column of ours.
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether a row may have nothing in it, [`Value::Absent`].
    pub is_optional: bool,
    pub value: for<'row> fn(&Row<'row>) -> Value<'row>,
}

/// What a column holds in every row where it holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Value::Text`].
    Text,
    /// A [`Value::Text`] that is one of these.
    Name(&'static [&'static str]),
    /// [`Value::Count`].
    Count,
    /// [`Value::Probability`].
    Probability,
    /// [`Value::Flag`].
    Flag,
}

impl Column {
    const fn new(name: &'static str, kind: Kind, value: for<'row> fn(&Row<'row>) -> Value<'row>) -> Self {
        Self {
            name,
            kind,
            is_optional: false,
            value,
        }
    }

    const fn optional(self) -> Self {
        Self {
            is_optional: true,
            ..self
        }
    }
}

/// What a row is made from.
pub struct Row<'row> {
    pub document: &'row LabeledDocument,
    /// Counts from 0 within the document.
    pub index: usize,
    pub labeled: &'row LabeledSentence,
    /// See [`TableOptions::min_confidence`].
    pub min_confidence: f32,
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'row> {
    Text(&'row str),
    Count(usize),
    /// In 0..=1.
    Probability(f32),
    Flag(bool),
    /// Nothing: an empty cell, or `null`.
    Absent,
}

/// Our columns in their order. `start` and `end` count Unicode code points.
pub const COLUMNS: [Column; 18] = [
    Column::new("doc_id", Kind::Text, |row| Value::Text(&row.document.id)),
    Column::new("sentence", Kind::Count, |row| Value::Count(row.index)),
    Column::new("start", Kind::Count, |row| {
        Value::Count(row.labeled.sentence.start)
    }),
    Column::new("end", Kind::Count, |row| Value::Count(row.labeled.sentence.end)),
    Column::new("text", Kind::Text, |row| Value::Text(&row.labeled.sentence.text)),
    Column::new("label", Kind::Name(Label::NAMES), |row| {
        Value::Text(row.labeled.prediction.label.name())
    }),
    Column::new("confidence", Kind::Probability, |row| {
        Value::Probability(row.labeled.prediction.confidence)
    }),
    Column::new("stance", Kind::Name(Stance::NAMES), |row| {
        Value::Text(row.labeled.prediction.stance.name())
    }),
    Column::new("p_assert", Kind::Probability, |row| stance(row, Stance::Assert)),
    Column::new("p_deny", Kind::Probability, |row| stance(row, Stance::Deny)),
    Column::new("p_no_comment", Kind::Probability, |row| {
        stance(row, Stance::NoComment)
    }),
    Column::new("attribution", Kind::Name(Attribution::NAMES), |row| {
        Value::Text(row.labeled.prediction.attribution.name())
    }),
    Column::new("p_named", Kind::Probability, |row| {
        attribution(row, Attribution::Named)
    }),
    Column::new("p_anonymous", Kind::Probability, |row| {
        attribution(row, Attribution::Anonymous)
    }),
    Column::new("p_unspecified", Kind::Probability, |row| {
        attribution(row, Attribution::Unspecified)
    }),
    Column::new("anonymity", Kind::Name(Anonymity::NAMES), |row| {
        text(row.labeled.prediction.anonymity.map(|kind| kind.name()))
    })
    .optional(),
    Column::new("source", Kind::Text, |row| {
        text(row.labeled.prediction.source.as_deref())
    })
    .optional(),
    Column::new("cue", Kind::Text, |row| {
        text(row.labeled.prediction.cue.as_deref())
    })
    .optional(),
];

/// Follows ours where a least confidence is asked for.
pub const UNCERTAIN: Column = Column::new("uncertain", Kind::Flag, |row| {
    Value::Flag(row.labeled.prediction.confidence < row.min_confidence)
});

fn stance<'row>(row: &Row<'row>, stance: Stance) -> Value<'row> {
    Value::Probability(row.labeled.prediction.stance_probabilities[stance as usize])
}

fn attribution<'row>(row: &Row<'row>, attribution: Attribution) -> Value<'row> {
    Value::Probability(row.labeled.prediction.attribution_probabilities[attribution as usize])
}

fn text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Absent, Value::Text)
}

/// The columns of a table.
pub struct Table {
    /// Ours.
    pub columns: Vec<&'static Column>,
    pub kept: Vec<Kept>,
    min_confidence: f32,
}

impl Table {
    pub fn new(options: &TableOptions) -> Self {
        Self {
            columns: COLUMNS
                .iter()
                .chain(options.min_confidence.map(|_| &UNCERTAIN))
                .collect(),
            kept: kept(&options.keep),
            min_confidence: options.min_confidence.unwrap_or_default(),
        }
    }

    /// The rows of a document.
    pub fn rows<'row>(&self, document: &'row LabeledDocument) -> impl Iterator<Item = Row<'row>> {
        let min_confidence = self.min_confidence;
        let sentences = document.sentences.iter().enumerate();
        sentences.map(move |(index, labeled)| Row {
            document,
            index,
            labeled,
            min_confidence,
        })
    }
}

/// A metadata column that is carried through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name in the input and in [`LabeledDocument::metadata`].
    pub field: String,
    /// Its name in the output.
    pub name: String,
}

/// The metadata columns for `keep`, in that order.
///
/// A field that has the name of one of our columns (`source`, the outlet, is a likely one) is written as
/// `doc_source`: two columns of one name would be renamed by one reader and refused or overwritten by
/// another. A field asked for twice is written once.
pub fn kept(keep: &[String]) -> Vec<Kept> {
    let ours = [SPANS, UNCERTAIN.name];
    let is_ours =
        |name: &String| ours.contains(&name.as_str()) || COLUMNS.iter().any(|column| column.name == name);
    let mut columns: Vec<Kept> = Vec::new();
    for field in keep {
        if columns.iter().any(|column| column.field == *field) {
            continue;
        }
        let mut name = field.clone();
        if is_ours(&name) {
            name.insert_str(0, RENAME);
            // Another kept field may be called `doc_source` already.
            while is_ours(&name) || keep.contains(&name) {
                name.insert_str(0, RENAME);
            }
        }
        columns.push(Kept {
            field: field.clone(),
            name,
        });
    }
    columns
}

/// A document's value in a kept column; empty where it has none.
pub fn kept_value<'row>(document: &'row LabeledDocument, column: &Kept) -> &'row str {
    let found = document.metadata.iter().find(|(field, _)| *field == column.field);
    found.map_or("", |(_, value)| value)
}

/// The number nearest to a probability rounded to [`DECIMALS`] decimals: what formats with typed numbers hold.
/// Rounding is to even where two are equally near, as it is in [`probability`].
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a value that is no number: it would be a defect of the model, and JSON
/// could not even hold it.
pub fn rounded(value: f32) -> io::Result<f32> {
    if !value.is_finite() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{value} is not a probability"),
        ));
    }
    const ONE: u32 = 10_u32.pow(DECIMALS as u32);
    // The product is exact in f64, and the quotient of two whole numbers is rounded once.
    let units = (f64::from(value) * f64::from(ONE)).round_ties_even();
    Ok(units as f32 / ONE as f32)
}

/// A probability with [`DECIMALS`] decimals and a point, whatever the locale.
///
/// # Errors
/// As of [`rounded`].
pub fn probability(value: f32) -> io::Result<String> {
    Ok(format!("{:.DECIMALS$}", rounded(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_number_is_the_one_that_is_written_out() {
        let ties = (0..=32_u16).map(|numerator| f32::from(numerator) / 32.0);
        let others = (0..=100_000_u32).map(|step| step as f32 / 100_000.0);
        for value in ties.chain(others) {
            let written = format!("{value:.DECIMALS$}");
            assert_eq!(
                rounded(value).unwrap(),
                written.parse::<f32>().unwrap(),
                "{value}"
            );
            assert_eq!(probability(value).unwrap(), written);
        }
    }
}
