//! Permissions of callers on users.

use crate::kit::{PASSWORD, anonymous, app, app_with, by, new_user, secret};
use roster_domain::policy::Denied;
use roster_domain::{Field, Permission, RoleSet, StatusKind, UserQuery};
use roster_service::{
    Completeness, Error, NewPassword, NewUser, Precondition, PrivilegedFields, Registration, UserDraft,
};

#[tokio::test]
async fn anybody_can_register_while_registration_is_open() {
    let app = app();
    let user = app.roster.register_user(&anonymous(), new_user("ada")).await.unwrap();
    assert_eq!(*user.roles(), RoleSet::ordinary());
    assert!(user.is_active() && !user.email_verified);
}

#[tokio::test]
async fn only_an_administrator_can_create_users_while_registration_is_closed() {
    let app = app_with(Registration::Closed);
    let rejected = app.roster.register_user(&anonymous(), new_user("ada")).await;
    assert!(matches!(rejected, Err(Error::RegistrationClosed)));
    let admin = app.admin("root").await;
    app.roster.register_user(&by(&admin), new_user("ada")).await.unwrap();
}

#[tokio::test]
async fn nobody_can_register_with_roles_they_may_not_grant() {
    let app = app();
    let user = app.user("ada").await;
    for call in [anonymous(), by(&user)] {
        let roles = Some(RoleSet::administrator());
        let privileged = PrivilegedFields { roles, ..PrivilegedFields::default() };
        let rejected = app.roster.register_user(&call, NewUser { privileged, ..new_user("eve") }).await;
        assert!(matches!(rejected, Err(Error::Denied(Denied::Field(Field::Roles)))));
    }
}

#[tokio::test]
async fn reading_other_users_requires_users_read_whether_or_not_they_exist() {
    let app = app();
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let denied = Denied::Permission(Permission::UsersRead);
    assert!(matches!(app.roster.show_user(&by(&ada), bob.id).await, Err(Error::Denied(d)) if d == denied));
    app.roster.delete_user(&by(&bob), bob.id, &Precondition::None).await.unwrap();
    assert!(matches!(app.roster.show_user(&by(&ada), bob.id).await, Err(Error::Denied(d)) if d == denied));
    let list = app.roster.list_users(&by(&ada), &UserQuery::default()).await;
    assert!(matches!(list, Err(Error::Denied(d)) if d == denied));
    assert_eq!(app.roster.show_user(&by(&ada), ada.id).await.unwrap(), ada);
}

#[tokio::test]
async fn a_deleted_user_is_not_found_with_users_read() {
    let app = app();
    let (admin, bob) = (app.admin("root").await, app.user("bob").await);
    app.roster.delete_user(&by(&admin), bob.id, &Precondition::None).await.unwrap();
    assert!(matches!(app.roster.show_user(&by(&admin), bob.id).await, Err(Error::UserNotFound)));
}

#[tokio::test]
async fn users_cannot_change_their_own_roles_status_or_verification() {
    let app = app();
    let ada = app.user("ada").await;
    let drafts = [
        (Field::Roles, UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() }),
        (Field::Status, UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() }),
        (Field::EmailVerified, UserDraft { email_verified: Some(true), ..UserDraft::default() }),
    ];
    for (field, draft) in drafts {
        let rejected = app
            .roster
            .update_user(&by(&ada), ada.id, &Precondition::None, Completeness::Partial, &draft)
            .await;
        assert!(matches!(rejected, Err(Error::Denied(Denied::Field(named))) if named == field), "{field}");
    }
    assert_eq!(app.reload(&ada).await.unwrap(), ada);
}

#[tokio::test]
async fn resetting_another_users_password_requires_users_update() {
    let app = app();
    let (admin, ada) = (app.admin("root").await, app.user("ada").await);
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("another long sentence"),
    };
    let rejected = app.roster.change_password(&by(&ada), admin.id, new).await;
    assert!(matches!(rejected, Err(Error::Denied(Denied::Permission(Permission::UsersUpdate)))));
}

#[tokio::test]
async fn the_last_administrator_cannot_be_deleted_demoted_or_deactivated() {
    let app = app();
    let admin = app.admin("root").await;
    let deleted = app.roster.delete_user(&by(&admin), admin.id, &Precondition::None).await;
    assert!(matches!(deleted, Err(Error::LastAdministrator)));
    let drafts = [
        UserDraft { roles: Some(RoleSet::ordinary()), ..UserDraft::default() },
        UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() },
        UserDraft { status: Some(StatusKind::Pending), ..UserDraft::default() },
    ];
    for draft in drafts {
        let rejected = app
            .roster
            .update_user(&by(&admin), admin.id, &Precondition::None, Completeness::Partial, &draft)
            .await;
        assert!(matches!(rejected, Err(Error::LastAdministrator)), "{draft:?}");
    }
    let second = app.admin("second").await;
    app.roster.delete_user(&by(&second), admin.id, &Precondition::None).await.unwrap();
}
