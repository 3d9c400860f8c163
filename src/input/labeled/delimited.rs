//! Labelled rows of CSV and TSV.

use std::borrow::Cow;

use super::{
    LabeledRow,
    cells::{self, Cells, Column, Layout, Ours},
};
use crate::{
    error::RejectReason,
    input::{
        InputOptions,
        reader::{Failure, Place, Reader, Records},
        rows::{MOST_COLUMNS, Row, Rows},
        source::Opened,
    },
};

/// The rows of `opened`, whose cells `delimiter` separates.
pub(super) fn read(opened: Opened, options: &InputOptions, delimiter: u8) -> Records<LabeledRow> {
    Box::new(Delimited {
        keep: options.keep.clone(),
        limit: options.max_record_bytes,
        table: None,
        number: 0,
        rows: Rows::new(opened.reader, delimiter, options.max_record_bytes),
        finished: false,
    })
}

struct Delimited {
    keep: Vec<String>,
    limit: usize,
    /// How many columns there are, and where ours are, once the first row is read.
    table: Option<(usize, Layout)>,
    /// Number of the last row, the first row not counted.
    number: u64,
    rows: Rows,
    finished: bool,
}

impl Delimited {
    /// Reads the first row.
    fn header(&mut self) -> Result<(), RejectReason> {
        if !self.rows.advance()? {
            // `label` writes a header even where it found no sentence.
            return Err(cells::missing(cells::NAMES[0], &[]));
        }
        let raw = self.rows.raw().unwrap_or_default();
        if let Some(offset) = raw.iter().position(|byte| *byte == 0) {
            return Err(RejectReason::Binary { offset });
        }
        let row = self.rows.row()?;
        if row.count > MOST_COLUMNS {
            return Err(RejectReason::TooManyColumns { limit: MOST_COLUMNS });
        }
        let names: Vec<String> = (0..row.count).map(|place| row.cell(place).to_owned()).collect();
        self.table = Some((row.count, Layout::of(&names, &self.keep)?));
        Ok(())
    }

    /// The next row; `None` at the end.
    fn row(&mut self) -> Option<Result<LabeledRow, Failure>> {
        self.number += 1;
        match self.rows.advance() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(reason) => {
                self.finished = matches!(reason, RejectReason::Unreadable(_));
                return Some(Err(reason.into()));
            }
        }
        let (columns, layout) = self.table.as_ref()?;
        let row = match self.rows.row() {
            Ok(row) if row.count == *columns => row,
            Ok(row) => {
                let reason = RejectReason::Ragged {
                    expected: *columns,
                    found: row.count,
                };
                return Some(Err(reason.into()));
            }
            Err(reason) => return Some(Err(reason.into())),
        };
        Some(cells::row(&Line { row, layout }, self.keep.len(), self.limit))
    }
}

impl Reader<LabeledRow> for Delimited {
    fn next(&mut self) -> Option<Result<LabeledRow, Failure>> {
        if self.finished {
            return None;
        }
        if self.table.is_none()
            && let Err(reason) = self.header()
        {
            self.finished = true;
            return Some(Err(reason.into()));
        }
        let item = self.row();
        self.finished |= item.is_none();
        item
    }

    fn place(&self) -> Place {
        Place {
            record: (self.number > 0).then_some(self.number),
            offset: Some(self.rows.start()),
        }
    }

    fn raw(&self) -> Option<&[u8]> {
        self.rows.raw()
    }
}

struct Line<'line> {
    row: Row<'line>,
    layout: &'line Layout,
}

impl Line<'_> {
    fn cell(&self, column: Column) -> &str {
        self.layout.place(column).map_or("", |place| self.row.cell(place))
    }
}

impl Cells for Line<'_> {
    fn text(&self, column: Column) -> Result<Cow<'_, str>, RejectReason> {
        Ok(Cow::Borrowed(self.cell(column)))
    }

    fn count(&self, column: Ours) -> Result<u64, RejectReason> {
        cells::count(column, self.cell(Column::Ours(column)))
    }

    fn probability(&self, column: Ours) -> Result<f32, RejectReason> {
        cells::probability(column, self.cell(Column::Ours(column)))
    }

    fn uncertain(&self) -> Result<Option<bool>, RejectReason> {
        cells::flag(self.cell(Column::Uncertain))
    }
}
