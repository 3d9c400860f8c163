//! A Parquet file whose pages are looked at before they are decompressed.
//!
//! A page says how large it will be, and the library takes that much memory before it knows whether it is true. Two
//! gigabytes of it fit into a page of some kilobytes. The library reads a page in two steps, its header and its bytes, so
//! that the claim can be read in between.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

use super::source::became_shorter;
use crate::error::RejectReason;

/// What begins a page's header: its kind, then its size once decompressed, both whole numbers (parquet.thrift,
/// `PageHeader`, in Thrift's compact protocol: a byte says that the next field is an `i32`).
const NEXT_NUMBER: u8 = 0x15;

/// A file from which pages alone are read: its description has been read before.
pub(super) struct Pages {
    file: File,
    /// How long the file was when its description was read.
    length: u64,
    limit: u64,
    refusal: Refusal,
}

/// Why the pages of a file were not read, where that is not the library's own error: that would hand it on as text.
pub(super) type Refusal = Arc<Mutex<Option<RejectReason>>>;

impl Pages {
    /// The pages of `file`, which has `length` bytes; none is larger than `limit` bytes.
    pub fn new(file: File, length: u64, limit: u64) -> Self {
        Self {
            file,
            length,
            limit,
            refusal: Refusal::default(),
        }
    }

    /// Where the reason stands once reading has failed.
    pub fn refusal(&self) -> Refusal {
        Arc::clone(&self.refusal)
    }

    fn refuse(&self, reason: RejectReason) -> ParquetError {
        let error = ParquetError::General(reason.to_string());
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
        error
    }

    /// `found`, unless it failed because the file was cut.
    fn noticing_a_cut<T>(&self, found: Result<T>) -> Result<T> {
        match found {
            Err(_) if self.file.len() < self.length => {
                Err(self.refuse(RejectReason::Unreadable(became_shorter())))
            }
            other => other,
        }
    }
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.file.len()
    }
}

impl ChunkReader for Pages {
    type T = BufReader<File>;

    /// A reader of the page header that begins at `start`.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut reader = self.file.get_read(start)?;
        // Of a file, all that a buffer holds is there at once, unless the file ends.
        let bytes = self.noticing_a_cut(decompressed_size(reader.fill_buf()?))?;
        if bytes > self.limit {
            return Err(self.refuse(RejectReason::BatchTooLarge {
                what: "a page",
                bytes,
                limit: self.limit,
            }));
        }
        Ok(reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.noticing_a_cut(self.file.get_bytes(start, length))
    }
}

/// The size that a page header gives; an error where it does not begin as every writer begins it.
fn decompressed_size(header: &[u8]) -> Result<u64> {
    let mut header = header.iter();
    let mut next = || -> Result<u8> {
        let byte = header.next().copied();
        byte.ok_or_else(|| ParquetError::EOF("a page header is cut off".to_owned()))
    };
    let mut number = 0_u64;
    for _ in ["kind", "size"] {
        if next()? != NEXT_NUMBER {
            return Err(ParquetError::General("not a page header".to_owned()));
        }
        number = 0;
        // An i32 in groups of seven bits.
        for group in 0..5 {
            let byte = next()?;
            number |= u64::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                break;
            }
        }
    }
    // Zigzag: odd numbers are negative, of which the library complains.
    Ok(if number & 1 == 0 { number >> 1 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(header: &[u8]) -> Option<u64> {
        decompressed_size(header).ok()
    }

    #[test]
    fn the_size_is_the_second_number() {
        assert_eq!(size(&[0x15, 0x00, 0x15, 0x54, 0x15]), Some(42));
        assert_eq!(size(&[0x15, 0x04, 0x15, 0x80, 0x01, 0xff]), Some(64));
        assert_eq!(
            size(&[0x15, 0x00, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f]),
            Some(i32::MAX as u64)
        );
        assert_eq!(size(&[0x15, 0x00, 0x15, 0x01]), Some(0), "below zero");
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for header in [
            &[][..],
            &[0x15],
            &[0x15, 0x00, 0x15],
            &[0x25, 0x00, 0x15, 0x54],
            &[0x15, 0x00, 0x05, 0x04, 0x54],
        ] {
            assert_eq!(size(header), None, "{header:?}");
        }
    }
}
