//! Users.

use crate::bodies::users::{NewUserBody, PasswordChangeBody, UserDraftBody};
use crate::code::Code;
use crate::extract::{
    Authenticated, Authorized, Body, IfMatch, IfNoneMatch, MaybeAuthenticated, MergePatch, NoParams, Params,
    PasswordChanger, UserRef, UsersRead,
};
use crate::lists::PageRequest;
use crate::openapi::endpoint::{Endpoint, Header, Security};
use crate::problem::Problem;
use crate::rendered::{RenderedUsers, tagged};
use crate::reply::{Conditional, NoContent, PRIVATE, Reply, TokenOrNothing};
use crate::router::{Resource, Router};
use crate::views::sessions::LoginView;
use crate::views::users::{UserPage, UserView};
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use paperclip::actix::api_v2_operation;
use roster_domain::{User, UserQuery};
use roster_service::{Call, Completeness, PasswordChanged, Roster};
use std::sync::Arc;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json(
        Resource::at("/users/{id}")
            .get(read, READ)
            .put(replace, REPLACE)
            .patch(patch, PATCH)
            .delete(delete, DELETE),
    );
    router.json(Resource::at("/users").get(list, LIST).post(register, REGISTER));
    router.json(Resource::at("/users/{id}/password").put(change_password, CHANGE_PASSWORD));
    router.json(Resource::at("/users/{id}/unlock").post(unlock, UNLOCK));
}

const REGISTER: Endpoint = Endpoint::failing_with(&[
    Code::TooManyRequests,
    Code::LoginTooOld,
    Code::PermissionDenied,
    Code::RegistrationClosed,
    Code::UsernameTaken,
    Code::EmailTaken,
    Code::ExternalIdTaken,
    Code::Unavailable,
    Code::Busy,
    Code::OutcomeUnknown,
])
.with_headers(&[Header::ETag, Header::Location("/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8")])
.with_security(Security::Optional);

/// Registers a user.
///
/// Anyone can while registration is open; with `users:create` you always can. The fields `roles`, `status`,
/// `email_verified`, `attributes`, `external_id` and `must_change_password` require `users:create`.
#[api_v2_operation(operation_id = "registerUser", tags(users))]
async fn register(
    roster: Data<Roster>,
    caller: MaybeAuthenticated,
    _: NoParams,
    body: Body<NewUserBody>,
) -> Result<Reply<UserView, 201>, Problem> {
    let user = roster.register_user(&caller.0, body.0.into_new_user()?).await?;
    let path = format!("/users/{}", user.id);
    Ok(shown(user, &caller.0).with_location(&path))
}

const LIST: Endpoint =
    Endpoint::failing_with(&[Code::CursorInvalid, Code::Unavailable]).with_headers(&[Header::Link]);

/// Lists users.
///
/// Page by page, in a stable order: send `next_cursor` as `cursor`, with the same filter and sort, until `has_more` is
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

const READ: Endpoint =
    Endpoint::failing_with(&[Code::Unavailable]).with_headers(&[Header::ETag]).with_cache_control(PRIVATE);

/// Reads a user.
///
/// Yourself, or anyone with `users:read`. Without it any other id is rejected, whether it exists or not.
#[api_v2_operation(operation_id = "readUser", tags(users))]
async fn read(
    roster: Data<Roster>,
    rendered: Data<RenderedUsers>,
    caller: Authenticated,
    user: UserRef,
    known: IfNoneMatch,
    _: NoParams,
) -> Result<Conditional<UserView>, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    let user = roster.show_user(&caller.0, id).await?;
    let private = HeaderValue::from_static(PRIVATE);
    let reply = rendered.reply(UserView::new(user, &caller.0.principal));
    Ok(reply.with_header(header::CACHE_CONTROL, private).unless(&known))
}

const REPLACE: Endpoint = Endpoint::failing_with(&[
    Code::LoginTooOld,
    Code::UsernameTaken,
    Code::EmailTaken,
    Code::ExternalIdTaken,
    Code::LastAdministrator,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::OutcomeUnknown,
])
.with_headers(&[Header::ETag]);

/// Replaces a user.
///
/// Every field that you may write is required. Read-only fields are accepted with their current value, so that you can
/// send back what you read. `If-Match` guards against concurrent changes.
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

const PATCH: Endpoint = REPLACE;

/// Changes a user.
///
/// A JSON merge patch (RFC 7396): absent fields stay, null clears a field, `attributes` are merged.
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

const DELETE: Endpoint = Endpoint::failing_with(&[
    Code::LoginTooOld,
    Code::LastAdministrator,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::OutcomeUnknown,
]);

/// Deletes a user.
///
/// Erases the user's data immediately and permanently; their tokens are rejected from the next request on. The audit
/// log keeps ids only. Requires a recent login (RFC 9470).
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

const CHANGE_PASSWORD: Endpoint = Endpoint::failing_with(&[
    Code::TooManyRequests,
    Code::LoginTooOld,
    Code::CurrentPasswordWrong,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::Busy,
    Code::OutcomeUnknown,
]);

/// Changes a password.
///
/// Your own with `current_password`: all earlier tokens are rejected, your other sessions end, and the response has new
/// tokens. Another user's with `users:update` and without `current_password`: the response is a 204. Requires a recent
/// login (RFC 9470).
///
/// To replace a temporary password, send the token from `POST /auth/login`. You have just entered the temporary
/// password, so `current_password` is optional. The new password must differ, and the response has the tokens of a new
/// session. Setting another user's password lifts their login delays, and activates them if they were pending only
/// because they had no password.
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

const UNLOCK: Endpoint =
    Endpoint::failing_with(&[Code::ChangedMeanwhile, Code::Unavailable, Code::OutcomeUnknown]);

/// Lifts the login delays of a user.
///
/// Clears the failed attempts at the user's username, email address and former login, from every address. Requires
/// `users:update` and every permission that the user has. A client's failed attempts at other names still count.
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
    body: Box<UserDraftBody>,
    completeness: Completeness,
) -> Result<Reply<UserView>, Problem> {
    let id = user.resolve(&caller.0.principal)?;
    let draft = body.into_draft(completeness)?;
    let user = roster.update_user(&caller.0, id, &condition.0, completeness, &draft).await?;
    Ok(shown(user, &caller.0))
}

/// The user as the caller sees them, with their tag.
fn shown<const STATUS: u16>(user: Arc<User>, call: &Call) -> Reply<UserView, STATUS> {
    tagged(UserView::new(user, &call.principal))
}
