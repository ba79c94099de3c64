//! Settings that are read again while the server runs.

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

/// How long a reload waits for the files that it reads.
const READ_WITHIN: Duration = Duration::from_secs(5);

/// How many readings that were given up may still wait for their files, each on a thread of its own.
const READINGS: usize = 8;

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
    readings: Arc<Semaphore>,
}

/// Settings with nothing wrong, and the warnings about them.
struct Read {
    settings: Settings,
    warnings: Vec<String>,
}

impl<'a> Reload<'a> {
    pub(crate) fn new(started: &'a Settings, targets: Targets) -> Self {
        Self { started, latest: None, targets, readings: Arc::new(Semaphore::new(READINGS)) }
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
        let read = self.read().await?;
        self.take_over(&read).await.map_err(|fault| vec![fault])?;
        self.latest = Some(read.settings);
        Ok(())
    }

    /// Reads the settings on a thread that can be left behind: a file may be a pipe that nobody writes to.
    async fn read(&self) -> Result<Read, Vec<anyhow::Error>> {
        let Ok(permit) = Arc::clone(&self.readings).try_acquire_owned() else {
            return Err(vec![anyhow!(
                "{READINGS} earlier reloads still wait for a file of the settings; restart the server"
            )]);
        };
        let file = self.started.file().map(ToOwned::to_owned);
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            read(Sources::from_process(file))
        });
        match timeout(READ_WITHIN, reading).await {
            Ok(read) => read.map_err(|panicked| vec![panicked.into()])?,
            Err(_) => Err(vec![anyhow!(
                "they could not be read within {} seconds; make sure that the settings file, .env and the files they \
                 name are ordinary files",
                READ_WITHIN.as_secs()
            )]),
        }
    }

    /// # Errors
    /// If something is wrong with the settings; then nothing was taken over.
    async fn take_over(&self, Read { settings, warnings }: &Read) -> anyhow::Result<()> {
        let in_force = self.latest.as_ref().unwrap_or(self.started);
        let live = in_force.changes_to(settings).live;
        let Changes { restart, .. } = self.started.changes_to(settings);
        // All that can fail comes before anything is taken over.
        let filter = logs::filter(settings)?;
        let http = http_settings(settings);
        if settings.auth.key_files != in_force.auth.key_files {
            self.targets.keys.replace_files(settings.auth.key_files.clone()).await?;
        }
        self.targets.http.reload(&http);
        self.targets.roster.reconfigure_limits(app::limits(&settings.limits), settings.limits.audit_window);
        let message = tracing::enabled!(tracing::Level::INFO);
        report(&live, &restart);
        self.targets.log.replace(filter);
        if !message {
            report(&live, &restart);
        }
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        Ok(())
    }
}

/// The settings, if nothing is wrong with them. Blocks.
fn read(sources: Sources) -> Result<Read, Vec<anyhow::Error>> {
    let settings = Settings::load(sources).map_err(|errors| vec![errors.into()])?;
    let faults = commands::config::faults(&settings);
    if !faults.is_empty() {
        return Err(faults);
    }
    let warnings = commands::config::warnings(&settings);
    Ok(Read { settings, warnings })
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
