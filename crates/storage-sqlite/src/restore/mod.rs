//! Creates a database from a snapshot, in an empty place or in place of another database.

mod building;
mod moves;
mod outside;

use std::fmt;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use roster_storage::{Restore, RestoreError, StoredItem, StoredKeys};

use crate::connection::{Purpose, open, truncate_log};
use crate::copy::refuse_incomplete;
use crate::error::OpenError;
use crate::lock::{DatabaseLocation, Lock};
use crate::settings::SqliteStoreSettings;
use crate::store::SqliteStore;
use building::Building;
use moves::{Moves, clear, is_plain, staged_database};
pub(crate) use moves::{is_at_rest, is_unfinished, settle, staging};
use outside::OutsideMove;

/// A database that is being restored, whose lock this holds until it is dropped.
///
/// It is built in a folder beside the present one and synced. One rename makes it the store: if the process is killed
/// before, the present one is unchanged. If it is killed later, whoever opens the store next makes the remaining moves.
/// The present database stays in a folder `replaced-<time>`.
pub struct SqliteRestore {
    place: DatabaseLocation,
    settings: SqliteStoreSettings,
    /// Absent while it is working, and after a failure.
    building: Option<Building>,
    /// What is moved besides the database.
    moves: Moves,
    outside: Vec<OutsideMove>,
    _lock: Lock,
}

impl SqliteRestore {
    /// Whether there is no store in this place yet. Changes nothing and needs no lock.
    #[must_use]
    pub fn is_free(settings: &SqliteStoreSettings) -> bool {
        !SqliteStore::is_there(&settings.path)
    }

    /// Locks the database and begins to build another one beside it. It blocks.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy; [`OpenError::Held`] while another process has the store open.
    pub fn begin(settings: &SqliteStoreSettings) -> Result<Self, OpenError> {
        let place = DatabaseLocation::of(&settings.path)?;
        let lock = Lock::take(&place)?;
        let staged = DatabaseLocation { folder: staging(&place), file: staged_database(&place) };
        let failed = |source| OpenError::Io { path: staged.folder.clone(), source };
        settle(&place).map_err(failed)?;
        place.refuse_second_name()?;
        refuse_incomplete(&place)?;
        staged.create().map_err(failed)?;
        let building = Building::begin(&staged.file, settings);
        let building =
            building.map_err(|source| OpenError::Database { path: staged.file.clone(), source })?;
        let stamp = settings.now.strftime("replaced-%Y%m%dT%H%M%SZ").to_string();
        let moves = Moves { replaced: free_name(&place.folder, &stamp), ..Moves::default() };
        let (settings, outside) = (settings.clone(), Vec::new());
        Ok(Self { place, settings, building: Some(building), moves, outside, _lock: lock })
    }

