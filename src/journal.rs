//! Keeps what a run has done, so that one that was killed at any instant can go on.
//!
//! Labelling a corpus takes hours, and rows in Parquet or gzip cannot be taken up again in the middle. What is kept is
//! therefore not the rows but the answers: one [`Entry`] for every record, in a file that only grows. A run that
//! goes on reads its input again from the beginning, takes the answers from the journal as far as they reach, and writes the
//! rows anew; that costs seconds where labelling cost hours, and works for every format, for it is the same rows that
//! go through the same writer.
//!
//! **The file** begins with `MAGIC`, then come frames: the length of the frame's payload and of its content (four bytes each, little-endian),
//! then the payload, the content in zstd with a checksum. The first frame holds a header of the caller's in JSON, each other
//! the entries of some records in postcard. A frame that is cut off or damaged ends the journal: whatever follows
//! was never finished.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::document::{Body, Document};
use crate::prediction::LabeledDocument;

/// What a journal begins with, so that no other file is taken for one.
const MAGIC: &[u8] = b"sayso journal 1\n";

/// Content after which a frame is written: a few dozen sentences, enough to be compressed well.
const FRAME_BYTES: usize = 1 << 14;

/// Time after which a frame is written, however little it holds.
const FRAME_TIME: Duration = Duration::from_secs(1);

/// How often the file is forced to the disk. It matters where the machine stops, not where the program is killed.
const SYNC_TIME: Duration = Duration::from_secs(10);

/// More than a frame can hold: a frame has at most one record over `FRAME_BYTES`, whose text is itself limited.
const MOST_FRAME_BYTES: u32 = 1 << 31;

/// What became of one record, in input order.
///
/// `D` is a [`LabeledDocument`], or a reference to one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry<D = LabeledDocument> {
    /// The document's [`fingerprint`]; `None` where the record could not be read as one.
    pub fingerprint: Option<u64>,
    /// Its labels; `None` where it was rejected.
    pub labeled: Option<D>,
}

/// A number that changes with anything in `document` that rows depend on: the first eight bytes of a SHA-256.
pub fn fingerprint(document: &Document) -> u64 {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // With its length, so that no text can be mistaken for two.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    add(&document.id);
    for (name, value) in &document.metadata {
        add(name);
        add(value);
    }
    match &document.body {
        Body::Text(text) => {
            add("text");
            add(text);
        }
        Body::Sentences { context, sentences } => {
            add("sentences");
            add(&context.len().to_string());
            context.iter().chain(sentences).for_each(|text| add(text));
        }
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: File,
    /// Entries that are in no frame yet.
    content: Vec<u8>,
    framed: Instant,
    synced: Instant,
}

impl Journal {
    /// Begins a journal in `file`, whatever it held.
    pub fn begin(mut file: File, header: &impl Serialize) -> io::Result<Self> {
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(MAGIC)?;
        let mut journal = Self::on(file);
        journal.content = serde_json::to_vec(header)?;
        journal.flush()?;
        Ok(journal)
    }

    fn on(file: File) -> Self {
        let now = Instant::now();
        Self {
            file,
            content: Vec::new(),
            framed: now,
            synced: now,
        }
    }

    /// Notes the next record. It is safe from a kill once its frame is written: within a second, or [`Self::flush`].
    pub fn add<D: Serialize>(&mut self, entry: &Entry<D>) -> io::Result<()> {
        self.content =
            postcard::to_extend(entry, std::mem::take(&mut self.content)).map_err(io::Error::other)?;
        if self.content.len() >= FRAME_BYTES || self.framed.elapsed() >= FRAME_TIME {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what is in no frame yet.
    pub fn flush(&mut self) -> io::Result<()> {
        if !self.content.is_empty() {
            let frame = frame(&self.content)?;
            self.file.write_all(&frame)?;
            self.content.clear();
        }
        self.framed = Instant::now();
        if self.synced.elapsed() >= SYNC_TIME {
            self.file.sync_data()?;
            self.synced = Instant::now();
        }
        Ok(())
    }
}

/// The bytes of a frame.
fn frame(content: &[u8]) -> io::Result<Vec<u8>> {
    let length = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len())
            .ok()
            .filter(|length| *length <= MOST_FRAME_BYTES);
        length.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                "a document is too long for the journal",
            )
        })
    };
    let mut compressor = zstd::bulk::Compressor::new(zstd::DEFAULT_COMPRESSION_LEVEL)?;
    compressor.include_checksum(true)?;
    let payload = compressor.compress(content)?;
    let mut frame = Vec::with_capacity(8 + payload.len());
    frame.extend(length(&payload)?.to_le_bytes());
    frame.extend(length(content)?.to_le_bytes());
    frame.extend(payload);
    Ok(frame)
}

