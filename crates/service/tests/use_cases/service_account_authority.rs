//! An API key never grants more than its creator holds, and nobody can change a service account that holds more than
//! they do.

use crate::kit::{App, PASSWORD, app, by, secret};
use crate::service_accounts::{key_draft, new_account, only};
use roster_domain::policy::Denied;
use roster_domain::{
    AccountStatus, ApiKeyId, Origin, Permission, Permissions, Principal, RoleSet, ServiceAccount,
    ServiceAccountQuery, StatusKind, User,
};
use roster_service::{
    ApiKeyDraft, Call, Completeness, Error, IssuedApiKey, NewPassword, NewServiceAccount, Precondition,
    Rotation, ServiceAccountDraft, UserDraft,
};
use std::pin::pin;
use std::sync::Arc;

/// A call of a service account with `service_accounts:manage` and these permissions, and a key that does not exist.
fn service_account(account: &ServiceAccount, permissions: &[Permission]) -> Call {
    with_key(account, ApiKeyId::from(*account.id.as_uuid()), permissions)
}

fn with_key(account: &ServiceAccount, key: ApiKeyId, permissions: &[Permission]) -> Call {
    let held = [permissions, &[Permission::ServiceAccountsManage]].concat();
    let principal = Principal::service_account(account.id, key, None, only(&held));
    Call { principal, ..Call::anonymous(Origin::default()) }
}

async fn change(app: &App, user: &User, draft: UserDraft) {
    let none = Precondition::None;
    let call = Call::operator();
    app.roster.update_user(&call, user.id, &none, Completeness::Partial, &draft).await.unwrap();
}

#[tokio::test]
async fn a_key_grants_no_more_than_its_creator_holds_now() {
    let app = app();
    let (root, creator) = (app.admin("root").await, app.admin("creator").await);
    let account = app.account(&by(&root), "backup").await;
    let issued = app.key(&by(&creator), &account).await;
    let granted = async || app.authenticate_key(issued.secret.as_str()).await.unwrap().permissions();
    assert_eq!(granted().await, account.permissions.known());
    change(&app, &creator, UserDraft { roles: Some(RoleSet::ordinary()), ..UserDraft::default() }).await;
    assert_eq!(granted().await, Permissions::NONE, "demoted");
    change(&app, &creator, UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() }).await;
    assert_eq!(granted().await, account.permissions.known());
    change(&app, &creator, UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() }).await;
    assert_eq!(granted().await, Permissions::NONE, "disabled");
    app.roster.delete_user(&by(&root), creator.id, &Precondition::None).await.unwrap();
    assert_eq!(granted().await, Permissions::NONE, "deleted");
    let rotation = Rotation::default();
    let new = app.roster.rotate_api_key(&by(&root), account.id, issued.key.id, rotation).await.unwrap();
    assert_eq!(
        app.authenticate_key(new.secret.as_str()).await.unwrap().permissions(),
        account.permissions.known()
    );
}

#[tokio::test]
async fn a_key_grants_only_permissions_that_both_key_and_account_have() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let draft = ApiKeyDraft { permissions: Some(only(&[Permission::UsersRead])), ..key_draft() };
    let issued = app.roster.create_api_key(&call, account.id, &draft).await.unwrap();
    let granted = async || app.authenticate_key(issued.secret.as_str()).await.unwrap().permissions();
    assert_eq!(granted().await, only(&[Permission::UsersRead]));
    let fewer = Some(only(&[Permission::UsersUpdate]));
    let draft = ServiceAccountDraft { permissions: fewer, ..ServiceAccountDraft::default() };
    app.roster.update_service_account(&call, account.id, &Precondition::None, &draft).await.unwrap();
    assert_eq!(granted().await, Permissions::NONE);
}

#[tokio::test]
async fn an_operators_key_grants_all_permissions_of_key_and_account() {
    let app = app();
    let account = app.account(&Call::operator(), "backup").await;
    let issued = app.key(&Call::operator(), &account).await;
    assert_eq!(
        app.authenticate_key(issued.secret.as_str()).await.unwrap().permissions(),
        account.permissions.known()
    );
}

