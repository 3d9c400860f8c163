//! BERT's own tokenization, without the parts of the general library that cost the time.
//!
//! `tokenizers` keeps for every character where it came from, which is asked for here only where something was found,
//! and is about twelve times slower for it. This file does the four steps of BERT's uncased tokenizer on plain characters: clean,
//! separate Chinese characters, strip accents and lower the case, split at white space and punctuation; and then
//! looks up the longest known pieces of each word (Wu et al. 2016, "Google's Neural Machine Translation System",
//! section 4.1). It uses the same two Unicode crates as the library, so that both mean the same by "punctuation"
//! and by "accent"; `tests/tokenizer.rs` holds the ids of both together.

use std::collections::HashMap;
use std::ops::Range;

use serde::Deserialize;
use unicode_categories::UnicodeCategories;
use unicode_normalization_alignments::char::decompose_canonical;

/// A vocabulary of wordpieces.
pub(super) struct WordPiece {
    /// Pieces that start a word.
    first: HashMap<Box<str>, u32>,
    /// Pieces that continue one, without their prefix.
    next: HashMap<Box<str>, u32>,
    /// Bytes of the longest piece: no longer candidate is looked up.
    longest: usize,
    unknown: u32,
    /// One more than the largest id.
    vocabulary_size: usize,
    most_characters: usize,
}

/// The parts of a `tokenizer.json` that say which tokenizer it is.
#[derive(Deserialize)]
struct File {
    normalizer: Normalizer,
    pre_tokenizer: Typed,
    model: Model,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    name: String,
}

#[derive(Deserialize)]
struct Normalizer {
    #[serde(rename = "type")]
    name: String,
    clean_text: bool,
    handle_chinese_chars: bool,
    strip_accents: Option<bool>,
    lowercase: bool,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    name: String,
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: HashMap<String, u32>,
}

impl WordPiece {
    /// The tokenizer of a `tokenizer.json`, or `None` if it is not BERT's uncased one, which alone is known here.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let file: File = serde_json::from_slice(bytes).ok()?;
        let normalizer = &file.normalizer;
        let is_uncased_bert = normalizer.name == "BertNormalizer"
            && normalizer.clean_text
            && normalizer.handle_chinese_chars
            && normalizer.strip_accents.unwrap_or(normalizer.lowercase)
            && normalizer.lowercase
            && file.pre_tokenizer.name == "BertPreTokenizer"
            && file.model.name == "WordPiece";
        if !is_uncased_bert {
            return None;
        }
        let model = file.model;
        let unknown = *model.vocab.get(&model.unk_token)?;
        let (mut first, mut next) = (HashMap::new(), HashMap::new());
        let longest = model.vocab.keys().map(String::len).max()?;
        let vocabulary_size = *model.vocab.values().max()? as usize + 1;
        for (piece, id) in model.vocab {
            match piece.strip_prefix(&model.continuing_subword_prefix) {
                Some(rest) if !rest.is_empty() => next.insert(rest.into(), id),
                // A word can itself begin with the prefix.
                _ => first.insert(piece.into_boxed_str(), id),
            };
        }
        Some(Self {
            first,
            next,
            longest,
            unknown,
            vocabulary_size,
            most_characters: model.max_input_chars_per_word,
        })
    }

    /// Whether `piece` can begin a word.
    pub(super) fn has(&self, piece: &str) -> bool {
        self.first.contains_key(piece)
    }

    /// One more than the largest id.
    pub(super) fn vocabulary_size(&self) -> usize {
        self.vocabulary_size
    }

    /// Appends the ids of `text`, which holds none of the tokenizer's special tokens, and tells `places` where in
    /// the text they stand.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>, places: &mut impl Places) {
        let mut word = String::new();
        for (index, character) in text.chars().enumerate() {
            places.at(index);
            if character.is_ascii_alphanumeric() {
                word.push(character.to_ascii_lowercase());
                places.grew(1);
            } else if is_space(character) {
                self.finish(&mut word, ids, places);
            } else if character.is_ascii_graphic() || is_chinese(character) {
                // All of ASCII that is neither a letter, a digit nor control counts as punctuation.
                self.finish(&mut word, ids, places);
                self.normalize(character, &mut word, ids, places);
                self.finish(&mut word, ids, places);
            } else if !(character == '\u{fffd}' || character.is_other()) {
                self.normalize(character, &mut word, ids, places);
            }
        }
        self.finish(&mut word, ids, places);
    }

    /// Adds a character to the word, without its accents and in lower case, or ends the word at punctuation.
    fn normalize(&self, character: char, word: &mut String, ids: &mut Vec<u32>, places: &mut impl Places) {
        decompose_canonical(character, |part| {
            if part.is_mark_nonspacing() {
                return;
            }
            for lower in part.to_lowercase() {
                let punctuation = lower.is_ascii_punctuation() || lower.is_punctuation();
                if punctuation || lower.is_whitespace() {
                    self.finish(word, ids, places);
                }
                if !lower.is_whitespace() {
                    word.push(lower);
                    places.grew(lower.len_utf8());
                }
                if punctuation {
                    self.finish(word, ids, places);
                }
            }
        });
    }

    /// Appends the pieces of `word`, greedily the longest first, or the unknown token; empties it.
    fn finish(&self, word: &mut String, ids: &mut Vec<u32>, places: &mut impl Places) {
        if word.is_empty() {
            return;
        }
        let before = ids.len();
        let mut start = 0;
        if word.len() > self.most_characters && word.chars().count() > self.most_characters {
            ids.push(self.unknown);
            places.piece(0..word.len());
        } else {
            while start < word.len() {
                match self.longest_piece(word, start) {
                    Some((end, id)) => {
                        ids.push(id);
                        places.piece(start..end);
                        start = end;
                    }
                    None => {
                        ids.truncate(before);
                        ids.push(self.unknown);
                        places.unknown(ids.len() - 1, word.len());
                        break;
                    }
                }
            }
        }
        word.clear();
        places.word_ended();
    }

    fn longest_piece(&self, word: &str, start: usize) -> Option<(usize, u32)> {
        let pieces = if start == 0 { &self.first } else { &self.next };
        let mut end = word.floor_char_boundary(start + self.longest);
        while end > start {
            if let Some(&id) = pieces.get(&word[start..end]) {
                return Some((end, id));
            }
            end = word.floor_char_boundary(end - 1);
        }
        None
    }
}

