//! `roster service-account` and `roster api-key`

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use jiff::{SignedDuration, Timestamp};
use roster_config::Settings;
use roster_domain::{
    AccountStatus, ApiKey, ApiKeyId, ApiKeyPrefix, Limit, Permission, Permissions, ServiceAccount,
    ServiceAccountId, ServiceAccountQuery,
};
use roster_service::{
    ApiKeyDraft, Call, Clock, IssuedApiKey, NewServiceAccount, Precondition, Rotation, ServiceAccountDraft,
    SystemClock,
};
use roster_storage::Store;

use crate::app::{App, Purpose, told};
use crate::cli;
use crate::commands::{require_store, with_app};
use crate::terminal::{to_the_microsecond, to_the_second};
use crate::{Ending, terminal};

/// Looks at service accounts or changes them, as the operator.
///
/// # Errors
/// Whatever kept it from being done.
pub(crate) fn run_account(settings: &Settings, asked: cli::ServiceAccount) -> anyhow::Result<Ending> {
    use cli::ServiceAccount as Asked;
    if !matches!(asked, Asked::Create { .. }) {
        require_store(settings)?;
    }
    let purpose = match asked {
        Asked::List | Asked::Show(_) => Purpose::Looking,
        Asked::Create { .. }
        | Asked::Disable(_)
        | Asked::Enable(_)
        | Asked::SetPermissions { .. }
        | Asked::Delete(_) => Purpose::Changing,
    };
    let status = |status| ServiceAccountDraft { status: Some(status), ..ServiceAccountDraft::default() };
    let work = async |app: &App| match asked {
        Asked::Create { name, permissions, description } => {
            let permissions = permissions.into_iter().collect();
            let new = NewServiceAccount { name, description, permissions };
            let account = app.roster.create_service_account(&Call::operator(), new).await.map_err(told)?;
            tell("created", &account)
        }
        Asked::List => list(app).await,
        Asked::Show(named) => show(&*find(app, &named.account).await?),
        Asked::Disable(named) => {
            change(app, &named.account, status(AccountStatus::Disabled), "disabled").await
        }
        Asked::Enable(named) => change(app, &named.account, status(AccountStatus::Active), "enabled").await,
        Asked::SetPermissions { account, permissions } => {
            let permissions = Some(permissions.into_iter().collect());
            let draft = ServiceAccountDraft { permissions, ..ServiceAccountDraft::default() };
            change(app, &account.account, draft, "set the permissions of").await
        }
        Asked::Delete(named) => {
            let account = find(app, &named.account).await?;
            let (call, any) = (Call::operator(), Precondition::None);
            app.roster.delete_service_account(&call, account.id, &any).await.map_err(told)?;
            tell("deleted", &account)
        }
    };
    with_app(settings, purpose, work)?;
    Ok(Ending::Done)
}

/// Looks at API keys or changes them, as the operator.
///
/// # Errors
/// Whatever kept it from being done.
pub(crate) fn run_key(settings: &Settings, asked: cli::ApiKey) -> anyhow::Result<Ending> {
    use cli::ApiKey as Asked;
    require_store(settings)?;
    let purpose = match asked {
        Asked::List(_) => Purpose::Looking,
        Asked::Create { .. } | Asked::Rotate { .. } | Asked::Revoke(_) => Purpose::Changing,
    };
    let call = Call::operator();
    let work = async |app: &App| match asked {
        Asked::Create { account, name, permissions, expires_in } => {
            let account = find(app, &account.account).await?;
            let permissions = (!permissions.is_empty()).then(|| permissions.into_iter().collect());
            let expires_at = expires_in.map(from_now).transpose()?;
            let draft = ApiKeyDraft { name, permissions, expires_at };
            hand_over(&app.roster.create_api_key(&call, account.id, &draft).await.map_err(told)?)
        }
        Asked::List(named) => {
            let account = find(app, &named.account).await?;
            terminal::print(keys(&account))
        }
        Asked::Rotate { key, overlap } => {
            let (account, key) = find_key(app, &key).await?;
            let overlap = overlap.map_or(Ok(Duration::ZERO), Duration::try_from)?;
            let rotation = Rotation { overlap, ..Rotation::default() };
            hand_over(&app.roster.rotate_api_key(&call, account.id, key.id, rotation).await.map_err(told)?)
        }
        Asked::Revoke(key) => {
            let (account, key) = find_key(app, &key).await?;
            app.roster.revoke_api_key(&call, account.id, key.id).await.map_err(told)?;
            terminal::print(format!("revoked {} of {}\n", key.prefix, account.name))
        }
    };
    with_app(settings, purpose, work)?;
    Ok(Ending::Done)
}

fn from_now(span: SignedDuration) -> anyhow::Result<Timestamp> {
    SystemClock.now().checked_add(span).ok().context("--expires-in: that is after the year 9999")
}