#[tokio::test]
async fn every_use_case_of_service_accounts_requires_the_permission_to_manage_them() {
    let app = app();
    let (root, ada) = (app.admin("root").await, app.user("ada").await);
    let account = app.account(&by(&root), "backup").await;
    let key = app.key(&by(&root), &account).await.key.id;
    let (call, none, roster) = (by(&ada), Precondition::None, &app.roster);
    let draft = ServiceAccountDraft::default();
    let outcomes = [
        roster.create_service_account(&call, new_account("mine")).await.err(),
        roster.list_service_accounts(&call, &ServiceAccountQuery::default()).await.err(),
        roster.show_service_account(&call, account.id).await.err(),
        roster.update_service_account(&call, account.id, &none, &draft).await.err(),
        roster.delete_service_account(&call, account.id, &none).await.err(),
        roster.create_api_key(&call, account.id, &key_draft()).await.err(),
        roster.rotate_api_key(&call, account.id, key, Rotation::default()).await.err(),
        roster.revoke_api_key(&call, account.id, key).await.err(),
    ];
    for outcome in outcomes {
        let needed = Denied::Permission(Permission::ServiceAccountsManage);
        assert!(matches!(outcome, Some(Error::Denied(denied)) if denied == needed), "{outcome:?}");
    }
}

#[tokio::test]
async fn nobody_can_grant_a_service_account_permissions_they_do_not_hold() {
    let app = app();
    let account = app.account(&Call::operator(), "weak").await;
    let call = service_account(&account, &[Permission::UsersRead, Permission::UsersUpdate]);
    let permissions = only(&[Permission::UsersDelete]);
    let more = NewServiceAccount { permissions, ..new_account("strong") };
    let rejected = app.roster.create_service_account(&call, more).await;
    assert!(matches!(rejected, Err(Error::Denied(Denied::GrantsMoreThanHeld))));
    let draft = ServiceAccountDraft { permissions: Some(permissions), ..ServiceAccountDraft::default() };
    let rejected = app.roster.update_service_account(&call, account.id, &Precondition::None, &draft).await;
    assert!(matches!(rejected, Err(Error::Denied(Denied::GrantsMoreThanHeld))), "not even to itself");
}

#[tokio::test]
async fn nobody_can_change_a_service_account_that_holds_more_than_they_do() {
    let app = app();
    let (weak, strong) =
        (app.account(&Call::operator(), "weak").await, app.account(&Call::operator(), "strong").await);
    let key = app.key(&Call::operator(), &strong).await.key.id;
    let (call, none, roster) =
        (service_account(&weak, &[Permission::UsersRead]), Precondition::None, &app.roster);
    let disabled =
        ServiceAccountDraft { status: Some(AccountStatus::Disabled), ..ServiceAccountDraft::default() };
    let outcomes = [
        roster.update_service_account(&call, strong.id, &none, &disabled).await.err(),
        roster.delete_service_account(&call, strong.id, &none).await.err(),
        roster.revoke_api_key(&call, strong.id, key).await.err(),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Some(Error::Denied(Denied::TargetHoldsMore))), "{outcome:?}");
    }
    assert!(roster.client_by_key(strong.id, key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_service_account_cannot_make_keys() {
    let app = app();
    let account = app.account(&Call::operator(), "backup").await;
    let key = app.key(&Call::operator(), &account).await.key.id;
    let call = with_key(&account, key, &[Permission::UsersRead, Permission::UsersUpdate]);
    for outcome in [
        app.roster.create_api_key(&call, account.id, &key_draft()).await.err(),
        app.roster.rotate_api_key(&call, account.id, key, Rotation::default()).await.err(),
    ] {
        assert!(
            matches!(outcome, Some(Error::Denied(Denied::ServiceAccountCannotCreateKeys))),
            "{outcome:?}"
        );
    }
    app.roster.revoke_api_key(&call, account.id, key).await.unwrap();
}

#[tokio::test]
async fn a_password_reset_fails_if_the_user_gained_permissions_meanwhile() {
    let app = app();
    let (root, bob) = (app.admin("root").await, app.user("bob").await);
    let account = app.account(&by(&root), "helpdesk").await;
    let call = service_account(&account, &[Permission::UsersUpdate]);
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("known to the service account"),
    };
    let mut reset = pin!(app.roster.change_password(&call, bob.id, new));
    app.run_until_hashing(reset.as_mut()).await;
    change(&app, &bob, UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() }).await;
    assert!(matches!(reset.await, Err(Error::Denied(Denied::TargetHoldsMore))));
    app.log_in("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_password_reset_succeeds_if_the_password_was_changed_meanwhile() {
    let app = app();
    let (root, bob) = (app.admin("root").await, app.user("bob").await);
    let new = |password| NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret(password),
    };
    let call = by(&root);
    let mut reset = pin!(app.roster.change_password(&call, bob.id, new("the one that lasts")));
    app.run_until_hashing(reset.as_mut()).await;
    app.roster.change_password(&Call::operator(), bob.id, new("another one, meanwhile")).await.unwrap();
    reset.await.unwrap();
    app.log_in("bob", "the one that lasts").await.unwrap();
}

