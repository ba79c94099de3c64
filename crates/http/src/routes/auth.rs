//! Login, refresh, logout.

use crate::bodies::logins::{CredentialsBody, LogOutBody, RefreshBody};
use crate::code::Code;
use crate::extract::{AnonymousCaller, Authenticated, Body, BodyOrForm, NoParams, OptionalBody};
use crate::openapi::endpoint::Endpoint;
use crate::problem::Problem;
use crate::reply::{NoContent, Reply};
use crate::router::{Resource, Router};
use crate::views::sessions::LoginView;
use actix_web::web::Data;
use paperclip::actix::api_v2_operation;
use roster_service::Roster;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json(Resource::at("/auth/login").post(log_in, LOG_IN));
    router.json(Resource::at("/auth/refresh").post(refresh, REFRESH));
    router.json(Resource::at("/auth/logout").post(log_out, LOG_OUT));
}

const LOG_IN: Endpoint = Endpoint::failing_with(&[
    Code::TooManyRequests,
    Code::CredentialsInvalid,
    Code::AccountDisabled,
    Code::AccountPending,
    Code::Unavailable,
    Code::Busy,
    Code::OutcomeUnknown,
]);

/// Logs in.
///
/// Takes a username or an email address and the password, as JSON or as the password form of OAuth 2.0. Starts a
/// session and returns its access token and refresh token. A wrong name and a wrong password get the same response
/// after the same time.
///
/// A temporary password starts no session: the response has `password_change_required: true`, no `refresh_token`, and a
/// password-change token as `access_token`. Send that token with `PUT /users/me/password` within ten minutes. Every
/// other endpoint responds to it with 403 `password_change_required`, and other services reject it.
#[api_v2_operation(operation_id = "logIn", tags(auth))]
async fn log_in(
    roster: Data<Roster>,
    caller: AnonymousCaller,
    _: NoParams,
    body: BodyOrForm<CredentialsBody>,
) -> Result<Reply<LoginView>, Problem> {
    let (login, password) = body.0.into_parts();
    let result = roster.log_in_or_change_password(&caller.0, &login, password).await?;
    Ok(Reply::new(LoginView::of_result(result)))
}

const REFRESH: Endpoint = Endpoint::failing_with(&[
    Code::TooManyRequests,
    Code::RefreshTokenInvalid,
    Code::PasswordChangeRequired,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::OutcomeUnknown,
]);

/// Refreshes a session.
///
/// Takes the latest refresh token and returns an access token and the next refresh token. A token that was used a
/// moment ago returns the live one again, so that two tabs can refresh at once. A token that was used before that ends
/// the session, because someone else has a copy.
#[api_v2_operation(operation_id = "refreshSession", tags(auth))]
async fn refresh(
    roster: Data<Roster>,
    caller: AnonymousCaller,
    _: NoParams,
    body: Body<RefreshBody>,
) -> Result<Reply<LoginView>, Problem> {
    let logged_in = roster.refresh_session(&caller.0, &body.0.into_token()).await?;
    Ok(Reply::new(LoginView::new(logged_in)))
}

const LOG_OUT: Endpoint =
    Endpoint::failing_with(&[Code::SessionNotFound, Code::Unavailable, Code::OutcomeUnknown]);

/// Logs out.
///
/// Ends the session of the access token, or with `{"all": true}` all sessions of its user. Their tokens are rejected
/// from the next request on.
#[api_v2_operation(operation_id = "logOut", tags(auth))]
async fn log_out(
    roster: Data<Roster>,
    caller: Authenticated,
    _: NoParams,
    body: OptionalBody<LogOutBody>,
) -> Result<NoContent, Problem> {
    roster.log_out(&caller.0, body.0.which()?).await?;
    Ok(NoContent)
}
