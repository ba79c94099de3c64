//! The store that is copied: opened to read it, or read through the server that has it open.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use roster_backup::SigningKeys;
use roster_config::Settings;
use roster_service::{Clock as _, SystemClock};
use roster_storage::Snapshot;
use tokio::time::{Instant, sleep};

use super::server_snapshot::ServerSnapshot;
use crate::acting::ActingAsOwner;
use crate::cli::ConnectionMode;
use crate::commands::held::explain;
use crate::commands::server_of::server_of;
use crate::engine::{Engine, OpenError, OpenMode, OpenStore};
use crate::keys::RingPlace;

/// How long a copy waits for a command that holds the store, or for a server that is starting or stopping.
const STORE_TIMEOUT: Duration = Duration::from_secs(3);
/// How often it tries again.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The store that is copied.
pub(super) struct Source<'a> {
    engine: &'a dyn Engine,
    settings: &'a Settings,
    mode: ConnectionMode,
    keys: RingPlace,
}

/// One state of the source.
pub(super) struct Reading {
    pub(super) snapshot: Box<dyn Snapshot>,
    /// The signing keys, if there are any.
    pub(super) keys: Option<SigningKeys>,
    /// `None` if a server has it.
    pub(super) store: Option<Arc<dyn OpenStore>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(engine: &'a dyn Engine, settings: &'a Settings, mode: ConnectionMode) -> Self {
        Self { engine, settings, mode, keys: RingPlace::of(engine, settings) }
    }

    /// Begins to read the source as it is now.
    ///
    /// # Errors
    /// If it cannot be opened, and no server that has it open accepts commands.
    pub(super) async fn read(&self) -> anyhow::Result<Reading> {
        let deadline = Instant::now() + STORE_TIMEOUT;
        loop {
            let held = match self.open().await? {
                Ok(reading) => return Ok(reading),
                Err(held) => held,
            };
            if let Some(server) = server_of(self.engine, self.settings, self.mode).await? {
                let (snapshot, keys) = ServerSnapshot::begin(server).await?;
                return Ok(Reading { snapshot: Box::new(snapshot), keys, store: None });
            }
            if Instant::now() >= deadline {
                return Err(explain(held));
            }
            sleep(RETRY_INTERVAL).await;
        }
    }

    /// Opens the store; the inner error is that another process holds it.
    async fn open(&self) -> anyhow::Result<Result<Reading, OpenError>> {
        let _acting = ActingAsOwner::of(self.engine.folder())?;
        let store = match self.engine.open(OpenMode::ReadOnly, None) {
            Ok(store) => store,
            Err(held @ OpenError::Held(_)) => return Ok(Err(held)),
            Err(error) => return Err(error.into()),
        };
        let snapshot = store.snapshot().await?;
        // After the snapshot, so that a revoked key is also revoked in the copy.
        let keys = self.keys.back_up(SystemClock.now());
        let keys = keys.context("the signing keys cannot be copied; nothing was copied")?;
        Ok(Ok(Reading { snapshot, keys, store: Some(store) }))
    }
}
