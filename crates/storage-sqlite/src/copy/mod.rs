//! Copies a store to an empty place, in steps that survive a kill.

mod place;
mod staged_database;

use std::fmt;
use std::io;
use std::path::Path;

use async_trait::async_trait;
use roster_storage::{CopyPosition, RestoreError, StagedCopy, StoredItem, StoredKeys};

use crate::error::OpenError;
use crate::lock::{DatabaseLocation, Lock};
use crate::migrations::MigrationError;
use crate::restore::settle;
use crate::settings::SqliteStoreSettings;
use place::{clear, put_in_place, staged};
pub(crate) use place::{refuse_incomplete, remains};
use staged_database::StagedDatabase;

/// A database that is copied to an empty place, whose lock this holds until it is dropped.
///
/// It is built in a folder beside the place, a transaction for each step, which also has the position. At the end, one
/// rename makes it the store.
pub struct SqliteCopy {
    place: DatabaseLocation,
    /// Absent while it is working, and after a failure.
    database: Option<StagedDatabase>,
    position: CopyPosition,
    _lock: Lock,
}

impl SqliteCopy {
    /// Locks the place, and begins a copy or goes on with one. It blocks.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy; [`OpenError::Occupied`] if there is a store.
    pub fn begin(settings: &SqliteStoreSettings) -> Result<Self, OpenError> {
        let place = DatabaseLocation::of(&settings.path)?;
        let lock = Lock::take(&place)?;
        let failed = |source| OpenError::Io { path: place.folder.clone(), source };
        settle(&place).map_err(failed)?;
        if place.file.exists() {
            return Err(OpenError::Occupied { path: place.file });
        }
        let (database, position) = match reopen(&place) {
            Some((database, position)) => (database, position),
            None => (create(&place, settings)?, CopyPosition::default()),
        };
        Ok(Self { place, database: Some(database), position, _lock: lock })
    }

    /// Whether a copy to this place was begun and not completed.
    #[must_use]
    pub fn is_begun(path: &Path) -> bool {
        DatabaseLocation::of(path).is_ok_and(|place| refuse_incomplete(&place).is_err())
    }

    /// Runs `work` on the database, on a thread that may block.
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(StagedDatabase) -> Result<T, RestoreError> + Send + 'static,
    ) -> Result<T, RestoreError> {
        let database = self.database.take();
        let database = database.ok_or_else(|| RestoreError::Order("an earlier step failed".to_owned()))?;
        let working = tokio::task::spawn_blocking(move || work(database));
        working.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?
    }
}

/// What an earlier process has left, if it can be used.
fn reopen(place: &DatabaseLocation) -> Option<(StagedDatabase, CopyPosition)> {
    let staged = staged(place);
    if !staged.file.exists() {
        return None;
    }
    // A database that cannot be read is made anew.
    StagedDatabase::reopen(&staged).ok().flatten()
}

/// An empty database. What was there is removed.
fn create(place: &DatabaseLocation, settings: &SqliteStoreSettings) -> Result<StagedDatabase, OpenError> {
    let staged = staged(place);
    let failed = |source| OpenError::Io { path: staged.folder.clone(), source };
    clear(place).and_then(|()| staged.create()).map_err(failed)?;
    StagedDatabase::create(&staged, settings).map_err(|error| match error {
        MigrationError::Sqlite(source) => OpenError::Database { path: staged.file.clone(), source },
        // The file is new.
        MigrationError::Foreign | MigrationError::Newer(_) => {
            OpenError::Foreign { path: staged.file.clone() }
        }
    })
}

#[async_trait]
impl StagedCopy for SqliteCopy {
    fn position(&self) -> &CopyPosition {
        &self.position
    }

    async fn add(&mut self, items: Vec<StoredItem>, position: CopyPosition) -> Result<(), RestoreError> {
        let saved = position.clone();
        let added = self.work(move |mut database| database.add(&items, &saved).map(|()| database));
        self.database = Some(added.await?);
        self.position = position;
        Ok(())
    }

    async fn finish(mut self: Box<Self>, keys: Option<StoredKeys>) -> Result<(), RestoreError> {
        let place = self.place.clone();
        if place.file.exists() {
            return Err(RestoreError::Occupied);
        }
        self.work(move |database| {
            let unavailable = |error: io::Error| RestoreError::Unavailable(Box::new(error));
            database.finish(keys.as_ref())?;
            put_in_place(&place).map_err(unavailable)?;
            clear(&place).map_err(|error| RestoreError::Unfinished(Box::new(error)))
        })
        .await
    }

    async fn discard(self: Box<Self>) -> Result<(), RestoreError> {
        let removing = tokio::task::spawn_blocking(move || {
            drop(self.database);
            clear(&self.place)
        });
        let removed = removing.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?;
        removed.map_err(|error| RestoreError::Unavailable(Box::new(error)))
    }
}

impl fmt::Debug for SqliteCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteCopy").field("path", &self.place.file).finish_non_exhaustive()
    }
}
