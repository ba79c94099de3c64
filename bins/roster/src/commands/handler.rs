//! Executes commands that arrive at a server through its socket.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use roster_config::Settings;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::commands::context::{CommandContext, CommandSettings};
use crate::commands::request::Request;
use crate::control::{CommandHandler, Console, ControlServer, Outcome, Peer, control_socket};
use crate::handover::HandoverRequests;
use crate::keys::KeyChanges;
use crate::operator;

/// The maximum number of commands that follow the audit log at once: half of the limit, which leaves room for short
/// commands.
const MAX_FOLLOWERS: usize = 8;

/// Starts to accept commands for the store of a server. Returns `None` if the settings disable this. If the socket
/// cannot be created, logs a warning and returns `None`, so that the server runs without it.
pub(crate) fn serve(
    settings: &Settings,
    app: &Arc<App>,
    key_changes: KeyChanges,
    handovers: HandoverRequests,
) -> Option<ControlServer> {
    let commands = Arc::new(CommandSettings::of(settings));
    let path = control_socket(&settings.server, commands.folder())?;
    let handler = ServerCommands {
        app: Arc::clone(app),
        settings: Arc::clone(&commands),
        key_changes,
        handovers,
        followers: Semaphore::new(MAX_FOLLOWERS),
    };
    match ControlServer::start(
        &path,
        commands.folder(),
        commands.engine.identity(),
        commands.engine.database(),
        handler,
    ) {
        Ok(server) => Some(server),
        Err(error) => {
            tracing::warn!(
                error = crate::terminal::chain(&error),
                "cannot accept commands; stop this server to run them"
            );
            None
        }
    }
}

/// Executes commands on the store of a server.
struct ServerCommands {
    app: Arc<App>,
    settings: Arc<CommandSettings>,
    key_changes: KeyChanges,
    handovers: HandoverRequests,
    followers: Semaphore,
}

impl CommandHandler for ServerCommands {
    async fn handle(&self, peer: Peer, request: &[u8], console: &mut Console) -> Outcome {
        let request: Request = match serde_json::from_slice(request).context("the request is malformed") {
            Ok(request) => request,
            Err(error) => return Outcome::Failed { error: crate::terminal::chain(&error) },
        };
        let follower = request.follows_log().then(|| self.followers.try_acquire());
        if matches!(follower, Some(Err(_))) {
            tracing::warn!(
                uid = peer.uid,
                pid = peer.pid,
                "rejected a command: {MAX_FOLLOWERS} already follow the audit log"
            );
            let error = format!(
                "{MAX_FOLLOWERS} commands already follow the audit log through this server; end one of them, or add --offline"
            );
            return Outcome::Failed { error };
        }
        let context = CommandContext {
            app: Some(Arc::clone(&self.app)),
            call: operator::of_account(peer.uid),
            settings: Arc::clone(&self.settings),
            key_changes: Some(self.key_changes.clone()),
            handover: Some((self.handovers.clone(), peer.pid)),
        };
        let (command, begin) = (request.name(), Instant::now());
        tracing::info!(command, uid = peer.uid, pid = peer.pid, "command");
        let outcome = request.execute(&context, console).await;
        let ended = match &outcome {
            Outcome::Done { .. } => "done",
            Outcome::Refused => "refused some",
            Outcome::Failed { .. } => "failed",
        };
        let milliseconds = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(command, uid = peer.uid, pid = peer.pid, ended, milliseconds, "command ended");
        outcome
    }
}
