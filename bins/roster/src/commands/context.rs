//! The context of a command, in this process or in a server.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use roster_config::Settings;
use roster_service::Call;

use crate::app::App;
use crate::control::Outcome;
use crate::engine::{Engine, engine};
use crate::handover::{HandoverRequests, Successor};
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
    /// Asks a running server to leave its store to the process of the command; `None` without a server.
    pub(crate) handover: Option<(HandoverRequests, Option<i32>)>,
}

/// The settings that commands need.
pub(crate) struct CommandSettings {
    /// The engine with the location of the store.
    pub(crate) engine: Arc<dyn Engine>,
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

    /// Lets the server leave its store to the process of the command.
    ///
    /// # Errors
    /// If there is no server, or it cannot.
    pub(crate) fn hand_over(&self) -> anyhow::Result<Outcome> {
        let (requests, pid) = self.handover.as_ref().context("there is no server that has the store")?;
        requests.request(Successor::of(*pid)?)?;
        Ok(Outcome::Done { summary: None })
    }
}

impl CommandSettings {
    pub(crate) fn of(settings: &Settings) -> Self {
        let engine = engine(settings);
        let keys = KeySettings::of(&*engine, settings);
        Self { engine, keys, warnings: settings.warnings() }
    }

    /// The folder of the store.
    pub(crate) fn folder(&self) -> &Path {
        self.engine.folder()
    }
}
