//! `roster session`

use roster_domain::{Session, SessionId, UserId};
use roster_service::RevokeSessions;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::{Purpose, describe_error};
use crate::cli;
use crate::commands::context::CommandContext;
use crate::commands::store_access::StoreAccess;
use crate::commands::user::{ViewFormat, find};
use crate::control::{Console, Outcome};
use crate::terminal::{self, to_the_microsecond, to_the_second};

const HEADINGS: [&str; 6] = ["ID", "STARTED", "LAST SEEN", "EXPIRES", "IP", "DEVICE"];

/// A request of `roster session`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionRequest {
    List {
        user: String,
        format: ViewFormat,
    },
    Revoke {
        user: String,
        /// All sessions of the user, if `None`.
        id: Option<SessionId>,
    },
}

/// Creates the request from the arguments.
pub(super) fn request(args: cli::Session) -> SessionRequest {
    use cli::Session as Command;
    match args {
        Command::List { user, view } => {
            SessionRequest::List { user: user.name, format: ViewFormat::of(view) }
        }
        Command::Revoke { user, id, .. } => SessionRequest::Revoke { user: user.name, id },
    }
}

impl SessionRequest {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "session list",
            Self::Revoke { .. } => "session revoke",
        }
    }

    pub(super) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::List { .. } => StoreAccess::Requires(Purpose::Reading),
            Self::Revoke { .. } => StoreAccess::Requires(Purpose::Writing),
        }
    }
}

/// Runs `roster session` as the operator.
///
/// # Errors
/// If the request fails.
pub(super) async fn execute(
    context: &CommandContext,
    request: SessionRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    match request {
        SessionRequest::List { user, format } => {
            list(context, find(context, &user).await?.id, format, console).await?;
        }
        SessionRequest::Revoke { user, id } => {
            let user = find(context, &user).await?;
            revoke(context, user.id, id).await?;
            let what = id.map_or_else(|| "all sessions".to_owned(), |id| format!("session {id}"));
            console.print(format!("revoked {what} of {} ({})\n", user.username, user.id)).await?;
        }
    }
    Ok(Outcome::DONE)
}

async fn revoke(context: &CommandContext, user: UserId, id: Option<SessionId>) -> anyhow::Result<()> {
    let (roster, call) = (&context.app()?.roster, &context.call);
    match id {
        Some(id) => roster.revoke_session(call, user, id).await.map_err(describe_error),
        None => roster.revoke_sessions(call, user, RevokeSessions::All).await.map_err(describe_error),
    }
}

async fn list(
    context: &CommandContext,
    user: UserId,
    format: ViewFormat,
    console: &Console,
) -> anyhow::Result<()> {
    let sessions = context.app()?.roster.list_sessions(&context.call, user).await.map_err(describe_error)?;
    let text = match format {
        ViewFormat::Json => sessions.iter().map(|session| line(session)).collect(),
        ViewFormat::Text => {
            terminal::table(HEADINGS, &sessions.iter().map(|session| row(session)).collect::<Vec<_>>())
        }
    };
    Ok(console.print(text).await?)
}

fn line(session: &Session) -> String {
    let fields = json!({
        "id": session.id,
        "device": session.device,
        "ip": session.ip,
        "created_at": to_the_microsecond(session.created_at),
        "last_seen_at": to_the_microsecond(session.last_seen_at),
        "expires_at": to_the_microsecond(session.expires_at()),
        "absolute_expires_at": to_the_microsecond(session.ends_at),
    });
    format!("{fields}\n")
}

fn row(session: &Session) -> [String; HEADINGS.len()] {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        session.id.to_string(),
        to_the_second(session.created_at),
        to_the_second(session.last_seen_at),
        to_the_second(session.expires_at()),
        or_none(session.ip.map(|ip| ip.to_string())),
        or_none(session.device.as_ref().map(|device| terminal::printable(device.as_str()))),
    ]
}
