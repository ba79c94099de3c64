//! The commands, a file each.

mod audit;
mod audit_view;
mod completions;
pub(crate) mod config;
mod directory;
mod export;
mod health;
pub(crate) mod import;
mod keys;
mod machines;
mod openapi;
mod session;
mod user;
mod user_view;

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use roster_config::{Settings, Sources, StorageUrl};
use roster_storage_json::{JsonStore, OpenError};
use tokio::runtime::{Builder, Runtime};

use crate::app::{App, Observers, Purpose};
use crate::cli::{Cli, Command, Company, Serve};
use crate::{Ending, logs, serve, terminal};

/// Runs what the command line asks for.
///
/// # Errors
/// Whatever kept it from being done. If that is a running server, what to ask of it instead.
pub(crate) fn run(cli: Cli, company: Company) -> anyhow::Result<Ending> {
    dispatch(cli).map_err(|error| match (error.downcast_ref(), company) {
        (Some(held @ OpenError::Held { .. }), Company::Alone { instead }) => anyhow!("{held}: {instead}"),
        _ => error,
    })
}

fn dispatch(cli: Cli) -> anyhow::Result<Ending> {
    let config = cli.config;
    match cli.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(asked) => serve::run(&settings(config)?, &asked),
        Command::Import(asked) => import::run(&settings(config)?, &asked),
        Command::Export(asked) => export::run(&settings(config)?, &asked),
        Command::User(asked) => user::run(&settings(config)?, asked),
        Command::Session(asked) => session::run(&settings(config)?, asked),
        Command::Keys(asked) => keys::run(&settings(config)?, &asked),
        Command::ServiceAccount(asked) => machines::run_account(&settings(config)?, asked),
        Command::ApiKey(asked) => machines::run_key(&settings(config)?, asked),
        Command::Audit(asked) => audit::run(&settings(config)?, &asked),
        Command::Health(asked) => health::run(&asked, || settings(config)),
        Command::Config(asked) => config::run(&settings(config)?, asked),
        Command::Openapi => openapi::run(),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// A runtime on this thread: hashing, storing and serving have threads of their own.
///
/// # Errors
/// If the system gives none.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot start the runtime")
}

fn settings(config: Option<PathBuf>) -> anyhow::Result<Settings> {
    Ok(Settings::load(Sources::from_process(config))?)
}

/// Makes sure that there is a store. A command in the wrong folder would find nobody, or begin another.
///
/// # Errors
/// If there is none, with where it was looked for.
fn require_store(settings: &Settings) -> anyhow::Result<()> {
    let StorageUrl::Json { path } = &settings.storage.url;
    if JsonStore::is_there(path) {
        return Ok(());
    }
    bail!(
        "there is no store at {}; run this where the server runs, or name its settings with --config",
        in_full(path)
    )
}

/// The path from the root, in quotes: whoever stands in the wrong folder does not know what the rest is relative to.
fn in_full(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("\"{}\"", path.display())
}

/// Opens the application, does the work, and closes it again whatever came of it.
fn with_app<T>(
    settings: &Settings,
    purpose: Purpose,
    work: impl AsyncFnOnce(&App) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let _log = logs::of_command(settings)?;
    // They are about hashes.
    if purpose == Purpose::Hashing {
        settings.warnings().iter().for_each(|warning| terminal::note(&format!("warning: {warning}")));
    }
    let StorageUrl::Json { path } = &settings.storage.url;
    let is_new = !JsonStore::is_there(path);
    runtime()?.block_on(async {
        let app = App::open(settings, purpose, Observers::none())?;
        if is_new && purpose != Purpose::Looking {
            terminal::note(&format!("note: there was no store at {}; this begins one", in_full(path)));
        }
        let done = work(&app).await;
        let closed = app.close().await;
        let done = done?;
        closed.map(|()| done)
    })
}
