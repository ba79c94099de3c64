//! The rules of the policy.

use super::*;
use crate::fixtures::{administrator, user as a_user};
use crate::service_account::tests::{a_key, an_account};

#[test]
fn a_user_may_read_and_change_only_themselves() {
    let (ada, bob) = (a_user(1), a_user(2));
    let principal = Principal::user(&ada);
    assert_eq!(read(&principal, ada.id), Ok(()));
    assert_eq!(read(&principal, bob.id), Err(Denied::Permission(Permission::UsersRead)));
    assert_eq!(manage_sessions(&principal, ada.id), Ok(()));
    assert_eq!(manage_sessions(&principal, bob.id), Err(Denied::Permission(Permission::SessionsManage)));
    assert_eq!(update(&principal, bob.id), Err(Denied::Permission(Permission::UsersUpdate)));
    assert_eq!(delete(&principal, bob.id), Err(Denied::Permission(Permission::UsersDelete)));
    assert_eq!(writable_fields(&principal), Field::OF_OWN_PROFILE);
}

#[test]
fn nobody_decides_whether_their_own_password_is_temporary() {
    let (ada, root) = (a_user(1), administrator(2));
    let (principal, field) = (Principal::user(&root), Field::MustChangePassword);
    assert_eq!(write_field(&principal, ada.id, field), Ok(()));
    assert_eq!(write_field(&principal, root.id, field), Err(Denied::Field(field)));
    assert_eq!(write_field(&principal, root.id, Field::Email), Ok(()));
    assert_eq!(write_field(&Principal::user(&ada), ada.id, field), Err(Denied::Field(field)));
    assert_eq!(write_field(&Principal::operator(), root.id, field), Ok(()));
}

#[test]
fn nobody_grants_what_they_do_not_hold() {
    let principal = Principal::user(&a_user(1));
    assert_eq!(grant(&principal, &RoleSet::administrator()), Err(Denied::GrantsMoreThanHeld));
    assert_eq!(grant(&principal, &RoleSet::ordinary()), Ok(()));
    assert_eq!(grant(&Principal::operator(), &RoleSet::administrator()), Ok(()));
}

#[test]
fn nobody_manages_a_user_who_holds_more() {
    let (ada, root) = (a_user(1), administrator(2));
    assert_eq!(may_manage(&Principal::user(&ada), &root), Err(Denied::TargetHoldsMore));
    assert_eq!(may_manage(&Principal::user(&root), &ada), Ok(()));
    assert_eq!(may_manage(&Principal::anonymous(), &ada), Ok(()), "an ordinary user holds nothing to cover");
}

#[test]
fn fields_that_give_access_are_protected_and_others_are_not() {
    assert!(Field::Email.is_protected() && Field::Roles.is_protected() && Field::Password.is_protected());
    assert!(!Field::DisplayName.is_protected() && !Field::Attributes.is_protected());
}

#[test]
fn nobody_takes_over_a_service_account_that_holds_more() {
    let account = an_account();
    let (ada, root) = (a_user(1), administrator(2));
    assert_eq!(may_manage_service_account(&Principal::user(&ada), &account), Err(Denied::TargetHoldsMore));
    assert_eq!(may_manage_service_account(&Principal::user(&root), &account), Ok(()));
    let held = Principal::service_account(account.id, a_key(1).id, None, account.permissions.known());
    assert_eq!(grant_permissions(&held, account.permissions.known()), Ok(()));
    assert_eq!(grant_permissions(&held, Permissions::all()), Err(Denied::GrantsMoreThanHeld));
}

#[test]
fn a_key_grants_what_key_account_and_creator_all_allow() {
    let only = |permission| [permission].into_iter().collect::<Permissions>();
    let creator = administrator(1);
    let made = |permissions: Permissions| ApiKey {
        created_by: KeyCreator::User(creator.id),
        permissions: permissions.into(),
        ..a_key(1)
    };
    let account = ServiceAccount { permissions: only(Permission::UsersRead).into(), ..an_account() };
    let (all, read) = (made(Permissions::all()), only(Permission::UsersRead));
    assert_eq!(key_grants(&all, &account, Some(&creator)), read, "the account bounds");
    let other = made(only(Permission::UsersDelete));
    assert_eq!(key_grants(&other, &account, Some(&creator)), Permissions::NONE, "the key bounds");
    let demoted = creator.clone().with_roles(RoleSet::ordinary());
    assert_eq!(key_grants(&all, &account, Some(&demoted)), Permissions::NONE, "the creator bounds");
    assert_eq!(key_grants(&all, &account, None), Permissions::NONE, "a deleted creator grants nothing");
    assert_eq!(key_grants(&all, &account, Some(&a_user(2))), Permissions::NONE, "nor does another");
    let disabled = creator.clone().with_status(crate::StatusKind::Disabled, creator.created_at);
    assert_eq!(key_grants(&all, &account, Some(&disabled)), Permissions::NONE, "nor a disabled one");
    let operators = ApiKey { created_by: KeyCreator::Operator, ..all };
    assert_eq!(key_grants(&operators, &account, None), read);
}

#[test]
fn a_service_account_cannot_create_keys() {
    let service_account = Principal::service_account(an_account().id, a_key(1).id, None, Permissions::all());
    assert_eq!(key_creator(&service_account), Err(Denied::ServiceAccountCannotCreateKeys));
    assert_eq!(key_creator(&Principal::anonymous()), Err(Denied::ServiceAccountCannotCreateKeys));
    let ada = a_user(1);
    assert_eq!(key_creator(&Principal::user(&ada)), Ok(KeyCreator::User(ada.id)));
    assert_eq!(key_creator(&Principal::operator()), Ok(KeyCreator::Operator));
}

#[test]
fn a_service_account_that_lacks_a_permission_is_told_about_its_key() {
    let service_account = Principal::service_account(an_account().id, a_key(1).id, None, Permissions::NONE);
    let lacks = Permission::UsersRead;
    assert_eq!(require(&service_account, lacks), Err(Denied::KeyPermission(lacks)));
    assert_eq!(require(&Principal::user(&a_user(1)), lacks), Err(Denied::Permission(lacks)));
}

#[test]
fn service_accounts_cannot_use_user_operations() {
    let service_account = Principal::service_account(an_account().id, a_key(1).id, None, Permissions::all());
    assert_eq!(person(&service_account), Err(Denied::UsersOnly));
    let ada = a_user(1);
    assert_eq!(person(&Principal::user(&ada)), Ok(ada.id));
}

#[test]
fn anonymous_callers_hold_no_permission() {
    for permission in Permission::ALL {
        assert!(require(&Principal::anonymous(), permission).is_err());
        assert!(require(&Principal::operator(), permission).is_ok());
    }
}
