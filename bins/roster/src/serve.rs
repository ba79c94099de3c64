//! The lifecycle of the server: prepare, open, listen, stop.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use roster_config::{MetricsAccess, Server, Settings};
use roster_http::{BoundServer, Operations, Sockets};
use roster_import::ImportOptions;
use roster_service::FirstAdministrator;
use roster_telemetry::logs::LiveFilter;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::acting::ActingAsOwner;
use crate::app::{App, Observers, Purpose};
use crate::cli::Serve;
use crate::command_outcome::CommandOutcome;
use crate::commands::context::CommandSettings;
use crate::commands::import::StartImport;
use crate::engine::OpenError;
use crate::handover::{Ended, HandoverRequests, Successor, Wait, await_end};
use crate::http_settings::http_settings;
use crate::keys::{KeyChanges, KeyReload};
use crate::metrics::Metrics;
use crate::readiness::Readiness;
use crate::reload::{Reload, Targets};
use crate::requests::Requests;
use crate::runtime::runtime;
use crate::signals::{self, Signals, StopSignal};
use crate::stop::Stop;
use crate::{announce, commands, first_admin, logs};

/// How long a shutdown may take in addition to `server.drain_delay` and `server.shutdown_timeout`, mainly to write the
/// snapshot.
const SHUTDOWN_MARGIN: Duration = Duration::from_secs(10);

/// How long a start waits for a command to release the store.
const STORE_TIMEOUT: Duration = Duration::from_secs(3);

/// Serves until a signal requests a stop. Then closes the listener, lets running requests finish for up to
/// `server.shutdown_timeout`, and closes the store with a snapshot.
///
/// # Errors
/// If the server cannot start, or the store cannot be closed.
pub(crate) fn run(settings: &Settings, args: &Serve) -> anyhow::Result<CommandOutcome> {
    // Do this first, so that no signal is missed.
    let mut signals = signals::listen(stop_limit(&settings.server))?;
    let (guard, filter) = logs::init_for_server(settings)?;
    log_settings(settings);
    let has_options = args.rules.options() != ImportOptions::default() || args.rows.has_arguments();
    if args.import.is_empty() && has_options {
        bail!("--keep-ids, --map-role, --table and the like are options of an import; add --import FILE")
    }
    let (sockets, mut import) = (bind(settings)?, StartImport::open(args)?);
    loop {
        let metrics = Metrics::new(guard.dropped_lines())?;
        let (filter, import) = (filter.clone(), import.take());
        let start = Start { settings, sockets: &sockets, metrics, filter, import };
        let Ended::HandedOver(successor) = serve_once(start, &mut signals)? else { break };
        if await_end(successor, &mut signals.stop)? == Wait::Stopped {
            break;
        }
    }
    tracing::info!("stopped");
    Ok(CommandOutcome::Done)
}

/// Serves until the stop, or until a command takes over the store. Everything that this starts ends with its runtime.
fn serve_once(start: Start<'_>, signals: &mut Signals) -> anyhow::Result<Ended> {
    let runtime = runtime()?;
    let served = runtime.block_on(start.open_and_serve(signals));
    // The store is closed. Do not wait for threads that are blocked on a file, such as a pipe without a writer.
    runtime.shutdown_background();
    served
}

/// How long the whole shutdown may take.
fn stop_limit(server: &Server) -> impl Fn(StopSignal) -> Duration + Send + 'static {
    let (drain_delay, rest) = (server.drain_delay, server.shutdown_timeout + SHUTDOWN_MARGIN);
    move |signal| match signal {
        StopSignal::Terminate => drain_delay + rest,
        StopSignal::Interrupt => rest,
    }
}

/// Logs which settings file is used, and warns about risky settings.
fn log_settings(settings: &Settings) {
    if let Some(file) = settings.file() {
        tracing::info!(file = %file.display(), "using the settings from this file, .env and the environment");
    } else {
        tracing::info!("no settings file found; using the defaults, .env and the environment");
    }
    for warning in commands::config::warnings(settings) {
        tracing::warn!("{warning}");
    }
}

/// The start of a server, or its start after a command had the store.
struct Start<'a> {
    settings: &'a Settings,
    /// They are bound before the store is opened, so that a start that fails here leaves nothing behind.
    sockets: &'a Sockets,
    metrics: Metrics,
    filter: LiveFilter,
    import: Option<StartImport>,
}

