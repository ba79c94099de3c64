//! Machines: service accounts and their API keys.

use super::json;
use crate::bodies::{NewApiKeyBody, NewServiceAccountBody, RotationBody, ServiceAccountDraftBody};
use crate::extract::{
    AccountRef, Authorized, Body, IfMatch, IfNoneMatch, KeyRef, MergePatch, NoParams, OptionalBody, Params,
    ServiceAccountsManage, version_tag,
};
use crate::lists::PageRequest;
use crate::problem::{Code, Problem};
use crate::reply::{Fresh, NoContent, PRIVATE, Reply};
use crate::views::{
    ApiKeyListView, ApiKeyView, IssuedApiKeyView, ServiceAccountPageView, ServiceAccountView,
};
use actix_web::http::header;
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_domain::{ServiceAccount, ServiceAccountQuery};
use roster_service::{IssuedApiKey, Roster};
use std::sync::Arc;

type Manager = Authorized<ServiceAccountsManage>;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let accounts =
        web::resource("/service-accounts").route(web::get().to(list)).route(web::post().to(create));
    config.service(json(accounts, "GET, HEAD, POST, OPTIONS"));
    let account = web::resource("/service-accounts/{id}")
        .route(web::get().to(read))
        .route(web::patch().to(patch))
        .route(web::delete().to(delete));
    config.service(json(account, "GET, HEAD, PATCH, DELETE, OPTIONS"));
    let keys = web::resource("/service-accounts/{id}/keys")
        .route(web::get().to(list_keys))
        .route(web::post().to(create_key));
    config.service(json(keys, "GET, HEAD, POST, OPTIONS"));
    let key = web::resource("/service-accounts/{id}/keys/{key_id}")
        .route(web::get().to(read_key))
        .route(web::delete().to(revoke_key));
    config.service(json(key, "GET, HEAD, DELETE, OPTIONS"));
    let rotation =
        web::resource("/service-accounts/{id}/keys/{key_id}/rotate").route(web::post().to(rotate_key));
    config.service(json(rotation, "POST, OPTIONS"));
}

/// Lists service accounts.
///
/// By name, page by page: pass `next_cursor` as `cursor` until `has_more` is false.
#[api_v2_operation(operation_id = "listServiceAccounts", tags(machines))]
async fn list(
    roster: Data<Roster>,
    caller: Manager,
    list: Params<PageRequest<ServiceAccountQuery>>,
) -> Result<Reply<ServiceAccountPageView>, Problem> {
    let page = roster.list_service_accounts(&caller.call, list.0.query()).await?;
    Ok(list.0.reply(page, ServiceAccountPageView::new))
}

/// Makes a service account.
///
/// It has no keys yet. You can give it only permissions that you hold.
#[api_v2_operation(operation_id = "createServiceAccount", tags(machines))]
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

/// Reads a service account.
///
/// Its keys are under `/service-accounts/{id}/keys`.
#[api_v2_operation(operation_id = "readServiceAccount", tags(machines))]
async fn read(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    known: IfNoneMatch,
    _: NoParams,
) -> Result<Fresh<ServiceAccountView>, Problem> {
    let account = roster.show_service_account(&caller.call, account.0).await?;
    Ok(tagged(account).with_header(header::CACHE_CONTROL, PRIVATE).unless(&known))
}

/// Changes a service account.
///
/// A JSON merge patch (RFC 7396), for somebody who holds all of the account's permissions. Disabling it, or other
/// permissions, take effect at the next request. `If-Match` guards against changes made meanwhile.
#[api_v2_operation(operation_id = "patchServiceAccount", tags(machines))]
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

/// Deletes a service account.
///
/// Its keys end with it, at once. For somebody who holds all of its permissions.
#[api_v2_operation(operation_id = "deleteServiceAccount", tags(machines))]
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

/// Lists the keys of a service account.
///
/// Without their secrets, which nobody can have again. Keys that have ended are shown until the next one is made.
#[api_v2_operation(operation_id = "listApiKeys", tags(machines))]
async fn list_keys(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    _: NoParams,
) -> Result<Reply<ApiKeyListView>, Problem> {
    let account = roster.show_service_account(&caller.call, account.0).await?;
    Ok(Reply::new(ApiKeyListView::of(&account)))
}

/// Makes an API key.
///
/// The answer shows it, once. It answers to you: at each use it grants what it, its account and you all hold at that
/// moment. When you leave, it grants nothing any more; somebody else takes it over by rotating it. Only a person makes
/// keys, and only one who holds all of the account's permissions.
#[api_v2_operation(operation_id = "createApiKey", tags(machines))]
async fn create_key(
    roster: Data<Roster>,
    caller: Manager,
    account: AccountRef,
    _: NoParams,
    body: Body<NewApiKeyBody>,
) -> Result<Reply<IssuedApiKeyView, 201>, Problem> {
    Ok(issued(roster.create_api_key(&caller.call, account.0, &body.0.into_draft()?).await?))
}

/// Reads an API key.
///
/// Without its secret, which nobody can have again.
#[api_v2_operation(operation_id = "readApiKey", tags(machines))]
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

/// Rotates an API key.
///
/// A new key takes its place, with its name and permissions; the answer shows it, once, and it answers to you. The old
/// one ends at once, or goes on for the `overlap`. The lifetime is counted anew: a key made for 90 days is followed by
/// one for 90 days, unless `expires_at` says otherwise. A key that has ended is not rotated: make another. Of several
/// who rotate one key at once, one does.
#[api_v2_operation(operation_id = "rotateApiKey", tags(machines))]
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

/// Revokes an API key.
///
/// It ends at once, and what was issued to it. For somebody who holds all of the account's permissions.
#[api_v2_operation(operation_id = "revokeApiKey", tags(machines))]
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
