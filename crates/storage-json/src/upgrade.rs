//! Keeps the files of an older format beside their replacements.

use std::io;

use crate::disk::{Disk, read_whole};

/// Copies each existing file to `NAME.v<version>` and syncs the copies. If that name already has other content, the
/// copy is `NAME.v<version>-2`, and so on. Keeping the same files twice has no further effect.
///
/// # Errors
/// I/O errors; the files themselves are unchanged.
pub(crate) fn keep(disk: &dyn Disk, names: &[String], version: u64) -> io::Result<()> {
    for name in names {
        if let Some(content) = read_whole(disk, name)? {
            keep_one(disk, name, version, &content)?;
        }
    }
    disk.sync_folder()?;
    tracing::info!(
        files = names.join(", "),
        version,
        "the store has an older format and is upgraded; its old files are kept beside, as NAME.v{version}"
    );
    Ok(())
}

fn keep_one(disk: &dyn Disk, name: &str, version: u64, content: &[u8]) -> io::Result<()> {
    let mut kept = format!("{name}.v{version}");
    let mut copy = 1;
    while let Some(other) = read_whole(disk, &kept)? {
        if other == content {
            return Ok(());
        }
        copy += 1;
        kept = format!("{name}.v{version}-{copy}");
    }
    write_whole(disk, &kept, content)
}

/// Creates a file that is there with all its content or not at all.
fn write_whole(disk: &dyn Disk, name: &str, content: &[u8]) -> io::Result<()> {
    let unfinished = format!("{name}.new");
    let mut file = disk.create(&unfinished)?;
    file.write_all(content)?;
    file.sync()?;
    drop(file);
    disk.rename(&unfinished, name)
}
