//! Lines of a file, one in memory at a time and each judged alone.

use std::io::{BufRead, Read};

use super::{
    InputOptions,
    reader::{Failure, Place, Reader, Records},
    source::Opened,
};
use crate::{document::Origin, error::RejectReason};

/// One value per line of `opened`, made by `parse` from the line and its place. Lines of white space alone
/// are passed over, but counted. A line longer than [`InputOptions::max_record_bytes`], its end not counted,
/// is a failure: a large file that has no line ends by mistake is not read into memory whole.
pub(super) fn read<T: 'static>(
    opened: Opened,
    options: &InputOptions,
    parse: impl FnMut(&str, Origin) -> Result<T, Failure> + Send + 'static,
) -> Records<T> {
    Box::new(Lines::new(opened, options.max_record_bytes, parse))
}

struct Lines<P> {
    file: String,
    reader: Box<dyn BufRead + Send>,
    limit: usize,
    parse: P,
    buffer: Vec<u8>,
    /// Whether `buffer` holds its line whole.
    whole: bool,
    /// Number of the line in `buffer`, and where it begins.
    number: u64,
    offset: u64,
    /// Where the next line begins.
    next_offset: u64,
    failed: bool,
}

impl<P> Lines<P> {
    fn new(opened: Opened, limit: usize, parse: P) -> Self {
        let Opened { name, reader, .. } = opened;
        Self {
            file: name,
            reader,
            limit,
            parse,
            buffer: Vec::new(),
            whole: false,
            number: 0,
            offset: 0,
            next_offset: 0,
            failed: false,
        }
    }

    /// Reads the next line into `buffer`; `None` at the end. A line over the limit is skipped to its end.
    fn advance(&mut self) -> Option<Result<(), RejectReason>> {
        if self.failed {
            return None;
        }
        self.number += 1;
        self.offset = self.next_offset;
        self.buffer.clear();
        self.whole = false;
        // One byte more than the limit, for the line's end.
        let limit = (self.limit as u64).saturating_add(1);
        let mut read = self
            .reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.buffer);
        self.next_offset += self.buffer.len() as u64;
        if read.is_ok() && self.buffer.len() > self.limit && self.buffer.last() != Some(&b'\n') {
            read = self.reader.skip_until(b'\n');
            if let Ok(skipped) = read {
                self.next_offset += skipped as u64;
                return Some(Err(RejectReason::TooLarge { limit: self.limit }));
            }
        }
        match read {
            Ok(0) => None,
            Ok(_) => {
                self.whole = true;
                Some(Ok(()))
            }
            Err(error) => {
                // Whether a failed read can go on is unknown; trying again might never end.
                self.failed = true;
                Some(Err(RejectReason::Unreadable(error)))
            }
        }
    }
}

/// A line without its end: to a parser, a string that is cut off must end there and not hold a control
/// character.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The text of line `number`, without the byte order mark that may begin a file and without the line's end.
fn decode(line: &[u8], number: u64) -> Result<&str, RejectReason> {
    let text = std::str::from_utf8(without_end(line)).map_err(|error| RejectReason::InvalidUtf8 {
        offset: error.valid_up_to(),
    })?;
    Ok(if number == 1 {
        text.strip_prefix('\u{feff}').unwrap_or(text)
    } else {
        text
    })
}

impl<T, P: FnMut(&str, Origin) -> Result<T, Failure>> Reader<T> for Lines<P> {
    fn next(&mut self) -> Option<Result<T, Failure>> {
        loop {
            let line = self.advance()?;
            return Some(match line.and_then(|()| decode(&self.buffer, self.number)) {
                Ok(text) if text.trim_ascii().is_empty() => continue,
                Ok(text) => (self.parse)(
                    text,
                    Origin {
                        file: self.file.clone(),
                        record: Some(self.number),
                        offset: Some(self.offset),
                    },
                ),
                Err(reason) => Err(reason.into()),
            });
        }
    }

    fn place(&self) -> Place {
        Place {
            record: Some(self.number),
            offset: Some(self.offset),
        }
    }

    fn raw(&self) -> Option<&[u8]> {
        self.whole.then(|| without_end(&self.buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::InputFormat;

    fn lengths(bytes: &'static [u8], limit: usize) -> Vec<Result<usize, String>> {
        let opened = Opened::of_bytes(InputFormat::Jsonl, bytes);
        let mut lines = Lines::new(opened, limit, |line: &str, _| Ok(line.trim_ascii_end().len()));
        let mut found = Vec::new();
        while let Some(line) = lines.next() {
            let place = Reader::<usize>::place(&lines);
            found.push(line.map_err(|failure| format!("{place:?}: {}", failure.reason)));
        }
        found
    }

    #[test]
    fn a_line_over_the_limit_is_rejected_alone() {
        let place = "Place { record: Some(2), offset: Some(5) }";
        let long = Err(format!("{place}: longer than the limit of 4 bytes"));
        assert_eq!(lengths(b"abcd\nabcde\n\nabc\n", 4), [Ok(4), long.clone(), Ok(3)]);
        assert_eq!(lengths(b"abcd\nabcdefghi", 4), [Ok(4), long]);
    }

    #[test]
    fn a_line_at_the_limit_is_read_with_or_without_its_end() {
        assert_eq!(lengths(b"abcd", 4), [Ok(4)]);
        assert_eq!(lengths(b"abcd\n", 4), [Ok(4)]);
    }
}
