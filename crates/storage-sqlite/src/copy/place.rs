//! Where a copy is built.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use crate::error::OpenError;
use crate::lock::DatabaseLocation;

/// The ending of the folder in which a copy is built.
const COPYING: &str = ".copying";

/// The database that is being built for this place.
pub(super) fn staged(place: &DatabaseLocation) -> DatabaseLocation {
    let folder = place.beside(COPYING);
    DatabaseLocation { file: folder.join(place.file.file_name().unwrap_or_default()), folder }
}

/// Refuses a place that has a part of a store and no store.
///
/// # Errors
/// [`OpenError::Incomplete`].
pub(crate) fn refuse_incomplete(place: &DatabaseLocation) -> Result<(), OpenError> {
    let staged = staged(place);
    if place.file.exists() || !staged.file.exists() {
        return Ok(());
    }
    Err(OpenError::Incomplete { path: place.file.clone(), folder: staged.folder })
}

/// The folder of a copy beside a store, which was not completed or has left its folder.
pub(crate) fn remains(place: &DatabaseLocation) -> Option<PathBuf> {
    Some(staged(place).folder).filter(|folder| place.file.exists() && folder.exists())
}

/// Removes what was copied.
pub(super) fn clear(place: &DatabaseLocation) -> io::Result<()> {
    match fs::remove_dir_all(staged(place).folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the database, which is complete and closed, the store.
pub(super) fn put_in_place(place: &DatabaseLocation) -> io::Result<()> {
    let staged = staged(place);
    File::open(&staged.file)?.sync_all()?;
    place.remove_stray_log()?;
    fs::rename(&staged.file, &place.file)?;
    File::open(&place.folder)?.sync_all()
}
