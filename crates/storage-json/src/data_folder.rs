//! Opens a data folder to write.

use crate::copy::refuse_incomplete;
use crate::disk::{LockError, RealDisk};
use crate::error::OpenError;
use crate::newer::reject_newer;
use crate::opening::Opening;
use crate::restore::finish_switch;

pub(crate) fn lock_error(opening: &Opening, error: LockError) -> OpenError {
    let folder = opening.folder.clone();
    match error {
        LockError::Held { pid } => OpenError::Held { folder, pid },
        LockError::Io(source) => OpenError::Io { path: folder, source },
    }
}

/// Locks the folder of a store and completes an interrupted restore. The store of a newer Roster is not touched, not
/// even its lock file.
pub(crate) fn take_folder(opening: &Opening) -> Result<RealDisk, OpenError> {
    reject_newer(opening)?;
    let disk = RealDisk::lock(&opening.folder).map_err(|error| lock_error(opening, error))?;
    if disk.is_mount(&opening.users_file) {
        return Err(OpenError::Mounted { path: opening.folder.join(&opening.users_file) });
    }
    finish_switch(&opening.folder, &opening.users_file)?;
    Ok(disk)
}

/// Like [`take_folder`], and refuses one in which a copy is not complete.
pub(crate) fn take_store(opening: &Opening) -> Result<RealDisk, OpenError> {
    let disk = take_folder(opening)?;
    refuse_incomplete(opening)?;
    Ok(disk)
}
