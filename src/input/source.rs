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

use super::InputFormat;

/// Large enough that reading a corpus is not a matter of system calls.
const BUFFER_BYTES: usize = 1 << 16;

/// An input that has been found but not opened yet: a file, standard input, or any reader.
#[derive(Debug)]
pub struct Source {
    name: String,
    format: Option<InputFormat>,
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
    /// A file, named as its path is given. `size` is its length in bytes, where that is known.
    pub fn file(path: impl Into<PathBuf>, format: InputFormat, size: Option<u64>) -> Self {
        let path = path.into();
        let name = path.to_string_lossy().into_owned();
        Self {
            name,
            format: Some(format),
            size,
            origin: Origin::File(path),
        }
    }

    /// Standard input, named `-`. Without a format, it is guessed: JSONL where the first byte that is no
    /// space is `{`, else text.
    pub fn standard_input(format: Option<InputFormat>) -> Self {
        Self {
            name: "-".into(),
            format,
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

    /// Opens the source; what is read from it is added to `progress`.
    pub(super) fn open(self, progress: Arc<Progress>) -> io::Result<Opened> {
        let reader: Box<dyn Read + Send> = match self.origin {
            Origin::File(path) => Box::new(File::open(path)?),
            Origin::StandardInput => Box::new(io::stdin()),
            Origin::Reader(reader) => reader,
        };
        let reader = BufReader::with_capacity(BUFFER_BYTES, Counted { reader, progress });
        let (format, reader) = match self.format {
            Some(format) => (format, Box::new(reader) as Box<dyn BufRead + Send>),
            None => InputFormat::sniff(reader)?,
        };
        Ok(Opened {
            name: self.name,
            format,
            reader,
        })
    }
}

/// A source that a format's reader can begin with.
pub(super) struct Opened {
    pub name: String,
    pub format: InputFormat,
    pub reader: Box<dyn BufRead + Send>,
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

    /// Bytes read so far, a buffer ahead of the documents that came out of them.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Bytes of all sources together; `None` where one of them, such as standard input, does not say.
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

struct Counted<R> {
    reader: R,
    progress: Arc<Progress>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.progress.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