/// Told where every piece comes from. `()` does not care, and costs nothing.
pub(super) trait Places {
    /// What the word grows by comes from the text's character `index`, until told otherwise.
    fn at(&mut self, _index: usize) {}

    /// The word is this many bytes longer.
    fn grew(&mut self, _bytes: usize) {}

    /// The next piece is these bytes of the word.
    fn piece(&mut self, _bytes: Range<usize>) {}

    /// The pieces from the text's `first` on are one unknown word of `length` bytes instead.
    fn unknown(&mut self, _first: usize, _length: usize) {}

    fn word_ended(&mut self) {}
}

impl Places for () {}

/// The characters of the text that each piece stands for.
#[derive(Default)]
pub(super) struct CharacterRanges {
    pub(super) ranges: Vec<Range<usize>>,
    index: usize,
    /// Where each byte of the word comes from.
    word: Vec<usize>,
}

impl Places for CharacterRanges {
    fn at(&mut self, index: usize) {
        self.index = index;
    }

    fn grew(&mut self, bytes: usize) {
        self.word.resize(self.word.len() + bytes, self.index);
    }

    fn piece(&mut self, bytes: Range<usize>) {
        self.ranges
            .push(self.word[bytes.start]..self.word[bytes.end - 1] + 1);
    }

    fn unknown(&mut self, first: usize, length: usize) {
        self.ranges.truncate(first);
        self.piece(0..length);
    }

    fn word_ended(&mut self) {
        self.word.clear();
    }
}

/// White space, as BERT's cleaning understands it.
fn is_space(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r') || (character.is_whitespace() && !character.is_other())
}

/// The ideographs that BERT sets apart as words of their own: the CJK blocks, as listed in its tokenizer.
fn is_chinese(character: char) -> bool {
    matches!(
        u32::from(character),
        0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0x2_0000..=0x2_A6DF
            | 0x2_A700..=0x2_B73F
            | 0x2_B740..=0x2_B81F
            | 0x2_B920..=0x2_CEAF
            | 0xF900..=0xFAFF
            | 0x2_F800..=0x2_FA1F
    )
}
