//! The users.

use super::json;
use crate::bodies::{NewUserBody, PasswordChangeBody, UserDraftBody};
use crate::extract::{
    Authenticated, Authorized, Body, IfMatch, IfNoneMatch, MaybeAuthenticated, MergePatch, NoParams, Params,
    PasswordChanger, UserRef, UsersRead, etag,
};
use crate::lists::PageRequest;
use crate::problem::Problem;
use crate::reply::{Fresh, NoContent, PRIVATE, Reply, TokenOrNothing};
use crate::views::{LoginView, UserPage, UserView};
use actix_web::http::header;
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_domain::{User, UserQuery};
use roster_service::{Call, Completeness, PasswordChanged, Roster};
use std::sync::Arc;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let users = web::resource("/users").route(web::get().to(list)).route(web::post().to(register));
    config.service(json(users, "GET, HEAD, POST, OPTIONS"));
    let user = web::resource("/users/{id}")
        .route(web::get().to(read))
        .route(web::put().to(replace))
        .route(web::patch().to(patch))
        .route(web::delete().to(delete));
    config.service(json(user, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"));
    let password = web::resource("/users/{id}/password").route(web::put().to(change_password));
    config.service(json(password, "PUT, OPTIONS"));
    let unlock = web::resource("/users/{id}/unlock").route(web::post().to(unlock));
    config.service(json(unlock, "POST, OPTIONS"));
}

/// Registers a user.
///
/// Anyone may while registration is open; with `users:create` always. Without it `roles`, `status`,
/// `email_verified`, `attributes`, `external_id` and `must_change_password` are refused.
#[api_v2_operation(operation_id = "registerUser", tags(users))]
async fn register(
    roster: Data<Roster>,
    caller: MaybeAuthenticated,
    _: NoParams,
    body: Body<NewUserBody>,
) -> Result<Reply<UserView, 201>, Problem> {
    let user = roster.register_user(&caller.0, body.0.into_new_user()?).await?;
    let path = format!("/users/{}", user.id);
    Ok(tagged(user, &caller.0).with_location(&path))
}

/// Lists users.
///
/// Page by page, in a stable order: pass `next_cursor` as `cursor`, with the same filter and sort, until `has_more` is
/// false.
#[api_v2_operation(operation_id = "listUsers", tags(users))]
async fn list(
    roster: Data<Roster>,
    caller: Authorized<UsersRead>,
    list: Params<PageRequest<UserQuery>>,
) -> Result<Reply<UserPage>, Problem> {
    let page = roster.list_users(&caller.call, list.0.query()).await?;
    let view = |users, cursor| UserPage::new(users, cursor, &caller.call.principal);
    Ok(list.0.reply(page, view))
}

/// Reads a user.
///
/// Oneself, or anyone with `users:read`. Without it any other id is refused, whether it exists or not.
#[api_v2_operation(operation_id = "readUser", tags(users))]
async fn read(
    roster: Data<Roster>,
    caller: Authenticated,
    user: UserRef,
    known: IfNoneMatch,
    _: NoParams,
) -> Result<Fresh<UserView>, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    let user = roster.show_user(&caller.0, id).await?;
    Ok(tagged(user, &caller.0).with_header(header::CACHE_CONTROL, PRIVATE).unless(&known))
}

/// Replaces a user.
///
/// Every field that the caller may write must be there; fields that nobody may write are accepted as they are, so
/// that what was read can be sent back. `If-Match` guards against changes made meanwhile.
#[api_v2_operation(operation_id = "replaceUser", tags(users))]
async fn replace(
    roster: Data<Roster>,
    caller: Authenticated,
    user: UserRef,
    condition: IfMatch,
    _: NoParams,
    body: Body<UserDraftBody>,
) -> Result<Reply<UserView>, Problem> {
    update(&roster, &caller, user, &condition, body.0, Completeness::Whole).await
}

/// Changes a user.
///
/// A JSON merge patch (RFC 7396): what is absent stays, null clears, `attributes` are merged.
#[api_v2_operation(operation_id = "patchUser", tags(users))]
async fn patch(
    roster: Data<Roster>,
    caller: Authenticated,
    user: UserRef,
    condition: IfMatch,
    _: NoParams,
    body: MergePatch<UserDraftBody>,
) -> Result<Reply<UserView>, Problem> {
    update(&roster, &caller, user, &condition, body.0, Completeness::Partial).await
}

/// Deletes a user.
///
/// Erases the person's data at once and for good; their tokens are refused from the next request on. The audit log
/// keeps ids only. The login must not be older than a setting says (RFC 9470).
#[api_v2_operation(operation_id = "deleteUser", tags(users))]
async fn delete(
    roster: Data<Roster>,
    caller: Authenticated,
    user: UserRef,
    condition: IfMatch,
    _: NoParams,
) -> Result<NoContent, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    roster.delete_user(&caller.0, id, &condition.0).await?;
    Ok(NoContent)
}

/// Changes a password.
///
/// One's own with the current one: every token of before is refused from now on, the other sessions end, and the
/// answer holds new tokens. Somebody else's with `users:update`, and without a `current_password`: 204. The login must
/// not be older than a setting says (RFC 9470).
///
/// A temporary password is replaced with the token that `POST /auth/login` gives for it; that was shown a moment ago, so
/// `current_password` may be missing. The new one has to be another, and the answer holds the tokens of a new session. To
/// set somebody else's lifts their login delays, and makes them active if they were pending for the lack of a password
/// alone.
#[api_v2_operation(operation_id = "changePassword", tags(users))]
async fn change_password(
    roster: Data<Roster>,
    caller: PasswordChanger,
    user: UserRef,
    condition: IfMatch,
    _: NoParams,
    body: Body<PasswordChangeBody>,
) -> Result<TokenOrNothing, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    let changed = roster.change_password(&caller.0, id, body.0.into_new_password(condition.0)?).await?;
    Ok(match changed {
        PasswordChanged::Own(logged_in) => TokenOrNothing::Token(Box::new(LoginView::new(*logged_in))),
        PasswordChanged::Others => TokenOrNothing::Nothing,
    })
}

/// Lifts the login delays of a user.
///
/// Whoever failed at the person's username, email address or old login, from wherever, waits no longer. Needs
/// `users:update`, and every permission that the person holds. What a client has failed at other names still counts.
#[api_v2_operation(operation_id = "unlockUser", tags(users))]
async fn unlock(
    roster: Data<Roster>,
    caller: Authenticated,
    user: UserRef,
    _: NoParams,
) -> Result<NoContent, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    roster.unlock_user(&caller.0, id).await?;
    Ok(NoContent)
}

async fn update(
    roster: &Roster,
    caller: &Authenticated,
    user: UserRef,
    condition: &IfMatch,
    body: UserDraftBody,
    completeness: Completeness,
) -> Result<Reply<UserView>, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    let draft = body.into_draft(completeness)?;
    let user = roster.update_user(&caller.0, id, &condition.0, completeness, &draft).await?;
    Ok(tagged(user, &caller.0))
}

fn tagged<const STATUS: u16>(user: Arc<User>, call: &Call) -> Reply<UserView, STATUS> {
    let etag = etag(&user);
    Reply::new(UserView::new(user, &call.principal)).with_header(header::ETAG, etag)
}
