//! Access to data folders that their owner cannot reach by path.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use nix::unistd::geteuid;
use roster_config::Settings;

use crate::acting::ActingAsOwner;
use crate::commands::context::CommandSettings;
use crate::terminal;

/// Makes the data folder accessible to a command that root runs as the folder's owner, even if a parent folder is open to
/// root only.
///
/// systemd stores the data of a service with `DynamicUser=` in `/var/lib/private`, which the service's account cannot enter
/// outside the service. The command therefore opens the folder once as root and then refers to it by its file descriptor.
/// Messages still show the configured path. Does nothing for other users and for folders that the owner can reach.
///
/// # Errors
/// If the folder cannot be opened.
pub(crate) fn make_reachable(settings: &mut Settings) -> anyhow::Result<()> {
    let path = CommandSettings::of(settings).folder().to_owned();
    if !geteuid().is_root() || !is_unreachable(&path)? {
        return Ok(());
    }
    let folder = File::open(&path).with_context(|| format!("cannot open \"{}\"", path.display()))?;
    let by_descriptor = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
    if fs::metadata(&by_descriptor)?.ino() != folder.metadata()?.ino() {
        return Ok(());
    }
    // Keep the folder open until the process exits.
    let _ = folder.into_raw_fd();
    terminal::show_path_as(&by_descriptor, &path);
    settings.data.dir = moved(&settings.data.dir, &path, &by_descriptor);
    settings.storage.url = settings.storage.url.with_path(|file| moved(file, &path, &by_descriptor));
    Ok(())
}

/// The path `old`, moved to the folder `to` if it is in the folder `from`.
fn moved(old: &Path, from: &Path, to: &Path) -> PathBuf {
    old.strip_prefix(from).map_or_else(|_| old.to_owned(), |rest| to.join(rest))
}

/// Whether the owner of the folder cannot reach it by its path.
fn is_unreachable(path: &Path) -> anyhow::Result<bool> {
    if !path.is_dir() {
        return Ok(false);
    }
    let _acting = ActingAsOwner::of(path)?;
    Ok(fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied))
}
