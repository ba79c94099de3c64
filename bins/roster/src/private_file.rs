//! Files that only their owner may read, written whole or not at all.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, fchown};
use std::path::Path;

use nix::unistd::geteuid;
use tempfile::NamedTempFile;

/// A file of mode 0600 in the making. It appears under its name only when it is kept; dropped before, it
/// leaves nothing.
pub(crate) struct PrivateFile(NamedTempFile);

/// What to do about a file that has the name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Leave it, and fail.
    Keep,
    /// Replace it.
    Replace,
}

impl PrivateFile {
    /// Begins a file that shall be kept at `path`.
    ///
    /// # Errors
    /// If nothing can be written to the folder.
    pub(crate) fn beside(path: &Path) -> io::Result<Self> {
        // `tempfile` creates with mode 0600 and a name that nobody can guess.
        NamedTempFile::with_prefix_in(".roster-", folder(path)).map(Self)
    }

    /// The same, left to the owner of the data folder where `path` is inside of it and the superuser makes the file: the
    /// service and its tools go on with whatever is there.
    ///
    /// # Errors
    /// If nothing can be written to the folder, or the system refuses to change the owner.
    pub(crate) fn beside_in_data(path: &Path, data: &Path) -> io::Result<Self> {
        let file = Self::beside(path)?;
        let inside = match (fs::canonicalize(folder(path)), fs::canonicalize(data)) {
            (Ok(folder), Ok(data)) => folder.starts_with(data),
            _ => false,
        };
        if inside && geteuid().is_root() {
            let owner = fs::metadata(data)?;
            fchown(file.0.as_file(), Some(owner.uid()), Some(owner.gid()))?;
        }
        Ok(file)
    }

    /// Makes it durable, with its name.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] under [`Existing::Keep`]; whatever else the disk says.
    pub(crate) fn keep_as(self, path: &Path, existing: Existing) -> io::Result<()> {
        self.0.as_file().sync_all()?;
        match existing {
            Existing::Keep => self.0.persist_noclobber(path)?,
            Existing::Replace => self.0.persist(path)?,
        };
        File::open(folder(path))?.sync_all()
    }
}

impl Write for PrivateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Makes a folder that only its owner may enter, with those above it. One that is there is left as it is.
///
/// # Errors
/// Whatever the disk says.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_kept_file_is_private_and_replaces_only_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        let write = |text: &str, existing| {
            let mut file = PrivateFile::beside(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.keep_as(&path, existing)
        };
        write("one", Existing::Keep).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(write("two", Existing::Keep).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        write("two", Existing::Replace).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_folder_is_private_and_an_old_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("a/b");
        make_folder(&new).unwrap();
        assert_eq!(mode(&new), 0o700);
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        make_folder(&new).unwrap();
        assert_eq!(mode(&new), 0o755);
    }
}
