//! Whether a newer Roster wrote a store, found out before anything in it is touched.

use std::io::Read as _;
use std::path::Path;

use crate::disk::open_ordinary;
use crate::error::OpenError;
use crate::opening::Opening;
use crate::projection::newer_version;
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
    let mut head = Vec::new();
    open_ordinary(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    Some(head)
}
