//! Where an input's bytes come from, and how many of them have been read.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    InputFormat,
    compression::{Compression, decompressed},
    guesses::Guesses,
};

/// Large enough that reading a corpus is not a matter of system calls.
const BUFFER_BYTES: usize = 1 << 16;

/// An input that has been found but not opened yet: a file, standard input, or any reader.
#[derive(Debug)]
pub struct Source {
    name: String,
    format: Option<InputFormat>,
    compression: Option<Compression>,
    size: Option<u64>,
    origin: Origin,
}

enum Origin {
    File(PathBuf),
    StandardInput,
    Reader(Box<dyn Read + Send>),
}

impl fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::StandardInput => formatter.write_str("StandardInput"),
            Self::Reader(_) => formatter.write_str("Reader"),
        }
    }
}

impl Source {
    /// A file, named as its path is given; its extension says whether it is compressed. `size` is its length in
    /// bytes, where that is known.
    pub fn file(path: impl Into<PathBuf>, format: InputFormat, size: Option<u64>) -> Self {
        let path = path.into();
        let name = path.to_string_lossy().into_owned();
        Self {
            name,
            format: Some(format),
            compression: Compression::from_path(&path).0,
            size,
            origin: Origin::File(path),
        }
    }

    /// Standard input, named `-`. Without a format, it is guessed: Parquet and Arrow by the bytes that begin
    /// them, JSONL where the first byte that is no space is `{`, else text. Compression is seen in any case.
    pub fn standard_input(format: Option<InputFormat>) -> Self {
        Self {
            name: "-".into(),
            format,
            compression: None,
            size: None,
            origin: Origin::StandardInput,
        }
    }

    /// Any reader under a name of the caller's. Without a format, it is guessed as for standard input.
    pub fn from_reader(
        name: impl Into<String>,
        format: Option<InputFormat>,
        reader: impl Read + Send + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            format,
            compression: None,
            size: None,
            origin: Origin::Reader(Box::new(reader)),
        }
    }

    /// The name that ids and messages use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file itself, whose name [`Self::name`] may not give exactly; `None` if the source is no file.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::StandardInput | Origin::Reader(_) => None,
        }
    }

    /// The format, unless it is to be guessed.
    pub fn format(&self) -> Option<InputFormat> {
        self.format
    }

    /// Length in bytes, where it is known beforehand.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Opens the source; what is read from it is added to `progress`, and what is guessed of it goes to
    /// `guesses`.
    pub(super) fn open(self, progress: Arc<Progress>, guesses: Arc<Guesses>) -> io::Result<Opened> {
        let mut regular = None;
        let reader: Box<dyn Read + Send> = match self.origin {
            Origin::File(path) => {
                let file = File::open(path)?;
                let metadata = file.metadata()?;
                let length = metadata.is_file().then_some(metadata.len());
                if length.is_some() {
                    regular = Some(file.try_clone()?);
                }
                Box::new(Counted::new(file, length, Arc::clone(&progress)))
            }
            Origin::StandardInput => Box::new(Counted::new(io::stdin(), None, Arc::clone(&progress))),
            Origin::Reader(reader) => Box::new(Counted::new(reader, None, Arc::clone(&progress))),
        };
        let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, reader));
        if self.format == Some(InputFormat::Parquet) && regular.is_some() && self.compression.is_none() {
            return Ok(Opened {
                name: self.name,
                format: InputFormat::Parquet,
                reader,
                is_compressed: false,
                file: regular,
                progress,
                guesses,
            });
        }
        let (is_compressed, reader) = decompressed(self.compression, reader)?;
        let (format, reader) = match self.format {
            Some(format) => (format, reader),
            None => InputFormat::sniff(reader)?,
        };
        Ok(Opened {
            name: self.name,
            format,
            reader,
            is_compressed,
            file: None,
            progress,
            guesses,
        })
    }
}

/// A source that a format's reader can begin with.
pub(super) struct Opened {
    pub name: String,
    pub format: InputFormat,
    /// Its bytes, decompressed.
    pub reader: Box<dyn BufRead + Send>,
    pub is_compressed: bool,
    /// The file itself, nothing read from it yet, for formats that are not read from beginning to end; `None`
    /// where there is only a stream.
    pub file: Option<File>,
    pub progress: Arc<Progress>,
    pub guesses: Arc<Guesses>,
}

#[cfg(test)]
impl Opened {
    /// A source called `f` that gives `bytes`.
    pub fn of_bytes(format: InputFormat, bytes: &'static [u8]) -> Self {
        Self {
            name: "f".into(),
            format,
            reader: Box::new(bytes),
            is_compressed: false,
            file: None,
            progress: Arc::new(Progress::new(&[])),
            guesses: Arc::default(),
        }
    }
}

/// How far reading has come, in bytes; may be watched from another thread.
#[derive(Debug)]
pub struct Progress {
    read: AtomicU64,
    total: Option<u64>,
}

impl Progress {
    /// Progress through `sources`, none of it read yet.
    pub(super) fn new(sources: &[Source]) -> Self {
        let total = sources.iter().map(Source::size).sum();
        Self {
            read: AtomicU64::new(0),
            total,
        }
    }

    /// Bytes read so far, as they stand in the inputs (compressed, where they are), a buffer ahead of the
    /// documents that came out of them.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, bytes: u64) {
        self.read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes of all sources together; `None` where one of them, such as standard input, does not say.
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

/// What is said of a file that was cut while it was read.
pub(super) fn became_shorter() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the file became shorter while it was read",
    )
}

/// Counts what is read, and notices a file that became shorter since it was opened: what a cut-off text ends
/// with is nothing that its author wrote.
struct Counted<R> {
    reader: R,
    /// Bytes that are still to come, where that is known.
    missing: Option<u64>,
    progress: Arc<Progress>,
}

impl<R> Counted<R> {
    fn new(reader: R, length: Option<u64>, progress: Arc<Progress>) -> Self {
        Self {
            reader,
            missing: length,
            progress,
        }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.progress.add(count as u64);
        if count == 0 && !buffer.is_empty() && self.missing.is_some_and(|missing| missing > 0) {
            return Err(became_shorter());
        }
        self.missing = self.missing.map(|missing| missing.saturating_sub(count as u64));
        Ok(count)
    }
}
