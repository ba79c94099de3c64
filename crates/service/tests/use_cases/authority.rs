//! Who may do what to whom.

use crate::kit::{PASSWORD, anonymous, app, app_with, by, new_user, secret};
use roster_domain::policy::Denied;
use roster_domain::{Field, Permission, RoleSet, StatusKind, UserQuery};
use roster_service::{
    Completeness, Error, NewPassword, NewUser, Precondition, PrivilegedFields, Registration, UserDraft,
};

#[tokio::test]
async fn anybody_registers_while_registration_is_open() {
    let app = app();
    let user = app.roster.register_user(&anonymous(), new_user("ada")).await.unwrap();
    assert_eq!(*user.roles(), RoleSet::ordinary());
    assert!(user.is_active() && !user.email_verified);
}

#[tokio::test]
async fn only_an_administrator_makes_accounts_while_it_is_closed() {
    let app = app_with(Registration::Closed);
    let refused = app.roster.register_user(&anonymous(), new_user("ada")).await;
    assert!(matches!(refused, Err(Error::RegistrationClosed)));
    let admin = app.admin("root").await;
    app.roster.register_user(&by(&admin), new_user("ada")).await.unwrap();
}

#[tokio::test]
async fn nobody_registers_as_more_than_they_are() {
    let app = app();
    let user = app.user("ada").await;
    for call in [anonymous(), by(&user)] {
        let roles = Some(RoleSet::administrator());
        let privileged = PrivilegedFields { roles, ..PrivilegedFields::default() };
        let refused = app.roster.register_user(&call, NewUser { privileged, ..new_user("eve") }).await;
        assert!(matches!(refused, Err(Error::Denied(Denied::Field(Field::Roles)))));
    }
}

#[tokio::test]
async fn without_users_read_any_id_but_ones_own_is_refused_before_any_look_up() {
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
async fn an_absent_user_is_not_found_by_somebody_who_may_read() {
    let app = app();
    let (admin, bob) = (app.admin("root").await, app.user("bob").await);
    app.roster.delete_user(&by(&admin), bob.id, &Precondition::None).await.unwrap();
    assert!(matches!(app.roster.show_user(&by(&admin), bob.id).await, Err(Error::UserNotFound)));
}

#[tokio::test]
async fn a_person_does_not_make_themselves_an_administrator() {
    let app = app();
    let ada = app.user("ada").await;
    let drafts = [
        (Field::Roles, UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() }),
        (Field::Status, UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() }),
        (Field::EmailVerified, UserDraft { email_verified: Some(true), ..UserDraft::default() }),
    ];
    for (field, draft) in drafts {
        let refused = app
            .roster
            .update_user(&by(&ada), ada.id, &Precondition::None, Completeness::Partial, &draft)
            .await;
        assert!(matches!(refused, Err(Error::Denied(Denied::Field(named))) if named == field), "{field}");
    }
    assert_eq!(app.now(&ada).await.unwrap(), ada);
}

#[tokio::test]
async fn nobody_resets_the_password_of_somebody_else_without_users_update() {
    let app = app();
    let (admin, ada) = (app.admin("root").await, app.user("ada").await);
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("another long sentence"),
    };
    let refused = app.roster.change_password(&by(&ada), admin.id, new).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::Permission(Permission::UsersUpdate)))));
}

#[tokio::test]
async fn the_last_administrator_stays() {
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
        let refused = app
            .roster
            .update_user(&by(&admin), admin.id, &Precondition::None, Completeness::Partial, &draft)
            .await;
        assert!(matches!(refused, Err(Error::LastAdministrator)), "{draft:?}");
    }
    let second = app.admin("second").await;
    app.roster.delete_user(&by(&second), admin.id, &Precondition::None).await.unwrap();
}
