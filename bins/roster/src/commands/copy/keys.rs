//! Copies the signing keys together with a store.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use roster_backup::SigningKeys;
use roster_config::Settings;
use roster_storage::StoredKeys;

use crate::engine::{Engine, RestoreTarget};
use crate::keys::{KeysToRestore, RingPlace, prepare, reconcile};

/// Where the signing keys of the target are.
pub(super) struct TargetKeys(RingPlace);

/// Keys that are written when everything else is copied.
pub(super) enum NewKeys {
    /// There are none, or the target has them.
    None,
    /// For the database, in which they take effect together with the store.
    Stored(StoredKeys),
    /// For a folder.
    Files(SigningKeys, PathBuf),
}

impl TargetKeys {
    pub(super) fn of(target: &dyn Engine, settings: &Settings) -> Self {
        Self(RingPlace::of(target, settings))
    }

    /// Decides what to do with the keys of the source.
    ///
    /// # Errors
    /// If the target has other keys, or cannot seal them.
    pub(super) fn new_keys(&self, keys: Option<SigningKeys>) -> anyhow::Result<NewKeys> {
        let Some(keys) = keys else { return Ok(NewKeys::None) };
        match (&self.0, reconcile(&*self.0, keys)?) {
            (RingPlace::Database(database), keys) => Ok(NewKeys::Stored(database.restored(Some(keys))?)),
            // The keys of both stores are in the same data folder, or an interrupted copy has written them.
            (RingPlace::Folder(_), KeysToRestore::Current { .. }) => Ok(NewKeys::None),
            (RingPlace::Folder(folder), KeysToRestore::Backup(keys)) => {
                let place = self.0.place();
                ensure!(
                    !self.0.has_keys()?,
                    "there are other signing keys in {place}, and nothing was copied; move them away"
                );
                Ok(NewKeys::Files(keys, folder.path().to_owned()))
            }
        }
    }

    /// Keeps the keys of a target that stays as it is, apart from what is merged into it.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) fn keep(&self, target: &mut dyn RestoreTarget) -> anyhow::Result<()> {
        match &self.0 {
            RingPlace::Database(database) => Ok(target.set_keys(database.restored(None)?)?),
            RingPlace::Folder(_) => Ok(()),
        }
    }
}

impl NewKeys {
    /// Writes the files. Returns the keys for the database.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(super) fn write(self) -> anyhow::Result<Option<StoredKeys>> {
        match self {
            Self::None => Ok(None),
            Self::Stored(keys) => Ok(Some(keys)),
            Self::Files(keys, folder) => {
                // All of them or none.
                let prepared = folder.with_extension("copied");
                match fs::remove_dir_all(&prepared) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                    _ => prepare(&keys, &prepared)?,
                }
                let renamed = fs::rename(&prepared, &folder);
                renamed.with_context(|| format!("cannot write the keys to \"{}\"", folder.display()))?;
                Ok(None)
            }
        }
    }
}
