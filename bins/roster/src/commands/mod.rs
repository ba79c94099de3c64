//! The commands, one file each. The client half of a command turns the arguments into a [`Request`]. The other half
//! executes the request on the open store, in this process or in a server, and communicates only through a console.

mod audit;
mod audit_source;
mod audit_view;
mod backup;
mod completions;
pub(crate) mod config;
pub(crate) mod context;
mod copy;
mod doctor;
mod export;
mod handler;
mod health;
mod held;
pub(crate) mod import;
mod import_files;
mod import_report;
mod keys;
mod migrate;
mod openapi;
mod request;
mod restore;
mod server_of;
mod service_accounts;
mod session;
mod store_access;
mod store_path;
mod submit;
mod take_over;
mod user;
mod user_view;
mod wire;

use std::path::PathBuf;

use anyhow::Context;
use roster_config::{Settings, Sources};

use crate::cli::{self, Backup, Cli, Command, ConnectionMode, Export, Import, Serve};
use crate::command_outcome::CommandOutcome;
use crate::control::{CommandIo, Input, Outcome, Output};
use crate::reachable::make_reachable;
use crate::serve;

pub(crate) use handler::serve;
use request::Request;
use submit::{command_outcome, require_server_or_store, submit};

/// Runs the command in the arguments.
///
/// # Errors
/// If the command fails.
pub(crate) fn run(cli: Cli) -> anyhow::Result<CommandOutcome> {
    let connection_mode = cli.connection_mode();
    let config = cli.config;
    let client =
        |config| Ok::<_, anyhow::Error>(Client { settings: settings_for_store(config)?, connection_mode });
    match cli.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(args) => serve::run(&settings(config)?, &args),
        Command::Import(args) => client(config)?.import(&args),
        Command::Export(args) => client(config)?.export(&args),
        Command::Backup(args) => client(config)?.backup(&args),
        Command::Restore(args) => restore::run(&settings_for_store(config)?, connection_mode, &args),
        Command::Copy(args) => copy::run(&settings_for_store(config)?, connection_mode, &args),
        Command::Doctor(args) => doctor::run(&settings_for_store(config)?, &args),
        Command::Migrate(args) => migrate::run(&settings_for_store(config)?, connection_mode, args),
        Command::User(args) => client(config)?.user(args),
        Command::Session(args) => client(config)?.run(Request::Session(session::request(args))),
        Command::Keys(args) => client(config)?.run(Request::Keys(keys::request(args))),
        Command::ServiceAccount(args) => {
            client(config)?.run(Request::ServiceAccount(service_accounts::account_request(args)))
        }
        Command::ApiKey(args) => client(config)?.run(Request::ApiKey(service_accounts::key_request(args))),
        Command::Audit(args) => client(config)?.run(Request::Audit(audit::request(args))),
        Command::Health(args) => health::run(&args, || settings(config)),
        Command::Config(args) => config::run(Settings::load(Sources::from_process(config)), args),
        Command::Openapi => openapi::run(),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// Submits requests that work on the store.
struct Client {
    settings: Settings,
    connection_mode: ConnectionMode,
}

impl Client {
    fn run(&self, request: Request) -> anyhow::Result<CommandOutcome> {
        command_outcome(self.submit(request, Input::None, Output::Stdout)?)
    }

    fn user(&self, args: cli::User) -> anyhow::Result<CommandOutcome> {
        if !matches!(args, cli::User::Create(_)) {
            require_server_or_store(&self.settings)?;
        }
        self.run(Request::User(user::request(args)?))
    }

    fn import(&self, args: &Import) -> anyhow::Result<CommandOutcome> {
        let (request, input) = import::request(args, &self.settings.data.dir)?;
        let outcome = self.submit(Request::Import(request), input, Output::Stdout)?;
        let names =
            || args.files.iter().map(|file| import_files::file_name(file)).collect::<Vec<_>>().join(" and ");
        command_outcome(outcome).with_context(|| format!("cannot import {}", names()))
    }

    fn export(&self, args: &Export) -> anyhow::Result<CommandOutcome> {
        let output = export::output(args, &self.settings.data.dir)?;
        command_outcome(self.submit(Request::Export(export::request(args)), Input::None, output)?)
    }

    fn backup(&self, args: &Backup) -> anyhow::Result<CommandOutcome> {
        require_server_or_store(&self.settings)?;
        let output = backup::output(args, &self.settings.data.dir)?;
        command_outcome(self.submit(Request::Backup(backup::request(args)), Input::None, output)?)
    }

    fn submit(&self, request: Request, input: Input, output: Output) -> anyhow::Result<Outcome> {
        let io = CommandIo { input, output, closed_output: request.closed_output() };
        submit(&self.settings, self.connection_mode, request, io)
    }
}

/// Loads the settings for a command that works on the store.
fn settings_for_store(config: Option<PathBuf>) -> anyhow::Result<Settings> {
    let mut settings = settings(config)?;
    make_reachable(&mut settings)?;
    Ok(settings)
}

fn settings(config: Option<PathBuf>) -> anyhow::Result<Settings> {
    Ok(Settings::load(Sources::from_process(config))?)
}
