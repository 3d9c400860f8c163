//! The messages of an Arrow stream, each measured before it is decoded.
//!
//! A message says how long its rows are, and what each of their buffers will be once it is decompressed. The library takes
//! memory as it is told, and a process that asks for more than there is ends, whatever it was doing. So what a message
//! claims is added up here first, and one that claims more than the limit is refused: a false claim costs nothing, and a
//! bomb does not go off.

use std::{
    collections::HashMap,
    io::{self, BufRead, Read},
};

use arrow_ipc::{Message, MessageHeader, RecordBatch, root_as_message};

use super::batches::TooLarge;

/// What begins a message, before the length of its description.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// A description lists the buffers of a batch, or the columns of a table: more than this describes no table.
const MOST_DESCRIPTION: u64 = 64 << 20;

/// The bytes of a stream, unchanged, as long as no message in it claims too much.
pub(super) struct Messages {
    reader: Box<dyn BufRead + Send>,
    limit: u64,
    /// What the dictionaries take that are held for later batches, by their number.
    dictionaries: HashMap<i64, u64>,
    /// Bytes that were examined and are not handed on yet, from `next`.
    examined: Vec<u8>,
    next: usize,
    /// Bytes that follow them and need no examination.
    unexamined: u64,
    is_at_end: bool,
}

impl Messages {
    /// The stream of `reader`; no batch with the dictionaries it needs is larger than `limit` bytes.
    pub fn new(reader: Box<dyn BufRead + Send>, limit: u64) -> Self {
        Self {
            reader,
            limit,
            dictionaries: HashMap::new(),
            examined: Vec::new(),
            next: 0,
            unexamined: 0,
            is_at_end: false,
        }
    }

    /// Examines the next message. What is no message is handed on, for the library to complain of.
    fn advance(&mut self) -> io::Result<()> {
        self.examined.clear();
        self.next = 0;
        self.is_at_end = true;
        let mut length = 4;
        if self.take(length)? < length {
            return Ok(());
        }
        if self.examined == CONTINUATION {
            if self.take(4)? < 4 {
                return Ok(());
            }
            length = 8;
        }
        let start = usize::try_from(length).unwrap_or(0);
        let described = u32::from_le_bytes(self.examined[start - 4..].try_into().unwrap_or_default());
        // A length below 0 is none.
        if described == 0 || i32::try_from(described).is_err() {
            return Ok(());
        }
        self.check(described.into(), MOST_DESCRIPTION.min(self.limit))?;
        if self.take(described.into())? < described.into() {
            return Ok(());
        }
        let Ok(message) = root_as_message(&self.examined[start..]) else {
            return Ok(());
        };
        let Ok(body) = u64::try_from(message.bodyLength()) else {
            return Ok(());
        };
        self.is_at_end = false;
        let dictionary = message.header_as_dictionary_batch();
        let key = dictionary.map(|dictionary| (dictionary.id(), dictionary.isDelta()));
        let buffers = compressed_buffers(&message);
        self.check(body, self.limit)?;
        let mut bytes = body;
        if buffers.is_empty() {
            self.unexamined = body;
        } else {
            let start = self.examined.len();
            if self.take(body)? < body {
                self.is_at_end = true;
                return Ok(());
            }
            let body = &self.examined[start..];
            bytes = buffers
                .iter()
                .fold(0, |sum, buffer| sum.saturating_add(buffer.claim(body)));
        }
        let others = |own: i64| self.dictionaries.iter().filter(move |(id, _)| **id != own);
        match key {
            Some((id, is_delta)) => {
                let before = self.dictionaries.get(&id).filter(|_| is_delta);
                let own = bytes.saturating_add(before.copied().unwrap_or(0));
                let all = others(id).fold(own, |sum, (_, bytes)| sum.saturating_add(*bytes));
                self.check(all, self.limit)?;
                self.dictionaries.insert(id, own);
            }
            None => {
                let held = self.dictionaries.values();
                self.check(
                    held.fold(bytes, |sum, held| sum.saturating_add(*held)),
                    self.limit,
                )?;
            }
        }
        Ok(())
    }

    /// Appends up to `count` bytes of the stream to those examined, and says how many there were. Room for them is made
    /// as they come.
    fn take(&mut self, count: u64) -> io::Result<u64> {
        let taken = self.reader.by_ref().take(count).read_to_end(&mut self.examined);
        Ok(taken.map_err(unmistakable)? as u64)
    }

    fn check(&self, bytes: u64, limit: u64) -> io::Result<()> {
        if bytes <= limit {
            return Ok(());
        }
        Err(TooLarge { bytes, limit }.into())
    }
}

impl Read for Messages {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.next == self.examined.len() && self.unexamined == 0 && !self.is_at_end {
            self.advance()?;
        }
        let ready = &self.examined[self.next..];
        if !ready.is_empty() {
            let count = ready.len().min(buffer.len());
            buffer[..count].copy_from_slice(&ready[..count]);
            self.next += count;
            return Ok(count);
        }
        let count = self
            .reader
            .by_ref()
            .take(self.unexamined)
            .read(buffer)
            .map_err(unmistakable)?;
        self.unexamined -= count as u64;
        Ok(count)
    }
}

/// An error that the library does not take for the end of the stream, as it does one that says that the end came early:
/// that of a file that was cut off, or of an archive.
fn unmistakable(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::other(error),
        _ => error,
    }
}

/// Where a compressed buffer stands in the body of its message.
struct Place {
    offset: usize,
    length: usize,
}

impl Place {
    /// How many bytes the buffer says that it will have: they stand before it. Of what does not lie within the body
    /// the library complains.
    fn claim(&self, body: &[u8]) -> u64 {
        let own = body.get(self.offset..).and_then(|rest| rest.get(..self.length));
        let claim = own.and_then(|own| own.first_chunk());
        let claim = claim.map(|claim| i64::from_le_bytes(*claim));
        // A claim below 0 says that what follows is not compressed.
        let rest = self.length.saturating_sub(size_of::<i64>()) as u64;
        claim.map_or(0, |claim| u64::try_from(claim).unwrap_or(rest))
    }
}

/// The compressed buffers of a message; none where it has no rows, or they are not compressed.
fn compressed_buffers(message: &Message<'_>) -> Vec<Place> {
    let batch: Option<RecordBatch<'_>> = match message.header_type() {
        MessageHeader::RecordBatch => message.header_as_record_batch(),
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|own| own.data()),
        _ => None,
    };
    let buffers = batch
        .filter(|batch| batch.compression().is_some())
        .and_then(|batch| batch.buffers());
    let place = |buffer: &arrow_ipc::Buffer| Place {
        offset: usize::try_from(buffer.offset()).unwrap_or(usize::MAX),
        length: usize::try_from(buffer.length()).unwrap_or(0),
    };
    buffers.iter().flatten().map(place).collect()
}
