//! Finds the files that a user's paths stand for.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{InputFormat, InputOptions, Source, compression};
use crate::error::InputError;

/// What was found: sources to read, and the paths that gave none. Neither keeps the other from being used.
#[derive(Debug, Default)]
pub struct Discovery {
    pub sources: Vec<Source>,
    pub errors: Vec<InputError>,
}

/// Finds the sources behind `inputs`, in their order.
///
/// - `-` is standard input; it can be given once.
/// - A file is taken whatever its name: its extension (or [`InputOptions::format`]) gives the format, and one
///   with an unknown extension is text.
/// - A directory gives all files below it, sorted by the bytes of their paths, so that a run is the same on
///   every machine. Taken are those whose extension is known (or belongs to [`InputOptions::format`], where
///   that is given); or, where there are [`InputOptions::patterns`], those that one of them fits, each read as
///   if it had been named. Hidden files and folders are passed over, and [`InputOptions::except`]; links to files
///   are followed, links to folders not, so that no circle of links is walked. Markdown is not taken: in a corpus it is the README.
///
/// A path that cannot be used becomes an error beside the sources of the others.
pub fn discover(inputs: &[PathBuf], options: &InputOptions) -> Discovery {
    let mut found = Discovery::default();
    let mut standard_input = false;
    for input in inputs {
        if input.as_os_str() == "-" {
            if standard_input {
                found.errors.push(InputError::StandardInputTwice);
            } else {
                found.sources.push(Source::standard_input(options.format));
                standard_input = true;
            }
            continue;
        }
        match fs::metadata(input) {
            Ok(metadata) if metadata.is_dir() => directory(input, options, &mut found),
            Ok(metadata) => found
                .sources
                .push(Source::file(input, named(input, options), size(&metadata))),
            Err(error) => found.errors.push(unusable(input, error)),
        }
    }
    found
}

/// The format of a file that was asked for by its name.
fn named(path: &Path, options: &InputOptions) -> InputFormat {
    let format = options.format.or_else(|| InputFormat::from_path(path));
    format.unwrap_or(InputFormat::Text)
}

/// The format of a file of a directory, if it is to be read; `below` is its path below the directory.
fn wanted(path: &Path, below: &Path, options: &InputOptions) -> Option<InputFormat> {
    if options.patterns.is_empty() {
        let format = InputFormat::from_path(path)?;
        return options
            .format
            .is_none_or(|wanted| wanted == format)
            .then_some(format);
    }
    let fits = options.patterns.iter().any(|pattern| pattern.fits(below));
    fits.then(|| named(path, options))
}

/// What was looked for in a directory.
fn looked_for(options: &InputOptions) -> String {
    if !options.patterns.is_empty() {
        let patterns: Vec<String> = options.patterns.iter().map(ToString::to_string).collect();
        return patterns.join(", ");
    }
    let dotted = |extension: &&str| format!(".{extension}");
    let extensions: Vec<String> = match options.format {
        Some(format) => format.extensions().iter().map(dotted).collect(),
        None => InputFormat::all_extensions()
            .map(|extension| dotted(&extension))
            .collect(),
    };
    let compressed: Vec<String> = compression::extensions()
        .map(|extension| dotted(&extension))
        .collect();
    format!("{}, also with {}", extensions.join(", "), compressed.join(" or "))
}

/// Adds the files below `root`, or the error that there are none.
fn directory(root: &Path, options: &InputOptions, found: &mut Discovery) {
    let errors_before = found.errors.len();
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let mut walk = Walk {
            root,
            options,
            files: &mut files,
            folders: &mut folders,
            errors: &mut found.errors,
        };
        if let Err(error) = walk.entries(&folder) {
            found.errors.push(unusable(&folder, error));
        }
    }
    if files.is_empty() && found.errors.len() == errors_before {
        found.errors.push(InputError::NothingReadable {
            path: root.to_string_lossy().into_owned(),
            looked_for: looked_for(options),
        });
    }
    files.sort_unstable_by(|(left, ..), (right, ..)| {
        left.as_os_str()
            .as_encoded_bytes()
            .cmp(right.as_os_str().as_encoded_bytes())
    });
    found.sources.extend(
        files
            .into_iter()
            .map(|(path, format, size)| Source::file(path, format, size)),
    );
}

type FoundFile = (PathBuf, InputFormat, Option<u64>);

/// A search below a directory.
struct Walk<'a> {
    root: &'a Path,
    options: &'a InputOptions,
    files: &'a mut Vec<FoundFile>,
    folders: &'a mut Vec<PathBuf>,
    errors: &'a mut Vec<InputError>,
}

impl Walk<'_> {
    /// Sorts the entries of one folder into files to read and folders to look into.
    fn entries(&mut self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                self.folders.push(path);
                continue;
            }
            let below = path.strip_prefix(self.root).unwrap_or(&path);
            let Some(format) = wanted(&path, below, self.options) else {
                continue;
            };
            if is_any_of(&path, &self.options.except) {
                continue;
            }
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => self.files.push((path, format, size(&metadata))),
                // A link to a folder, or a pipe or device, which would block the run for ever.
                Ok(_) => {}
                Err(error) => self.errors.push(unusable(&path, error)),
            }
        }
        Ok(())
    }
}

/// Whether `path` is one of `others`, by whatever name. Most differ in their last names already.
fn is_any_of(path: &Path, others: &[PathBuf]) -> bool {
    let mut named_alike = others
        .iter()
        .filter(|other| other.file_name() == path.file_name());
    named_alike.any(|other| same_file::is_same_file(path, other).unwrap_or(false))
}

/// A pipe reports a length of 0 that says nothing.
fn size(metadata: &fs::Metadata) -> Option<u64> {
    metadata.is_file().then_some(metadata.len())
}

fn unusable(path: &Path, error: io::Error) -> InputError {
    let path = path.to_string_lossy().into_owned();
    match error.kind() {
        io::ErrorKind::NotFound => InputError::Missing { path },
        _ => InputError::Unreadable { path, source: error },
    }
}
