//! Logging in, going on, logging out.

use super::json;
use crate::bodies::{CredentialsBody, LogOutBody, RefreshBody};
use crate::extract::{AnonymousCaller, Authenticated, Body, BodyOrForm, NoParams, OptionalBody};
use crate::problem::Problem;
use crate::reply::{NoContent, Reply};
use crate::views::LoginView;
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_service::Roster;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let allow = "POST, OPTIONS";
    config.service(json(web::resource("/auth/login").route(web::post().to(log_in)), allow));
    config.service(json(web::resource("/auth/refresh").route(web::post().to(refresh)), allow));
    config.service(json(web::resource("/auth/logout").route(web::post().to(log_out)), allow));
}

/// Logs in.
///
/// Takes a username or an email address and the password, as JSON or as the password form of OAuth 2.0, and gives an
/// access token and a refresh token of a new session. A wrong name and a wrong password are answered alike, after the same time.
///
/// A temporary password opens no session: the answer has `password_change_required` true and no `refresh_token`, and its
/// `access_token` is a password-change token. Send that with `PUT /users/me/password`, within ten minutes; everything else
/// answers it with 403 `password_change_required`, and no other service takes it.
#[api_v2_operation(operation_id = "logIn", tags(auth))]
async fn log_in(
    roster: Data<Roster>,
    caller: AnonymousCaller,
    _: NoParams,
    body: BodyOrForm<CredentialsBody>,
) -> Result<Reply<LoginView>, Problem> {
    let (login, password) = body.0.into_parts();
    let answer = roster.log_in_or_change_password(&caller.0, &login, password).await?;
    Ok(Reply::new(LoginView::of_answer(answer)))
}

/// Goes on with a session.
///
/// Takes the refresh token that was given last, and gives an access token and the next refresh token. One that was
/// used a moment ago gives the live one once more, so that two tabs may refresh at once; one that was used before
/// that ends the session, because somebody has a copy.
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

/// Logs out.
///
/// Ends the session that the access token belongs to; with `{"all": true}` all sessions of its user. Their tokens are
/// refused from the next request on.
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
