//! The documents that a page carries with their text: few enough for a page, and the same ones every time.
//!
//! They are those whose ids have the smallest hashes, a choice that depends neither on the order of the rows nor on
//! what the documents say, and that can be made in one pass. Only they are held in memory, each only up to a size, and never
//! more of them than the page has room for.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeTuple, Serializer};
use sha2::{Digest, Sha256};

use super::marks::{Mark, marks};
use super::measures::{Counts, Measure};
use super::visible::{clipped, visible};
use crate::input::labeled::LabeledRow;
use crate::prediction::Label;

/// Text of one document that is carried, in bytes; some forty pages of a book.
const MOST_DOCUMENT_BYTES: usize = 100_000;

/// Characters of a sentence that are carried.
const MOST_SENTENCE_CHARACTERS: usize = 8_000;

/// Characters of an id, a group or a date that are shown.
const MOST_NAME_CHARACTERS: usize = 160;

/// What tells documents apart and orders them: the first half of SHA-256 of the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct IdHash(u128);

impl IdHash {
    pub fn of(id: &str) -> Self {
        let digest = Sha256::digest(id.as_bytes());
        let first = digest.iter().take(16);
        Self(first.fold(0, |hash, byte| (hash << 8) | u128::from(*byte)))
    }
}

/// A document with its text.
#[derive(Clone, Debug)]
pub(super) struct SampledDocument {
    id: String,
    group: Option<String>,
    date: Option<String>,
    counts: Counts,
    sentences: Vec<SampledSentence>,
    /// Bytes of text in `sentences`.
    bytes: usize,
    /// Sentences beyond [`MOST_DOCUMENT_BYTES`].
    left_out: u64,
}

#[derive(Clone, Debug)]
struct SampledSentence {
    number: u64,
    start: u64,
    end: u64,
    text: String,
    label: u8,
    is_uncertain: bool,
    confidence: f32,
    stance: u8,
    stance_probabilities: [f32; 4],
    attribution: u8,
    attribution_probabilities: [f32; 4],
    anonymity: Option<u8>,
    marks: Vec<Mark>,
}

/// A choice among the documents of a stream.
pub(super) struct Sample {
    chosen: BTreeMap<IdHash, SampledDocument>,
    most: usize,
    /// Bytes of text that the page has room for, at most.
    most_bytes: usize,
    bytes: usize,
    /// Whether documents were given up because there were too many bytes.
    is_cut: bool,
}

impl Sample {
    pub fn new(most: usize, most_bytes: usize) -> Self {
        Self {
            chosen: BTreeMap::new(),
            most,
            most_bytes,
            bytes: 0,
            is_cut: false,
        }
    }

    /// A document begins, or goes on elsewhere; says whether its rows are wanted.
    pub fn begin(&mut self, hash: IdHash, id: &str, group: Option<&str>, date: Option<&str>) -> bool {
        if self.chosen.contains_key(&hash) {
            return true;
        }
        let is_full = self.chosen.len() >= self.most;
        let last = self.chosen.last_key_value().map(|(last, _)| *last);
        if self.most == 0 || (is_full || self.is_cut) && last.is_none_or(|last| hash > last) {
            return false;
        }
        if is_full {
            self.give_up_last();
        }
        let shown = |name: &str| clipped(name, MOST_NAME_CHARACTERS).into_owned();
        self.chosen.insert(
            hash,
            SampledDocument {
                id: shown(id),
                group: group.map(shown),
                date: date.map(shown),
                counts: Counts::default(),
                sentences: Vec::new(),
                bytes: 0,
                left_out: 0,
            },
        );
        true
    }

    fn give_up_last(&mut self) {
        if let Some((_, document)) = self.chosen.pop_last() {
            self.bytes -= document.bytes;
        }
    }