impl Start<'_> {
    async fn open_and_serve(self, signals: &mut Signals) -> anyhow::Result<Ended> {
        let settings = self.settings;
        let admin = first_admin::from_settings(&settings.admin)?;
        // A server that root starts acts as the owner of the data folder.
        let _acting = ActingAsOwner::of(CommandSettings::of(settings).folder())?;
        let mut app = open(settings, &self.metrics.observers()?).await?;
        let watch = app.key_watch.take().context("the server has no key watch")?;
        self.metrics.register_keys(watch.metrics())?;
        let key_changes = watch.changes();
        let keys = watch.start(app.roster.clone()).await;
        let app = Arc::new(app);
        let served = if signals.stop.is_made() {
            Ok(Ended::Stopped)
        } else {
            self.prepare_and_listen(&app, admin, keys, key_changes, signals).await
        };
        let closed = app.close().await;
        let ended = served?;
        closed?;
        Ok(ended)
    }

    async fn prepare_and_listen(
        mut self,
        app: &Arc<App>,
        admin: FirstAdministrator,
        keys: KeyReload,
        key_changes: KeyChanges,
        signals: &mut Signals,
    ) -> anyhow::Result<Ended> {
        let settings = self.settings;
        if let Some(import) = self.import.take() {
            // An import can take minutes. It can be stopped at any point and continues at the next start.
            tokio::select! {
                imported = commands::import::before_serving(app, import, &settings.data.dir) => imported?,
                _ = signals.stop.requested() => return Ok(Ended::Stopped),
            }
        }
        // This must not be interrupted: a generated password has to reach the operator.
        first_admin::ensure(app, admin, &settings.data.dir).await?;
        let (requests, handovers) = HandoverRequests::channel();
        let commands_served = commands::serve(settings, app, key_changes, requests);
        let served = self.listen(app, keys, handovers, signals).await;
        if let Some(commands) = commands_served {
            commands.stop().await;
        }
        served
    }

    async fn listen(
        self,
        app: &App,
        keys: KeyReload,
        handovers: mpsc::Receiver<Successor>,
        signals: &mut Signals,
    ) -> anyhow::Result<Ended> {
        let Self { settings, sockets, metrics, filter, .. } = self;
        let requests = Arc::new(Requests::new(metrics.register_app(app)?));
        let operations = Operations {
            version: env!("CARGO_PKG_VERSION"),
            started: Instant::now(),
            health: Readiness::watch(app).await,
            metrics: Arc::new(metrics),
            metrics_access: metrics_access(settings),
            observer: requests.clone(),
        };
        let bound = roster_http::server(sockets, app.roster.clone(), operations, &http_settings(settings));
        let BoundServer { server, addresses, live } = bound.with_context(|| cannot_listen(settings))?;
        announce::addresses(&addresses).await?;
        warn_about_peppers(app);
        for address in addresses {
            tracing::info!(%address, users = app.store.state().users, "serving");
        }
        let roster = app.roster.clone();
        tokio::spawn(async move { roster.run_maintenance().await });
        let roster = app.roster.clone();
        tokio::spawn(async move { roster.run_jobs().await });
        let stop = Stop { handle: server.handle(), live: live.clone(), requests };
        let targets = Targets { roster: app.roster.clone(), http: live, log: filter, keys };
        let until = Until { reload: Reload::new(settings, targets), handovers, signals };
        until.end(server, stop, &settings.server).await
    }
}

/// What a running server waits for.
struct Until<'a> {
    reload: Reload<'a>,
    handovers: mpsc::Receiver<Successor>,
    signals: &'a mut Signals,
}

impl Until<'_> {
    /// Serves until a signal requests the stop, or a command takes over the store.
    async fn end(
        self,
        server: impl Future<Output = io::Result<()>>,
        stop: Stop,
        settings: &Server,
    ) -> anyhow::Result<Ended> {
        let Self { reload, mut handovers, signals } = self;
        let mut server = pin!(server);
        let successor = tokio::select! {
            ended = &mut server => {
                ended?;
                bail!("the server stopped unexpectedly")
            }
            () = reload.run(&signals.reload) => return Ok(Ended::Stopped),
            signal = signals.stop.requested() => {
                tokio::select! {
                    _ = &mut server => {}
                    () = stop.run(signal, settings) => {}
                }
                return Ok(Ended::Stopped);
            }
            Some(successor) = handovers.recv() => successor,
        };
        tokio::select! {
            _ = &mut server => {}
            () = stop.hand_over(settings) => {}
        }
        Ok(Ended::HandedOver(successor))
    }
}

/// Opens the application. Waits if a command is using the store.
async fn open(settings: &Settings, observers: &Observers) -> anyhow::Result<App> {
    let deadline = Instant::now() + STORE_TIMEOUT;
    loop {
        let opened = App::open(settings, Purpose::Serving, observers.clone());
        let is_held = |error: &anyhow::Error| matches!(error.downcast_ref(), Some(OpenError::Held(_)));
        match opened {
            Err(error) if is_held(&error) && Instant::now() < deadline => sleep(STORE_TIMEOUT / 30).await,
            opened => return opened,
        }
    }
}

fn bind(settings: &Settings) -> anyhow::Result<Sockets> {
    let server = &settings.server;
    Sockets::bind(&server.host, server.port).with_context(|| cannot_listen(settings))
}

fn cannot_listen(settings: &Settings) -> String {
    let server = &settings.server;
    format!(
        "cannot listen on {}:{}; set another server.host or server.port, or stop the process that listens there",
        server.host, server.port
    )
}

fn metrics_access(settings: &Settings) -> roster_http::MetricsAccess {
    match settings.metrics.access {
        MetricsAccess::Open => roster_http::MetricsAccess::Open,
        MetricsAccess::Bearer => roster_http::MetricsAccess::Bearer,
        MetricsAccess::Off => roster_http::MetricsAccess::Off,
    }
}

/// People whose hashes need a pepper cannot log in without it.
fn warn_about_peppers(app: &App) {
    let users = app.store.state().peppered_hashes;
    if users > 0 && app.hash_pool.peppers().is_empty() {
        tracing::warn!(
            users,
            "the settings lack the pepper of imported passwords, so these users cannot log in"
        );
    }
}
