//! Service accounts and authentication with their API keys.

use crate::kit::{App, app, by};
use futures_util::future::join_all;
use jiff::SignedDuration;
use roster_domain::{
    AccountStatus, ApiKeyName, Limit, Permission, Permissions, Principal, ServiceAccount, ServiceAccountName,
    ServiceAccountQuery, UniqueField,
};
use roster_service::{
    ApiKeyDraft, Call, Error, IssuedApiKey, NewServiceAccount, Precondition, ServiceAccountDraft,
};
use roster_storage::Store;
use std::sync::Arc;

pub(crate) fn only(permissions: &[Permission]) -> Permissions {
    permissions.iter().copied().collect()
}

pub(crate) fn new_account(name: &str) -> NewServiceAccount {
    NewServiceAccount {
        name: ServiceAccountName::new(name).unwrap(),
        description: None,
        permissions: only(&[Permission::UsersRead, Permission::UsersUpdate]),
    }
}

pub(crate) fn key_draft() -> ApiKeyDraft {
    ApiKeyDraft { name: ApiKeyName::new("nightly").unwrap(), permissions: None, expires_at: None }
}

impl App {
    pub(crate) async fn account(&self, call: &Call, name: &str) -> Arc<ServiceAccount> {
        self.roster.create_service_account(call, new_account(name)).await.unwrap()
    }

    pub(crate) async fn key(&self, call: &Call, account: &ServiceAccount) -> IssuedApiKey {
        self.roster.create_api_key(call, account.id, &key_draft()).await.unwrap()
    }

    pub(crate) async fn authenticate_key(&self, secret: &str) -> Result<Principal, Error> {
        self.roster.authenticate_key(secret).await
    }

    pub(crate) async fn rejects_key(&self, secret: &str) -> bool {
        matches!(self.authenticate_key(secret).await, Err(Error::InvalidToken))
    }
}

#[tokio::test]
async fn a_key_authenticates_its_service_account_with_the_permissions_of_the_account() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let issued = app.key(&call, &account).await;
    let service_account = app.authenticate_key(issued.secret.as_str()).await.unwrap();
    assert_eq!(
        service_account,
        Principal::service_account(account.id, issued.key.id, Some(&root), account.permissions.known())
    );
    assert_eq!(service_account.user_id(), None);
    let stored = app.store.service_account(account.id).await.unwrap().unwrap();
    let text = serde_json::to_string(&*stored).unwrap();
    assert!(!text.contains(issued.secret.as_str()), "only the digest is stored");
}

#[tokio::test]
async fn a_wrong_secret_or_an_access_token_is_not_accepted_as_a_key() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let (one, other) = (app.key(&call, &account).await, app.key(&call, &account).await);
    let (one, other) = (one.secret.as_str(), other.secret.as_str());
    assert!(app.rejects_key(&format!("{}{}", &one[..16], &other[16..])).await, "another key's secret");
    assert!(app.rejects_key(&one[..64]).await);
    assert!(app.rejects_key("").await);
    let token = app.log_in("root", crate::kit::PASSWORD).await.unwrap();
    assert!(app.rejects_key(&token).await, "an access token");
}

#[tokio::test]
async fn the_keys_of_a_disabled_account_are_rejected_until_it_is_enabled() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let issued = app.key(&call, &account).await;
    for (status, rejected) in [(AccountStatus::Disabled, true), (AccountStatus::Active, false)] {
        let draft = ServiceAccountDraft { status: Some(status), ..ServiceAccountDraft::default() };
        app.roster.update_service_account(&call, account.id, &Precondition::None, &draft).await.unwrap();
        assert_eq!(app.rejects_key(issued.secret.as_str()).await, rejected, "{status:?}");
        let client = app.roster.client_by_key(account.id, issued.key.id).await.unwrap();
        assert_eq!(client.is_none(), rejected, "the tokens issued to it follow: {status:?}");
    }
    app.roster.delete_service_account(&call, account.id, &Precondition::None).await.unwrap();
    assert!(app.rejects_key(issued.secret.as_str()).await);
    assert!(app.roster.client_by_key(account.id, issued.key.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_client_authenticates_only_with_its_own_id_and_key() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let (account, other) = (app.account(&call, "backup").await, app.account(&call, "deploy").await);
    let issued = app.key(&call, &account).await;
    let secret = issued.secret.as_str();
    let client = app.roster.authenticate_client(account.id, secret).await.unwrap();
    assert_eq!((client.key, client.permissions), (issued.key.id, account.permissions.known()));
    for rejected in [
        app.roster.authenticate_client(other.id, secret).await,
        app.roster.authenticate_client(account.id, "rk_nothing").await,
    ] {
        assert!(matches!(rejected, Err(Error::BadClient)), "{rejected:?}");
    }
}

#[tokio::test]
async fn service_accounts_are_listed_page_by_page() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    for name in ["c", "a", "b"] {
        app.account(&call, name).await;
    }
    let mut query = ServiceAccountQuery { limit: Limit::new(2).unwrap(), after: None };
    let page = app.roster.list_service_accounts(&call, &query).await.unwrap();
    let names: Vec<_> = page.items.iter().map(|account| account.name.as_str().to_owned()).collect();
    assert_eq!(names, ["a", "b"]);
    query.after = page.next;
    let page = app.roster.list_service_accounts(&call, &query).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
}

#[tokio::test]
async fn the_use_of_a_key_is_recorded_once_a_minute_and_keeps_the_version() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let issued = app.key(&call, &account).await;
    let first = app.clock_now();
    let last_used = |account: &ServiceAccount| account.key(issued.key.id).unwrap().last_used_at;
    let used = app.use_key(&issued).await;
    assert_eq!((last_used(&used), used.version), (Some(first), issued.account.version));
    // Commits return in order, so the task that recorded the use has ended after this.
    app.account(&call, "another").await;
    tokio::task::yield_now().await;
    app.clock.advance(SignedDuration::from_secs(59));
    app.authenticate_key(issued.secret.as_str()).await.unwrap();
    // If a task recorded this use, it would commit before the next commit.
    tokio::task::yield_now().await;
    app.account(&call, "other").await;
    let unchanged = app.store.service_account(account.id).await.unwrap().unwrap();
    assert_eq!(last_used(&unchanged), Some(first));
    app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(last_used(&*app.use_key(&issued).await), Some(first + SignedDuration::from_mins(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_concurrent_creations_with_one_name_one_succeeds() {
    let app = Arc::new(app());
    let root = app.admin("root").await;
    let tasks = (0..16).map(|_| {
        let (app, call) = (app.clone(), by(&root));
        tokio::spawn(async move { app.roster.create_service_account(&call, new_account("backup")).await })
    });
    let outcomes: Vec<_> =
        join_all(tasks.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert!(matches!(outcome, Err(Error::Taken(UniqueField::Name))), "{outcome:?}");
    }
}
