//! Reads back what `sayso label` wrote: tables with a row for every sentence.
//!
//! Such a table may have been through other hands: rewritten by pandas with wider types, cut, merged or made by
//! a program that is not ours. So nothing is believed: a column that is missing is a failure of its file, a value that
//! cannot be is a failure of its row. Columns may stand in any order, and others may stand between them.

mod cells;
mod columnar;
mod delimited;
mod objects;

use super::{
    Documents, InputFormat, InputOptions, Source,
    reader::{Records, Unusable},
    source::Opened,
};
use crate::{
    error::RejectReason,
    prediction::{Anonymity, Attribution, Label, Stance},
};

/// A sentence with its labels, as a row of a table has it.
#[derive(Clone, Debug, PartialEq)]
pub struct LabeledRow {
    /// The id of its document.
    pub document: String,
    /// Its number in the document, from 0.
    pub sentence: u64,
    /// Where it stands in the document, in Unicode code points.
    pub start: u64,
    pub end: u64,
    pub text: String,
    pub label: Label,
    /// Probability of `label`, in 0..=1.
    pub confidence: f32,
    pub stance: Stance,
    /// In the order of [`Stance::ALL`]; what the table leaves out is what remains to 1.
    pub stance_probabilities: [f32; 4],
    pub attribution: Attribution,
    /// In the order of [`Attribution::ALL`]; as for stance.
    pub attribution_probabilities: [f32; 4],
    pub anonymity: Option<Anonymity>,
    /// The words that name the source; empty where there are none.
    pub source: String,
    /// The words that attribute; empty where there are none.
    pub cue: String,
    /// Whether the label is less sure than whoever labelled asked for; `None` where nothing was asked.
    pub uncertain: Option<bool>,
    /// The columns of [`InputOptions::keep`], in that order.
    pub kept: Vec<String>,
}

/// The rows of `sources`, in order.
///
/// Of `options`, [`InputOptions::format`], [`InputOptions::patterns`], [`InputOptions::keep`] and
/// [`InputOptions::max_record_bytes`] count. A file without a column of ours, or without one to keep, is a reject.
pub fn rows(sources: Vec<Source>, options: &InputOptions) -> Documents<LabeledRow> {
    // Many rows share a document.
    Documents::new(sources, options, read, None)
}

fn read(opened: Opened, options: &InputOptions) -> Records<LabeledRow> {
    let columnar = match opened.format {
        InputFormat::Csv => return delimited::read(opened, options, b','),
        InputFormat::Tsv => return delimited::read(opened, options, b'\t'),
        InputFormat::Jsonl => return objects::read(opened, options),
        InputFormat::Parquet => columnar::of_parquet(opened, options),
        InputFormat::Arrow => columnar::of_arrow(opened, options),
        InputFormat::Text => Err(RejectReason::NoTable {
            found: InputFormat::Text.name(),
            expected: "csv, tsv, jsonl, parquet, arrow",
        }),
    };
    columnar.unwrap_or_else(|reason| Box::new(Unusable(Some(reason))))
}
