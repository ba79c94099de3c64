//! Which store the settings name for the generated keys.

use std::ops::Deref;

use roster_config::Settings;

use super::database::DatabaseKeys;
use super::folder::KeyFolder;
use super::ring_store::RingStore;
use super::sealing::SealingSource;
use crate::engine::Engine;

/// Where the generated keys are kept.
#[derive(Clone)]
pub(crate) enum RingPlace {
    /// In files, which the embedded engine has beside the users.
    Folder(KeyFolder),
    /// In the database.
    Database(DatabaseKeys),
}

impl RingPlace {
    /// The keys of the store of `engine`.
    pub(crate) fn of(engine: &dyn Engine, settings: &Settings) -> Self {
        let folder = KeyFolder::in_data(&settings.data.dir);
        let Some(table) = engine.keys() else { return Self::Folder(folder) };
        Self::Database(DatabaseKeys {
            table,
            sealing: SealingSource::of(settings, engine.sharing()),
            folder,
            location: engine.location(),
            sharing: engine.sharing(),
        })
    }

    /// Checks the settings without reading the store, which may not have been opened or migrated yet.
    ///
    /// # Errors
    /// If the sealing key is required and missing, or invalid.
    pub(crate) fn check_settings(&self) -> anyhow::Result<()> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Database(keys) => keys.sealing.check(),
        }
    }
}

impl Deref for RingPlace {
    type Target = dyn RingStore;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Folder(folder) => folder,
            Self::Database(keys) => keys,
        }
    }
}
