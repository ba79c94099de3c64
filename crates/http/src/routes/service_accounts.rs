//! Service accounts and their API keys.

use crate::bodies::service_accounts::{
    NewApiKeyBody, NewServiceAccountBody, RotationBody, ServiceAccountDraftBody,
};
use crate::code::Code;
use crate::extract::{
    AccountRef, Authorized, Body, IfMatch, IfNoneMatch, KeyRef, MergePatch, NoParams, OptionalBody, Params,
    ServiceAccountsManage, version_tag,
};
use crate::lists::PageRequest;
use crate::openapi::endpoint::{Endpoint, Header};
use crate::problem::Problem;
use crate::reply::{Conditional, NoContent, PRIVATE, Reply};
use crate::router::{Resource, Router};
use crate::views::service_accounts::{
    ApiKeyListView, ApiKeyView, IssuedApiKeyView, ServiceAccountPageView, ServiceAccountView,
};
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use paperclip::actix::api_v2_operation;
use roster_domain::{ServiceAccount, ServiceAccountQuery};
use roster_service::{IssuedApiKey, Roster};
use std::sync::Arc;

type Manager = Authorized<ServiceAccountsManage>;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json(Resource::at("/service-accounts").get(list, LIST).post(create, CREATE));
    let account = Resource::at("/service-accounts/{id}");
    router.json(account.get(read, READ).patch(patch, PATCH).delete(delete, DELETE));
    let keys = Resource::at("/service-accounts/{id}/keys");
    router.json(keys.get(list_keys, LIST_KEYS).post(create_key, CREATE_KEY));
    let key = Resource::at("/service-accounts/{id}/keys/{key_id}");
    router.json(key.get(read_key, READ_KEY).delete(revoke_key, REVOKE_KEY));
    let rotation = Resource::at("/service-accounts/{id}/keys/{key_id}/rotate");
    router.json(rotation.post(rotate_key, ROTATE_KEY));
}

const LIST: Endpoint =
    Endpoint::failing_with(&[Code::CursorInvalid, Code::Unavailable]).with_headers(&[Header::Link]);

/// Lists service accounts.
///
/// By name, page by page: send `next_cursor` as `cursor` until `has_more` is false.
#[api_v2_operation(operation_id = "listServiceAccounts", tags(service_accounts))]
async fn list(
    roster: Data<Roster>,
    caller: Manager,
    list: Params<PageRequest<ServiceAccountQuery>>,
) -> Result<Reply<ServiceAccountPageView>, Problem> {
    let page = roster.list_service_accounts(&caller.call, list.0.query()).await?;
    Ok(list.0.reply(page, ServiceAccountPageView::new))
}

const CREATE: Endpoint =
    Endpoint::failing_with(&[Code::LoginTooOld, Code::NameTaken, Code::Unavailable, Code::OutcomeUnknown])
        .with_headers(&[
            Header::ETag,
            Header::Location("/service-accounts/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8"),
        ]);

/// Creates a service account.
///
/// It has no keys yet. You can give it only permissions that you hold.
#[api_v2_operation(operation_id = "createServiceAccount", tags(service_accounts))]
async fn create(
    roster: Data<Roster>,
    caller: Manager,
    _: NoParams,
    body: Body<NewServiceAccountBody>,
) -> Result<Reply<ServiceAccountView, 201>, Problem> {
    let account = roster.create_service_account(&caller.call, body.0.into_new()?).await?;
    let path = format!("/service-accounts/{}", account.id);
    Ok(tagged(account).with_location(&path))
}

const READ: Endpoint =
    Endpoint::failing_with(&[Code::Unavailable]).with_headers(&[Header::ETag]).with_cache_control(PRIVATE);

/// Reads a service account.
///
/// Its keys are under `/service-accounts/{id}/keys`.
#[api_v2_operation(operation_id = "readServiceAccount", tags(service_accounts))]
async fn read(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    known: IfNoneMatch,
    _: NoParams,
) -> Result<Conditional<ServiceAccountView>, Problem> {
    let account = roster.show_service_account(&caller.call, account.0).await?;
    let private = HeaderValue::from_static(PRIVATE);
    Ok(tagged(account).with_header(header::CACHE_CONTROL, private).unless(&known))
}

const PATCH: Endpoint = Endpoint::failing_with(&[
    Code::LoginTooOld,
    Code::NameTaken,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::OutcomeUnknown,
])
.with_headers(&[Header::ETag]);

/// Changes a service account.
///
/// A JSON merge patch (RFC 7396). Requires all permissions of the account. A new status and new permissions take effect
/// with the next request. `If-Match` guards against concurrent changes.
#[api_v2_operation(operation_id = "patchServiceAccount", tags(service_accounts))]
async fn patch(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    condition: IfMatch,
    _: NoParams,
    body: MergePatch<ServiceAccountDraftBody>,
) -> Result<Reply<ServiceAccountView>, Problem> {
    let draft = body.0.into_draft()?;
    Ok(tagged(roster.update_service_account(&caller.call, account.0, &condition.0, &draft).await?))
}

