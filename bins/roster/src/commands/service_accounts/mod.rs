//! `roster service-account` and `roster api-key`

mod request;
mod view;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use jiff::{SignedDuration, Timestamp};
use roster_domain::{
    AccountStatus, ApiKey, ApiKeyId, ApiKeyPrefix, Limit, ServiceAccount, ServiceAccountId,
    ServiceAccountQuery,
};
use roster_service::{
    ApiKeyDraft, Clock, IssuedApiKey, NewServiceAccount, Precondition, Rotation, ServiceAccountDraft,
    SystemClock,
};

use crate::app::describe_error;
use crate::commands::context::CommandContext;
use crate::commands::user::{NewStatus, ViewFormat};
use crate::control::{Console, Outcome};

pub(crate) use request::{ApiKeyRequest, ServiceAccountRequest};
pub(super) use request::{account_request, key_request};
use view::{account_text, accounts, json, keys, keys_json};

/// Runs `roster service-account` as the operator.
///
/// # Errors
/// If the request fails.
pub(super) async fn execute_account(
    context: &CommandContext,
    request: ServiceAccountRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    use ServiceAccountRequest as Request;
    let (roster, call) = (&context.app()?.roster, &context.call);
    match request {
        Request::Create { name, permissions, description } => {
            let new = NewServiceAccount { name, description, permissions };
            let account = roster.create_service_account(call, new).await.map_err(describe_error)?;
            print_done("created", &account, console).await?;
        }
        Request::List { format } => list(&all_accounts(context).await?, format, console).await?,
        Request::Show { account, format } => show(&*find(context, &account).await?, format, console).await?,
        Request::SetStatus { account, status } => {
            let (status, done) = match status {
                NewStatus::Active => (AccountStatus::Active, "enabled"),
                NewStatus::Disabled => (AccountStatus::Disabled, "disabled"),
            };
            let draft = ServiceAccountDraft { status: Some(status), ..ServiceAccountDraft::default() };
            update(context, &account, draft, done, console).await?;
        }
        Request::SetPermissions { account, permissions } => {
            let draft =
                ServiceAccountDraft { permissions: Some(permissions), ..ServiceAccountDraft::default() };
            update(context, &account, draft, "set the permissions of", console).await?;
        }
        Request::Delete { account } => {
            let account = find(context, &account).await?;
            roster
                .delete_service_account(call, account.id, &Precondition::None)
                .await
                .map_err(describe_error)?;
            print_done("deleted", &account, console).await?;
        }
    }
    Ok(Outcome::DONE)
}

async fn list(found: &[Arc<ServiceAccount>], format: ViewFormat, console: &Console) -> anyhow::Result<()> {
    let text = match format {
        ViewFormat::Text => accounts(found),
        ViewFormat::Json => found.iter().map(|account| json(account)).collect::<Result<String, _>>()?,
    };
    Ok(console.print(text).await?)
}

async fn show(account: &ServiceAccount, format: ViewFormat, console: &Console) -> anyhow::Result<()> {
    let text = match format {
        ViewFormat::Json => json(account)?,
        ViewFormat::Text => account_text(account),
    };
    Ok(console.print(text).await?)
}

/// Runs `roster api-key` as the operator.
///
/// # Errors
/// If the request fails.
pub(super) async fn execute_key(
    context: &CommandContext,
    request: ApiKeyRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    use ApiKeyRequest as Request;
    let (roster, call) = (&context.app()?.roster, &context.call);
    match request {
        Request::Create { account, name, permissions, expires_in } => {
            let account = find(context, &account).await?;
            let expires_at = expires_in.map(from_now).transpose()?;
            let draft = ApiKeyDraft { name, permissions, expires_at };
            let issued = roster.create_api_key(call, account.id, &draft).await.map_err(describe_error)?;
            print_key(&issued, console).await?;
        }
        Request::List { account, format } => {
            let account = find(context, &account).await?;
            let text = match format {
                ViewFormat::Json => keys_json(&account)?,
                ViewFormat::Text => keys(&account),
            };
            console.print(text).await?;
        }
        Request::Rotate { account, key, overlap } => {
            let (account, key) = find_key(context, &account, &key).await?;
            let overlap = overlap.map_or(Ok(Duration::ZERO), Duration::try_from)?;
            let rotation = Rotation { overlap, ..Rotation::default() };
            let issued =
                roster.rotate_api_key(call, account.id, key.id, rotation).await.map_err(describe_error)?;
            print_key(&issued, console).await?;
        }
        Request::Revoke { account, key } => {
            let (account, key) = find_key(context, &account, &key).await?;
            roster.revoke_api_key(call, account.id, key.id).await.map_err(describe_error)?;
            console.print(format!("revoked {} of {}\n", key.prefix, account.name)).await?;
        }
    }
    Ok(Outcome::DONE)
}

