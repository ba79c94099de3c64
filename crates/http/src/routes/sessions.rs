//! The sessions of a user.

use super::json;
use crate::extract::{
    Authenticated, FromParams, FromRaw, NoParams, ParamReader, Parameter, Params, RawError, SessionRef,
    UserRef,
};
use crate::problem::Problem;
use crate::reply::{NoContent, Reply};
use crate::views::SessionList;
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_service::{RevokeSessions, Roster};
use serde_json::{Value, json};

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let sessions =
        web::resource("/users/{id}/sessions").route(web::get().to(list)).route(web::delete().to(revoke_all));
    config.service(json(sessions, "GET, HEAD, DELETE, OPTIONS"));
    let session = web::resource("/users/{id}/sessions/{sid}").route(web::delete().to(revoke));
    config.service(json(session, "DELETE, OPTIONS"));
}

/// Which sessions to revoke.
pub(crate) struct Except(RevokeSessions);

static EXCEPT: Parameter = Parameter {
    name: "except",
    description: "`current` lets the session that asks go on: for one's own sessions only.",
    schema: RevokeSessions::schema,
};

impl FromParams for Except {
    fn known() -> impl Iterator<Item = &'static Parameter> {
        std::iter::once(&EXCEPT)
    }

    fn from_params(reader: &mut ParamReader) -> Self {
        Self(reader.value("except").unwrap_or(RevokeSessions::All))
    }
}

impl FromRaw for RevokeSessions {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "enum": ["current"] })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        match raw.as_str() {
            "current" => Ok(Self::Others),
            _ => Err(RawError::new("except_invalid", "known is current")),
        }
    }
}

/// Lists the sessions of a user.
///
/// Those that go on, the latest first: one's own, or with `sessions:manage` anybody's.
#[api_v2_operation(operation_id = "listSessions", tags(sessions))]
async fn list(
    roster: Data<Roster>,
    caller: Authenticated,
    user: UserRef,
    _: NoParams,
) -> Result<Reply<SessionList>, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    let sessions = roster.list_sessions(&caller.0, id).await?;
    let current = caller.0.session.as_ref().map(|session| session.id);
    Ok(Reply::new(SessionList::new(&sessions, current)))
}

/// Revokes the sessions of a user.
///
/// All of them, or of one's own with `?except=current` all but the one that asks. Their tokens are refused from the next
/// request on.
#[api_v2_operation(operation_id = "revokeSessions", tags(sessions))]
async fn revoke_all(
    roster: Data<Roster>,
    caller: Authenticated,
    user: UserRef,
    except: Params<Except>,
) -> Result<NoContent, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    roster.revoke_sessions(&caller.0, id, except.0.0).await?;
    Ok(NoContent)
}

/// Revokes a session.
///
/// One's own, or with `sessions:manage` that of anybody whose permissions one holds. Its tokens are refused from the
/// next request on.
#[api_v2_operation(operation_id = "revokeSession", tags(sessions))]
async fn revoke(
    roster: Data<Roster>,
    caller: Authenticated,
    user: UserRef,
    session: SessionRef,
    _: NoParams,
) -> Result<NoContent, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    roster.revoke_session(&caller.0, id, session.0).await?;
    Ok(NoContent)
}
