//! Reloads the settings while the server is running.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use roster_config::{Changes, Settings, Sources};
use roster_http::Live;
use roster_service::Roster;
use roster_telemetry::logs::LiveFilter;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::http_settings::http_settings;
use crate::keys::KeyReload;
use crate::signals::ReloadRequests;
use crate::{app, commands, logs, terminal};

/// How long a reload waits for the settings files.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The maximum number of reads that are still blocked after their timeout. Each occupies a thread.
const MAX_BLOCKED_READS: usize = 8;

/// The parts that apply changed settings.
pub(crate) struct Targets {
    pub(crate) roster: Arc<Roster>,
    pub(crate) http: Arc<Live>,
    pub(crate) log: LiveFilter,
    pub(crate) keys: KeyReload,
}

/// Reloads the settings on request.
pub(crate) struct Reload<'a> {
    /// The settings at startup. Settings that need a restart keep these values.
    started: &'a Settings,
    /// The settings that were applied last.
    latest: Option<Settings>,
    targets: Targets,
    readings: Arc<Semaphore>,
}

/// Valid settings, and the warnings about them.
struct LoadedSettings {
    settings: Settings,
    warnings: Vec<String>,
}

impl<'a> Reload<'a> {
    pub(crate) fn new(started: &'a Settings, targets: Targets) -> Self {
        Self { started, latest: None, targets, readings: Arc::new(Semaphore::new(MAX_BLOCKED_READS)) }
    }

    /// Handles reload requests. Never returns.
    pub(crate) async fn run(mut self, requests: &ReloadRequests) {
        loop {
            requests.next().await;
            match self.reload().await {
                Ok(()) => {}
                Err(errors) => log_errors(&errors),
            }
        }
    }

    /// Reads the settings, using the same file as at startup if there was one, and applies the changes that need no restart.
    async fn reload(&mut self) -> Result<(), Vec<anyhow::Error>> {
        let loaded = self.read().await?;
        self.apply(&loaded).await.map_err(|error| vec![error])?;
        self.latest = Some(loaded.settings);
        Ok(())
    }

    /// Reads the settings on a thread that may block forever: a file can be a pipe without a writer.
    async fn read(&self) -> Result<LoadedSettings, Vec<anyhow::Error>> {
        let Ok(permit) = Arc::clone(&self.readings).try_acquire_owned() else {
            return Err(vec![anyhow!(
                "{MAX_BLOCKED_READS} earlier reloads are still waiting for a settings file; restart the server"
            )]);
        };
        let file = self.started.file().map(ToOwned::to_owned);
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            read(Sources::from_process(file))
        });
        match timeout(READ_TIMEOUT, reading).await {
            Ok(read) => read.map_err(|panicked| vec![panicked.into()])?,
            Err(_) => Err(vec![anyhow!(
                "the settings could not be read within {} seconds; make sure that the settings file, .env and the \
                 files they name are regular files",
                READ_TIMEOUT.as_secs()
            )]),
        }
    }

    /// # Errors
    /// If a setting is invalid. No change is applied in this case.
    async fn apply(&self, LoadedSettings { settings, warnings }: &LoadedSettings) -> anyhow::Result<()> {
        let in_force = self.latest.as_ref().unwrap_or(self.started);
        let live = in_force.changes_to(settings).live;
        let Changes { restart, .. } = self.started.changes_to(settings);
        // Everything that can fail comes before the first change.
        let filter = logs::filter(settings)?;
        let http = http_settings(settings);
        if settings.auth.key_files != in_force.auth.key_files {
            self.targets.keys.replace_files(settings.auth.key_files.clone()).await?;
        }
        self.targets.http.reload(&http);
        self.targets.roster.reconfigure_limits(app::limits(&settings.limits), settings.limits.audit_window);
        // Log under the old filter, and again under the new one if the old filter drops the message.
        let is_logged = tracing::enabled!(tracing::Level::INFO);
        report(&live, &restart);
        self.targets.log.replace(filter);
        if !is_logged {
            report(&live, &restart);
        }
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        Ok(())
    }
}

/// Reads and checks the settings. Blocks.
fn read(sources: Sources) -> Result<LoadedSettings, Vec<anyhow::Error>> {
    let settings = Settings::load(sources).map_err(|errors| vec![errors.into()])?;
    let errors = commands::config::errors(&settings);
    if !errors.is_empty() {
        return Err(errors);
    }
    let warnings = commands::config::warnings(&settings);
    Ok(LoadedSettings { settings, warnings })
}

fn report(live: &[String], restart: &[String]) {
    let names = live.join(", ");
    if live.is_empty() {
        tracing::info!("read the settings again; no setting changed that can be applied without a restart");
    } else {
        tracing::info!(settings = names, "read the settings again and applied the changes");
    }
    if !restart.is_empty() {
        tracing::warn!(settings = restart.join(", "), "these settings have changed and need a restart");
    }
}

fn log_errors(errors: &[anyhow::Error]) {
    for error in errors.iter().flat_map(terminal::lines) {
        tracing::error!(error, "cannot apply the settings");
    }
    tracing::error!("no setting was changed");
}
