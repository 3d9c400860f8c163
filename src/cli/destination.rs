//! Where rows go: standard output, or a file that is replaced only once they are all there.
//!
//! Labelling a corpus may take hours. So that neither a typing mistake nor a failure at the end costs more than
//! the run itself, the destination is opened before the work starts, is refused if it is one of the inputs,
//! and, where it is a file, is written beside its final place and moved there by [`Destination::keep`].

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use same_file::Handle;
use sayso::input::Source;
use tempfile::TempPath;

/// Rows that are not final yet; unless [`Self::keep`] is called, a file is left as it was.
pub struct Destination {
    replacement: Option<(TempPath, PathBuf)>,
}

impl Destination {
    /// Opens `output`, or standard output if there is none, and returns what to write to; it is not buffered.
    ///
    /// # Errors
    /// If the file cannot be written, or is one of `inputs` by whatever name.
    pub fn open(output: Option<&Path>, inputs: &[Source]) -> Result<(Box<dyn Write + Send>, Self)> {
        match output {
            Some(path) if path != Path::new("-") => {
                Self::open_file(path, inputs).with_context(|| format!("cannot write {}", path.display()))
            }
            _ => {
                let stdout = Handle::stdout().and_then(|handle| Ok((handle.as_file().metadata()?, handle)));
                if let Ok((metadata, handle)) = stdout
                    && metadata.is_file()
                {
                    refuse_input(&handle, inputs).context("cannot write standard output")?;
                }
                Ok((Box::new(io::stdout()), Self { replacement: None }))
            }
        }
    }

    fn open_file(path: &Path, inputs: &[Source]) -> Result<(Box<dyn Write + Send>, Self)> {
        // Through a symbolic link, its target is what gets replaced.
        let target = if path.exists() {
            path.canonicalize()?
        } else {
            path.to_path_buf()
        };
        let mut permissions = new_file_permissions();
        if target.exists() {
            let existing = OpenOptions::new().write(true).open(&target)?;
            let metadata = existing.metadata()?;
            if !metadata.is_file() {
                // A pipe or a device: there is nothing to protect, and moving a file there would destroy it.
                return Ok((Box::new(existing), Self { replacement: None }));
            }
            refuse_input(&Handle::from_file(existing)?, inputs)?;
            permissions = Some(metadata.permissions());
        } else if path.is_symlink() {
            bail!("it is a symbolic link to a file that does not exist");
        }
        let folder = match target.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            bail!("there is no folder {}", folder.display());
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".sayso-").suffix(".tmp");
        if let Some(permissions) = permissions {
            builder.permissions(permissions);
        }
        let (file, temporary) = builder.tempfile_in(folder)?.into_parts();
        let replacement = Some((temporary, target));
        Ok((Box::new(file), Self { replacement }))
    }

    /// Makes what was written final. Call it when the writer has been flushed.
    pub fn keep(self) -> Result<()> {
        if let Some((temporary, target)) = self.replacement {
            let message = || format!("cannot write {}", target.display());
            temporary
                .persist(&target)
                .map_err(|failure| failure.error)
                .with_context(message)?;
        }
        Ok(())
    }
}

/// The permissions that any other program's new file would have; the umask still applies.
fn new_file_permissions() -> Option<fs::Permissions> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Some(fs::Permissions::from_mode(0o666))
    }
    #[cfg(not(unix))]
    None
}

fn refuse_input(output: &Handle, inputs: &[Source]) -> Result<()> {
    for input in inputs {
        let handle = input.path().map_or_else(Handle::stdin, Handle::from_path);
        // An input that cannot be opened is reported when it is read.
        if handle.is_ok_and(|handle| handle == *output) {
            bail!("it is also the input {}", input.name());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_only_when_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        fs::write(&path, "old").unwrap();

        let (mut writer, destination) = Destination::open(Some(&path), &[]).unwrap();
        writer.write_all(b"new").unwrap();
        drop(writer);
        drop(destination);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(
            names_in(folder.path()),
            ["rows.csv"],
            "an abandoned file is removed"
        );

        let (mut writer, destination) = Destination::open(Some(&path), &[]).unwrap();
        writer.write_all(b"new").unwrap();
        writer.flush().unwrap();
        destination.keep().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names_in(folder.path()), ["rows.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_survive() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("rows.csv"), folder.path().join("latest.csv"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();

        let (mut writer, destination) = Destination::open(Some(&link), &[]).unwrap();
        writer.write_all(b"new").unwrap();
        writer.flush().unwrap();
        destination.keep().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_and_not_replaced() {
        let (mut writer, destination) = Destination::open(Some(Path::new("/dev/null")), &[]).unwrap();
        writer.write_all(b"rows").unwrap();
        writer.flush().unwrap();
        destination.keep().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
