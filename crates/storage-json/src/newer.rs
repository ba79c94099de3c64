//! Whether a newer Roster wrote a store, found out before anything in it is touched.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

use crate::error::OpenError;
use crate::projection::newer_version;
use crate::recovery::Opening;
use crate::restore::{STAGING, check_switch};

/// How much of a file says its version.
const HEAD: u64 = 1024;

/// Reads what the users file says first, and the one of a restore that is left. What cannot be read is for whoever opens
/// the store to tell.
///
/// # Errors
/// [`OpenError::Newer`].
pub(crate) fn refuse_newer(opening: &Opening) -> Result<(), OpenError> {
    let Opening { folder, users_file, .. } = opening;
    for path in [folder.join(users_file), folder.join(STAGING).join(users_file)] {
        if let Some((version, known)) = head(&path).and_then(|head| newer_version(&head)) {
            return Err(OpenError::Newer { path, version, known });
        }
    }
    match check_switch(folder, users_file) {
        Err(error @ OpenError::Newer { .. }) => Err(error),
        _ => Ok(()),
    }
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path).ok()?;
    let mut head = Vec::new();
    if file.metadata().ok()?.is_file() {
        file.take(HEAD).read_to_end(&mut head).ok()?;
    }
    Some(head)
}
