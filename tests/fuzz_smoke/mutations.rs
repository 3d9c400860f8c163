//! Changes to a seed, the same in every run.

/// A small generator of numbers (Steele et al. 2014, SplitMix64): tests need no better one, and need it to stay.
pub struct Numbers(pub u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `limit`, which is above 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("below a usize")
    }
}

/// What readers look for, and numbers at which sizes overflow.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b",",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"\\",
    b"\\u",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\x9c",
    b"\xcc\x81",
    b"text",
    b"doc_id",
    b"null",
    b"-1",
    b"1e999",
    b"18446744073709551615",
    b"PAR1",
    b"ARROW1",
    b"\xff\xff\xff\xff",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"\x00\x00\x00\x00\x00\x00\x00\x10",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\xff\xff\xff\x7f",
    b". ",
    b"Mr.",
];

/// `seed` with one to eight changes; `other` gives what is spliced in.
pub fn mutated(seed: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(8) {
        let place = numbers.below(bytes.len() + 1);
        let length = numbers.below(16.min(bytes.len() - place) + 1);
        match numbers.below(7) {
            0 if place < bytes.len() => bytes[place] ^= 1 << numbers.below(8),
            1 if place < bytes.len() => bytes[place] = numbers.below(256) as u8,
            2 => drop(bytes.drain(place..place + length)),
            3 => {
                let piece = PIECES[numbers.below(PIECES.len())];
                bytes.splice(place..place, piece.iter().copied());
            }
            4 => {
                let piece = PIECES[numbers.below(PIECES.len())];
                let end = bytes.len().min(place + piece.len());
                bytes.splice(place..end, piece.iter().copied());
            }
            5 => {
                let own = bytes[place..place + length].repeat(1 + numbers.below(20));
                bytes.splice(place..place, own);
            }
            _ if !other.is_empty() => {
                let start = numbers.below(other.len());
                let end = start + numbers.below(64.min(other.len() - start) + 1);
                bytes.splice(place..place, other[start..end].iter().copied());
            }
            _ => {}
        }
    }
    bytes
}