const DELETE: Endpoint = Endpoint::failing_with(&[
    Code::LoginTooOld,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::OutcomeUnknown,
]);

/// Deletes a service account.
///
/// Its keys stop working immediately. Requires all permissions of the account.
#[api_v2_operation(operation_id = "deleteServiceAccount", tags(service_accounts))]
async fn delete(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    condition: IfMatch,
    _: NoParams,
) -> Result<NoContent, Problem> {
    roster.delete_service_account(&caller.call, account.0, &condition.0).await?;
    Ok(NoContent)
}

const LIST_KEYS: Endpoint = Endpoint::failing_with(&[Code::Unavailable]);

/// Lists the keys of a service account.
///
/// Without their secrets, which are shown only once. Expired keys are listed until the next key is created.
#[api_v2_operation(operation_id = "listApiKeys", tags(service_accounts))]
async fn list_keys(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    _: NoParams,
) -> Result<Reply<ApiKeyListView>, Problem> {
    let account = roster.show_service_account(&caller.call, account.0).await?;
    Ok(Reply::new(ApiKeyListView::of(&account)))
}

/// Where a new key is, for examples.
const NEW_KEY: &str = "/service-accounts/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8/keys/\
    0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";

const CREATE_KEY: Endpoint = Endpoint::failing_with(&[
    Code::LoginTooOld,
    Code::TooManyApiKeys,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::OutcomeUnknown,
])
.with_headers(&[Header::Location(NEW_KEY)]);

/// Creates an API key.
///
/// This response is the only one that shows it. You are accountable for the key: at each use it grants the permissions
/// that it, its account and you all hold at that moment. If your account is disabled or deleted, it grants nothing
/// until another user takes it over by rotating it. Only users create keys, and only with all permissions of the
/// account.
#[api_v2_operation(operation_id = "createApiKey", tags(service_accounts))]
async fn create_key(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    _: NoParams,
    body: Body<NewApiKeyBody>,
) -> Result<Reply<IssuedApiKeyView, 201>, Problem> {
    Ok(issued(roster.create_api_key(&caller.call, account.0, &body.0.into_draft()?).await?))
}

const READ_KEY: Endpoint = Endpoint::failing_with(&[Code::Unavailable]);

/// Reads an API key.
///
/// Without its secret, which is shown only once.
#[api_v2_operation(operation_id = "readApiKey", tags(service_accounts))]
async fn read_key(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    key: KeyRef,
    _: NoParams,
) -> Result<Reply<ApiKeyView>, Problem> {
    let account = roster.show_service_account(&caller.call, account.0).await?;
    let key = account.key(key.0).cloned().ok_or(Code::ApiKeyNotFound)?;
    Ok(Reply::new(ApiKeyView::new(key)))
}

const ROTATE_KEY: Endpoint = Endpoint::failing_with(&[
    Code::LoginTooOld,
    Code::ApiKeyReplaced,
    Code::ApiKeyEnded,
    Code::TooManyApiKeys,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::OutcomeUnknown,
])
.with_headers(&[Header::Location(NEW_KEY)]);

/// Rotates an API key.
///
/// Creates a key with the same name and permissions, for which you are accountable. This response is the only one that
/// shows it. The old key stops working immediately, or after the `overlap`. The lifetime starts again: a key created
/// for 90 days is replaced by one for 90 days, unless you send `expires_at`. An expired key cannot be rotated: create
/// another. Of several concurrent rotations of a key, one succeeds.
#[api_v2_operation(operation_id = "rotateApiKey", tags(service_accounts))]
async fn rotate_key(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    key: KeyRef,
    _: NoParams,
    body: OptionalBody<RotationBody>,
) -> Result<Reply<IssuedApiKeyView, 201>, Problem> {
    let rotation = body.0.into_rotation()?;
    Ok(issued(roster.rotate_api_key(&caller.call, account.0, key.0, rotation).await?))
}

const REVOKE_KEY: Endpoint = DELETE;

/// Revokes an API key.
///
/// The key and the tokens issued for it stop working immediately. Requires all permissions of the account.
#[api_v2_operation(operation_id = "revokeApiKey", tags(service_accounts))]
async fn revoke_key(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    key: KeyRef,
    _: NoParams,
) -> Result<NoContent, Problem> {
    roster.revoke_api_key(&caller.call, account.0, key.0).await?;
    Ok(NoContent)
}

fn tagged<const STATUS: u16>(account: Arc<ServiceAccount>) -> Reply<ServiceAccountView, STATUS> {
    let etag = version_tag(account.version);
    Reply::new(ServiceAccountView::new(account)).with_header(header::ETAG, etag)
}

fn issued(issued: IssuedApiKey) -> Reply<IssuedApiKeyView, 201> {
    let path = format!("/service-accounts/{}/keys/{}", issued.account.id, issued.key.id);
    Reply::new(IssuedApiKeyView::new(issued)).with_location(&path)
}
