//! Lines of a file, one in memory at a time and each judged alone.

use std::io::{BufRead, Read};

use super::{documents::Records, source::Opened};
use crate::error::{Reject, RejectReason};

/// The longest line that is read, in bytes, its end not counted: 64 MiB, a hundred times a long novel.
/// Without a limit, a large file that has no line ends by mistake would be read into memory whole.
pub const MAX_LINE_BYTES: usize = 64 << 20;

/// Why a line gives no value, with the document's id where it was read already.
pub(super) struct Failure {
    pub document: Option<String>,
    pub reason: RejectReason,
}

impl From<RejectReason> for Failure {
    fn from(reason: RejectReason) -> Self {
        Self {
            document: None,
            reason,
        }
    }
}

/// One value per line of `opened`, made by `parse` from the line and its number (from 1). Lines of white
/// space alone are passed over, but counted.
pub(super) fn read<T: 'static>(
    opened: Opened,
    parse: impl FnMut(&str, u64) -> Result<T, Failure> + Send + 'static,
) -> Records<T> {
    Box::new(Lines::new(opened, MAX_LINE_BYTES, parse))
}

struct Lines<P> {
    file: String,
    reader: Box<dyn BufRead + Send>,
    limit: usize,
    parse: P,
    buffer: Vec<u8>,
    /// Number of the line in `buffer`.
    number: u64,
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
            number: 0,
            failed: false,
        }
    }

    /// Reads the next line into `buffer`; `None` at the end. A line over the limit is skipped to its end.
    fn advance(&mut self) -> Option<Result<(), RejectReason>> {
        if self.failed {
            return None;
        }
        self.number += 1;
        self.buffer.clear();
        // One byte more than the limit, for the line's end.
        let limit = self.limit as u64 + 1;
        let mut read = self
            .reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.buffer);
        if read.is_ok() && self.buffer.len() > self.limit && self.buffer.last() != Some(&b'\n') {
            read = self.reader.skip_until(b'\n');
            if read.is_ok() {
                return Some(Err(RejectReason::TooLarge { limit: self.limit }));
            }
        }
        match read {
            Ok(0) => None,
            Ok(_) => Some(Ok(())),
            Err(error) => {
                // Whether a failed read can go on is unknown; trying again might never end.
                self.failed = true;
                Some(Err(RejectReason::Unreadable(error)))
            }
        }
    }
}

/// The text of line `number`, without the byte order mark that may begin a file and without the line's end:
/// to a parser, a string that is cut off must end there and not hold a control character.
fn decode(line: &[u8], number: u64) -> Result<&str, RejectReason> {
    let text = std::str::from_utf8(line).map_err(|error| RejectReason::InvalidUtf8 {
        offset: error.valid_up_to(),
    })?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(if number == 1 {
        text.strip_prefix('\u{feff}').unwrap_or(text)
    } else {
        text
    })
}

impl<T, P: FnMut(&str, u64) -> Result<T, Failure>> Iterator for Lines<P> {
    type Item = Result<(Option<u64>, T), Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.advance()?;
            let value = match line.and_then(|()| decode(&self.buffer, self.number)) {
                Ok(text) if text.trim_ascii().is_empty() => continue,
                Ok(text) => (self.parse)(text, self.number),
                Err(reason) => Err(reason.into()),
            };
            let record = Some(self.number);
            return Some(match value {
                Ok(value) => Ok((record, value)),
                Err(Failure { document, reason }) => Err(Reject {
                    file: self.file.clone(),
                    record,
                    document,
                    reason,
                }),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::input::InputFormat;

    fn lengths(bytes: &'static [u8], limit: usize) -> Vec<Result<usize, String>> {
        let opened = Opened {
            name: "f".into(),
            format: InputFormat::Jsonl,
            reader: Box::new(Cursor::new(bytes)),
        };
        let lines = Lines::new(opened, limit, |line: &str, _| Ok(line.trim_ascii_end().len()));
        lines
            .map(|line| {
                line.map(|(_, length)| length)
                    .map_err(|reject| reject.to_string())
            })
            .collect()
    }

    #[test]
    fn a_line_over_the_limit_is_rejected_alone() {
        let long = Err("f:2: longer than the limit of 4 bytes".to_owned());
        assert_eq!(lengths(b"abcd\nabcde\n\nabc\n", 4), [Ok(4), long.clone(), Ok(3)]);
        assert_eq!(lengths(b"abcd\nabcdefghi", 4), [Ok(4), long]);
    }

    #[test]
    fn a_line_at_the_limit_is_read_with_or_without_its_end() {
        assert_eq!(lengths(b"abcd", 4), [Ok(4)]);
        assert_eq!(lengths(b"abcd\n", 4), [Ok(4)]);
    }
}
