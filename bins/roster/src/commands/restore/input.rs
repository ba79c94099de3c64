//! Opens the backup as a file that can be read twice.

use std::fs::{self, File};
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::commands::backup::name;

/// Opens a backup. A pipe is first copied to an unnamed file on the disk of the data folder, which disappears when this
/// process ends.
///
/// # Errors
/// If the backup cannot be read or copied.
pub(super) fn open(path: &Path, data: &Path) -> anyhow::Result<File> {
    let failed = || format!("cannot read {}", name(path));
    if is_stream(path) {
        return spooled(&mut io::stdin().lock(), data).with_context(failed);
    }
    let mut file = File::open(path).with_context(failed)?;
    let kind = file.metadata().with_context(failed)?.file_type();
    if kind.is_file() { Ok(file) } else { spooled(&mut file, data).with_context(failed) }
}

fn spooled(source: &mut dyn io::Read, data: &Path) -> anyhow::Result<File> {
    let folder = nearest_folder(data);
    // `tempfile` creates an unnamed file with mode 0600.
    let mut copy = || {
        let mut copy = tempfile::tempfile_in(&folder)?;
        io::copy(source, &mut copy)?;
        copy.rewind()?;
        Ok::<_, io::Error>(copy)
    };
    copy().with_context(|| format!("cannot store a copy of it in \"{}\"", folder.display()))
}

/// The data folder, or its nearest existing parent.
fn nearest_folder(data: &Path) -> PathBuf {
    let path = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let is_folder = |path: &&Path| fs::metadata(path).is_ok_and(|found| found.is_dir());
    path.ancestors().find(is_folder).unwrap_or(Path::new("/")).to_owned()
}

/// Whether the path means stdin.
fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}
