//! Where rows go: standard output, or a file that is replaced only once they are all there.
//!
//! Labelling a corpus may take hours. So that neither a typing mistake nor a failure at the end costs more than
//! the run itself, the destination is looked at before the work starts, is refused if it is one of the inputs,
//! and, where it is a file, is written beside its final place, under its name with `.partial`, and moved there by
//! [`Destination::keep`].

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use same_file::Handle;
use sayso::input::Source;

/// Where rows are to go, or their way there. Unless [`Self::keep`] is called, a file is left as it was.
pub struct Destination {
    place: Place,
}

enum Place {
    /// Standard output, a pipe or a device: there is nothing to protect, and moving a file there would destroy it.
    Stream(Option<Box<dyn Write + Send>>),
    File {
        /// Through a symbolic link, its target is what gets replaced.
        target: PathBuf,
        permissions: Option<Permissions>,
        partial: Option<File>,
    },
}

impl Destination {
    /// Looks at `output`, or standard output if there is none; nothing is written yet.
    ///
    /// # Errors
    /// If the file cannot be written, or is one of `inputs` by whatever name.
    pub fn find(output: Option<&Path>, inputs: &[Source]) -> Result<Self> {
        let place = match output {
            Some(path) => {
                find_file(path, inputs).with_context(|| format!("cannot write {}", path.display()))?
            }
            None => {
                let stdout = Handle::stdout().and_then(|handle| Ok((handle.as_file().metadata()?, handle)));
                if let Ok((metadata, handle)) = stdout
                    && metadata.is_file()
                {
                    refuse_input(&handle, inputs).context("cannot write standard output")?;
                }
                Place::Stream(Some(Box::new(io::stdout())))
            }
        };
        Ok(Self { place })
    }

    /// The file that the rows will be moved to, if they go to one.
    pub fn target(&self) -> Option<&Path> {
        match &self.place {
            Place::Stream(_) => None,
            Place::File { target, .. } => Some(target),
        }
    }

    /// What to write the rows to; it is not buffered. To be called once.
    pub fn open(&mut self) -> Result<Box<dyn Write + Send>> {
        match &mut self.place {
            Place::Stream(stream) => stream.take().context("the rows are being written already"),
            Place::File {
                target,
                permissions,
                partial,
            } => {
                let create = || -> io::Result<(File, File)> {
                    let path = beside(target, "partial");
                    remove_if_there(&path)?;
                    // New, so that nothing that was put in its place meanwhile is written through.
                    let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
                    if let Some(permissions) = permissions.as_ref() {
                        file.set_permissions(permissions.clone())?;
                    }
                    Ok((file.try_clone()?, file))
                };
                let (file, writer) =
                    create().with_context(|| format!("cannot write {}", target.display()))?;
                *partial = Some(file);
                Ok(Box::new(writer))
            }
        }
    }

    /// Makes what was written final. Call it when the writer has been flushed.
    pub fn keep(mut self) -> Result<()> {
        let Place::File { target, partial, .. } = &mut self.place else {
            return Ok(());
        };
        if let Some(file) = partial.take() {
            // On the disk before it takes the place of what is there.
            let moved = file
                .sync_all()
                .and_then(|()| fs::rename(beside(target, "partial"), &*target));
            if moved.is_err() {
                *partial = Some(file);
            }
            moved.with_context(|| format!("cannot write {}", target.display()))?;
        }
        Ok(())
    }

    /// Leaves what was written where it is, beside the final place.
    pub fn leave(mut self) {
        if let Place::File { partial, .. } = &mut self.place {
            *partial = None;
        }
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Place::File {
            target,
            partial: Some(_),
            ..
        } = &self.place
        {
            // The run has failed already, and says why.
            let _ = fs::remove_file(beside(target, "partial"));
        }
    }
}

/// `rows.csv.partial` for `rows.csv`.
pub fn beside(target: &Path, suffix: &str) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Removes a file that may not exist.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn find_file(path: &Path, inputs: &[Source]) -> Result<Place> {
    let target = if path.exists() {
        path.canonicalize()?
    } else {
        path.to_path_buf()
    };
    let mut permissions = None;
    if target.exists() {
        let existing = OpenOptions::new().write(true).open(&target)?;
        let metadata = existing.metadata()?;
        if !metadata.is_file() {
            return Ok(Place::Stream(Some(Box::new(existing))));
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
    if target.file_name().is_none() {
        bail!("it is no file");
    }
    Ok(Place::File {
        target,
        permissions,
        partial: None,
    })
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

    fn open(path: Option<&Path>) -> (Box<dyn Write + Send>, Destination) {
        let mut destination = Destination::find(path, &[]).unwrap();
        (destination.open().unwrap(), destination)
    }

    #[test]
    fn a_file_appears_only_when_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        fs::write(&path, "old").unwrap();

        let (mut writer, destination) = open(Some(&path));
        writer.write_all(b"new").unwrap();
        drop(writer);
        drop(destination);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(
            names_in(folder.path()),
            ["rows.csv"],
            "an abandoned file is removed"
        );

        let (mut writer, destination) = open(Some(&path));
        writer.write_all(b"half").unwrap();
        destination.leave();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names_in(folder.path()), ["rows.csv", "rows.csv.partial"]);

        let (mut writer, destination) = open(Some(&path));
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

        let (mut writer, destination) = open(Some(&link));
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
        let (mut writer, destination) = open(Some(Path::new("/dev/null")));
        writer.write_all(b"rows").unwrap();
        writer.flush().unwrap();
        destination.keep().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
