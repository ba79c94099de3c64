//! Copies the signing keys together with a store.

use anyhow::{Context, ensure};
use roster_backup::SigningKeys;
use roster_config::Settings;
use roster_service::{Clock as _, SystemClock};

use crate::engine::{Engine, RestoreTarget};
use crate::keys::{KeysToRestore, RingPlace, prepare, reconcile};

/// Where the signing keys of both stores are.
pub(super) struct KeyCopy {
    source: RingPlace,
    target: RingPlace,
}

impl KeyCopy {
    pub(super) fn of(source: &dyn Engine, target: &dyn Engine, settings: &Settings) -> Self {
        Self { source: RingPlace::of(source, settings), target: RingPlace::of(target, settings) }
    }

    /// The keys of the source, if it has any.
    ///
    /// # Errors
    /// If they cannot be read or opened.
    pub(super) fn read(&self) -> anyhow::Result<Option<SigningKeys>> {
        self.source
            .back_up(SystemClock.now())
            .context("the signing keys cannot be copied; nothing was copied")
    }

    /// Sets the keys of the target. In a database they take effect together with it, files are written at once.
    ///
    /// # Errors
    /// If the target has other keys, or they cannot be written.
    pub(super) fn write(
        &self,
        keys: Option<SigningKeys>,
        target: &mut dyn RestoreTarget,
    ) -> anyhow::Result<()> {
        let Some(keys) = keys else { return Ok(()) };
        match (&self.target, reconcile(&*self.target, keys)?) {
            (RingPlace::Database(database), keys) => Ok(target.set_keys(database.restored(Some(keys))?)?),
            // The keys of both stores are in the same data folder.
            (RingPlace::Folder(_), KeysToRestore::Current { .. }) => Ok(()),
            (RingPlace::Folder(folder), KeysToRestore::Backup(keys)) => {
                let place = self.target.place();
                ensure!(
                    !self.target.has_keys()?,
                    "there are other signing keys in {place}, and nothing was copied; move them away"
                );
                prepare(&keys, folder.path())
            }
        }
    }

    /// Keeps the keys of a target that stays as it is, apart from what is merged into it.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) fn keep(&self, target: &mut dyn RestoreTarget) -> anyhow::Result<()> {
        match &self.target {
            RingPlace::Database(database) => Ok(target.set_keys(database.restored(None)?)?),
            RingPlace::Folder(_) => Ok(()),
        }
    }
}
