//! Files that only their owner can read, written atomically.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, fchown};
use std::path::Path;

use nix::unistd::geteuid;
use tempfile::NamedTempFile;

/// A temporary file with mode 0600. It gets its final name in [`persist_as`](Self::persist_as); if it is dropped before
/// that, it is removed.
pub(crate) struct PrivateFile(NamedTempFile);

/// What to do if the target file already exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Keep it and fail.
    Keep,
    /// Replace it.
    Replace,
}

impl PrivateFile {
    /// Creates a temporary file in the folder of `path`.
    ///
    /// # Errors
    /// If the folder is not writable.
    pub(crate) fn beside(path: &Path) -> io::Result<Self> {
        // `tempfile` uses mode 0600 and a random name.
        NamedTempFile::with_prefix_in(".roster-", folder(path)).map(Self)
    }

    /// Like [`beside`](Self::beside), but if root creates the file inside the data folder, the owner of the data folder
    /// becomes its owner, so that the service can read it.
    ///
    /// # Errors
    /// If the folder is not writable, or the owner cannot be changed.
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

    /// Renames the file to `path` and syncs it to disk.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] with [`Existing::Keep`]; otherwise an I/O error.
    pub(crate) fn persist_as(self, path: &Path, existing: Existing) -> io::Result<()> {
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

/// Creates a folder that only its owner can enter, and its missing parents. Does not change an existing folder.
///
/// # Errors
/// If a folder cannot be created.
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
    fn a_persisted_file_is_private_and_replaces_a_file_only_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        let write = |text: &str, existing| {
            let mut file = PrivateFile::beside(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.persist_as(&path, existing)
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
    fn a_new_folder_is_private_and_an_existing_one_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("a/b");
        make_folder(&new).unwrap();
        assert_eq!(mode(&new), 0o700);
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        make_folder(&new).unwrap();
        assert_eq!(mode(&new), 0o755);
    }
}