fn from_now(span: SignedDuration) -> anyhow::Result<Timestamp> {
    SystemClock.now().checked_add(span).ok().context("--expires-in: the key would expire after the year 9999")
}

async fn all_accounts(context: &CommandContext) -> anyhow::Result<Vec<Arc<ServiceAccount>>> {
    let mut query = ServiceAccountQuery { limit: Limit::new(Limit::MAX.into())?, after: None };
    let (roster, mut accounts) = (&context.app()?.roster, Vec::new());
    loop {
        let page = roster.list_service_accounts(&context.call, &query).await.map_err(describe_error)?;
        accounts.extend(page.items);
        query.after = page.next;
        if query.after.is_none() {
            return Ok(accounts);
        }
    }
}

/// Finds the account with this name.
pub(super) async fn by_name(
    context: &CommandContext,
    name: &str,
) -> anyhow::Result<Option<Arc<ServiceAccount>>> {
    Ok(all_accounts(context).await?.into_iter().find(|account| account.name.as_str() == name))
}

/// Finds the account with this id or name.
async fn find(context: &CommandContext, name: &str) -> anyhow::Result<Arc<ServiceAccount>> {
    if let Ok(id) = name.parse::<ServiceAccountId>()
        && let Some(account) = context.app()?.store.service_account(id).await?
    {
        return Ok(account);
    }
    by_name(context, name).await?.ok_or_else(|| {
        anyhow!("there is no service account \"{name}\"; `roster service-account list` shows all accounts")
    })
}

async fn find_key(
    context: &CommandContext,
    account: &str,
    named: &str,
) -> anyhow::Result<(Arc<ServiceAccount>, ApiKey)> {
    let account = find(context, account).await?;
    let by_prefix = ApiKeyPrefix::new(named).ok().and_then(|prefix| account.key_by_prefix(&prefix));
    let by_id = || named.parse::<ApiKeyId>().ok().and_then(|id| account.key(id));
    let Some(key) = by_prefix.or_else(by_id).cloned() else {
        let name = &account.name;
        return Err(anyhow!("{name} has no key \"{named}\"; `roster api-key list {name}` shows its keys"));
    };
    Ok((account, key))
}

async fn update(
    context: &CommandContext,
    name: &str,
    draft: ServiceAccountDraft,
    done: &str,
    console: &Console,
) -> anyhow::Result<()> {
    let account = find(context, name).await?;
    let (roster, any) = (&context.app()?.roster, Precondition::None);
    let changed = roster.update_service_account(&context.call, account.id, &any, &draft).await;
    let account = changed.map_err(describe_error)?;
    print_done(done, &account, console).await
}

/// Prints the key alone on stdout, so that it can be redirected to a file, and its description on stderr.
async fn print_key(issued: &IssuedApiKey, console: &Console) -> anyhow::Result<()> {
    let IssuedApiKey { key, account, secret } = issued;
    let created =
        format!("created key {} of {} ({}); the key is not shown again", key.prefix, account.name, key.id);
    console.note(created).await?;
    if !account.is_active() {
        let note = format!(
            "note: {0} is disabled; its keys do not work until you run: roster service-account enable {0}",
            account.name
        );
        console.note(note).await?;
    }
    Ok(console.print(format!("{}\n", secret.as_str())).await?)
}

async fn print_done(done: &str, account: &ServiceAccount, console: &Console) -> anyhow::Result<()> {
    Ok(console.print(format!("{done} {} ({})\n", account.name, account.id)).await?)
}
