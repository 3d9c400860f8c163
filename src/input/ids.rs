//! Remembers which ids a run has used, small enough for corpora of many millions.

use std::hash::{BuildHasher, RandomState};

/// Bits of an id's hash that say in which list it stands.
const LIST_BITS: u32 = 11;

/// Bits of an entry that hold its gap: of four times the gap to be expected, which two in a hundred exceed.
const GAP_BITS: u32 = LIST_BITS + 2;

const LARGEST_GAP: u32 = (1 << GAP_BITS) - 1;

/// The ids seen so far, each with the place of its first holder: some 9 bytes for an id, however long a URL it is.
///
/// An id is kept as a hash: the SipHash of the standard library under a random key, which needs no dependency and which
/// no crafted corpus can make collide. Its list and its key are 62 bits of it. Among ten million ids, two share them
/// with a probability of about 1e-5 (n²/2⁶³).
///
/// Ids stand in a list in the order in which they came, and are searched from the last to the first: a hash table would
/// take more than twice the memory. Up to a million ids that takes less than a microsecond for each, and three
/// up to three million; from there on it grows with the corpus. To label a document takes ten thousand.
pub(super) struct Ids {
    hash: RandomState,
    lists: Vec<List>,
    links: Links,
    holders: Holders,
}

impl Ids {
    pub fn new() -> Self {
        Self {
            hash: RandomState::new(),
            lists: vec![List::default(); 1 << LIST_BITS],
            links: Links::default(),
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
        let hash = self.hash.hash_one(id);
        let key = hash >> GAP_BITS;
        let list = &mut self.lists[hash as usize % (1 << LIST_BITS)];
        match list.number(key, &self.links) {
            Some(number) => Err(self.holders.get(number)),
            None => {
                list.push(key, self.holders.push(source, record), &mut self.links);
                Ok(())
            }
        }
    }
}

/// Some of the ids, the last ones first.
#[derive(Clone, Default)]
struct List {
    /// The link that holds the last entries; 0 where there are none.
    link: u32,
    /// Entries of that link that are in use.
    used: u32,
    /// How manieth id the last one was, of those in all lists.
    last: u32,
}

impl List {
    /// How manieth id `key` was.
    fn number(&self, key: u64, links: &Links) -> Option<u32> {
        let (mut number, mut own, mut used) = (self.last, self.link, self.used as usize);
        while own > 0 {
            let link = links.get(own);
            let place = link.entries[..used].iter().rposition(|entry| entry.key() == key);
            let later = place.map_or(0, |place| place + 1)..used;
            number -= link.entries[later].iter().map(|entry| entry.gap()).sum::<u32>();
            if place.is_some() {
                return Some(number);
            }
            (own, used) = (link.before, ENTRIES);
        }
        None
    }

    fn push(&mut self, key: u64, number: u32, links: &mut Links) {
        let mut gap = number - self.last;
        self.last = number;
        loop {
            let own = gap.min(LARGEST_GAP);
            if self.link == 0 || self.used as usize == ENTRIES {
                self.link = links.push(Link {
                    before: self.link,
                    ..Link::default()
                });
                self.used = 0;
            }
            let (link, place) = (links.get_mut(self.link), self.used as usize);
            link.entries[place] = Entry::new(key, own);
            self.used += 1;
            gap -= own;
            if gap == 0 {
                return;
            }
        }
    }
}

/// An id in a list: the key above, and below it the gap, which says how many ids came, to all lists, from the one before
/// in this list to this one. What exceeds the largest gap is told in several entries, in which the key is repeated.
#[derive(Clone, Copy, Default)]
struct Entry(u64);

impl Entry {
    fn new(key: u64, gap: u32) -> Self {
        Self(key << GAP_BITS | u64::from(gap))
    }

    fn key(self) -> u64 {
        self.0 >> GAP_BITS
    }

    fn gap(self) -> u32 {
        self.0 as u32 & LARGEST_GAP
    }
}

/// Entries of a link, so that it fills four lines of the processor's cache: they are read ahead, and the next link is not.
const ENTRIES: usize = 31;

/// Some entries of a list that came one after another.
#[derive(Default)]
struct Link {
    entries: [Entry; ENTRIES],
    /// The link with the entries before these; 0 where there are none.
    before: u32,
}

/// Links of a page.
const PAGE: usize = 128;

/// The links of all lists, numbered from 1 in the order in which they came. They stand in pages, and a page never grows or moves:
/// what grows by moving leaves holes between the others, which took half as much memory again.
#[derive(Default)]
struct Links {
    pages: Vec<Vec<Link>>,
}

impl Links {
    fn push(&mut self, link: Link) -> u32 {
        if self.pages.last().is_none_or(|page| page.len() == PAGE) {
            self.pages.push(Vec::with_capacity(PAGE));
        }
        let before = (self.pages.len() - 1) * PAGE;
        let page = self
            .pages
            .last_mut()
            .expect("a page was added where there was none");
        page.push(link);
        u32::try_from(before + page.len()).expect("more ids than memory could hold")
    }

    fn get(&self, number: u32) -> &Link {
        let index = number as usize - 1;
        &self.pages[index / PAGE][index % PAGE]
    }

    fn get_mut(&mut self, number: u32) -> &mut Link {
        let index = number as usize - 1;
        &mut self.pages[index / PAGE][index % PAGE]
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
    fn an_id_that_comes_after_many_others_has_its_number() {
        let (mut list, mut links) = (List::default(), Links::default());
        let numbers = [0, 7, 8_198, 16_390, 65_542, 131_077, 500_000, u32::MAX];
        for (key, number) in (0..).zip(numbers) {
            list.push(key, number, &mut links);
        }
        for (key, number) in (0..).zip(numbers) {
            assert_eq!(list.number(key, &links), Some(number));
        }
        assert_eq!(list.number(9, &links), None);
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
        let bytes = ids.links.pages.len() * PAGE * size_of::<Link>() + ids.lists.len() * size_of::<List>();
        assert!(
            bytes <= 10 * count as usize,
            "{} bytes for an id",
            bytes as f64 / count as f64
        );
        assert_eq!(ids.holders.runs.len(), 1);
    }
}
