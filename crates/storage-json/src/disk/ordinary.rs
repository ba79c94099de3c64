//! Opening regular files.

use std::fs::{File, FileType};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

/// Opens a regular file to read. It never blocks, unlike opening a pipe without a writer.
///
/// # Errors
/// If it cannot be opened or is not a regular file.
pub(crate) fn open_ordinary(path: &Path) -> io::Result<File> {
    let file = File::options().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    require_ordinary(&file)?;
    Ok(file)
}

/// Checks that an open file is a regular one.
///
/// # Errors
/// If it is not.
pub(super) fn require_ordinary(file: &File) -> io::Result<()> {
    let found = file.metadata()?.file_type();
    if found.is_file() {
        return Ok(());
    }
    Err(io::Error::other(format!("it is {}, not an ordinary file; move it away", name(found))))
}

fn name(found: FileType) -> &'static str {
    if found.is_dir() {
        "a folder"
    } else if found.is_fifo() {
        "a pipe"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType as Kind, Mode, mknodat};
    use std::os::unix::fs::symlink;

    #[test]
    fn a_special_file_is_reported_without_blocking() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, Kind::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let message = |path: &Path| open_ordinary(path).unwrap_err().to_string();
        assert!(message(&pipe).contains("a pipe, not an ordinary file"));
        assert!(message(folder.path()).contains("a folder"));
        assert!(message(Path::new("/dev/null")).contains("a device"));
        assert_eq!(open_ordinary(&folder.path().join("absent")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_link_to_a_regular_file_can_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "text").unwrap();
        symlink(&file, &link).unwrap();
        assert_eq!(io::read_to_string(open_ordinary(&link).unwrap()).unwrap(), "text");
    }
}
