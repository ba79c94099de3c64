//! Settings that are read again while the server runs.

use std::sync::Arc;

use roster_config::{Changes, Settings, Sources};
use roster_http::Live;
use roster_service::Roster;
use roster_telemetry::logs::LiveFilter;

use crate::http_settings::http_settings;
use crate::keys::KeyReload;
use crate::signals::ReloadRequests;
use crate::{app, commands, logs, terminal};

/// What takes over changed settings.
pub(crate) struct Targets {
    pub(crate) roster: Arc<Roster>,
    pub(crate) http: Arc<Live>,
    pub(crate) log: LiveFilter,
    pub(crate) keys: KeyReload,
}

/// Reads the settings again when asked to.
pub(crate) struct Reload<'a> {
    /// What the server was started with. Settings that need a restart are in force as they are here.
    started: &'a Settings,
    /// What was taken over last.
    latest: Option<Settings>,
    targets: Targets,
}

impl<'a> Reload<'a> {
    pub(crate) fn new(started: &'a Settings, targets: Targets) -> Self {
        Self { started, latest: None, targets }
    }

    /// Serves all requests to come. Never returns.
    pub(crate) async fn run(mut self, requests: &ReloadRequests) {
        loop {
            requests.next().await;
            match self.reload().await {
                Ok(()) => {}
                Err(faults) => refuse(&faults),
            }
        }
    }

    /// Reads the settings, from the file that the server was started with if there was one, and takes over what can be.
    async fn reload(&mut self) -> Result<(), Vec<anyhow::Error>> {
        let file = self.started.file().map(ToOwned::to_owned);
        let reading = tokio::task::spawn_blocking(move || read(Sources::from_process(file)));
        let settings = reading.await.map_err(|panicked| vec![panicked.into()])??;
        self.take_over(&settings).await.map_err(|fault| vec![fault])?;
        self.latest = Some(settings);
        Ok(())
    }

    /// # Errors
    /// If something is wrong with the settings; then nothing was taken over.
    async fn take_over(&self, settings: &Settings) -> anyhow::Result<()> {
        let in_force = self.latest.as_ref().unwrap_or(self.started);
        let live = in_force.changes_to(settings).live;
        let Changes { restart, .. } = self.started.changes_to(settings);
        // All that can fail comes before anything is taken over.
        let filter = logs::filter(settings)?;
        let http = http_settings(settings)?;
        if settings.auth.key_files != in_force.auth.key_files {
            self.targets.keys.replace_files(settings.auth.key_files.clone()).await?;
        }
        self.targets.http.reload(&http);
        self.targets.roster.reconfigure_limits(app::limits(&settings.limits), settings.limits.audit_window);
        let told = tracing::enabled!(tracing::Level::INFO);
        report(&live, &restart);
        self.targets.log.replace(filter);
        if !told {
            report(&live, &restart);
        }
        for warning in commands::config::warnings(settings) {
            tracing::warn!("{warning}");
        }
        Ok(())
    }
}

/// The settings, if nothing is wrong with them.
fn read(sources: Sources) -> Result<Settings, Vec<anyhow::Error>> {
    let settings = Settings::load(sources).map_err(|errors| vec![errors.into()])?;
    let faults = commands::config::faults(&settings);
    if faults.is_empty() { Ok(settings) } else { Err(faults) }
}

fn report(live: &[String], restart: &[String]) {
    let names = live.join(", ");
    if live.is_empty() {
        tracing::info!("read the settings again: nothing changed that a running server can take over");
    } else {
        tracing::info!(settings = names, "read the settings again and took over what changed");
    }
    if !restart.is_empty() {
        tracing::warn!(settings = restart.join(", "), "these settings changed too and need a restart");
    }
}

fn refuse(faults: &[anyhow::Error]) {
    for fault in faults.iter().flat_map(terminal::lines) {
        tracing::error!(fault, "the settings cannot be taken over");
    }
    tracing::error!("nothing was taken over: all settings stay as they were");
}
