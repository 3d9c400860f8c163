//! Looks at the first bytes of an input without taking them from it.

use std::io::{self, BufRead, Cursor, Read};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The first `count` bytes of `reader`, or all where there are fewer, and a reader that still has them.
pub(super) fn peek(
    mut reader: Box<dyn BufRead + Send>,
    count: usize,
) -> io::Result<(Vec<u8>, Box<dyn BufRead + Send>)> {
    let mut first = Vec::with_capacity(count);
    reader.by_ref().take(count as u64).read_to_end(&mut first)?;
    Ok((first.clone(), Box::new(Cursor::new(first).chain(reader))))
}

/// `reader` behind the byte order mark that may begin it, and how many bytes that had.
pub(super) fn without_byte_order_mark(
    reader: Box<dyn BufRead + Send>,
) -> io::Result<(u64, Box<dyn BufRead + Send>)> {
    let (first, mut reader) = peek(reader, BYTE_ORDER_MARK.len())?;
    if first != BYTE_ORDER_MARK {
        return Ok((0, reader));
    }
    reader.consume(first.len());
    Ok((first.len() as u64, reader))
}
