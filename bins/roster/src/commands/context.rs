//! What a command works on, in this process or in a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use roster_config::{Settings, StorageUrl};
use roster_service::Call;

use crate::app::App;
use crate::commands::store_path::in_full;
use crate::keys::{KeyChanges, KeySettings};

/// What one command works on, and for whom.
pub(crate) struct CommandContext {
    /// The store; a command that works on files beside it has none.
    pub(crate) app: Option<Arc<App>>,
    /// Who runs the command.
    pub(crate) call: Call,
    /// What the settings say that commands need.
    pub(crate) settings: Arc<CommandSettings>,
    /// A server's, which takes changes of keys up at once.
    pub(crate) key_changes: Option<KeyChanges>,
}

/// What commands need of the settings.
pub(crate) struct CommandSettings {
    /// The file of the users.
    pub(crate) users_file: PathBuf,
    /// About keys.
    pub(crate) keys: KeySettings,
    /// What is unwise about the hashes of passwords.
    pub(crate) warnings: Vec<String>,
}

impl CommandContext {
    /// # Errors
    /// If this command was opened without a store.
    pub(crate) fn app(&self) -> anyhow::Result<&App> {
        self.app.as_deref().context("this command needs the store")
    }
}

impl CommandSettings {
    pub(crate) fn of(settings: &Settings) -> Self {
        let StorageUrl::Json { path } = &settings.storage.url;
        Self { users_file: path.clone(), keys: KeySettings::of(settings), warnings: settings.warnings() }
    }

    /// Where the store is.
    pub(crate) fn folder(&self) -> &Path {
        let folder = self.users_file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    /// The path of the users from the root, in quotes.
    pub(crate) fn users_file_in_full(&self) -> String {
        in_full(&self.users_file)
    }
}
