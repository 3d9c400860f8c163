//! The file of `--rejects`: every record that was left out, with what is needed to put it right.
//!
//! It is for programs, where standard error is for people: whoever mends a corpus reads the records from it,
//! mends them, and labels them alone.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use sayso::error::{InputError, Reject};
use sayso::input::Source;
use serde::Serialize;

use super::destination::Destination;

const WRITE_FAILED: &str = "cannot write the rejects";

/// Where rejects go; nowhere if no file was asked for. The file is opened when the run begins.
pub struct Rejects {
    destination: Option<Destination>,
    file: Option<BufWriter<Box<dyn Write + Send>>>,
}

/// A line of the file; its fields are the JSON layout.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    record: Option<u64>,
    offset: Option<u64>,
    document: Option<&'a str>,
    reason: String,
    raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_hex: Option<String>,
}

impl Rejects {
    /// Looks at `path`, if there is one.
    ///
    /// # Errors
    /// If it cannot be written, or is one of `inputs` or `output`.
    pub fn find(path: Option<&Path>, output: Option<&Path>, inputs: &[Source]) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self {
                destination: None,
                file: None,
            });
        };
        if path == Path::new("-") {
            bail!("cannot write the rejects to standard output, where the rows go; name a file");
        }
        if output.is_some_and(|output| is_same(path, output)) {
            bail!("cannot write {}: it is also the output", path.display());
        }
        Ok(Self {
            destination: Some(Destination::find(Some(path), inputs)?),
            file: None,
        })
    }

    /// Opens the file, if there is one, and writes the inputs that gave no records at all.
    pub fn begin(&mut self, inputs: &[InputError]) -> Result<()> {
        if let Some(destination) = &mut self.destination {
            self.file = Some(BufWriter::new(destination.open()?));
        }
        inputs.iter().try_for_each(|input| self.input(input))
    }

    /// Writes a record.
    pub fn record(&mut self, reject: &Reject) -> Result<()> {
        let raw = reject.raw.as_deref();
        let text = raw.and_then(|raw| std::str::from_utf8(raw).ok());
        self.write(&Line {
            file: &reject.file,
            record: reject.record,
            offset: reject.offset,
            document: reject.document.as_deref(),
            reason: reject.reason.to_string(),
            raw: text,
            raw_hex: raw.filter(|_| text.is_none()).map(hexadecimal),
        })
    }

    fn input(&mut self, error: &InputError) -> Result<()> {
        self.write(&Line {
            file: error.path(),
            record: None,
            offset: None,
            document: None,
            reason: error.to_string(),
            raw: None,
            raw_hex: None,
        })
    }

    fn write(&mut self, line: &Line) -> Result<()> {
        if let Some(file) = &mut self.file {
            serde_json::to_writer(&mut *file, line).context(WRITE_FAILED)?;
            file.write_all(b"\n").context(WRITE_FAILED)?;
        }
        Ok(())
    }

    /// Makes the file final, if it was begun.
    pub fn keep(self) -> Result<()> {
        if let (Some(mut file), Some(destination)) = (self.file, self.destination) {
            file.flush().context(WRITE_FAILED)?;
            destination.keep()?;
        }
        Ok(())
    }
}

/// Whether both paths name one file, which need not exist yet.
fn is_same(left: &Path, right: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    same_file::is_same_file(left, right)
        .unwrap_or_else(|_| place(left).is_some_and(|left| Some(left) == place(right)))
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_hexadecimal() {
        assert_eq!(hexadecimal(&[0, 0x1f, 0xa9, 0xff]), "001fa9ff");
    }

    #[test]
    fn a_file_is_the_same_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("sub")).unwrap();
        assert!(is_same(&path("new.jsonl"), &path("sub/../new.jsonl")));
        assert!(!is_same(&path("new.jsonl"), &path("sub/new.jsonl")));
        assert!(!is_same(&path("gone/new.jsonl"), &path("gone/new.jsonl.bak")));
    }
}
