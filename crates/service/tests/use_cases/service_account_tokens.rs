//! Access tokens of service accounts.

use crate::kit::{App, anonymous, app};
use crate::service_accounts::only;
use roster_domain::{AccountStatus, Permission};
use roster_service::{Call, Error, IssuedApiKey, Precondition, ServiceAccountDraft, ServiceAccountToken};

/// A key of an account that may read and update users.
async fn issued(app: &App) -> IssuedApiKey {
    let account = app.account(&Call::operator(), "backup").await;
    app.key(&Call::operator(), &account).await
}

async fn token(app: &App, key: &IssuedApiKey) -> ServiceAccountToken {
    app.roster
        .grant_to_service_account(&anonymous(), key.account.id, key.secret.as_str(), None)
        .await
        .unwrap()
}

async fn is_accepted(app: &App, token: &ServiceAccountToken) -> bool {
    match app.authenticate(token.token.as_str()).await {
        Ok(_) => true,
        Err(Error::InvalidToken) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn change(app: &App, key: &IssuedApiKey, draft: ServiceAccountDraft) {
    let (call, none) = (Call::operator(), Precondition::None);
    app.roster.update_service_account(&call, key.account.id, &none, &draft).await.unwrap();
}

#[tokio::test]
async fn a_service_accounts_token_authenticates_as_its_key_does() {
    let app = app();
    let key = issued(&app).await;
    let call = app.authenticate(token(&app, &key).await.token.as_str()).await.unwrap();
    assert_eq!(call.principal, app.authenticate_key(key.secret.as_str()).await.unwrap());
    assert_eq!(call.principal.api_key(), Some((key.account.id, key.key.id)));
    assert_eq!((call.principal.user_id(), call.session), (None, None));
}

#[tokio::test]
async fn a_service_accounts_token_ends_only_with_the_key_it_was_issued_for() {
    let app = app();
    let key = issued(&app).await;
    let other = app.key(&Call::operator(), &key.account).await;
    let (revoked, other) = (token(&app, &key).await, token(&app, &other).await);
    app.roster.revoke_api_key(&Call::operator(), key.account.id, key.key.id).await.unwrap();
    assert!(!is_accepted(&app, &revoked).await && is_accepted(&app, &other).await);
}

#[tokio::test]
async fn a_service_accounts_token_stays_invalid_after_its_account_is_enabled_again() {
    let app = app();
    let key = issued(&app).await;
    let old = token(&app, &key).await;
    for status in [AccountStatus::Disabled, AccountStatus::Active] {
        change(&app, &key, ServiceAccountDraft { status: Some(status), ..Default::default() }).await;
        assert!(!is_accepted(&app, &old).await, "{status:?}");
    }
    assert!(is_accepted(&app, &token(&app, &key).await).await);
}

#[tokio::test]
async fn a_service_accounts_token_has_the_requested_scope_if_its_key_grants_it() {
    let app = app();
    let key = issued(&app).await;
    let wanted = Some(only(&[Permission::UsersRead]));
    let secret = key.secret.as_str();
    let narrow =
        app.roster.grant_to_service_account(&anonymous(), key.account.id, secret, wanted).await.unwrap();
    let call = app.authenticate(narrow.token.as_str()).await.unwrap();
    assert_eq!(Some(call.principal.permissions()), wanted);
    let wanted = Some(only(&[Permission::UsersDelete]));
    let more = app.roster.grant_to_service_account(&anonymous(), key.account.id, secret, wanted).await;
    assert!(matches!(more, Err(Error::ScopeExceeded)), "{more:?}");
}
