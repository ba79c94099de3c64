//! A command on its way: to the server of the store if one runs, else to the store itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use roster_config::Settings;
use roster_storage_json::{JsonStore, OpenError};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use crate::acting::ActingAsOwner;
use crate::app::{App, Observers, Purpose};
use crate::cli::Socket;
use crate::command_outcome::CommandOutcome;
use crate::commands::context::{CommandContext, CommandSettings};
use crate::commands::request::Request;
use crate::commands::store_access::StoreAccess;
use crate::commands::store_path::require_store;
use crate::control::{Front, Outcome, Reached, control_socket, reach, run_here};
use crate::runtime::runtime;
use crate::{logs, operator, terminal};

/// How long a command waits for a store that another command holds, or a server that starts or stops.
const MAX_WAIT: Duration = Duration::from_secs(3);

/// The same where the files will do instead.
const MAX_WAIT_WITH_FILES: Duration = Duration::from_secs(1);

/// How often it looks meanwhile.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Does what `request` asks for, shows it, and says how it ended.
///
/// # Errors
/// Whatever kept it from being done.
pub(super) fn submit(
    settings: &Settings,
    socket: Socket,
    request: Request,
    front: Front,
) -> anyhow::Result<Outcome> {
    let _log = logs::of_command(settings)?;
    let commands = Arc::new(CommandSettings::of(settings));
    let runtime = runtime()?;
    let outcome = runtime.block_on(find_and_run(settings, &commands, socket, request, front));
    // A thread that reads a pipe is not waited for.
    runtime.shutdown_background();
    outcome
}

/// Finds out early that there is neither a server nor a store, before anybody is asked for anything.
///
/// # Errors
/// If so.
pub(super) fn require_server_or_store(settings: &Settings) -> anyhow::Result<()> {
    let commands = CommandSettings::of(settings);
    match control_socket(&settings.server, commands.folder()) {
        Some(socket) if socket.exists() => Ok(()),
        _ => require_store(&commands.users_file),
    }
}

/// What the outcome is to the process, once its last line was said.
///
/// # Errors
/// If the command failed.
pub(super) fn into_command_outcome(outcome: Outcome) -> anyhow::Result<CommandOutcome> {
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
    socket: Socket,
    request: Request,
    mut front: Front,
) -> anyhow::Result<Outcome> {
    let give_up = Instant::now() + max_wait(request.store_access());
    loop {
        let nobody = match find_server(settings, commands.folder(), socket).await? {
            Found::Server(server) => {
                let request = Zeroizing::new(serde_json::to_vec(&request)?);
                let outcome = server.run(request, &mut front).await?;
                return front.output.keep(outcome);
            }
            Found::Nobody { why } => why,
        };
        let acting = ActingAsOwner::of(commands.folder())?;
        // Before the store is opened: the other end of a pipe may be slow.
        front.input = front.input.into_plain(commands.folder())?;
        match open(settings, commands, request.store_access())? {
            Opened::Context(context) => return run(context, request, front, acting).await,
            Opened::Held(_) if nobody.may_change() && Instant::now() < give_up => sleep(POLL_INTERVAL).await,
            Opened::Held(held) => match request.store_access() {
                StoreAccess::Prefers(_) => return run(files(commands), request, front, acting).await,
                _ => return Err(nobody.explain(&held)),
            },
        }
    }
}

const fn max_wait(access: StoreAccess) -> Duration {
    match access {
        StoreAccess::Begins(_) | StoreAccess::Needs(_) => MAX_WAIT,
        StoreAccess::Prefers(_) | StoreAccess::Files => MAX_WAIT_WITH_FILES,
    }
}

/// What was found where a server would listen.
enum Found {
    Server(crate::control::Server),
    Nobody { why: NoServer },
}

/// Why no server can be asked.
enum NoServer {
    /// `--offline`
    Refused,
    /// `server.control_socket` is empty.
    NoSocket,
    /// Nobody listens, or not for this store.
    Unreachable(String),
}

