//! Copies a store to an empty folder, in steps that survive a kill.

mod place;
mod staged_files;

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use async_trait::async_trait;
use roster_storage::{CopyPosition, RestoreError, StagedCopy, StoredItem, StoredKeys};

use crate::data_folder::take_folder;
use crate::disk::RealDisk;
use crate::error::OpenError;
use crate::opening::Opening;
use crate::restore::{MoveList, STAGING, Switch, clear_undecided, sync};
use crate::settings::JsonStoreSettings;
pub(crate) use place::refuse_incomplete;
use place::{is_vacant, staged};
use staged_files::StagedFiles;

/// A store that is copied to an empty data folder, whose lock this holds until it is dropped.
///
/// The files are written to `copy.new/`, with the position in `copy.json`. At the end they become a restore that is complete
/// and takes effect.
pub struct JsonCopy {
    _disk: RealDisk,
    opening: Opening,
    /// Absent while it is working, and after a failure.
    files: Option<StagedFiles>,
    position: CopyPosition,
}

impl JsonCopy {
    /// Locks the folder, and begins a copy or goes on with one, whose users and sessions it reads into memory. It blocks.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy; [`OpenError::Occupied`] if there is a store.
    pub fn begin(settings: &JsonStoreSettings) -> Result<Self, OpenError> {
        let opening = Opening::of(settings)?;
        let disk = take_folder(&opening)?;
        let failed = |source| OpenError::Io { path: opening.folder.clone(), source };
        if !is_vacant(&opening).map_err(failed)? {
            return Err(OpenError::Occupied { folder: opening.folder });
        }
        // What cannot be read is made anew.
        let (files, position) = match StagedFiles::reopen(staged(&opening.folder)) {
            Ok((files, position)) => (files, position),
            Err(_) => (create(&opening.folder).map_err(failed)?, CopyPosition::default()),
        };
        Ok(Self { _disk: disk, opening, files: Some(files), position })
    }

    /// Runs `work` on the files, on a thread that may block.
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(StagedFiles) -> Result<T, RestoreError> + Send + 'static,
    ) -> Result<T, RestoreError> {
        let files = self.files.take();
        let files = files.ok_or_else(|| RestoreError::Order("an earlier step failed".to_owned()))?;
        let working = tokio::task::spawn_blocking(move || work(files));
        working.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?
    }
}

/// Empty files. What was there is removed.
fn create(folder: &Path) -> io::Result<StagedFiles> {
    remove(folder)?;
    StagedFiles::create(staged(folder))
}

/// Removes what was copied.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(staged(folder)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the files the store.
fn put_in_place(opening: &Opening, files: StagedFiles) -> Result<(), RestoreError> {
    let unavailable = |error: io::Error| RestoreError::Unavailable(Box::new(error));
    let folder = &opening.folder;
    let names = files.finish(&opening.users_file).map_err(unavailable)?;
    let replaced = opening.now.strftime("replaced-%Y%m%dT%H%M%SZ").to_string();
    let list = MoveList::new(&replaced, Vec::new(), names, &opening.users_file).map_err(unavailable)?;
    clear_undecided(folder).map_err(|error| RestoreError::Unavailable(Box::new(error)))?;
    let renamed = fs::rename(staged(folder), folder.join(STAGING)).and_then(|()| sync(folder));
    let switch = renamed.and_then(|()| Switch::prepare(folder, list)).map_err(unavailable)?;
    switch.commit().map_err(unavailable)?;
    switch.carry_out().map_err(|error| RestoreError::Unfinished(Box::new(error)))
}

#[async_trait]
impl StagedCopy for JsonCopy {
    fn position(&self) -> &CopyPosition {
        &self.position
    }

    async fn add(&mut self, items: Vec<StoredItem>, position: CopyPosition) -> Result<(), RestoreError> {
        let saved = position.clone();
        let added = self.work(move |mut files| files.add(&items, &saved).map(|()| files));
        self.files = Some(added.await?);
        self.position = position;
        Ok(())
    }

    /// The keys are files beside the store.
    async fn finish(mut self: Box<Self>, _: Option<StoredKeys>) -> Result<(), RestoreError> {
        let opening = self.opening.clone();
        self.work(move |files| match is_vacant(&opening) {
            Ok(true) => put_in_place(&opening, files),
            Ok(false) => Err(RestoreError::Occupied),
            Err(error) => Err(RestoreError::Unavailable(Box::new(error))),
        })
        .await
    }

    async fn discard(self: Box<Self>) -> Result<(), RestoreError> {
        let removing = tokio::task::spawn_blocking(move || {
            drop(self.files);
            remove(&self.opening.folder)
        });
        let removed = removing.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?;
        removed.map_err(|error| RestoreError::Unavailable(Box::new(error)))
    }
}

impl fmt::Debug for JsonCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonCopy").field("folder", &self.opening.folder).finish_non_exhaustive()
    }
}