/// A journal that is read again, entry after entry.
#[derive(Debug)]
pub struct Replay {
    file: BufReader<File>,
    /// The content of the current frame, and how much of it has been read.
    content: Vec<u8>,
    position: usize,
    /// Where the last whole frame ends.
    end: u64,
}

impl Replay {
    /// Opens the journal in `file` and returns its header; `None` where `file` holds no more than the beginning of one.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] if `file` is something else.
    pub fn open<H: DeserializeOwned>(mut file: File) -> io::Result<Option<(H, Self)>> {
        file.rewind()?;
        let mut replay = Self {
            file: BufReader::new(file),
            content: Vec::new(),
            position: 0,
            end: MAGIC.len() as u64,
        };
        let mut magic = Vec::new();
        replay.file.by_ref().take(replay.end).read_to_end(&mut magic)?;
        if !MAGIC.starts_with(&magic) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is no journal of this program",
            ));
        }
        if !replay.next_frame()? {
            return Ok(None);
        }
        let header = serde_json::from_slice(&replay.content);
        replay.position = replay.content.len();
        Ok(Some((header.map_err(io::Error::other)?, replay)))
    }

    /// The next entry; `None` at the end of what was finished.
    pub fn next_entry(&mut self) -> io::Result<Option<Entry>> {
        if self.position == self.content.len() && !self.next_frame()? {
            return Ok(None);
        }
        let (entry, rest) =
            postcard::take_from_bytes(&self.content[self.position..]).map_err(io::Error::other)?;
        self.position = self.content.len() - rest.len();
        Ok(Some(entry))
    }

    /// Reads the next frame; false where there is no whole one.
    fn next_frame(&mut self) -> io::Result<bool> {
        let Some(lengths) = self.take(8)? else {
            return Ok(false);
        };
        let length =
            |at: usize| u32::from_le_bytes([lengths[at], lengths[at + 1], lengths[at + 2], lengths[at + 3]]);
        let (payload_length, content_length) = (length(0), length(4));
        if payload_length.max(content_length) > MOST_FRAME_BYTES || content_length == 0 {
            return Ok(false);
        }
        let Some(payload) = self.take(payload_length as usize)? else {
            return Ok(false);
        };
        let content = zstd::bulk::decompress(&payload, content_length as usize);
        let Some(content) = content
            .ok()
            .filter(|content| content.len() == content_length as usize)
        else {
            return Ok(false);
        };
        (self.content, self.position) = (content, 0);
        self.end += 8 + u64::from(payload_length);
        Ok(true)
    }

    /// The next `length` bytes; `None` if the file ends before. Grows as they come, for a damaged length may be anything.
    fn take(&mut self, length: usize) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        self.file.by_ref().take(length as u64).read_to_end(&mut bytes)?;
        Ok((bytes.len() == length).then_some(bytes))
    }

    /// Goes on writing after the last whole frame. Call it once [`Self::next_entry`] has given all.
    pub fn go_on(self) -> io::Result<Journal> {
        let mut file = self.file.into_inner();
        file.set_len(self.end)?;
        file.seek(SeekFrom::Start(self.end))?;
        Ok(Journal::on(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::{
        Anonymity, Attribution, Label, LabeledSentence, Prediction, Span, SpanKind, Stance,
    };

    fn entry(number: usize) -> Entry {
        let prediction = Prediction {
            label: Label::Anonymous,
            confidence: 0.1 + number as f32 / 7.0,
            stance: Stance::Deny,
            stance_probabilities: [0.1, 0.2, 0.3, 0.4],
            attribution: Attribution::Anonymous,
            attribution_probabilities: [f32::MIN_POSITIVE, 1.0 / 3.0, 0.0, 1.0],
            anonymity: Some(Anonymity::Role),
            source: Some("two aides".to_owned()),
            cue: None,
            spans: vec![Span {
                kind: SpanKind::Source,
                start: 0,
                end: 9,
            }],
        };
        let sentence = crate::document::Sentence {
            start: 0,
            end: 4,
            text: "Two aides denied it.".repeat(40),
        };
        Entry {
            fingerprint: Some(number as u64),
            labeled: (number % 5 != 3).then(|| LabeledDocument {
                id: format!("tarn/{number}"),
                metadata: vec![("outlet".to_owned(), "Tarn Post".to_owned())],
                sentences: vec![LabeledSentence { sentence, prediction }; number % 40],
                warnings: vec!["long".to_owned()],
            }),
        }
    }

    fn written(entries: usize) -> Vec<u8> {
        let mut file = tempfile::tempfile().unwrap();
        let mut journal = Journal::begin(file.try_clone().unwrap(), &"plan").unwrap();
        for number in 0..entries {
            journal.add(&entry(number)).unwrap();
        }
        journal.flush().unwrap();
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn file_of(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    /// All entries, and what is left to go on with; none where there is not even a header.
    fn read(bytes: &[u8]) -> Option<(Vec<Entry>, Replay)> {
        let (header, mut replay) = Replay::open::<String>(file_of(bytes)).unwrap()?;
        assert_eq!(header, "plan");
        let mut entries = Vec::new();
        while let Some(entry) = replay.next_entry().unwrap() {
            entries.push(entry);
        }
        Some((entries, replay))
    }

    #[test]
    fn what_was_noted_comes_back() {
        let (entries, _) = read(&written(200)).unwrap();
        assert_eq!(entries, (0..200).map(entry).collect::<Vec<_>>());
    }

    #[test]
    fn a_journal_that_is_cut_anywhere_gives_its_beginning_and_goes_on() {
        let bytes = written(120);
        let mut lengths = std::collections::BTreeSet::new();
        for cut in (0..bytes.len()).step_by(37) {
            let Some((entries, replay)) = read(&bytes[..cut]) else {
                assert!(cut < 64, "the header is short");
                continue;
            };
            let count = entries.len();
            lengths.insert(count);
            assert_eq!(entries, (0..count).map(entry).collect::<Vec<_>>());

            let mut file = replay.file.get_ref().try_clone().unwrap();
            let mut journal = replay.go_on().unwrap();
            (count..130).for_each(|number| journal.add(&entry(number)).unwrap());
            journal.flush().unwrap();
            let mut whole = Vec::new();
            file.rewind().unwrap();
            file.read_to_end(&mut whole).unwrap();
            assert_eq!(read(&whole).unwrap().0, (0..130).map(entry).collect::<Vec<_>>());
        }
        assert!(lengths.len() > 3, "several frames: {lengths:?}");
    }

    #[test]
    fn a_damaged_frame_ends_the_journal() {
        let bytes = written(120);
        for at in (40..bytes.len()).step_by(101) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            if let Some((entries, _)) = read(&damaged) {
                let count = entries.len();
                assert_eq!(entries, (0..count).map(entry).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_fingerprint_sees_every_part() {
        let plain = Document::from_text("a", "It rained.");
        let mut kept = plain.clone();
        kept.metadata.push(("outlet".to_owned(), "Post".to_owned()));
        let mut context = Document::from_sentences("a", ["It rained."]);
        let split = context.clone();
        if let Body::Sentences { context, .. } = &mut context.body {
            context.push(String::new());
        }
        let others = [
            Document::from_text("b", "It rained."),
            Document::from_text("a", "It rained"),
            kept,
            split,
            context,
            Document::from_sentences("a", ["It", "rained."]),
        ];
        let mut seen: Vec<u64> = others.iter().chain([&plain]).map(fingerprint).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), others.len() + 1);
        assert_eq!(fingerprint(&plain), fingerprint(&plain.clone()));
    }
}