impl NoServer {
    /// Whether it may be otherwise in a moment.
    const fn may_change(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    /// Why a store that is held cannot be worked on, and what to do.
    fn explain(&self, held: &OpenError) -> anyhow::Error {
        match self {
            Self::Refused => {
                anyhow!("{held}. Without --offline a command goes through the server that runs")
            }
            Self::NoSocket => {
                anyhow!("{held}; commands cannot go through the server, as server.control_socket is empty")
            }
            Self::Unreachable(why) => anyhow!(
                "{held}; no server takes commands for it: {why}. A server that runs without its socket has said why in \
                 its log; server.control_socket names another place for it"
            ),
        }
    }
}

async fn find_server(settings: &Settings, folder: &Path, socket: Socket) -> anyhow::Result<Found> {
    if socket == Socket::Refused {
        return Ok(Found::Nobody { why: NoServer::Refused });
    }
    let Some(path) = control_socket(&settings.server, folder) else {
        return Ok(Found::Nobody { why: NoServer::NoSocket });
    };
    Ok(match reach(&path, folder).await? {
        Reached::Server(server) => Found::Server(server),
        Reached::Nobody(why) => Found::Nobody { why: NoServer::Unreachable(why) },
    })
}

enum Opened {
    Context(CommandContext),
    Held(OpenError),
}

/// Opens what the command needs.
fn open(settings: &Settings, commands: &Arc<CommandSettings>, access: StoreAccess) -> anyhow::Result<Opened> {
    if matches!(access, StoreAccess::Needs(_)) {
        require_store(&commands.users_file)?;
    }
    let is_there = JsonStore::is_there(&commands.users_file);
    let purpose = match access {
        StoreAccess::Begins(purpose) | StoreAccess::Needs(purpose) => purpose,
        StoreAccess::Prefers(purpose) if is_there => purpose,
        StoreAccess::Prefers(_) | StoreAccess::Files => return Ok(Opened::Context(files(commands))),
    };
    let app = match App::open(settings, purpose, Observers::none()) {
        Ok(app) => app,
        Err(error) => match error.downcast() {
            Ok(held @ OpenError::Held { .. }) => return Ok(Opened::Held(held)),
            Ok(other) if is_preferred(access) => {
                terminal::note(&format!("note: {}", terminal::chain(&other.into())));
                return Ok(Opened::Context(files(commands)));
            }
            Ok(other) => return Err(other.into()),
            Err(error) => return Err(error),
        },
    };
    if !is_there && purpose != Purpose::Looking {
        let users = commands.users_file_in_full();
        terminal::note(&format!("note: there was no store at {users}; this begins one"));
    }
    Ok(Opened::Context(CommandContext { app: Some(Arc::new(app)), ..files(commands) }))
}

const fn is_preferred(access: StoreAccess) -> bool {
    matches!(access, StoreAccess::Prefers(_))
}

fn files(commands: &Arc<CommandSettings>) -> CommandContext {
    CommandContext {
        app: None,
        call: operator::of_this_process(),
        settings: Arc::clone(commands),
        key_changes: None,
    }
}

/// Runs the command here, and closes the store whatever came of it.
async fn run(
    context: CommandContext,
    request: Request,
    mut front: Front,
    acting: ActingAsOwner,
) -> anyhow::Result<Outcome> {
    let shown = run_here(&mut front, async |console| request.execute(&context, console).await).await;
    let closed = match &context.app {
        Some(app) => app.close().await.context("the command was done"),
        None => Ok(()),
    };
    // The output belongs to whoever ran the command, also to remove it.
    drop(acting);
    let outcome = front.output.keep(shown?)?;
    // What failed is describe, rather than what that kept from being closed.
    if matches!(outcome, Outcome::Failed { .. }) { Ok(outcome) } else { closed.map(|()| outcome) }
}
