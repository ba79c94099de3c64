//! The commands, a file each. Each has a half that reads the arguments, which ends in a [`Request`],
//! and a half that does it on the open store, here or in a server, and knows its terminal as a console only.

mod audit;
mod audit_source;
mod audit_view;
mod backup;
mod completions;
pub(crate) mod config;
pub(crate) mod context;
mod doctor;
mod export;
mod handler;
mod health;
pub(crate) mod import;
mod import_report;
mod keys;
mod machines;
mod openapi;
mod request;
mod restore;
mod session;
mod submit;
mod user;
mod user_view;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use roster_config::{Settings, Sources};
use roster_storage_json::JsonStore;
use tokio::runtime::{Builder, Runtime};

use crate::cli::{self, Backup, Cli, Command, Export, Import, Serve, Socket};
use crate::control::{Front, Input, Outcome, Output};
use crate::reachable::make_reachable;
use crate::{CommandOutcome, serve};

pub(crate) use handler::serve;
use request::Request;
use submit::{ending, look_for_store, submit};

/// Runs what the command line asks for.
///
/// # Errors
/// Whatever kept it from being done.
pub(crate) fn run(cli: Cli) -> anyhow::Result<CommandOutcome> {
    let socket = cli.socket();
    let config = cli.config;
    let caller = |config| Ok::<_, anyhow::Error>(Caller { settings: of_store(config)?, socket });
    match cli.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(asked) => serve::run(&settings(config)?, &asked),
        Command::Import(asked) => caller(config)?.import(&asked),
        Command::Export(asked) => caller(config)?.export(&asked),
        Command::Backup(asked) => caller(config)?.backup(&asked),
        Command::Restore(asked) => restore::run(&of_store(config)?, &asked),
        Command::Doctor(asked) => doctor::run(&of_store(config)?, &asked),
        Command::User(asked) => caller(config)?.user(asked),
        Command::Session(asked) => caller(config)?.ask(session::request(asked)),
        Command::Keys(asked) => caller(config)?.ask(keys::request(asked)),
        Command::ServiceAccount(asked) => caller(config)?.ask(machines::account_request(asked)),
        Command::ApiKey(asked) => caller(config)?.ask(machines::key_request(asked)),
        Command::Audit(asked) => caller(config)?.ask(audit::request(asked)),
        Command::Health(asked) => health::run(&asked, || settings(config)),
        Command::Config(asked) => config::run(&settings(config)?, asked),
        Command::Openapi => openapi::run(),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// Whoever typed a command that works on the store.
struct Caller {
    settings: Settings,
    socket: Socket,
}

impl Caller {
    fn ask(&self, request: Request) -> anyhow::Result<CommandOutcome> {
        ending(self.submit(request, Input::None, Output::Stdout)?)
    }

    fn user(&self, asked: cli::User) -> anyhow::Result<CommandOutcome> {
        if !matches!(asked, cli::User::Create(_)) {
            look_for_store(&self.settings)?;
        }
        self.ask(user::request(asked)?)
    }

    fn import(&self, asked: &Import) -> anyhow::Result<CommandOutcome> {
        let input = Input::open(&asked.file)?;
        let outcome = self.submit(import::request(asked), input, Output::Stdout)?;
        ending(outcome).with_context(|| format!("cannot import {}", import::name(&asked.file)))
    }

    fn export(&self, asked: &Export) -> anyhow::Result<CommandOutcome> {
        let output = export::output(asked, &self.settings.data.dir)?;
        ending(self.submit(export::request(asked), Input::None, output)?)
    }

    fn backup(&self, asked: &Backup) -> anyhow::Result<CommandOutcome> {
        look_for_store(&self.settings)?;
        let output = backup::output(asked, &self.settings.data.dir)?;
        ending(self.submit(backup::request(asked), Input::None, output)?)
    }

    fn submit(&self, request: Request, input: Input, output: Output) -> anyhow::Result<Outcome> {
        let front = Front { input, output, closed_output: request.closed_output() };
        submit(&self.settings, self.socket, request, front)
    }
}

/// A runtime on this thread: hashing, storing and serving have threads of their own.
///
/// # Errors
/// If the system gives none.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot start the runtime")
}

/// The settings for a command that works on the store.
fn of_store(config: Option<PathBuf>) -> anyhow::Result<Settings> {
    let mut settings = settings(config)?;
    make_reachable(&mut settings)?;
    Ok(settings)
}

fn settings(config: Option<PathBuf>) -> anyhow::Result<Settings> {
    Ok(Settings::load(Sources::from_process(config))?)
}

/// Makes sure that there is a store. A command in the wrong folder would find nobody, or begin another.
///
/// # Errors
/// If there is none, with where it was looked for.
fn require_store(users_file: &Path) -> anyhow::Result<()> {
    if JsonStore::is_there(users_file) {
        return Ok(());
    }
    users_file.try_exists().with_context(|| {
        format!(
            "cannot look for a store at {}; run this as the server's own account or as root",
            in_full(users_file)
        )
    })?;
    bail!(
        "there is no store at {}; run this where the server runs, or name its settings with --config",
        in_full(users_file)
    )
}

/// The path from the root, in quotes: whoever stands in the wrong folder does not know what the rest is relative to.
fn in_full(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("\"{}\"", path.display())
}
