//! Where a store is.

use std::path::Path;

use crate::disk::{LockError, RealDisk};
use crate::error::OpenError;
use crate::newer::refuse_newer;
use crate::recovery::Opening;
use crate::restore::finish_switch;
use crate::settings::JsonStoreSettings;

pub(crate) fn cannot_lock(opening: &Opening, error: LockError) -> OpenError {
    let folder = opening.folder.clone();
    match error {
        LockError::Held { pid } => OpenError::Held { folder, pid },
        LockError::Io(source) => OpenError::Io { path: folder, source },
    }
}

/// Takes the folder of a store to write, and carries out the moves of an interrupted restore. A store of a newer Roster
/// stays as it is, the lock's file included.
pub(crate) fn take(opening: &Opening) -> Result<RealDisk, OpenError> {
    refuse_newer(opening)?;
    let disk = RealDisk::lock(&opening.folder).map_err(|error| cannot_lock(opening, error))?;
    if disk.is_mount(&opening.users_file) {
        return Err(OpenError::Mounted { path: opening.folder.join(&opening.users_file) });
    }
    finish_switch(&opening.folder, &opening.users_file)?;
    Ok(disk)
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
