//! The sessions of a user.

use crate::code::Code;
use crate::extract::{
    Authenticated, FromParams, NoParams, ParamReader, Parameter, Params, SessionRef, UserRef,
};
use crate::openapi::endpoint::Endpoint;
use crate::problem::Problem;
use crate::reply::{NoContent, Reply};
use crate::router::{Resource, Router};
use crate::rules::{FromRaw, RawError};
use crate::views::sessions::SessionList;
use actix_web::web::Data;
use paperclip::actix::api_v2_operation;
use roster_service::{RevokeSessions, Roster};
use serde_json::{Value, json};

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json(Resource::at("/users/{id}/sessions").get(list, LIST).delete(revoke_all, REVOKE_ALL));
    router.json(Resource::at("/users/{id}/sessions/{sid}").delete(revoke, REVOKE));
}

/// Which sessions to revoke.
pub(crate) struct Except(RevokeSessions);

static EXCEPT: Parameter = Parameter {
    name: "except",
    description: "`current` keeps the calling session. For your own sessions only.",
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

    fn from_raw(raw: String) -> Result<Self, RawError> {
        match raw.as_str() {
            "current" => Ok(Self::Others),
            _ => Err(RawError::new("except_invalid", "the only known value is current")),
        }
    }
}

const LIST: Endpoint = Endpoint::failing_with(&[Code::Unavailable]);

/// Lists the sessions of a user.
///
/// The active ones, latest first. Your own, or any user's with `sessions:manage`.
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

const REVOKE_ALL: Endpoint = Endpoint::failing_with(&[Code::Unavailable, Code::OutcomeUnknown]);

/// Revokes the sessions of a user.
///
/// All of them; with `?except=current` all of your own except the calling one. Their tokens are rejected from the next
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

const REVOKE: Endpoint = Endpoint::failing_with(&[Code::Unavailable, Code::OutcomeUnknown]);

/// Revokes a session.
///
/// One of your own, or with `sessions:manage` one of any user whose permissions you hold. Its tokens are rejected from
/// the next request on.
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
