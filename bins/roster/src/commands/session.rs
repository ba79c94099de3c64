//! `roster session`

use roster_config::Settings;
use roster_domain::{Session, SessionId, UserId};
use roster_service::{Call, RevokeSessions};
use serde_json::json;

use crate::app::{App, Purpose, told};
use crate::cli;
use crate::commands::user::find;
use crate::commands::{require_store, with_app};
use crate::terminal::{to_the_microsecond, to_the_second};
use crate::{Ending, terminal};

const HEADINGS: [&str; 6] = ["ID", "BEGAN", "LAST SEEN", "ENDS UNUSED", "IP", "DEVICE"];

/// Looks at the sessions of a user or ends them, as the operator.
///
/// # Errors
/// Whatever kept it from being done.
pub(crate) fn run(settings: &Settings, asked: cli::Session) -> anyhow::Result<Ending> {
    use cli::Session as Asked;
    require_store(settings)?;
    let purpose = match asked {
        Asked::List { .. } => Purpose::Looking,
        Asked::Revoke { .. } => Purpose::Changing,
    };
    let work = async |app: &App| match asked {
        Asked::List { user, json } => list(app, find(app, &user.name).await?.id, json).await,
        Asked::Revoke { user, id, .. } => {
            let user = find(app, &user.name).await?;
            revoke(app, user.id, id).await?;
            let what = id.map_or_else(|| "all sessions".to_owned(), |id| format!("session {id}"));
            terminal::print(format!("ended {what} of {} ({})\n", user.username, user.id))
        }
    };
    with_app(settings, purpose, work)?;
    Ok(Ending::Done)
}

async fn revoke(app: &App, user: UserId, id: Option<SessionId>) -> anyhow::Result<()> {
    let (roster, call) = (&app.roster, Call::operator());
    match id {
        Some(id) => roster.revoke_session(&call, user, id).await.map_err(told),
        None => roster.revoke_sessions(&call, user, RevokeSessions::All).await.map_err(told),
    }
}

async fn list(app: &App, user: UserId, json: bool) -> anyhow::Result<()> {
    let sessions = app.roster.list_sessions(&Call::operator(), user).await.map_err(told)?;
    if json {
        return terminal::print(sessions.iter().map(|session| line(session)).collect::<String>());
    }
    let rows: Vec<_> = sessions.iter().map(|session| row(session)).collect();
    terminal::print(terminal::table(HEADINGS, &rows))
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
