//! Where a copy is built.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Directory as _, RealDirectory};
use crate::error::OpenError;
use crate::opening::Opening;
use crate::restore::{COPYING, is_own};

/// How far it has come.
pub(super) const POSITION: &str = "copy.json";

/// Whether there is no store in a folder.
pub(super) fn is_vacant(opening: &Opening) -> io::Result<bool> {
    let names = RealDirectory(opening.folder.clone()).names()?;
    Ok(!names.iter().any(|name| is_own(name, &opening.users_file)))
}

/// The folder of a copy in this data folder.
pub(super) fn staged(folder: &Path) -> PathBuf {
    folder.join(COPYING)
}

/// Refuses a folder that has a part of a store and no store.
///
/// # Errors
/// [`OpenError::Incomplete`]; [`OpenError::Io`], if that is unknown.
pub(crate) fn refuse_incomplete(opening: &Opening) -> Result<(), OpenError> {
    let folder = staged(&opening.folder);
    if !folder.join(POSITION).exists() {
        return Ok(());
    }
    let failed = |source| OpenError::Io { path: opening.folder.clone(), source };
    if is_vacant(opening).map_err(failed)? {
        return Err(OpenError::Incomplete { path: opening.folder.join(&opening.users_file), folder });
    }
    Ok(())
}
