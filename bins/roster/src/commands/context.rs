//! The context of a command, in this process or in a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use roster_config::{Settings, StorageUrl};
use roster_service::Call;

use crate::app::App;
use crate::commands::store_path::absolute;
use crate::keys::{KeyChanges, KeySettings};

/// The store, the caller and the settings of one command.
pub(crate) struct CommandContext {
    /// The open store; `None` for a command that only needs files.
    pub(crate) app: Option<Arc<App>>,
    /// The caller of the command.
    pub(crate) call: Call,
    /// The settings that commands need.
    pub(crate) settings: Arc<CommandSettings>,
    /// Changes the keys of a running server; `None` without a server.
    pub(crate) key_changes: Option<KeyChanges>,
}

/// The settings that commands need.
pub(crate) struct CommandSettings {
    /// The users file.
    pub(crate) users_file: PathBuf,
    /// The key settings.
    pub(crate) keys: KeySettings,
    /// The warnings about the password hash settings.
    pub(crate) warnings: Vec<String>,
}

impl CommandContext {
    /// # Errors
    /// If the command has no open store.
    pub(crate) fn app(&self) -> anyhow::Result<&App> {
        self.app.as_deref().context("this command needs the store")
    }
}

impl CommandSettings {
    pub(crate) fn of(settings: &Settings) -> Self {
        let StorageUrl::Json { path } = &settings.storage.url;
        Self { users_file: path.clone(), keys: KeySettings::of(settings), warnings: settings.warnings() }
    }

    /// The folder of the store.
    pub(crate) fn folder(&self) -> &Path {
        let folder = self.users_file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    /// The absolute path of the users file, in quotes.
    pub(crate) fn absolute_users_file(&self) -> String {
        absolute(&self.users_file)
    }
}
