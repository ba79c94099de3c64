//! Submits a request to the server of the store if one is running, otherwise executes it on the store in this process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use roster_config::Settings;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use crate::acting::ActingAsOwner;
use crate::app::{App, Observers, Purpose};
use crate::cli::ConnectionMode;
use crate::command_outcome::CommandOutcome;
use crate::commands::context::{CommandContext, CommandSettings};
use crate::commands::request::Request;
use crate::commands::store_access::StoreAccess;
use crate::commands::store_path::require_store;
use crate::control::{CommandIo, ConnectOutcome, Outcome, connect, control_socket, run_locally};
use crate::engine::{Held, OpenError};
use crate::runtime::runtime;
use crate::{logs, operator, terminal};

/// How long a command waits for a store that another command holds, or for a server that is starting or stopping.
const STORE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a command waits for the store if it can use the files instead.
const STORE_TIMEOUT_WITH_FILES: Duration = Duration::from_secs(1);

/// How often a waiting command tries again.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// Executes `request`, displays its output, and returns its outcome.
///
/// # Errors
/// If the request cannot be executed.
pub(super) fn submit(
    settings: &Settings,
    mode: ConnectionMode,
    request: Request,
    io: CommandIo,
) -> anyhow::Result<Outcome> {
    let _log = logs::init_for_command(settings)?;
    let commands = Arc::new(CommandSettings::of(settings));
    let runtime = runtime()?;
    let outcome = runtime.block_on(find_and_run(settings, &commands, mode, request, io));
    // Do not wait for a thread that is blocked on a pipe.
    runtime.shutdown_background();
    outcome
}

/// Checks that there is a server or a store, so that a command can fail before it prompts the user.
///
/// # Errors
/// If there is neither.
pub(super) fn require_server_or_store(settings: &Settings) -> anyhow::Result<()> {
    let commands = CommandSettings::of(settings);
    match control_socket(&settings.server, commands.folder()) {
        Some(socket) if socket.exists() => Ok(()),
        _ => require_store(&*commands.engine),
    }
}

/// Prints the summary, and converts the outcome to that of the process.
///
/// # Errors
/// If the command failed.
pub(super) fn command_outcome(outcome: Outcome) -> anyhow::Result<CommandOutcome> {
    match outcome {
        Outcome::Done { summary } => {
            if let Some(line) = summary {
                terminal::note(&line);
            }
            Ok(CommandOutcome::Done)
        }
        Outcome::Refused => Ok(CommandOutcome::Refused),
        Outcome::Failed { error } => Err(anyhow!(error)),
    }
}

async fn find_and_run(
    settings: &Settings,
    commands: &Arc<CommandSettings>,
    mode: ConnectionMode,
    request: Request,
    mut io: CommandIo,
) -> anyhow::Result<Outcome> {
    let deadline = Instant::now() + store_timeout(request.store_access());
    loop {
        let reason = match find_server(settings, commands, mode).await? {
            Found::Server(server) => {
                let request = Zeroizing::new(serde_json::to_vec(&request)?);
                let outcome = server.run(request, &mut io).await?;
                return io.output.finish(outcome);
            }
            Found::NoServer(reason) => reason,
        };
        let acting = ActingAsOwner::of(commands.folder())?;
        // Read the input before opening the store, because the other end of a pipe may be slow.
        io.input = io.input.into_seekable(commands.folder())?;
        match open(settings, commands, request.store_access())? {
            Opened::Context(context) => return run(context, request, io, acting).await,
            Opened::Held(_) if reason.may_change() && Instant::now() < deadline => {
                sleep(RETRY_INTERVAL).await;
            }
            Opened::Held(held) => match request.store_access() {
                StoreAccess::Prefers(_) => return run(files(commands), request, io, acting).await,
                _ => return Err(reason.explain(&held)),
            },
        }
    }
}

const fn store_timeout(access: StoreAccess) -> Duration {
    match access {
        StoreAccess::Creates(_) | StoreAccess::Requires(_) => STORE_TIMEOUT,
        StoreAccess::Prefers(_) | StoreAccess::PrefersFiles(_) | StoreAccess::FilesOnly => {
            STORE_TIMEOUT_WITH_FILES
        }
    }
}

/// The result of looking for a server.
enum Found {
    Server(crate::control::Server),
    NoServer(NoServer),
}

