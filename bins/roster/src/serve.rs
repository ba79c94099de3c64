//! The server's life: open, prepare, listen, stop.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use roster_auth::{Entropy, SystemEntropy};
use roster_config::{MetricsAccess, Settings};
use roster_http::{HttpSettings, Operations, Sockets, TrustedProxies};
use roster_service::FirstAdministrator;
use roster_telemetry::logs::DroppedLines;

use crate::app::{App, Purpose};
use crate::cli::Serve;
use crate::metrics::Metrics;
use crate::readiness::Readiness;
use crate::requests::Requests;
use crate::signals::{self, Stop};
use crate::{Ending, commands, first_admin, logs, terminal};

/// Serves until somebody wishes to stop, and then ends in order: no new connections, the running requests
/// finished within `server.shutdown_timeout`, the store closed with a snapshot.
///
/// # Errors
/// Whatever keeps the server from starting, or the store from being closed.
pub(crate) fn run(settings: &Settings, asked: &Serve) -> anyhow::Result<Ending> {
    let log = logs::of_server(settings)?;
    for warning in commands::config::warnings(settings) {
        tracing::warn!("{warning}");
    }
    if let Some(file) = &asked.import {
        commands::import::look_for(file)?;
    }
    let lines = log.dropped_lines();
    commands::runtime()?.block_on(live(settings, asked.import.as_deref(), lines))
}

async fn live(settings: &Settings, import: Option<&Path>, lines: DroppedLines) -> anyhow::Result<Ending> {
    let entrance = Entrance::prepare(settings, lines)?;
    let mut app = App::open(settings, Purpose::Serving, entrance.metrics.observers()?)?;
    if let Some(watch) = app.key_watch.take() {
        entrance.metrics.show_keys(watch.metrics())?;
        watch.start(app.roster.clone()).await;
    }
    let mut stop = signals::listen().context("cannot listen for signals")?;
    let served = prepare_and_listen(&app, settings, import, entrance, &mut stop).await;
    let closed = app.close().await;
    served?;
    closed?;
    tracing::info!("stopped");
    Ok(Ending::Done)
}

/// What is made before the application is: a server that cannot have it leaves nothing behind.
struct Entrance {
    admin: FirstAdministrator,
    sockets: Sockets,
    metrics: Metrics,
}

impl Entrance {
    fn prepare(settings: &Settings, lines: DroppedLines) -> anyhow::Result<Self> {
        Ok(Self {
            admin: first_admin::from_settings(&settings.admin)?,
            sockets: bind(settings)?,
            metrics: Metrics::new(lines)?,
        })
    }
}

async fn prepare_and_listen(
    app: &App,
    settings: &Settings,
    import: Option<&Path>,
    Entrance { admin, sockets, metrics }: Entrance,
    stop: &mut Stop,
) -> anyhow::Result<()> {
    if let Some(file) = import {
        // It may take minutes, can be stopped anywhere, and goes on at the next start.
        tokio::select! {
            imported = commands::import::before_serving(app, file) => imported?,
            () = stop.requested() => return Ok(()),
        }
    }
    // Not to be stopped halfway: a password that was made has to be handed over.
    first_admin::ensure(app, admin, &settings.data.dir).await?;
    listen(app, settings, sockets, metrics, stop).await
}

async fn listen(
    app: &App,
    settings: &Settings,
    sockets: Sockets,
    metrics: Metrics,
    stop: &mut Stop,
) -> anyhow::Result<()> {
    let requests = Arc::new(Requests::new(metrics.show(app)?));
    let operations = Operations {
        version: env!("CARGO_PKG_VERSION"),
        started: Instant::now(),
        health: Readiness::watch(app.roster.clone()),
        metrics: Arc::new(metrics),
        metrics_access: metrics_access(settings),
        observer: requests.clone(),
    };
    let bound = roster_http::server(sockets, app.roster.clone(), operations, &http_settings(settings)?);
    let (server, addresses) = bound.with_context(|| cannot_listen(settings))?;
    for address in addresses {
        terminal::print(format!("listening on http://{address}\n"))?;
        tracing::info!(%address, users = app.store.user_count(), "serving");
    }
    let roster = app.roster.clone();
    tokio::spawn(async move { roster.tend().await });
    let mut server = pin!(server);
    let handle = server.handle();
    tokio::select! {
        ended = &mut server => return ended.context("the server ended by itself"),
        () = stop.requested() => {}
    }
    // The command is on its way before its future is awaited. What is waited for is the requests: the server
    // itself would wait for idle connections too.
    let _stopped = handle.stop(true);
    tokio::select! {
        _ = &mut server => {}
        () = requests.finished() => {}
        () = tokio::time::sleep(settings.server.shutdown_timeout) => {
            tracing::warn!("requests still run after server.shutdown_timeout; they are cut off");
        }
    }
    Ok(())
}

fn bind(settings: &Settings) -> anyhow::Result<Sockets> {
    let server = &settings.server;
    Sockets::bind(&server.host, server.port).with_context(|| cannot_listen(settings))
}

fn cannot_listen(settings: &Settings) -> String {
    let server = &settings.server;
    format!(
        "cannot listen on {}:{}; set another server.host or server.port, or stop whatever listens there",
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

fn http_settings(settings: &Settings) -> anyhow::Result<HttpSettings> {
    let server = &settings.server;
    let networks = server.trusted_proxies.iter().map(|network| network.to_string().parse());
    let mut process = [0; 8];
    SystemEntropy.fill(&mut process);
    Ok(HttpSettings {
        workers: server.workers.map(Into::into),
        max_connections: server.max_connections,
        keep_alive: server.keep_alive,
        head_timeout: server.request_timeout,
        body_timeout: server.request_timeout,
        body_limit: server.json_limit,
        require_if_match: server.require_if_match,
        shutdown_timeout: server.shutdown_timeout,
        trusted_proxies: TrustedProxies::new(networks.collect::<Result<_, _>>()?),
        cors_origins: settings.cors.allowed_origins.clone(),
        cors_headers: settings.cors.allowed_headers.clone(),
        public_url: server.public_url.clone(),
        process: u64::from_ne_bytes(process),
    })
}
