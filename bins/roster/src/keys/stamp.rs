//! What shows whether keys have changed.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What differs after a change of the keys in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// That of a file.
    File(FileStamp),
    /// The version of the keys in a database.
    Version(u64),
}

/// The attributes of a file that change when its contents do. All are zero if there is no file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileStamp {
    inode: u64,
    size: u64,
    second: i64,
    nanosecond: i64,
}

impl Stamp {
    pub(super) fn of_file(path: &Path) -> Self {
        let stamp = fs::metadata(path).map_or_else(
            |_| FileStamp::default(),
            |found| FileStamp {
                inode: found.ino(),
                size: found.size(),
                second: found.mtime(),
                nanosecond: found.mtime_nsec(),
            },
        );
        Self::File(stamp)
    }
}
