//! Labelled rows of JSON Lines.

use std::borrow::Cow;

use super::{
    LabeledRow,
    cells::{self, Cells, Column, NAMES, Ours, UNCERTAIN},
};
use crate::{
    error::RejectReason,
    input::{InputOptions, json::Object, lines, reader::Records, source::Opened},
};

pub(super) fn read(opened: Opened, options: &InputOptions) -> Records<LabeledRow> {
    let (keep, limit) = (options.keep.clone(), options.max_record_bytes);
    lines::read(opened, options, move |line, _| {
        let object = Object::record(line)?;
        let fields = Fields {
            object: &object,
            keep: &keep,
        };
        cells::row(&fields, keep.len(), limit)
    })
}

struct Fields<'a, 'line> {
    object: &'a Object<'line>,
    keep: &'a [String],
}

impl Cells for Fields<'_, '_> {
    fn text(&self, column: Column) -> Result<Cow<'_, str>, RejectReason> {
        let name = match column {
            Column::Ours(column) => NAMES[column as usize],
            Column::Uncertain => UNCERTAIN,
            Column::Kept(place) => &self.keep[place],
        };
        if !self.object.names(name) {
            return Err(RejectReason::MissingField {
                field: self.object.path(name),
            });
        }
        let text = match column {
            // Whoever wrote the file anew may have made numbers of ids.
            Column::Ours(Ours::Document) => self.object.id(name)?.unwrap_or_default(),
            Column::Kept(_) => self.object.column(name)?,
            Column::Ours(Ours::Anonymity | Ours::Source | Ours::Cue) => {
                self.object.string(name)?.unwrap_or_default()
            }
            _ => self.object.required_string(name)?,
        };
        Ok(Cow::Owned(text))
    }

    fn count(&self, column: Ours) -> Result<u64, RejectReason> {
        let written = self
            .object
            .required_number(NAMES[column as usize], cells::COUNT)?;
        cells::count(column, written)
    }

    fn probability(&self, column: Ours) -> Result<f32, RejectReason> {
        let written = self
            .object
            .required_number(NAMES[column as usize], cells::PROBABILITY)?;
        cells::probability(column, written)
    }

    fn uncertain(&self) -> Result<Option<bool>, RejectReason> {
        if !self.object.has(UNCERTAIN) {
            return Ok(None);
        }
        self.object.flag(UNCERTAIN).map(Some)
    }
}
