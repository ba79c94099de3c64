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
mod store_access;
mod store_path;
mod submit;
mod user;
mod user_view;
mod wire;

use std::path::PathBuf;

use anyhow::Context;
use roster_config::{Settings, Sources};

use crate::cli::{self, Backup, Cli, Command, Export, Import, Serve, Socket};
use crate::command_outcome::CommandOutcome;
use crate::control::{Front, Input, Outcome, Output};
use crate::reachable::make_reachable;
use crate::serve;

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
        Command::Session(asked) => caller(config)?.ask(Request::Session(session::request(asked))),
        Command::Keys(asked) => caller(config)?.ask(Request::Keys(keys::request(asked))),
        Command::ServiceAccount(asked) => {
            caller(config)?.ask(Request::ServiceAccount(machines::account_request(asked)))
        }
        Command::ApiKey(asked) => caller(config)?.ask(Request::ApiKey(machines::key_request(asked))),
        Command::Audit(asked) => caller(config)?.ask(Request::Audit(audit::request(asked))),
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
        self.ask(Request::User(user::request(asked)?))
    }

    fn import(&self, asked: &Import) -> anyhow::Result<CommandOutcome> {
        let input = Input::open(&asked.file)?;
        let outcome = self.submit(Request::Import(import::request(asked)), input, Output::Stdout)?;
        ending(outcome).with_context(|| format!("cannot import {}", import::name(&asked.file)))
    }

    fn export(&self, asked: &Export) -> anyhow::Result<CommandOutcome> {
        let output = export::output(asked, &self.settings.data.dir)?;
        ending(self.submit(Request::Export(export::request(asked)), Input::None, output)?)
    }

    fn backup(&self, asked: &Backup) -> anyhow::Result<CommandOutcome> {
        look_for_store(&self.settings)?;
        let output = backup::output(asked, &self.settings.data.dir)?;
        ending(self.submit(Request::Backup(backup::request(asked)), Input::None, output)?)
    }

    fn submit(&self, request: Request, input: Input, output: Output) -> anyhow::Result<Outcome> {
        let front = Front { input, output, closed_output: request.closed_output() };
        submit(&self.settings, self.socket, request, front)
    }
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
