//! The rows of a CSV file, one in memory at a time.
//!
//! Quotes, doubled quotes and line ends within them are csv-core's, the parser below the `csv` crate. It is
//! driven here directly, because only so can a row that never ends be given up at a limit of memory and
//! passed over, and a row that is wrong be shown as it stands in the file.

use std::{
    io::{self, BufRead, Cursor, Read},
    mem, str,
};

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::peek::without_byte_order_mark;
use crate::error::RejectReason;

/// More columns than this are a file that is no table; their ends alone would fill memory.
pub(super) const MOST_COLUMNS: usize = 1 << 16;

/// The rows of a file, one in memory at a time.
pub(super) struct Rows {
    reader: Box<dyn BufRead + Send>,
    parser: csv_core::Reader,
    limit: usize,
    /// Whether the byte order mark has been looked for.
    began: bool,
    /// Whether the file is known to end within quotes, whichever of its lines opens them.
    is_hopeless: bool,
    /// Bytes taken from `reader`.
    position: u64,
    /// Where the row in memory begins.
    start: u64,
    /// The row as it stands in the file, without its end; cut off where it is overlong.
    raw: Vec<u8>,
    overlong: bool,
    /// The cells of the row end to end, in the first `length` bytes, and where each of them ends.
    cells: Vec<u8>,
    length: usize,
    ends: Vec<usize>,
    count: usize,
    /// Cells beyond those whose ends are kept.
    uncounted: usize,
}

/// A row that is text.
pub(super) struct Row<'a> {
    cells: &'a str,
    ends: &'a [usize],
    /// How many cells it has.
    pub count: usize,
}

impl Row<'_> {
    /// The text of a cell; there are `count`, unless they are more than [`MOST_COLUMNS`].
    pub fn cell(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.cells[start..self.ends[place]]
    }
}

impl Rows {
    /// The rows of `reader`, whose cells `delimiter` separates; none is longer than `limit` bytes.
    pub fn new(reader: Box<dyn BufRead + Send>, delimiter: u8, limit: usize) -> Self {
        Self {
            reader,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            limit,
            began: false,
            is_hopeless: false,
            position: 0,
            start: 0,
            raw: Vec::new(),
            overlong: false,
            cells: vec![0; 1024],
            length: 0,
            ends: vec![0; 16],
            count: 0,
            uncounted: 0,
        }
    }

    /// Where the row in memory begins in the file, in bytes from 0.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The row in memory as it stands in the file, without its end; `None` where it is not held whole.
    pub fn raw(&self) -> Option<&[u8]> {
        (!self.overlong && !self.raw.is_empty()).then_some(&self.raw)
    }

    /// Reads the next row; `false` at the end. After an error other than a failed read, the row after the
    /// wrong one is next.
    pub fn advance(&mut self) -> Result<bool, RejectReason> {
        if !self.begin().map_err(RejectReason::Unreadable)? {
            return Ok(false);
        }
        (self.length, self.count, self.uncounted) = (0, 0, 0);
        loop {
            let input = match self.reader.fill_buf() {
                Ok(input) => input,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    // What is there of the row is not the row.
                    self.overlong = true;
                    return Err(RejectReason::Unreadable(error));
                }
            };
            // At the end of the file the parser would take any row for whole. Outside quotes, a line end makes it
            // so as well; within them, it is one more byte of a cell that nothing ends.
            let is_at_end = input.is_empty();
            let line_end = if self.is_hopeless {
                input.iter().position(|byte| *byte == b'\n')
            } else {
                None
            };
            let input = line_end.map_or(input, |end| &input[..=end]);
            let (result, taken, written, ended) = self.parser.read_record(
                if is_at_end { b"\n" } else { input },
                &mut self.cells[self.length..],
                &mut self.ends[self.count..],
            );
            let taken = if is_at_end { 0 } else { taken };
            if self.raw.len() + taken > self.limit.saturating_add(2) {
                self.overlong = true;
            } else if !self.overlong {
                self.raw.extend_from_slice(&input[..taken]);
            }
            self.reader.consume(taken);
            self.position += taken as u64;
            self.length += written;
            self.count += ended;
            match result {
                ReadRecordResult::InputEmpty if is_at_end || line_end.is_some() => {
                    return Err(self.unclosed());
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.overlong => self.length = 0,
                ReadRecordResult::OutputFull => self.cells.resize(2 * self.cells.len(), 0),
                ReadRecordResult::OutputEndsFull if self.count >= MOST_COLUMNS => {
                    self.uncounted += self.count;
                    self.count = 0;
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        let end = self.raw.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
        self.raw.truncate(end.map_or(0, |last| last + 1));
        if self.overlong || self.raw.len() > self.limit {
            self.overlong = true;
            return Err(RejectReason::TooLarge { limit: self.limit });
        }
        Ok(true)
    }

    /// Passes over the line ends before a row; `false` where there is no row any more.
    fn begin(&mut self) -> io::Result<bool> {
        self.raw.clear();
        self.overlong = false;
        if !self.began {
            self.began = true;
            let reader = mem::replace(&mut self.reader, Box::new(io::empty()));
            let (length, reader) = without_byte_order_mark(reader)?;
            (self.position, self.reader) = (length, reader);
        }
        loop {
            self.start = self.position;
            let input = match self.reader.fill_buf() {
                Ok(input) => input,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let blank = input
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            let (is_at_end, is_blank) = (input.is_empty(), blank == input.len());
            self.reader.consume(blank);
            self.position += blank as u64;
            self.start = self.position;
            if is_at_end || !is_blank {
                return Ok(!is_at_end);
            }
        }
    }

    /// The file ends within quotes that some row has opened by mistake. Its first line is taken for the
    /// wrong one, and what follows is read again: it was taken for a part of a cell. It was also found that each of the
    /// lines that follow ends within quotes if it begins within them. So another row that is open at the end of its line is
    /// open at that of the file, and need not be read to there: a file of such lines takes time linear in its length.
    fn unclosed(&mut self) -> RejectReason {
        self.parser.reset();
        if self.overlong {
            return RejectReason::TooLarge { limit: self.limit };
        }
        let line = self.raw.iter().position(|byte| *byte == b'\n');
        let rest = self.raw.split_off(line.map_or(self.raw.len(), |end| end + 1));
        let end = self.raw.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
        self.raw.truncate(end.map_or(0, |last| last + 1));
        if !rest.is_empty() {
            self.read_again(rest);
        }
        self.is_hopeless = true;
        RejectReason::UnclosedQuote
    }

    /// Puts `rest` before what is still to be read.
    fn read_again(&mut self, rest: Vec<u8>) {
        self.position -= rest.len() as u64;
        let reader = mem::replace(&mut self.reader, Box::new(io::empty()));
        self.reader = Box::new(Cursor::new(rest).chain(reader));
    }

    /// The row in memory as text.
    pub fn row(&self) -> Result<Row<'_>, RejectReason> {
        let invalid = |error: str::Utf8Error| RejectReason::InvalidUtf8 {
            offset: error.valid_up_to(),
        };
        str::from_utf8(&self.raw).map_err(invalid)?;
        // Without some of its quotes and separators, which are ASCII, valid text is still valid.
        Ok(Row {
            cells: str::from_utf8(&self.cells[..self.length]).map_err(invalid)?,
            ends: &self.ends[..self.count],
            count: self.count + self.uncounted,
        })
    }
}
