//! Which documents are one machine's share of a corpus.
//!
//! Machines that share a corpus need not talk to each other if all of them can tell, from a document alone, whose it is. The
//! document's id decides, by a hash that any language has in its standard library, so that others can tell as well.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

/// One of `count` parts of a corpus, written `index/count`, as in `2/7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `count`.
    index: u64,
    count: u64,
}

impl Shard {
    /// Whether the document called `id` is in this part: the first eight bytes of the id's SHA-256, as a big-endian number
    /// modulo `count`, are `index - 1`.
    pub fn holds(self, id: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(id).into();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(first) % self.count == self.index - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.count)
    }
}

/// What is no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected I/N, a number from 1 to N and how many there are, as in 2/7")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, count) = text.split_once('/').ok_or(NoShard)?;
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<u64>().ok()).flatten().ok_or(NoShard)
        };
        let (index, count) = (number(index)?, number(count)?);
        if index == 0 || index > count {
            return Err(NoShard);
        }
        Ok(Self { index, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_in_one_shard() {
        for count in [1, 2, 7] {
            let shards: Vec<Shard> = (1..=count)
                .map(|index| format!("{index}/{count}").parse().unwrap())
                .collect();
            let mut sizes = vec![0; count];
            for number in 0..1000 {
                let id = format!("https://example.org/{number}");
                let holders: Vec<usize> = (0..count).filter(|&index| shards[index].holds(&id)).collect();
                assert_eq!(holders.len(), 1, "{id}");
                sizes[holders[0]] += 1;
            }
            assert!(sizes.iter().all(|&size| size > 700 / count), "{sizes:?}");
        }
    }

    /// `int.from_bytes(hashlib.sha256(id.encode()).digest()[:8], "big") % 7 + 1` in Python.
    #[test]
    fn the_formula_is_the_documented_one() {
        for (id, index) in [("tarn-1", 4), ("tarn-2", 7), ("größe", 3)] {
            assert!(Shard { index, count: 7 }.holds(id), "{id}");
        }
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in [
            "",
            "1",
            "0/3",
            "4/3",
            "1/0",
            "a/3",
            "1/3/5",
            "+1/3",
            " 1/3",
            "-1/3",
            "1/99999999999999999999",
        ] {
            assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text:?}");
        }
        assert_eq!("2/7".parse::<Shard>().unwrap().to_string(), "2/7");
    }
}
