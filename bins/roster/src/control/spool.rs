//! The copy that a server makes of the input of a command.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

const MIB: u64 = 1024 * 1024;

/// How much of a file system stays free for the store at least.
const FLOOR: u64 = 64 * MIB;

/// The same as a part of the file system: one in this many bytes, which is 5 %.
const FLOOR_PART: u64 = 20;

/// After how many bytes the room is looked at again.
const CHECK_AFTER: u64 = 4 * MIB;

/// A private file without a name. It leaves room for the store, which is in the same file system.
pub(super) struct Spool {
    copy: File,
    folder: PathBuf,
    room: fn(&File) -> io::Result<FreeSpace>,
    /// Bytes since the room was looked at.
    since: u64,
}

/// The room in a file system, in bytes.
#[derive(Clone, Copy, Debug)]
struct FreeSpace {
    free: u64,
    size: u64,
}

impl Spool {
    /// # Errors
    /// If the folder takes no file.
    pub(super) fn begin(folder: &Path) -> anyhow::Result<Self> {
        // `tempfile` makes it with mode 0600 and without a name.
        let copy = tempfile::tempfile_in(folder).with_context(|| cannot_keep(folder))?;
        // The room is checked before the first byte, too.
        Ok(Self { copy, folder: folder.to_owned(), room: FreeSpace::of, since: CHECK_AFTER })
    }

    /// Appends to the copy.
    ///
    /// # Errors
    /// If it cannot be written, or the file system is too full for more.
    pub(super) fn write(&mut self, chunk: &[u8]) -> anyhow::Result<()> {
        if self.since >= CHECK_AFTER {
            self.check_room()?;
            self.since = 0;
        }
        self.copy.write_all(chunk).with_context(|| cannot_keep(&self.folder))?;
        self.since += chunk.len() as u64;
        Ok(())
    }

    fn check_room(&self) -> anyhow::Result<()> {
        let room = (self.room)(&self.copy).with_context(|| cannot_keep(&self.folder))?;
        let floor = room.floor();
        if room.free < floor {
            bail!(
                "{}: {} MiB of its file system are free, and the server leaves {} MiB to the store; make room there, \
                 or stop the server and import with --offline",
                cannot_keep(&self.folder),
                room.free / MIB,
                floor.div_ceil(MIB)
            );
        }
        Ok(())
    }

    /// The copy from its beginning.
    ///
    /// # Errors
    /// If it cannot be rewound.
    pub(super) fn finish(mut self) -> anyhow::Result<File> {
        self.copy.rewind().with_context(|| cannot_keep(&self.folder))?;
        Ok(self.copy)
    }
}

impl FreeSpace {
    fn of(file: &File) -> io::Result<Self> {
        let found = rustix::fs::fstatvfs(file)?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Ok(Self { free: bytes(found.f_bavail), size: bytes(found.f_blocks) })
    }

    /// How much of it has to stay free.
    fn floor(self) -> u64 {
        FLOOR.max(self.size / FLOOR_PART)
    }
}

fn cannot_keep(folder: &Path) -> String {
    format!("cannot keep the input in \"{}\"", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool_with(folder: &Path, room: fn(&File) -> io::Result<FreeSpace>) -> Spool {
        Spool { room, ..Spool::begin(folder).unwrap() }
    }

    /// How many chunks of a MiB a spool takes, and what it says of the next one.
    fn filled(mut spool: Spool) -> (usize, String) {
        for taken in 0..16 {
            if let Err(error) = spool.write(&vec![0; 1024 * 1024]) {
                return (taken, error.to_string());
            }
        }
        (16, String::new())
    }

    #[test]
    fn input_stops_where_the_store_would_be_left_without_room() {
        let folder = tempfile::tempdir().unwrap();
        let full = spool_with(folder.path(), |_| Ok(FreeSpace { free: 64 * MIB - 1, size: 1000 * MIB }));
        let (taken, message) = filled(full);
        assert_eq!(taken, 0);
        for word in ["64 MiB", "--offline", "make room", folder.path().to_str().unwrap()] {
            assert!(message.contains(word), "{message}");
        }
        let filling = spool_with(folder.path(), |file| {
            Ok(FreeSpace { free: (68 * MIB).saturating_sub(file.metadata()?.len() + 1), size: 1000 * MIB })
        });
        assert_eq!(filled(filling).0, 4);
        let roomy = spool_with(folder.path(), |_| Ok(FreeSpace { free: 64 * MIB, size: 1000 * MIB }));
        assert_eq!(filled(roomy), (16, String::new()));
    }

    #[test]
    fn of_a_large_file_system_one_part_in_twenty_stays_free() {
        let folder = tempfile::tempdir().unwrap();
        let large = spool_with(folder.path(), |_| Ok(FreeSpace { free: 4999 * MIB, size: 100_000 * MIB }));
        let (_, message) = filled(large);
        assert!(message.contains("5000 MiB"), "{message}");
    }

    #[test]
    fn the_room_is_that_of_the_file_system_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let room = FreeSpace::of(&Spool::begin(folder.path()).unwrap().copy).unwrap();
        assert!(room.size > 0 && room.free <= room.size, "{room:?}");
    }
}
