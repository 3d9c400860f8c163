//! CSV and TSV: a row is one document, and the first row names the columns.
//!
//! A row that is no document is a failure of its own and the next is read: quotes that are opened and never
//! closed, too many or too few cells (nobody knows which is missing), bytes that are not UTF-8.

use std::sync::Arc;

use super::{
    InputOptions,
    columns::Columns,
    guesses::Guesses,
    reader::{Failure, Place, Reader, Records},
    rows::{MOST_COLUMNS, Rows},
    source::Opened,
};
use crate::{
    document::{Document, Origin},
    error::RejectReason,
};

/// The rows of `opened`, whose cells `delimiter` separates.
pub(super) fn read(opened: Opened, options: &InputOptions, delimiter: u8) -> Records<Document> {
    let Opened {
        name,
        reader,
        guesses,
        ..
    } = opened;
    Box::new(Delimited {
        file: name,
        options: options.clone(),
        guesses,
        table: None,
        number: 0,
        rows: Rows::new(reader, delimiter, options.max_record_bytes),
        finished: false,
    })
}

struct Delimited {
    file: String,
    options: InputOptions,
    guesses: Arc<Guesses>,
    /// The columns' names, and those that are needed, once the first row is read.
    table: Option<(Vec<String>, Columns)>,
    /// Number of the last row, the first row not counted.
    number: u64,
    rows: Rows,
    finished: bool,
}

impl Delimited {
    /// Reads the first row; `false` where the file is empty.
    fn header(&mut self) -> Result<bool, RejectReason> {
        if !self.rows.advance()? {
            return Ok(false);
        }
        // A file in UTF-16 would fail row by row otherwise.
        let raw = self.rows.raw().unwrap_or_default();
        if let Some(offset) = raw.iter().position(|byte| *byte == 0) {
            return Err(RejectReason::Binary { offset });
        }
        let row = self.rows.row()?;
        if row.count > MOST_COLUMNS {
            return Err(RejectReason::TooManyColumns { limit: MOST_COLUMNS });
        }
        let names: Vec<String> = (0..row.count).map(|place| row.cell(place).to_owned()).collect();
        let columns = Columns::choose(&names, &self.options)?;
        self.guesses.note(&self.file, columns.guessed.clone());
        self.table = Some((names, columns));
        Ok(true)
    }

    /// The document of the next row; `None` at the end.
    fn document(&mut self) -> Option<Result<Document, Failure>> {
        loop {
            self.number += 1;
            match self.rows.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(reason) => {
                    self.finished = matches!(reason, RejectReason::Unreadable(_));
                    return Some(Err(reason.into()));
                }
            }
            let (names, columns) = self.table.as_ref()?;
            let row = match self.rows.row() {
                Ok(row) => row,
                Err(reason) => return Some(Err(reason.into())),
            };
            if row.count == 1 && names.len() > 1 && row.cell(0).trim_ascii().is_empty() {
                self.number -= 1;
                continue;
            }
            if row.count != names.len() {
                let reason = RejectReason::Ragged {
                    expected: names.len(),
                    found: row.count,
                };
                return Some(Err(reason.into()));
            }
            let origin = Origin {
                file: self.file.clone(),
                record: Some(self.number),
                offset: Some(self.rows.start()),
            };
            return Some(columns.document(names, origin, |place| Ok(Some(row.cell(place).to_owned()))));
        }
    }
}

impl Reader<Document> for Delimited {
    fn next(&mut self) -> Option<Result<Document, Failure>> {
        if self.finished {
            return None;
        }
        if self.table.is_none() {
            match self.header() {
                Ok(true) => {}
                Ok(false) => {
                    self.finished = true;
                    return None;
                }
                Err(reason) => {
                    self.finished = true;
                    return Some(Err(reason.into()));
                }
            }
        }
        let item = self.document();
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