    /// Whether there is no store in this place yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.place.file.exists()
    }

    /// The existing store, to read.
    ///
    /// # Errors
    /// [`OpenError`], if it cannot be read.
    pub fn current(&self) -> Result<SqliteStore, OpenError> {
        SqliteStore::open_to_read(&self.settings)
    }

    /// The folder of the database.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.place.folder
    }

    /// The folder for the existing database.
    #[must_use]
    pub fn replaced(&self) -> PathBuf {
        self.place.folder.join(&self.moves.replaced)
    }

    /// The folder in which the restored database is built. Callers can prepare files there, to be moved by
    /// [`replace_file`](Self::replace_file).
    #[must_use]
    pub fn staging(&self) -> PathBuf {
        staging(&self.place)
    }

    /// Moves `path`, if it exists, to the replaced store, and `prepared`, if given, to `path`, when the restore takes effect.
    ///
    /// In the folder of the database these moves are part of the restore, so a later start completes them after a kill;
    /// there `prepared` has the same name in [`staging`](Self::staging). Elsewhere, `prepared` is beside `path`, and only
    /// [`finish`](Restore::finish) makes the move, once the restored store is in force.
    pub fn replace_file(&mut self, path: &Path, prepared: Option<&Path>) {
        let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_plain(name));
        let Some(name) = name.filter(|_| path.parent() == Some(&*self.place.folder)) else {
            let (path, prepared) = (path.to_owned(), prepared.map(Path::to_owned));
            self.outside.push(OutsideMove { path, prepared });
            return;
        };
        if fs::symlink_metadata(path).is_ok() {
            self.moves.out.push(name.to_owned());
        }
        self.moves.into.extend(prepared.map(|_| name.to_owned()));
    }

    /// Sets the signing keys of the restored store. It blocks.
    ///
    /// # Errors
    /// [`RestoreError`].
    pub fn set_keys(&mut self, keys: &StoredKeys) -> Result<(), RestoreError> {
        self.building.as_ref().ok_or_else(failed_before)?.set_keys(keys)
    }

    fn switch(mut self) -> Result<(), RestoreError> {
        let unavailable = |error: io::Error| RestoreError::Unavailable(Box::new(error));
        let unfinished = |error: io::Error| RestoreError::Unfinished(Box::new(error));
        self.building.take().ok_or_else(failed_before)?.finish()?;
        self.prepare().map_err(unavailable)?;
        fs::rename(staged_database(&self.place), &self.place.file).map_err(unavailable)?;
        let outside = self.outside.iter().try_for_each(|outside| outside.make(&self.moves.replaced));
        outside.and_then(|()| self.moves.carry_out(&self.place)).map_err(unfinished)?;
        clear(&self.place).map_err(unfinished)
    }

    /// Syncs the restored database, keeps the present one under a second name, and writes the list of moves.
    fn prepare(&self) -> io::Result<()> {
        File::open(staged_database(&self.place))?.sync_all()?;
        if !self.is_empty() || !self.moves.out.is_empty() {
            DirBuilder::new().mode(0o700).create(self.replaced())?;
        }
        // Until the database is renamed, this list only says what to undo.
        self.moves.write(&self.place)?;
        self.keep_present()
    }

    /// Gives the present database a second name, under which it stays. Its log must be empty, or it would be taken for
    /// that of the new one.
    fn keep_present(&self) -> io::Result<()> {
        if self.is_empty() {
            return self.place.remove_stray_log();
        }
        let present = open(&self.place.file, Purpose::Checkpoint, 0).map_err(io::Error::other)?;
        truncate_log(&present).map_err(io::Error::other)?;
        drop(present);
        self.place.remove_stray_log()?;
        let name = self.place.file.file_name().ok_or(ErrorKind::InvalidInput)?;
        fs::hard_link(&self.place.file, self.replaced().join(name))?;
        File::open(self.replaced())?.sync_all()
    }
}

#[async_trait]
impl Restore for SqliteRestore {
    async fn add(&mut self, items: Vec<StoredItem>) -> Result<(), RestoreError> {
        let mut building = self.building.take().ok_or_else(failed_before)?;
        let adding = tokio::task::spawn_blocking(move || {
            items.iter().try_for_each(|item| building.add(item)).map(|()| building)
        });
        let added = adding.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?;
        self.building = Some(added?);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), RestoreError> {
        let switching = tokio::task::spawn_blocking(move || self.switch());
        switching.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?
    }
}

impl Drop for SqliteRestore {
    fn drop(&mut self) {
        self.building = None;
        // If moves are left, whoever opens the store next needs the folder. Anything else is removed then.
        if !is_unfinished(&self.place) {
            let _ = clear(&self.place);
        }
    }
}

impl fmt::Debug for SqliteRestore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteRestore").field("path", &self.place.file).finish_non_exhaustive()
    }
}

fn failed_before() -> RestoreError {
    RestoreError::Order("an earlier piece failed".to_owned())
}

fn free_name(folder: &Path, name: &str) -> String {
    let mut free = name.to_owned();
    let mut copy = 1;
    while folder.join(&free).exists() {
        copy += 1;
        free = format!("{name}-{copy}");
    }
    free
}