/// Why the command cannot use a server.
enum NoServer {
    /// `--offline` is set.
    Offline,
    /// `server.control_socket` is empty.
    NoSocket,
    /// No server listens on the socket, or it serves another store.
    Unreachable(String),
}

impl NoServer {
    /// Whether a server may become available soon.
    const fn may_change(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    /// Explains why the command cannot use a store that another process holds, and how to fix it.
    fn explain(&self, held: &Held) -> anyhow::Error {
        match self {
            Self::Offline => {
                anyhow!("{held}. Omit --offline to run the command through the server")
            }
            Self::NoSocket => {
                anyhow!(
                    "{held}; commands cannot go through the server because server.control_socket disables the socket"
                )
            }
            Self::Unreachable(why) => anyhow!(
                "{held}; no server accepts commands for it: {why}. If a server is running without its socket, its log says \
                 why; set server.control_socket to move the socket"
            ),
        }
    }
}

async fn find_server(
    settings: &Settings,
    commands: &CommandSettings,
    mode: ConnectionMode,
) -> anyhow::Result<Found> {
    if mode == ConnectionMode::Offline {
        return Ok(Found::NoServer(NoServer::Offline));
    }
    let Some(path) = control_socket(&settings.server, commands.folder()) else {
        return Ok(Found::NoServer(NoServer::NoSocket));
    };
    Ok(match connect(&path, commands.engine.identity(), commands.engine.database()).await? {
        ConnectOutcome::Server(server) => Found::Server(server),
        ConnectOutcome::Unavailable(why) => Found::NoServer(NoServer::Unreachable(why)),
    })
}

enum Opened {
    Context(CommandContext),
    Held(Held),
}

/// Opens the store or the files that the command needs.
fn open(settings: &Settings, commands: &Arc<CommandSettings>, access: StoreAccess) -> anyhow::Result<Opened> {
    if matches!(access, StoreAccess::Requires(_)) {
        require_store(&*commands.engine)?;
    }
    let exists = matches!(commands.engine.exists(), Ok(true));
    let purpose = match access {
        StoreAccess::Creates(purpose) | StoreAccess::Requires(purpose) => purpose,
        StoreAccess::Prefers(purpose) if exists => purpose,
        StoreAccess::PrefersFiles(purpose) if exists && commands.engine.files().is_none() => purpose,
        StoreAccess::Prefers(_) | StoreAccess::PrefersFiles(_) | StoreAccess::FilesOnly => {
            return Ok(Opened::Context(files(commands)));
        }
    };
    let app = match App::open(settings, purpose, Observers::none()) {
        Ok(app) => app,
        Err(error) => match error.downcast() {
            Ok(OpenError::Held(held)) => return Ok(Opened::Held(held)),
            Ok(other) if prefers_store(access) && commands.engine.files().is_some() => {
                terminal::note(&format!("note: {}", terminal::chain(&other.into())));
                return Ok(Opened::Context(files(commands)));
            }
            Ok(other) => return Err(other.into()),
            Err(error) => return Err(error),
        },
    };
    if !exists && purpose != Purpose::Reading {
        let location = commands.engine.location();
        terminal::note(&format!("note: there was no store at {location}; created a new one"));
    }
    Ok(Opened::Context(CommandContext { app: Some(Arc::new(app)), ..files(commands) }))
}

const fn prefers_store(access: StoreAccess) -> bool {
    matches!(access, StoreAccess::Prefers(_))
}

fn files(commands: &Arc<CommandSettings>) -> CommandContext {
    CommandContext {
        app: None,
        call: operator::of_this_process(),
        settings: Arc::clone(commands),
        key_changes: None,
        handover: None,
    }
}

/// Runs the command in this process, and closes the store even if the command fails.
async fn run(
    context: CommandContext,
    request: Request,
    mut io: CommandIo,
    acting: ActingAsOwner,
) -> anyhow::Result<Outcome> {
    let shown = run_locally(&mut io, async |console| request.execute(&context, console).await).await;
    let closed = match &context.app {
        Some(app) => app.close().await.context("the command succeeded, but the store was not closed cleanly"),
        None => Ok(()),
    };
    // The output file belongs to the user who ran the command, so write it with their privileges.
    drop(acting);
    let outcome = io.output.finish(shown?)?;
    // Report the failure of the command rather than a resulting failure to close the store.
    if matches!(outcome, Outcome::Failed { .. }) { Ok(outcome) } else { closed.map(|()| outcome) }
}
