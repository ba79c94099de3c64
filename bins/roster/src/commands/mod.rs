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
use submit::{into_command_outcome, require_server_or_store, submit};

/// Runs what the command line asks for.
///
/// # Errors
/// Whatever kept it from being done.
pub(crate) fn run(cli: Cli) -> anyhow::Result<CommandOutcome> {
    let socket = cli.socket();
    let config = cli.config;
    let caller = |config| Ok::<_, anyhow::Error>(Caller { settings: of_store(config)?, socket });
    match cli.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(args) => serve::run(&settings(config)?, &args),
        Command::Import(args) => caller(config)?.import(&args),
        Command::Export(args) => caller(config)?.export(&args),
        Command::Backup(args) => caller(config)?.backup(&args),
        Command::Restore(args) => restore::run(&of_store(config)?, &args),
        Command::Doctor(args) => doctor::run(&of_store(config)?, &args),
        Command::User(args) => caller(config)?.user(args),
        Command::Session(args) => caller(config)?.ask(Request::Session(session::request(args))),
        Command::Keys(args) => caller(config)?.ask(Request::Keys(keys::request(args))),
        Command::ServiceAccount(args) => {
            caller(config)?.ask(Request::ServiceAccount(machines::account_request(args)))
        }
        Command::ApiKey(args) => caller(config)?.ask(Request::ApiKey(machines::key_request(args))),
        Command::Audit(args) => caller(config)?.ask(Request::Audit(audit::request(args))),
        Command::Health(args) => health::run(&args, || settings(config)),
        Command::Config(args) => config::run(&settings(config)?, args),
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
        into_command_outcome(self.submit(request, Input::None, Output::Stdout)?)
    }

    fn user(&self, args: cli::User) -> anyhow::Result<CommandOutcome> {
        if !matches!(args, cli::User::Create(_)) {
            require_server_or_store(&self.settings)?;
        }
        self.ask(Request::User(user::request(args)?))
    }

    fn import(&self, args: &Import) -> anyhow::Result<CommandOutcome> {
        let input = Input::open(&args.file)?;
        let outcome = self.submit(Request::Import(import::request(args)), input, Output::Stdout)?;
        into_command_outcome(outcome).with_context(|| format!("cannot import {}", import::name(&args.file)))
    }

    fn export(&self, args: &Export) -> anyhow::Result<CommandOutcome> {
        let output = export::output(args, &self.settings.data.dir)?;
        into_command_outcome(self.submit(Request::Export(export::request(args)), Input::None, output)?)
    }

    fn backup(&self, args: &Backup) -> anyhow::Result<CommandOutcome> {
        require_server_or_store(&self.settings)?;
        let output = backup::output(args, &self.settings.data.dir)?;
        into_command_outcome(self.submit(Request::Backup(backup::request(args)), Input::None, output)?)
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