    /// Adds a row of a document that [`Self::begin`] wanted.
    pub fn add(&mut self, hash: IdHash, row: &LabeledRow, is_uncertain: bool) {
        let Some(document) = self.chosen.get_mut(&hash) else {
            return;
        };
        document.counts.add(row, is_uncertain);
        let sentence = SampledSentence::of(row, is_uncertain);
        let bytes = sentence.text.len();
        // A first sentence is carried however long it is, for it was cut.
        if document.bytes > 0 && document.bytes + bytes > MOST_DOCUMENT_BYTES {
            document.left_out += 1;
            return;
        }
        document.sentences.push(sentence);
        document.bytes += bytes;
        self.bytes += bytes;
        // A page is filled in the order of the hashes, so that what lies beyond its room now will never be in it.
        while self.bytes > self.most_bytes + MOST_DOCUMENT_BYTES && self.chosen.len() > 1 {
            let last = self.chosen.last_key_value().map_or(0, |(_, last)| last.bytes);
            if self.bytes - last <= self.most_bytes {
                break;
            }
            self.give_up_last();
            self.is_cut = true;
        }
    }

    /// The chosen documents in the order of their hashes, each as JSON; as many as have room in `room` bytes. The second
    /// value says whether more were chosen.
    pub fn finish(self, room: usize) -> serde_json::Result<(Vec<String>, bool)> {
        let mut documents = Vec::new();
        let mut used = 0;
        for (_, mut document) in self.chosen {
            document.sentences.sort_by_key(|sentence| sentence.number);
            let json = super::page::script_json(&document)?;
            // The comma after it counts.
            used += json.len() + 1;
            if used > room {
                return Ok((documents, true));
            }
            documents.push(json);
        }
        Ok((documents, self.is_cut))
    }
}

impl SampledSentence {
    fn of(row: &LabeledRow, is_uncertain: bool) -> Self {
        let text = clipped(&row.text, MOST_SENTENCE_CHARACTERS).into_owned();
        let marks = marks(&text, &visible(&row.source), &visible(&row.cue));
        Self {
            number: row.sentence,
            start: row.start,
            end: row.end,
            text,
            label: row.label as u8,
            is_uncertain,
            confidence: row.confidence,
            stance: row.stance as u8,
            stance_probabilities: row.stance_probabilities,
            attribution: row.attribution as u8,
            attribution_probabilities: row.attribution_probabilities,
            anonymity: row.anonymity.map(|kind| kind as u8),
            marks,
        }
    }
}

/// How a sentence stands to the one before it.
#[derive(Clone, Copy)]
enum Break {
    /// It goes on.
    None = 0,
    /// It begins a paragraph, as far as the space between the two tells.
    Paragraph = 1,
    /// Sentences between them are not in the table.
    Gap = 2,
}

impl Break {
    fn between(before: Option<&SampledSentence>, sentence: &SampledSentence) -> Self {
        match before {
            None if sentence.number == 0 => Self::None,
            None => Self::Gap,
            Some(before) if before.number + 1 != sentence.number => Self::Gap,
            Some(before) if sentence.start > before.end + 1 => Self::Paragraph,
            Some(_) => Self::None,
        }
    }
}

impl Serialize for SampledDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            id: &'a str,
            group: Option<&'a str>,
            date: Option<&'a str>,
            sentences: u64,
            denials: u64,
            anonymous: u64,
            explicit: u64,
            none: u64,
            uncertain: u64,
            left_out: u64,
            text: Vec<Line<'a>>,
        }
        let of = |measure| self.counts.of(measure);
        let before = [None].into_iter().chain(self.sentences.iter().map(Some));
        Row {
            id: &self.id,
            group: self.group.as_deref(),
            date: self.date.as_deref(),
            sentences: self.counts.sentences,
            denials: of(Measure::DENIAL),
            anonymous: of(Measure::BROAD),
            explicit: of(Measure::STRICT),
            none: of(Measure::label(Label::None)),
            uncertain: of(Measure::UNCERTAIN),
            left_out: self.left_out,
            text: before
                .zip(&self.sentences)
                .map(|(before, sentence)| Line { before, sentence })
                .collect(),
        }
        .serialize(serializer)
    }
}

