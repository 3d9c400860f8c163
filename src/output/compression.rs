//! Compression of text formats as a whole, for files whose name asks for it (`rows.csv.gz`).
//!
//! pandas, polars, DuckDB and R open such files by their name as if they were not compressed. Both kinds carry a
//! checksum, and neither has its end before [`Output::finish`], so that a file that was cut short is seen to be.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use flate2::write::GzEncoder;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// gzip, `.gz`.
    Gzip,
    /// Zstandard, `.zst`.
    Zstd,
}

impl Compression {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Gzip, Self::Zstd];

    /// The extension of such a file, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }

    /// The kind that a path's last extension (in either case) stands for.
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension().and_then(OsStr::to_str)?;
        Self::ALL
            .into_iter()
            .find(|kind| kind.extension().eq_ignore_ascii_case(extension))
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.extension())
    }
}

/// What a text format writes to.
pub(super) enum Output {
    Plain(Box<dyn Write + Send>),
    Gzip(Gzip),
    Zstd(zstd::Encoder<'static, Box<dyn Write + Send>>),
}

impl Output {
    pub fn new(compression: Option<Compression>, out: Box<dyn Write + Send>) -> io::Result<Self> {
        Ok(match compression {
            None => Self::Plain(out),
            Some(Compression::Gzip) => Self::Gzip(Gzip::new(out)),
            Some(Compression::Zstd) => {
                let mut encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Writes what is left, and the end.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut out) => out.flush(),
            Self::Gzip(gzip) => gzip.finish(),
            Self::Zstd(encoder) => encoder.finish()?.flush(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(gzip) => gzip.0.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(gzip) => gzip.0.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

/// A gzip encoder that writes the file's end only when it is finished: flate2's own does so when it is dropped, too,
/// and a run that failed would leave a file that looks whole.
pub(super) struct Gzip(GzEncoder<Gate>);

impl Gzip {
    fn new(out: Box<dyn Write + Send>) -> Self {
        Self(GzEncoder::new(Gate(Some(out)), flate2::Compression::default()))
    }

    fn finish(mut self) -> io::Result<()> {
        self.0.try_finish()?;
        self.0.get_mut().flush()
    }
}

impl Drop for Gzip {
    fn drop(&mut self) {
        self.0.get_mut().0 = None;
    }
}

/// An output until it is taken away.
struct Gate(Option<Box<dyn Write + Send>>);

impl Gate {
    fn out(&mut self) -> io::Result<&mut Box<dyn Write + Send>> {
        self.0.as_mut().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out()?.flush()
    }
}
