//! A restore into the database, with the files that belong to it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use roster_storage::{Restore, RestoreError, Store, StoredItem, StoredKeys};
use roster_storage_postgres::{PostgresRestore, PostgresStore, PostgresStoreSettings};

use super::super::open_error::OpenError;
use super::super::port::RestoreTarget;
use super::opening::{open, unusable};
use super::runtime::wait;
use crate::private_file;

/// A restore. The database changes in one transaction; the files in the data folder are moved after it.
pub(super) struct PostgresTarget {
    restore: PostgresRestore,
    is_empty: bool,
    /// The store that is replaced.
    current: Arc<dyn Store>,
    folder: PathBuf,
    moves: Vec<Move>,
}

/// A file or folder that is replaced together with the store.
struct Move {
    path: PathBuf,
    prepared: Option<PathBuf>,
}

/// Whether nothing in the store would be replaced.
pub(super) fn is_empty(store: PostgresStore) -> Result<bool, OpenError> {
    let look = async move {
        let is_empty = store.snapshot().await?.next().await?.is_empty();
        store.close();
        Ok::<_, roster_storage::StoreError>(is_empty)
    };
    wait(look).map_err(unusable)?.map_err(unusable)
}

impl PostgresTarget {
    pub(super) fn begin(folder: &Path, settings: PostgresStoreSettings) -> Result<Self, OpenError> {
        private_file::make_folder(folder).map_err(unusable)?;
        // First: to prepare the statements of a store takes locks that a restore does not leave to others.
        let current = Arc::new(open(settings.clone())?);
        let (restore, is_empty) = wait(async move {
            let restore = PostgresRestore::begin(&settings).await?;
            let is_empty = restore.is_empty().await?;
            Ok::<_, roster_storage_postgres::OpenError>((restore, is_empty))
        })
        .map_err(unusable)??;
        let target = Self { restore, is_empty, current, folder: folder.to_owned(), moves: Vec::new() };
        remove(&target.staging())
            .and_then(|()| private_file::make_folder(&target.staging()))
            .map_err(unusable)?;
        Ok(target)
    }

    /// The folder of the replaced files. It is named after the schema of the replaced tables, with hyphens.
    fn replaced_files(&self) -> PathBuf {
        self.folder.join(self.restore.replaced().replace('_', "-"))
    }
}

#[async_trait]
impl Restore for PostgresTarget {
    async fn add(&mut self, items: Vec<StoredItem>) -> Result<(), RestoreError> {
        self.restore.add(items).await
    }

    async fn finish(self: Box<Self>) -> Result<(), RestoreError> {
        let (staging, replaced, is_empty) = (self.staging(), self.replaced_files(), self.is_empty);
        Box::new(self.restore).finish().await?;
        let made = if is_empty { Ok(()) } else { private_file::make_folder(&replaced) };
        let moved = made.and_then(|()| self.moves.iter().try_for_each(|file| file.make(&replaced)));
        moved.and_then(|()| remove(&staging)).map_err(|error| RestoreError::Unfinished(Box::new(error)))
    }
}

impl RestoreTarget for PostgresTarget {
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.is_empty)
    }

    fn current(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(Arc::clone(&self.current))
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn replaced(&self) -> String {
        let (schema, files) = (self.restore.replaced(), self.replaced_files());
        format!("the schema {schema} of the database, and its files in \"{}\"", files.display())
    }

    fn staging(&self) -> PathBuf {
        self.folder.join(".restoring")
    }

    fn set_keys(&mut self, keys: StoredKeys) -> Result<(), RestoreError> {
        self.restore.set_keys(keys);
        Ok(())
    }

    fn replace_file(&mut self, path: &Path, prepared: Option<&Path>) {
        self.moves.push(Move { path: path.to_owned(), prepared: prepared.map(Path::to_owned) });
    }
}

impl Move {
    fn make(&self, replaced: &Path) -> io::Result<()> {
        if let Some(name) = self.path.file_name()
            && fs::symlink_metadata(&self.path).is_ok()
        {
            private_file::make_folder(replaced)?;
            fs::rename(&self.path, replaced.join(name))?;
        }
        self.prepared.as_ref().map_or(Ok(()), |prepared| fs::rename(prepared, &self.path))
    }
}

/// Removes a folder, if it exists.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
