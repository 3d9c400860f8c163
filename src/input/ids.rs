//! Remembers which ids a run has used, small enough for corpora of many millions.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, RandomState},
};

/// The ids seen so far, each with the place of its first holder.
///
/// An id is kept as a 128-bit hash, 16 bytes however long a URL it is: two SipHashes of the standard library
/// under independent random keys, which need no dependency and which no crafted corpus can make collide.
/// Among a hundred million ids, two share a hash with a probability of about 1e-23 (n²/2¹²⁹), far below that
/// of a memory error.
pub(super) struct Ids {
    keys: [RandomState; 2],
    seen: HashMap<(u64, u64), Holder>,
}

/// Where an id was first used. 32 bits each keep the table small; a record number beyond them is shown as the
/// largest.
#[derive(Clone, Copy)]
struct Holder {
    source: u32,
    record: u32,
}

impl Ids {
    pub fn new() -> Self {
        Self {
            keys: [RandomState::new(), RandomState::new()],
            seen: HashMap::new(),
        }
    }

    /// Notes `id`, used by a record (`None`: the whole file) of the source with index `source`. Where it was
    /// used before, returns the first holder's source and record.
    pub fn insert(
        &mut self,
        id: &str,
        source: usize,
        record: Option<u64>,
    ) -> Result<(), (usize, Option<u64>)> {
        let hash = (self.keys[0].hash_one(id), self.keys[1].hash_one(id));
        match self.seen.entry(hash) {
            Entry::Vacant(entry) => {
                let clamp = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
                // Records count from 1, so 0 is free to mean the file.
                entry.insert(Holder {
                    source: clamp(source as u64),
                    record: record.map_or(0, clamp),
                });
                Ok(())
            }
            Entry::Occupied(entry) => {
                let Holder { source, record } = *entry.get();
                Err((source as usize, (record > 0).then_some(u64::from(record))))
            }
        }
    }
}
