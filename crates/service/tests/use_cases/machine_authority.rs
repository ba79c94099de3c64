//! A key never grants more than its maker holds, and nobody takes over a stronger machine.

use crate::kit::{App, PASSWORD, app, by, secret};
use crate::machines::{a_key, new_account, only};
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

/// A machine that may manage machines, and these permissions besides, with a key that nobody made.
fn machine(account: &ServiceAccount, permissions: &[Permission]) -> Call {
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
async fn a_key_grants_no_more_than_its_maker_holds_at_the_moment() {
    let app = app();
    let (root, maker) = (app.admin("root").await, app.admin("maker").await);
    let account = app.account(&by(&root), "backup").await;
    let issued = app.key(&by(&maker), &account).await;
    let granted = async || app.let_in(issued.secret.as_str()).await.unwrap().permissions();
    assert_eq!(granted().await, account.permissions);
    change(&app, &maker, UserDraft { roles: Some(RoleSet::ordinary()), ..UserDraft::default() }).await;
    assert_eq!(granted().await, Permissions::NONE, "demoted");
    change(&app, &maker, UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() }).await;
    assert_eq!(granted().await, account.permissions);
    change(&app, &maker, UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() }).await;
    assert_eq!(granted().await, Permissions::NONE, "disabled");
    app.roster.delete_user(&by(&root), maker.id, &Precondition::None).await.unwrap();
    assert_eq!(granted().await, Permissions::NONE, "deleted");
    let handed_over = Rotation::default();
    let new = app.roster.rotate_api_key(&by(&root), account.id, issued.key.id, handed_over).await.unwrap();
    assert_eq!(app.let_in(new.secret.as_str()).await.unwrap().permissions(), account.permissions);
}

#[tokio::test]
async fn a_key_grants_what_it_was_made_for_and_what_is_left_of_the_account() {
    let app = app();
    let root = app.admin("root").await;
    let call = by(&root);
    let account = app.account(&call, "backup").await;
    let draft = ApiKeyDraft { permissions: Some(only(&[Permission::UsersRead])), ..a_key() };
    let issued = app.roster.create_api_key(&call, account.id, &draft).await.unwrap();
    let granted = async || app.let_in(issued.secret.as_str()).await.unwrap().permissions();
    assert_eq!(granted().await, only(&[Permission::UsersRead]));
    let fewer = Some(only(&[Permission::UsersUpdate]));
    let draft = ServiceAccountDraft { permissions: fewer, ..ServiceAccountDraft::default() };
    app.roster.update_service_account(&call, account.id, &Precondition::None, &draft).await.unwrap();
    assert_eq!(granted().await, Permissions::NONE);
}

#[tokio::test]
async fn the_operators_keys_have_no_ceiling_but_key_and_account() {
    let app = app();
    let account = app.account(&Call::operator(), "backup").await;
    let issued = app.key(&Call::operator(), &account).await;
    assert_eq!(app.let_in(issued.secret.as_str()).await.unwrap().permissions(), account.permissions);
}

#[tokio::test]
async fn without_the_permission_nothing_about_machines_is_to_be_had() {
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
        roster.create_api_key(&call, account.id, &a_key()).await.err(),
        roster.rotate_api_key(&call, account.id, key, Rotation::default()).await.err(),
        roster.revoke_api_key(&call, account.id, key).await.err(),
    ];
    for outcome in outcomes {
        let needed = Denied::Permission(Permission::ServiceAccountsManage);
        assert!(matches!(outcome, Some(Error::Denied(denied)) if denied == needed), "{outcome:?}");
    }
}

#[tokio::test]
async fn nobody_gives_a_machine_what_they_do_not_hold() {
    let app = app();
    let account = app.account(&Call::operator(), "weak").await;
    let call = machine(&account, &[Permission::UsersRead, Permission::UsersUpdate]);
    let permissions = only(&[Permission::UsersDelete]);
    let more = NewServiceAccount { permissions, ..new_account("strong") };
    let refused = app.roster.create_service_account(&call, more).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::GrantsMoreThanHeld))));
    let draft = ServiceAccountDraft { permissions: Some(permissions), ..ServiceAccountDraft::default() };
    let refused = app.roster.update_service_account(&call, account.id, &Precondition::None, &draft).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::GrantsMoreThanHeld))), "not even oneself");
}