async fn all(app: &App) -> anyhow::Result<Vec<Arc<ServiceAccount>>> {
    let mut query = ServiceAccountQuery { limit: Limit::new(Limit::MAX.into())?, after: None };
    let mut accounts = Vec::new();
    loop {
        let page = app.roster.list_service_accounts(&Call::operator(), &query).await.map_err(told)?;
        accounts.extend(page.items);
        query.after = page.next;
        if query.after.is_none() {
            return Ok(accounts);
        }
    }
}

/// The account with this id or name.
async fn find(app: &App, name: &str) -> anyhow::Result<Arc<ServiceAccount>> {
    if let Ok(id) = name.parse::<ServiceAccountId>()
        && let Some(account) = app.store.service_account(id).await?
    {
        return Ok(account);
    }
    let found = all(app).await?.into_iter().find(|account| account.name.as_str() == name);
    found.ok_or_else(|| {
        anyhow!("there is no service account \"{name}\"; `roster service-account list` shows them")
    })
}

async fn find_key(app: &App, named: &cli::NamedKey) -> anyhow::Result<(Arc<ServiceAccount>, ApiKey)> {
    let account = find(app, &named.account.account).await?;
    let by_prefix = ApiKeyPrefix::new(&named.key).ok().and_then(|prefix| account.key_by_prefix(&prefix));
    let by_id = || named.key.parse::<ApiKeyId>().ok().and_then(|id| account.key(id));
    let Some(key) = by_prefix.or_else(by_id).cloned() else {
        let (key, name) = (&named.key, &account.name);
        return Err(anyhow!("{name} has no key \"{key}\"; `roster api-key list {name}` shows which it has"));
    };
    Ok((account, key))
}

async fn change(app: &App, name: &str, draft: ServiceAccountDraft, done: &str) -> anyhow::Result<()> {
    let account = find(app, name).await?;
    let (call, any) = (Call::operator(), Precondition::None);
    let account = app.roster.update_service_account(&call, account.id, &any, &draft).await.map_err(told)?;
    tell(done, &account)
}

/// The key alone on stdout, so that it can go into a file; what it is on stderr.
fn hand_over(issued: &IssuedApiKey) -> anyhow::Result<()> {
    let IssuedApiKey { key, account, secret } = issued;
    terminal::note(&format!("{} of {} ({}); it is not shown again", key.prefix, account.name, key.id));
    if !account.is_active() {
        terminal::note(&format!(
            "note: {0} is disabled, and none of its keys is good until: roster service-account enable {0}",
            account.name
        ));
    }
    terminal::print(format!("{}\n", secret.as_str()))
}

fn tell(done: &str, account: &ServiceAccount) -> anyhow::Result<()> {
    terminal::print(format!("{done} {} ({})\n", account.name, account.id))
}

async fn list(app: &App) -> anyhow::Result<()> {
    let row = |account: &Arc<ServiceAccount>| {
        [
            account.name.to_string(),
            account.status.kind().to_string(),
            names(account.permissions),
            account.keys.len().to_string(),
            moment(account.last_used_at()),
            account.id.to_string(),
        ]
    };
    let rows: Vec<_> = all(app).await?.iter().map(row).collect();
    terminal::print(terminal::table(["NAME", "STATUS", "PERMISSIONS", "KEYS", "LAST USED", "ID"], &rows))
}

fn show(account: &ServiceAccount) -> anyhow::Result<()> {
    let description = account.description.as_ref().map_or("-", |text| text.as_str());
    let lines = [
        ("id", account.id.to_string()),
        ("name", account.name.to_string()),
        ("description", terminal::printable(description)),
        ("status", account.status.kind().to_string()),
        ("permissions", names(account.permissions)),
        ("created_at", to_the_microsecond(account.created_at)),
        ("updated_at", to_the_microsecond(account.updated_at)),
        ("version", account.version.to_string()),
    ];
    let lines: Vec<_> = lines.iter().map(|(name, value)| format!("{name:15} {value}")).collect();
    terminal::print(lines.join("\n") + "\n\n" + &keys(account))
}

fn keys(account: &ServiceAccount) -> String {
    let row = |key: &ApiKey| {
        [
            key.prefix.to_string(),
            terminal::printable(key.name.as_str()),
            names(key.permissions),
            moment(key.expires_at),
            moment(key.last_used_at),
            key.id.to_string(),
        ]
    };
    let rows: Vec<_> = account.keys.iter().map(row).collect();
    terminal::table(["PREFIX", "NAME", "PERMISSIONS", "ENDS", "LAST USED", "ID"], &rows)
}

fn names(permissions: Permissions) -> String {
    let names: Vec<_> = permissions.iter().map(Permission::as_str).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(",") }
}

fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), to_the_second)
}
