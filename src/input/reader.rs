//! What the reader of every format is: values one by one, and where the last of them stands.
//!
//! A reader knows its format and nothing of other inputs. It says why a record gives no value; whoever asks
//! makes a [`Reject`](crate::error::Reject) of that, with the file's name and the record's place and bytes.

use crate::error::RejectReason;

/// A format's reader.
pub(super) trait Reader<T> {
    /// The next value, or why its record gives none; `None` at the end, and ever after.
    fn next(&mut self) -> Option<Result<T, Failure>>;

    /// Where the record of the last `next` stands.
    fn place(&self) -> Place;

    /// That record as it stands in the input, without its end of line; `None` where it is not held whole.
    fn raw(&self) -> Option<&[u8]>;
}

pub(super) type Records<T> = Box<dyn Reader<T> + Send>;

/// Where a record stands in its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number, from 1; `None` where the file is the record.
    pub record: Option<u64>,
    /// Its first byte, from 0, after decompression; `None` in formats that have no such place.
    pub offset: Option<u64>,
}

/// Why a record gives no value, with the document's id where it was read already.
#[derive(Debug)]
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

/// The records of an input that cannot be read at all: one failure, of the file itself.
pub(super) struct Unusable(pub Option<RejectReason>);

impl<T> Reader<T> for Unusable {
    fn next(&mut self) -> Option<Result<T, Failure>> {
        self.0.take().map(|reason| Err(reason.into()))
    }

    fn place(&self) -> Place {
        Place::default()
    }

    fn raw(&self) -> Option<&[u8]> {
        None
    }
}