/// A sentence as the page's script reads it: a list, for there are thousands. Probabilities are in ten-thousandths, the
/// decimals that tables have.
struct Line<'a> {
    before: Option<&'a SampledSentence>,
    sentence: &'a SampledSentence,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let units = |probability: f32| (f64::from(probability) * 1e4).round() as u16;
        let sentence = self.sentence;
        let mut line = serializer.serialize_tuple(11)?;
        line.serialize_element(&sentence.text)?;
        line.serialize_element(&sentence.label)?;
        line.serialize_element(&u8::from(sentence.is_uncertain))?;
        line.serialize_element(&units(sentence.confidence))?;
        line.serialize_element(&sentence.stance)?;
        line.serialize_element(&sentence.stance_probabilities.map(units))?;
        line.serialize_element(&sentence.attribution)?;
        line.serialize_element(&sentence.attribution_probabilities.map(units))?;
        line.serialize_element(&sentence.anonymity)?;
        line.serialize_element(&sentence.marks)?;
        line.serialize_element(&(Break::between(self.before, sentence) as u8))?;
        line.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::row;

    fn ids(sample: Sample, room: usize) -> (Vec<String>, bool) {
        let (documents, is_cut) = sample.finish(room).unwrap();
        let id = |json: &String| {
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            value["id"].as_str().unwrap().to_owned()
        };
        (documents.iter().map(id).collect(), is_cut)
    }

    fn sample(most: usize, most_bytes: usize, documents: &[usize], text: &str) -> Sample {
        let mut sample = Sample::new(most, most_bytes);
        for number in documents {
            let id = format!("story-{number}");
            let hash = IdHash::of(&id);
            if sample.begin(hash, &id, None, None) {
                sample.add(hash, &row(&id, 0, text), false);
            }
        }
        sample
    }

    #[test]
    fn the_choice_does_not_depend_on_the_order() {
        let forwards: Vec<usize> = (0..500).collect();
        let backwards: Vec<usize> = (0..500).rev().collect();
        let (chosen, is_cut) = ids(sample(7, 1 << 20, &forwards, "Yes."), 1 << 20);
        assert_eq!((chosen.len(), is_cut), (7, false));
        assert_eq!(ids(sample(7, 1 << 20, &backwards, "Yes."), 1 << 20).0, chosen);
        // A smaller choice is the beginning of a larger one.
        assert_eq!(ids(sample(3, 1 << 20, &forwards, "Yes."), 1 << 20).0, chosen[..3]);
    }

    #[test]
    fn memory_and_page_are_bounded_and_what_is_left_is_what_was_first() {
        let documents: Vec<usize> = (0..300).collect();
        let text = "word ".repeat(1_000);
        let (all, _) = ids(sample(300, usize::MAX >> 1, &documents, &text), usize::MAX);
        let bounded = sample(300, 60_000, &documents, &text);
        assert!(
            bounded.bytes <= 60_000 + MOST_DOCUMENT_BYTES,
            "{} bytes are held",
            bounded.bytes
        );
        let (shown, is_cut) = ids(bounded, 60_000);
        assert!(is_cut);
        assert!((5..=12).contains(&shown.len()), "{}", shown.len());
        assert_eq!(shown, all[..shown.len()]);
    }

    #[test]
    fn a_sentence_without_end_and_a_document_without_end_are_cut() {
        let mut sample = Sample::new(1, 1 << 20);
        let hash = IdHash::of("a");
        assert!(sample.begin(hash, "a", None, None));
        for number in 0..100 {
            sample.add(hash, &row("a", number, &"x".repeat(1 << 20)), false);
        }
        assert!(sample.bytes <= MOST_DOCUMENT_BYTES);
        let (documents, _) = sample.finish(1 << 20).unwrap();
        let document: serde_json::Value = serde_json::from_str(&documents[0]).unwrap();
        assert_eq!(document["sentences"], 100);
        assert_eq!(document["left_out"], 88);
        assert_eq!(document["text"].as_array().unwrap().len(), 12);
    }
}
