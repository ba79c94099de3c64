//! Operations that require a recent login.

use crate::kit::{App, PASSWORD, app, new_user, secret};
use crate::service_accounts::{key_draft, new_account, only};
use jiff::SignedDuration;
use roster_domain::{Permission, RoleSet};
use roster_service::{
    Call, Completeness, Error, NewPassword, NewUser, Precondition, PrivilegedFields, Rotation,
    ServiceAccountDraft, UserDraft,
};

/// An administrator whose login is too old for sensitive operations.
async fn admin_with_old_login(app: &App) -> Call {
    app.admin("root").await;
    let login = app.start_session("root").await;
    app.clock.advance(SignedDuration::from_mins(14));
    let refreshed = app.refresh(&login.refresh_token).await.unwrap();
    app.clock.advance(SignedDuration::from_mins(2));
    app.authenticate(refreshed.token.as_str()).await.unwrap()
}

#[tokio::test]
async fn a_sensitive_change_requires_a_recent_login() {
    let app = app();
    let ada = app.user("ada").await;
    let login = app.start_session("ada").await;
    app.clock.advance(SignedDuration::from_mins(14));
    let refreshed = app.refresh(&login.refresh_token).await.unwrap();
    app.clock.advance(SignedDuration::from_mins(2));
    let caller = app.authenticate(refreshed.token.as_str()).await.unwrap();
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("another fine sentence"),
    };
    let outcome = app.roster.change_password(&caller, ada.id, new).await;
    assert!(matches!(outcome, Err(Error::LoginTooOld { .. })));
    let draft = UserDraft { email: Some(None), ..UserDraft::default() };
    let outcome =
        app.roster.update_user(&caller, ada.id, &Precondition::None, Completeness::Partial, &draft).await;
    assert!(matches!(outcome, Err(Error::LoginTooOld { .. })));
    let draft = UserDraft { display_name: Some(None), ..UserDraft::default() };
    app.roster
        .update_user(&caller, ada.id, &Precondition::None, Completeness::Partial, &draft)
        .await
        .expect("a display name is not sensitive");
}

#[tokio::test]
async fn deleting_a_user_or_oneself_requires_a_recent_login() {
    let app = app();
    let root = admin_with_old_login(&app).await;
    let ada = app.user("ada").await;
    app.admin("another").await;
    let own = root.principal.user_id().unwrap();
    for id in [ada.id, own] {
        let outcome = app.roster.delete_user(&root, id, &Precondition::None).await;
        assert!(matches!(outcome, Err(Error::LoginTooOld { .. })), "{outcome:?}");
    }
    let fresh = app.start_session("root").await;
    let root = app.authenticate(fresh.token.as_str()).await.unwrap();
    for id in [ada.id, own] {
        app.roster.delete_user(&root, id, &Precondition::None).await.unwrap();
    }
}

#[tokio::test]
async fn granting_permissions_requires_a_recent_login() {
    let app = app();
    let root = admin_with_old_login(&app).await;
    let ada = app.user("ada").await;
    let privileged = |roles| PrivilegedFields { roles: Some(roles), ..PrivilegedFields::default() };
    let strong = NewUser { privileged: privileged(RoleSet::administrator()), ..new_user("backdoor") };
    let weak = NewUser { privileged: privileged(RoleSet::ordinary()), ..new_user("colleague") };
    let draft = UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() };
    let (none, partial) = (Precondition::None, Completeness::Partial);
    for outcome in [
        app.roster.register_user(&root, strong).await.err(),
        app.roster.update_user(&root, ada.id, &none, partial, &draft).await.err(),
    ] {
        assert!(matches!(outcome, Some(Error::LoginTooOld { .. })), "{outcome:?}");
    }
    app.roster.register_user(&root, weak).await.unwrap();
}

#[tokio::test]
async fn changing_a_service_accounts_permissions_or_keys_requires_a_recent_login() {
    let app = app();
    let root = admin_with_old_login(&app).await;
    let account = app.account(&Call::operator(), "backup").await;
    let key = app.key(&Call::operator(), &account).await.key.id;
    let (roster, none, id) = (&app.roster, Precondition::None, account.id);
    let other = Some(only(&[Permission::UsersDelete]));
    let draft = ServiceAccountDraft { permissions: other, ..ServiceAccountDraft::default() };
    for outcome in [
        roster.create_service_account(&root, new_account("another")).await.err(),
        roster.update_service_account(&root, id, &none, &draft).await.err(),
        roster.create_api_key(&root, id, &key_draft()).await.err(),
        roster.rotate_api_key(&root, id, key, Rotation::default()).await.err(),
        roster.revoke_api_key(&root, id, key).await.err(),
        roster.delete_service_account(&root, id, &none).await.err(),
    ] {
        assert!(matches!(outcome, Some(Error::LoginTooOld { .. })), "{outcome:?}");
    }
    let draft = ServiceAccountDraft { description: Some(None), ..ServiceAccountDraft::default() };
    roster.update_service_account(&root, id, &none, &draft).await.expect("a description is not sensitive");
}
