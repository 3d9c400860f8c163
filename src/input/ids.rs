//! Remembers which ids a run has used, small enough for corpora of many millions.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState},
};

/// Tables that the ids are spread over.
const SHARDS: usize = 256;

/// The ids seen so far, each with the place of its first holder: some 25 bytes for an id, however long a URL it is.
///
/// An id is kept as a hash: two SipHashes of the standard library under independent random keys, which need no
/// dependency and which no crafted corpus can make collide. 96 bits of them are kept. Among a hundred million ids, two
/// share them with a probability of about 6e-14 (n²/2⁹⁷), below that of a memory error.
///
/// A table that is full is copied into one of twice the size. There are many, filled unequally fast, so that it happens
/// to one small table at a time and memory grows with the ids, not in leaps.
pub(super) struct Ids {
    keys: [RandomState; 2],
    /// The hashes of each table, and how manieth id it was.
    shards: Vec<HashMap<Key, u32, BuildHasherDefault<KeyHasher>>>,
    holders: Holders,
}

impl Ids {
    pub fn new() -> Self {
        Self {
            keys: [RandomState::new(), RandomState::new()],
            shards: (0..SHARDS).map(|_| HashMap::default()).collect(),
            holders: Holders::default(),
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
        let [first, second] = [self.keys[0].hash_one(id), self.keys[1].hash_one(id)];
        let key = Key([first as u32, (first >> 32) as u32, second as u32]);
        // The last table is filled twice as fast as the first.
        let place = (1.0 + (second >> 32) as f64 / 2_f64.powi(32)).log2();
        let shard = ((place * SHARDS as f64) as usize).min(SHARDS - 1);
        match self.shards[shard].entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(self.holders.push(source, record));
                Ok(())
            }
            Entry::Occupied(entry) => Err(self.holders.get(*entry.get())),
        }
    }
}

/// What is kept of an id.
#[derive(PartialEq, Eq)]
struct Key([u32; 3]);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.0[0]) | u64::from(self.0[1]) << 32);
    }
}

/// Takes a key for its hash, as it is.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Who used the ids, in the order in which they came. Most stand in the record after that of the one before; only
/// where one does not is anything kept.
#[derive(Default)]
struct Holders {
    runs: Vec<Run>,
    count: u64,
}

/// Ids that stand in records which follow each other.
struct Run {
    /// How manieth the first of them is.
    first: u32,
    source: u32,
    /// Its record, or 0 for a whole file: records count from 1. A number beyond 32 bits is shown as the largest.
    record: u32,
}

impl Holders {
    /// Adds a holder; returns how manieth it is. Those beyond 32 bits are taken for the last of them.
    fn push(&mut self, source: usize, record: Option<u64>) -> u32 {
        let clamp = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let own = Run {
            first: clamp(self.count),
            source: clamp(source as u64),
            record: record.map_or(0, clamp),
        };
        self.count += 1;
        let follows = |run: &Run| {
            let next = run.record.saturating_add(own.first - run.first);
            run.source == own.source && run.record > 0 && next == own.record
        };
        let first = own.first;
        if !self.runs.last().is_some_and(follows) {
            self.runs.push(own);
        }
        first
    }

    fn get(&self, number: u32) -> (usize, Option<u64>) {
        let after = self.runs.partition_point(|run| run.first <= number);
        let run = &self.runs[after - 1];
        let record = run.record.saturating_add(number - run.first);
        (run.source as usize, (run.record > 0).then_some(u64::from(record)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_holder_is_found_whatever_stood_between() {
        let mut ids = Ids::new();
        let holders = [
            (0, Some(1)),
            (0, Some(2)),
            (0, Some(5)),
            (1, None),
            (2, None),
            (3, Some(6)),
            (3, Some(7)),
        ];
        for (index, (source, record)) in holders.into_iter().enumerate() {
            assert_eq!(ids.insert(&index.to_string(), source, record), Ok(()));
        }
        assert_eq!(ids.holders.runs.len(), 5);
        for (index, holder) in holders.into_iter().enumerate() {
            assert_eq!(ids.insert(&index.to_string(), 9, Some(9)), Err(holder));
        }
    }

    #[test]
    fn records_of_any_number_are_held() {
        let mut ids = Ids::new();
        for record in [u64::from(u32::MAX) - 1, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(ids.insert(&record.to_string(), 0, Some(record)), Ok(()));
        }
        let largest = (0, Some(u64::from(u32::MAX)));
        assert_eq!(ids.insert(&u64::MAX.to_string(), 0, Some(1)), Err(largest));
    }

    #[test]
    fn an_id_takes_few_bytes() {
        let mut ids = Ids::new();
        let count = 200_000;
        for number in 0..count {
            assert_eq!(
                ids.insert(&format!("story-{number}"), 0, Some(number + 1)),
                Ok(())
            );
        }
        // Seven of eight places of a table are used before it grows; a place has a byte besides.
        let places: usize = ids.shards.iter().map(|shard| shard.capacity() * 8 / 7).sum();
        let bytes = places * (size_of::<(Key, u32)>() + 1);
        assert!(
            bytes <= 30 * count as usize,
            "{} bytes for an id",
            bytes as f64 / count as f64
        );
        assert_eq!(ids.holders.runs.len(), 1);
    }
}
