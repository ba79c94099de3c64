//! The server's copy of what it is sent: the input of a command, or an upload.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

const MIB: u64 = 1024 * 1024;

/// The minimum space that stays free for the store.
const MIN_FREE: u64 = 64 * MIB;

/// The minimum free share of the file system: one part in twenty, which is 5 %.
const MIN_FREE_DIVISOR: u64 = 20;

/// How many bytes are written between two checks of the free space.
const CHECK_INTERVAL: u64 = 4 * MIB;

/// A private, unnamed file. It leaves enough disk space for the store, which is on the same file system.
pub(crate) struct Spool {
    copy: File,
    folder: PathBuf,
    disk_space: fn(&File) -> io::Result<DiskSpace>,
    /// Bytes written since the last check of the free space.
    unchecked: u64,
}

/// The space of a file system, in bytes.
#[derive(Clone, Copy, Debug)]
struct DiskSpace {
    free: u64,
    size: u64,
}

impl Spool {
    /// # Errors
    /// If the file cannot be created.
    pub(crate) fn begin(folder: &Path) -> anyhow::Result<Self> {
        // `tempfile` creates an unnamed file with mode 0600.
        Ok(Self::to(tempfile::tempfile_in(folder).with_context(|| cannot_store(folder))?, folder))
    }

    /// Writes to this file, which is in `folder`.
    pub(crate) fn to(copy: File, folder: &Path) -> Self {
        // Check the free space before the first write.
        Self { copy, folder: folder.to_owned(), disk_space: DiskSpace::of, unchecked: CHECK_INTERVAL }
    }

    /// Appends to the copy.
    ///
    /// # Errors
    /// If it cannot be written, or too little disk space is left.
    pub(crate) fn write(&mut self, chunk: &[u8]) -> anyhow::Result<()> {
        if self.unchecked >= CHECK_INTERVAL {
            self.check_disk_space()?;
            self.unchecked = 0;
        }
        self.copy.write_all(chunk).with_context(|| cannot_store(&self.folder))?;
        self.unchecked += chunk.len() as u64;
        Ok(())
    }

    fn check_disk_space(&self) -> anyhow::Result<()> {
        let space = (self.disk_space)(&self.copy).with_context(|| cannot_store(&self.folder))?;
        if let Some(shortage) = space.shortage() {
            bail!("{}: {shortage}, or stop the server and import with --offline", cannot_store(&self.folder));
        }
        Ok(())
    }

    /// Returns the copy, rewound to its beginning.
    ///
    /// # Errors
    /// If it cannot be rewound.
    pub(crate) fn finish(mut self) -> anyhow::Result<File> {
        self.copy.rewind().with_context(|| cannot_store(&self.folder))?;
        Ok(self.copy)
    }
}

/// Requires that enough space for the store is left on the file system of this file.
///
/// # Errors
/// If there is too little, or it cannot be read how much there is.
pub(crate) fn require_space(file: &File) -> io::Result<()> {
    DiskSpace::of(file)?.shortage().map_or(Ok(()), |shortage| Err(io::Error::other(shortage)))
}

impl DiskSpace {
    fn of(file: &File) -> io::Result<Self> {
        let found = rustix::fs::fstatvfs(file)?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Ok(Self { free: bytes(found.f_bavail), size: bytes(found.f_blocks) })
    }

    /// That too little space is free, and what to do.
    fn shortage(self) -> Option<String> {
        let min_free = self.min_free();
        (self.free < min_free).then(|| {
            format!(
                "only {} MiB of its file system are free, and the server reserves {} MiB for the store; free some space",
                self.free / MIB,
                min_free.div_ceil(MIB)
            )
        })
    }

    /// How much space has to stay free.
    fn min_free(self) -> u64 {
        MIN_FREE.max(self.size / MIN_FREE_DIVISOR)
    }
}

fn cannot_store(folder: &Path) -> String {
    format!("cannot store the input in \"{}\"", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool_with(folder: &Path, disk_space: fn(&File) -> io::Result<DiskSpace>) -> Spool {
        Spool { disk_space, ..Spool::begin(folder).unwrap() }
    }

    /// Returns how many chunks of 1 MiB the spool accepts, and the error for the next one.
    fn filled(mut spool: Spool) -> (usize, String) {
        for taken in 0..16 {
            if let Err(error) = spool.write(&vec![0; 1024 * 1024]) {
                return (taken, error.to_string());
            }
        }
        (16, String::new())
    }

    #[test]
    fn input_is_rejected_when_it_would_leave_too_little_space_for_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let full = spool_with(folder.path(), |_| Ok(DiskSpace { free: 64 * MIB - 1, size: 1000 * MIB }));
        let (taken, message) = filled(full);
        assert_eq!(taken, 0);
        for word in ["64 MiB", "--offline", "free some", folder.path().to_str().unwrap()] {
            assert!(message.contains(word), "{message}");
        }
        let filling = spool_with(folder.path(), |file| {
            Ok(DiskSpace { free: (68 * MIB).saturating_sub(file.metadata()?.len() + 1), size: 1000 * MIB })
        });
        assert_eq!(filled(filling).0, 4);
        let roomy = spool_with(folder.path(), |_| Ok(DiskSpace { free: 64 * MIB, size: 1000 * MIB }));
        assert_eq!(filled(roomy), (16, String::new()));
    }

    #[test]
    fn five_percent_of_a_large_file_system_stays_free() {
        let folder = tempfile::tempdir().unwrap();
        let large = spool_with(folder.path(), |_| Ok(DiskSpace { free: 4999 * MIB, size: 100_000 * MIB }));
        let (_, message) = filled(large);
        assert!(message.contains("5000 MiB"), "{message}");
    }

    #[test]
    fn the_disk_space_is_that_of_the_file_system_that_contains_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let space = DiskSpace::of(&Spool::begin(folder.path()).unwrap().copy).unwrap();
        assert!(space.size > 0 && space.free <= space.size, "{space:?}");
    }
}
