//! Finds out whether a newer Roster wrote a store, before anything in it is touched.

use std::io::Read as _;
use std::path::Path;

use crate::disk::open_ordinary;
use crate::error::OpenError;
use crate::opening::Opening;
use crate::projection::newer_version;
use crate::restore::{STAGING, check_switch};

/// How many bytes of a file contain its version.
const HEAD: u64 = 1024;

/// Reads the beginning of the users file, and that of an interrupted restore. Unreadable files are reported later,
/// when the store is opened.
///
/// # Errors
/// [`OpenError::Newer`].
pub(crate) fn reject_newer(opening: &Opening) -> Result<(), OpenError> {
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