#[tokio::test]
async fn nobody_takes_over_a_machine_that_holds_more() {
    let app = app();
    let (weak, strong) =
        (app.account(&Call::operator(), "weak").await, app.account(&Call::operator(), "strong").await);
    let key = app.key(&Call::operator(), &strong).await.key.id;
    let (call, none, roster) = (machine(&weak, &[Permission::UsersRead]), Precondition::None, &app.roster);
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
async fn a_machine_makes_no_keys_so_that_each_answers_to_a_person() {
    let app = app();
    let account = app.account(&Call::operator(), "backup").await;
    let key = app.key(&Call::operator(), &account).await.key.id;
    let call = with_key(&account, key, &[Permission::UsersRead, Permission::UsersUpdate]);
    for outcome in [
        app.roster.create_api_key(&call, account.id, &a_key()).await.err(),
        app.roster.rotate_api_key(&call, account.id, key, Rotation::default()).await.err(),
    ] {
        assert!(matches!(outcome, Some(Error::Denied(Denied::MachineMakesNoKeys))), "{outcome:?}");
    }
    app.roster.revoke_api_key(&call, account.id, key).await.unwrap();
}

#[tokio::test]
async fn nobody_resets_the_password_of_somebody_who_becomes_stronger_meanwhile() {
    let app = app();
    let (root, bob) = (app.admin("root").await, app.user("bob").await);
    let account = app.account(&by(&root), "helpdesk").await;
    let call = machine(&account, &[Permission::UsersUpdate]);
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("known to the machine"),
    };
    let mut reset = pin!(app.roster.change_password(&call, bob.id, new));
    app.until_it_hashes(reset.as_mut()).await;
    change(&app, &bob, UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() }).await;
    assert!(matches!(reset.await, Err(Error::Denied(Denied::TargetHoldsMore))));
    app.log_in("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn whoever_sets_anothers_password_is_not_told_that_theirs_was_wrong() {
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
    app.until_it_hashes(reset.as_mut()).await;
    app.roster.change_password(&Call::operator(), bob.id, new("another one, meanwhile")).await.unwrap();
    reset.await.unwrap();
    app.log_in("bob", "the one that lasts").await.unwrap();
}

/// What becomes of a machine's reset of a password, if `meanwhile` happens while the new one is hashed.
async fn reset_while<T>(
    app: &App,
    issued: &IssuedApiKey,
    meanwhile: impl Future<Output = T>,
) -> Result<(), Error> {
    let bob = app.user("bob").await;
    let principal = app.let_in(issued.secret.as_str()).await.unwrap();
    let call = Call { principal, ..Call::anonymous(Origin::default()) };
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("known to the machine"),
    };
    let mut reset = pin!(app.roster.change_password(&call, bob.id, new));
    app.until_it_hashes(reset.as_mut()).await;
    meanwhile.await;
    reset.await.map(|_| ())
}

/// A key for everything, made by an administrator.
async fn strong_key(app: &App) -> (Arc<User>, IssuedApiKey) {
    let maker = app.admin("maker").await;
    let account = NewServiceAccount { permissions: Permissions::all(), ..new_account("helpdesk") };
    let account = app.roster.create_service_account(&by(&maker), account).await.unwrap();
    let issued = app.key(&by(&maker), &account).await;
    (maker, issued)
}

#[tokio::test]
async fn a_machine_does_what_it_has_begun() {
    let app = app();
    let (_, issued) = strong_key(&app).await;
    reset_while(&app, &issued, async {}).await.unwrap();
}

#[tokio::test]
async fn what_a_machine_has_half_done_when_its_key_is_revoked_is_not_done() {
    let app = app();
    let (_, issued) = strong_key(&app).await;
    let call = Call::operator();
    let revoked = app.roster.revoke_api_key(&call, issued.account.id, issued.key.id);
    assert!(matches!(reset_while(&app, &issued, revoked).await, Err(Error::InvalidToken)));
    app.log_in("bob", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn nor_when_its_account_is_disabled() {
    let app = app();
    let (_, issued) = strong_key(&app).await;
    let status = Some(AccountStatus::Disabled);
    let draft = ServiceAccountDraft { status, ..ServiceAccountDraft::default() };
    let (call, none) = (Call::operator(), Precondition::None);
    let disabled = app.roster.update_service_account(&call, issued.account.id, &none, &draft);
    assert!(matches!(reset_while(&app, &issued, disabled).await, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn nor_when_the_maker_of_its_key_is_demoted() {
    let app = app();
    app.admin("root").await;
    let (maker, issued) = strong_key(&app).await;
    let roles = Some(RoleSet::ordinary());
    let demoted = change(&app, &maker, UserDraft { roles, ..UserDraft::default() });
    assert!(matches!(reset_while(&app, &issued, demoted).await, Err(Error::InvalidToken)));
}
