//! Creates a store from a snapshot, in an empty folder or in place of another store.

mod folders;
mod list;
mod names;
mod outside;
mod staging;
mod switch;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use roster_storage::{Restore, RestoreError, StoredItem};

use crate::data_folder::take_store;
use crate::disk::{Directory, RealDirectory, RealDisk};
use crate::error::OpenError;
use crate::opening::Opening;
use crate::recovery::read_state;
use crate::settings::JsonStoreSettings;
use crate::store::JsonStore;
pub(crate) use folders::{create, sync};
pub(crate) use list::MoveList;
pub(crate) use names::{COPYING, STAGING, SWITCH_FILE, is_own};
use outside::OutsideMove;
pub(crate) use staging::{AuditEnd, Staging};
pub(crate) use switch::Switch;
pub(crate) use switch::{check as check_switch, clear_undecided, finish as finish_switch, is_unfinished};

/// A store that is being restored in the data folder, whose lock it holds until it is dropped.
///
/// The files are written to `restore.new/`. [`Restore::finish`] moves the existing files to a folder
/// `replaced-<time>` and the new files in. If the process is killed before the first move, the old store is
/// unchanged. If it is killed later, the next process that opens the store makes the remaining moves.
pub struct JsonRestore {
    disk: RealDisk,
    opening: Opening,
    /// Absent while it is working.
    staging: Option<Staging>,
    /// The folder for the existing files.
    replaced: String,
    /// What is moved besides the store's own files, by name.
    out: Vec<String>,
    into: Vec<String>,
    /// What is moved outside the data folder.
    outside: Vec<OutsideMove>,
}

impl JsonRestore {
    /// Whether there is no store in this folder yet. Changes nothing and needs no lock.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn is_free(settings: &JsonStoreSettings) -> Result<bool, OpenError> {
        let opening = Opening::of(settings)?;
        let names = RealDirectory(opening.folder.clone()).names();
        let names = names.map_err(|source| OpenError::Io { path: opening.folder.clone(), source })?;
        Ok(!names.iter().any(|name| is_own(name, &opening.users_file) || name == SWITCH_FILE))
    }

    /// Locks the folder, creating it if it is missing, and completes or clears away an interrupted restore. It
    /// blocks.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy; [`OpenError::Held`] while another process has the store open.
    pub fn begin(settings: &JsonStoreSettings) -> Result<Self, OpenError> {
        let opening = Opening::of(settings)?;
        let disk = take_store(&opening)?;
        let failed = |source| OpenError::Io { path: opening.folder.clone(), source };
        clear_undecided(&opening.folder)?;
        let staging = Staging::begin(opening.folder.join(STAGING)).map_err(failed)?;
        let replaced =
            free_name(&opening.folder, &format!("replaced-{}", opening.now.strftime("%Y%m%dT%H%M%SZ")));
        let (out, into, outside) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { disk, staging: Some(staging), replaced, opening, out, into, outside })
    }

    /// Whether there is no store in this folder yet.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn is_empty(&self) -> io::Result<bool> {
        Ok(self.own_names()?.is_empty())
    }

    /// The existing store, to read.
    ///
    /// # Errors
    /// [`OpenError`], if it cannot be read.
    pub fn current(&self) -> Result<JsonStore, OpenError> {
        let state = read_state(&self.disk, &self.opening)?;
        Ok(JsonStore::reading(state, self.opening.folder.clone()))
    }

    /// The folder of the store.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.opening.folder
    }

    /// The folder for the existing files.
    #[must_use]
    pub fn replaced(&self) -> PathBuf {
        self.opening.folder.join(&self.replaced)
    }

    /// The folder in which the restored store is built. Callers can prepare files there, to be moved by
    /// [`replace_file`](Self::replace_file).
    #[must_use]
    pub fn staging(&self) -> PathBuf {
        self.opening.folder.join(STAGING)
    }

    /// Moves `path`, if it exists, to the replaced store, and `prepared`, if given, to `path`, when the restore takes effect.
    ///
    /// In the data folder these moves are part of the restore, so a later start completes them after a kill; there
    /// `prepared` has the same name in [`staging`](Self::staging). Outside the data folder, `prepared` is beside
    /// `path`, and only
    /// [`finish`](Restore::finish) makes the move, once the restored store is in effect.
    pub fn replace_file(&mut self, path: &Path, prepared: Option<&Path>) {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|_| path.parent() == Some(&*self.opening.folder)) else {
            let (path, prepared) = (path.to_owned(), prepared.map(Path::to_owned));
            self.outside.push(OutsideMove { path, prepared });
            return;
        };
        if fs::symlink_metadata(path).is_ok() {
            self.out.push(name.to_owned());
        }
        self.into.extend(prepared.map(|_| name.to_owned()));
    }

    /// The names of the store's files in the folder.
    fn own_names(&self) -> io::Result<Vec<String>> {
        let users_file = &self.opening.users_file;
        let mut names = self.disk.names()?;
        names.retain(|name| is_own(name, users_file));
        names.sort_unstable();
        Ok(names)
    }

    fn switch(mut self) -> Result<(), RestoreError> {
        let unavailable = |error: io::Error| RestoreError::Unavailable(Box::new(error));
        let unfinished = |error: io::Error| RestoreError::Unfinished(Box::new(error));
        let list = self.prepare().map_err(unavailable)?;
        let switch = Switch::prepare(&self.opening.folder, list).map_err(unavailable)?;
        if let Err(error) = switch.commit() {
            let is_decided = is_unfinished(&self.opening.folder);
            return Err(if is_decided { unfinished(error) } else { unavailable(error) });
        }
        let outside = self.outside.iter().try_for_each(|outside| outside.make(&self.replaced));
        outside.and_then(|()| switch.carry_out()).map_err(unfinished)
    }

    /// Writes the restored store and the list of moves that put it in place.
    fn prepare(&mut self) -> io::Result<MoveList> {
        let staging = self.staging.take().ok_or_else(|| io::Error::other("an earlier piece failed"))?;
        let mut into = staging.finish(&self.opening.users_file)?;
        into.append(&mut self.into);
        let mut out = self.own_names()?;
        out.append(&mut self.out);
        MoveList::new(&self.replaced, out, into, &self.opening.users_file)
    }
}

#[async_trait]
impl Restore for JsonRestore {
    async fn add(&mut self, items: Vec<StoredItem>) -> Result<(), RestoreError> {
        let gone = || RestoreError::Order("an earlier piece failed".to_owned());
        let mut staging = self.staging.take().ok_or_else(gone)?;
        let adding = tokio::task::spawn_blocking(move || {
            items.iter().try_for_each(|item| staging.add(item)).map(|()| staging)
        });
        let added = adding.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?;
        self.staging = Some(added?);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), RestoreError> {
        let switching = tokio::task::spawn_blocking(move || self.switch());
        switching.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?
    }
}

impl Drop for JsonRestore {
    fn drop(&mut self) {
        // If moves are left, the next process that opens the folder needs the files. Anything else is removed then.
        if !is_unfinished(&self.opening.folder) {
            let _ = fs::remove_dir_all(self.opening.folder.join(STAGING));
        }
    }
}

impl fmt::Debug for JsonRestore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonRestore").field("folder", &self.opening.folder).finish_non_exhaustive()
    }
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
