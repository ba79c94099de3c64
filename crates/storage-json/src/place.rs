//! Where a store is.

use std::path::Path;

use crate::disk::LockError;
use crate::error::OpenError;
use crate::recovery::Opening;
use crate::restore::{clear_undecided, finish_switch};
use crate::settings::JsonStoreSettings;

pub(crate) fn cannot_lock(opening: &Opening, error: LockError) -> OpenError {
    let folder = opening.folder.clone();
    match error {
        LockError::Held { pid } => OpenError::Held { folder, pid },
        LockError::Io(source) => OpenError::Io { path: folder, source },
    }
}

/// Carries out what an interrupted restore left. The caller holds the lock.
pub(crate) fn finish_restore(opening: &Opening) -> Result<(), OpenError> {
    finish_switch(&opening.folder, &opening.users_file)?;
    clear_undecided(&opening.folder)
}

pub(crate) fn opening(settings: &JsonStoreSettings) -> Result<Opening, OpenError> {
    let path = &settings.users_file;
    let name = path.file_name().and_then(|name| name.to_str());
    let users_file = name.ok_or_else(|| OpenError::NoFile { path: path.clone() })?.to_owned();
    Ok(Opening { folder: folder_of(path).to_owned(), users_file, now: settings.now, random: settings.random })
}

/// The data folder: where the users file is.
pub(crate) fn folder_of(users_file: &Path) -> &Path {
    users_file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