/// Resets a user's password as a service account and runs `meanwhile` while the new password is hashed.
async fn reset_while<T>(
    app: &App,
    issued: &IssuedApiKey,
    meanwhile: impl Future<Output = T>,
) -> Result<(), Error> {
    let bob = app.user("bob").await;
    let principal = app.authenticate_key(issued.secret.as_str()).await.unwrap();
    let call = Call { principal, ..Call::anonymous(Origin::default()) };
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("known to the service account"),
    };
    let mut reset = pin!(app.roster.change_password(&call, bob.id, new));
    app.run_until_hashing(reset.as_mut()).await;
    meanwhile.await;
    reset.await.map(|_| ())
}

/// An API key with all permissions, and the administrator who created it.
async fn strong_key(app: &App) -> (Arc<User>, IssuedApiKey) {
    let creator = app.admin("creator").await;
    let account =
        NewServiceAccount { permissions: RoleSet::administrator().permissions(), ..new_account("helpdesk") };
    let account = app.roster.create_service_account(&by(&creator), account).await.unwrap();
    let issued = app.key(&by(&creator), &account).await;
    (creator, issued)
}

#[tokio::test]
async fn a_service_account_can_reset_a_password() {
    let app = app();
    let (_, issued) = strong_key(&app).await;
    reset_while(&app, &issued, async {}).await.unwrap();
}

#[tokio::test]
async fn a_service_accounts_password_reset_fails_if_its_key_is_revoked_meanwhile() {
    let app = app();
    let (_, issued) = strong_key(&app).await;
    let call = Call::operator();
    let revoked = app.roster.revoke_api_key(&call, issued.account.id, issued.key.id);
    assert!(matches!(reset_while(&app, &issued, revoked).await, Err(Error::InvalidToken)));
    app.log_in("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_service_accounts_password_reset_fails_if_its_account_is_disabled_meanwhile() {
    let app = app();
    let (_, issued) = strong_key(&app).await;
    let status = Some(AccountStatus::Disabled);
    let draft = ServiceAccountDraft { status, ..ServiceAccountDraft::default() };
    let (call, none) = (Call::operator(), Precondition::None);
    let disabled = app.roster.update_service_account(&call, issued.account.id, &none, &draft);
    assert!(matches!(reset_while(&app, &issued, disabled).await, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn a_service_accounts_password_reset_fails_if_the_creator_of_its_key_is_demoted_meanwhile() {
    let app = app();
    app.admin("root").await;
    let (creator, issued) = strong_key(&app).await;
    let roles = Some(RoleSet::ordinary());
    let demoted = change(&app, &creator, UserDraft { roles, ..UserDraft::default() });
    assert!(matches!(reset_while(&app, &issued, demoted).await, Err(Error::InvalidToken)));
}
