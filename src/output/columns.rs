//! The columns of the table: their names, their order, and what stands in each. Every format draws on this
//! file.
//!
//! The order is part of the interface; a new column goes at the end of ours, before the kept ones.

use std::io;

use crate::prediction::{Attribution, LabeledDocument, LabeledSentence, Stance};

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
    pub value: for<'row> fn(&Row<'row>) -> Value<'row>,
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
    Column {
        name: "doc_id",
        value: |row| Value::Text(&row.document.id),
    },
    Column {
        name: "sentence",
        value: |row| Value::Count(row.index),
    },
    Column {
        name: "start",
        value: |row| Value::Count(row.labeled.sentence.start),
    },
    Column {
        name: "end",
        value: |row| Value::Count(row.labeled.sentence.end),
    },
    Column {
        name: "text",
        value: |row| Value::Text(&row.labeled.sentence.text),
    },
    Column {
        name: "label",
        value: |row| Value::Text(row.labeled.prediction.label.name()),
    },
    Column {
        name: "confidence",
        value: |row| Value::Probability(row.labeled.prediction.confidence),
    },
    Column {
        name: "stance",
        value: |row| Value::Text(row.labeled.prediction.stance.name()),
    },
    Column {
        name: "p_assert",
        value: |row| stance(row, Stance::Assert),
    },
    Column {
        name: "p_deny",
        value: |row| stance(row, Stance::Deny),
    },
    Column {
        name: "p_no_comment",
        value: |row| stance(row, Stance::NoComment),
    },
    Column {
        name: "attribution",
        value: |row| Value::Text(row.labeled.prediction.attribution.name()),
    },
    Column {
        name: "p_named",
        value: |row| attribution(row, Attribution::Named),
    },
    Column {
        name: "p_anonymous",
        value: |row| attribution(row, Attribution::Anonymous),
    },
    Column {
        name: "p_unspecified",
        value: |row| attribution(row, Attribution::Unspecified),
    },
    Column {
        name: "anonymity",
        value: |row| text(row.labeled.prediction.anonymity.map(|kind| kind.name())),
    },
    Column {
        name: "source",
        value: |row| text(row.labeled.prediction.source.as_deref()),
    },
    Column {
        name: "cue",
        value: |row| text(row.labeled.prediction.cue.as_deref()),
    },
];

/// Follows ours where a least confidence is asked for.
pub const UNCERTAIN: Column = Column {
    name: "uncertain",
    value: |row| Value::Flag(row.labeled.prediction.confidence < row.min_confidence),
};

fn stance<'row>(row: &Row<'row>, stance: Stance) -> Value<'row> {
    Value::Probability(row.labeled.prediction.stance_probabilities[stance as usize])
}

fn attribution<'row>(row: &Row<'row>, attribution: Attribution) -> Value<'row> {
    Value::Probability(row.labeled.prediction.attribution_probabilities[attribution as usize])
}

fn text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Absent, Value::Text)
}

/// What a table holds besides the columns that it always has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableOptions {
    /// The metadata columns that are carried through, in this order; see [`kept`].
    pub keep: Vec<String>,
    /// Adds the column `uncertain`: whether the confidence of a row's label is below this.
    pub min_confidence: Option<f32>,
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

/// A probability with [`DECIMALS`] decimals and a point, whatever the locale.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a value that is no number: it would be a defect of the model, and JSON
/// could not even hold it.
pub fn probability(value: f32) -> io::Result<String> {
    if !value.is_finite() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{value} is not a probability"),
        ));
    }
    Ok(format!("{value:.DECIMALS$}"))
}
