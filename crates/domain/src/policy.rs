//! Who may do what to whom.
//!
//! Two rules carry the rest: one may grant only permissions that one holds, and one may change the roles,
//! status, email or credentials of a user only if one holds all of that user's permissions. So nobody makes
//! themselves, or a friend, more than they are. For machines the same two rules hold, and a third: only a
//! person makes a key, and it never grants more than they hold ([`key_grants`]).

use crate::{
    Actor, ApiKey, Field, KeyMaker, Permission, Permissions, Principal, RoleSet, ServiceAccount, User, UserId,
};
use thiserror::Error;

/// Why a request is refused, although it is well-formed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Denied {
    /// The caller lacks a permission.
    #[error("this needs the permission {0}")]
    Permission(Permission),
    /// A machine lacks a permission, which its account may well have.
    #[error(
        "this needs the permission {0}; a key grants no more than its account and whoever made it hold now"
    )]
    KeyPermission(Permission),
    /// The caller is a machine, where only a person has what is asked for.
    #[error("a machine has no account of a person and no session; what it holds ends with its API key")]
    MachineIsNoPerson,
    /// The caller may not write this field.
    #[error("you may not write {0}")]
    Field(Field),
    /// The roles to grant hold permissions that the caller lacks.
    #[error("you may grant only permissions that you hold")]
    GrantsMoreThanHeld,
    /// The target holds permissions that the caller lacks.
    #[error("you may change only accounts whose permissions you hold all of")]
    TargetHoldsMore,
    /// A machine wanted to make or rotate a key.
    #[error("only a person makes and rotates API keys, because a key answers to who made it")]
    MachineMakesNoKeys,
}

/// The fields that every person may write of themselves.
pub const OWN_FIELDS: [Field; 3] = [Field::Username, Field::Email, Field::DisplayName];

/// The fields that `users:update` may write.
pub const ALL_FIELDS: [Field; 8] = [
    Field::Username,
    Field::Email,
    Field::EmailVerified,
    Field::DisplayName,
    Field::Status,
    Field::Roles,
    Field::Attributes,
    Field::ExternalId,
];

/// Whether `principal` may read the user `id`: oneself, or with `users:read`. Asked before any look-up, so
/// that the answer does not tell whether there is such a user.
///
/// # Errors
/// [`Denied::Permission`].
pub fn read(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::UsersRead)
}

/// Whether `principal` may change the user `id` at all: oneself, or with `users:update`.
///
/// # Errors
/// [`Denied::Permission`].
pub fn update(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::UsersUpdate)
}

/// Whether `principal` may delete the user `id`: oneself, or with `users:delete`.
///
/// # Errors
/// [`Denied::Permission`].
pub fn delete(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::UsersDelete)
}

/// Whether `principal` may see and revoke the sessions of the user `id`: oneself, or with `sessions:manage`.
///
/// # Errors
/// [`Denied::Permission`].
pub fn manage_sessions(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::SessionsManage)
}

/// Whether `principal` holds `permission`.
///
/// # Errors
/// [`Denied::Permission`]; for a machine [`Denied::KeyPermission`].
pub fn hold(principal: &Principal, permission: Permission) -> Result<(), Denied> {
    if principal.holds(permission) {
        Ok(())
    } else if principal.service_account_id().is_some() {
        Err(Denied::KeyPermission(permission))
    } else {
        Err(Denied::Permission(permission))
    }
}

/// The person that `principal` is, where something is asked for that only people have.
///
/// # Errors
/// [`Denied::MachineIsNoPerson`].
pub fn person(principal: &Principal) -> Result<UserId, Denied> {
    principal.user_id().ok_or(Denied::MachineIsNoPerson)
}

/// The fields of a user that `principal` may write, where [`update`] allowed it.
#[must_use]
pub fn writable_fields(principal: &Principal) -> &'static [Field] {
    if principal.holds(Permission::UsersUpdate) { &ALL_FIELDS } else { &OWN_FIELDS }
}

/// Whether `principal` may give somebody `roles`.
///
/// # Errors
/// [`Denied::GrantsMoreThanHeld`].
pub fn grant(principal: &Principal, roles: &RoleSet) -> Result<(), Denied> {
    if principal.permissions().covers(roles.permissions()) { Ok(()) } else { Err(Denied::GrantsMoreThanHeld) }
}

/// Whether `principal` may change what `target` is or logs in with: roles, status, email, credentials, and
/// the account's existence. Oneself always.
///
/// # Errors
/// [`Denied::TargetHoldsMore`].
pub fn govern(principal: &Principal, target: &User) -> Result<(), Denied> {
    if principal.is(target.id) || principal.permissions().covers(target.permissions()) {
        Ok(())
    } else {
        Err(Denied::TargetHoldsMore)
    }
}

/// Whether `principal` may give a machine `permissions`.
///
/// # Errors
/// [`Denied::GrantsMoreThanHeld`].
pub fn grant_permissions(principal: &Principal, permissions: Permissions) -> Result<(), Denied> {
    if principal.permissions().covers(permissions) { Ok(()) } else { Err(Denied::GrantsMoreThanHeld) }
}

/// Whether `principal`, who may manage service accounts, may change `account` or its keys. So nobody takes a
/// machine over that holds more than they do.
///
/// # Errors
/// [`Denied::TargetHoldsMore`].
pub fn govern_machine(principal: &Principal, account: &ServiceAccount) -> Result<(), Denied> {
    if principal.permissions().covers(account.permissions) { Ok(()) } else { Err(Denied::TargetHoldsMore) }
}

/// Whom a key answers to that `principal` makes. A machine makes none: a key that a leaked key made would
/// outlive it.
///
/// # Errors
/// [`Denied::MachineMakesNoKeys`].
pub const fn key_maker(principal: &Principal) -> Result<KeyMaker, Denied> {
    match principal.actor() {
        Actor::User(id) => Ok(KeyMaker::User(id)),
        Actor::Operator => Ok(KeyMaker::Operator),
        Actor::Anonymous | Actor::ServiceAccount { .. } | Actor::System => Err(Denied::MachineMakesNoKeys),
    }
}

/// What `key` of `account` grants while its maker is `maker`: what all three allow. A user who is gone or may
/// not log in grants nothing; the operator sets no bound.
#[must_use]
pub fn key_grants(key: &ApiKey, account: &ServiceAccount, maker: Option<&User>) -> Permissions {
    let bound = match key.created_by {
        KeyMaker::User(id) => {
            let maker = maker.filter(|maker| maker.id == id && maker.is_active());
            maker.map_or(Permissions::NONE, User::permissions)
        }
        KeyMaker::Operator => Permissions::all(),
    };
    key.permissions & account.permissions & bound
}

/// Whether a change of `field` falls under [`govern`].
#[must_use]
pub const fn is_governed(field: Field) -> bool {
    match field {
        Field::Username
        | Field::Email
        | Field::EmailVerified
        | Field::Status
        | Field::Roles
        | Field::ExternalId
        | Field::Password
        | Field::Name
        | Field::Description
        | Field::Permissions => true,
        Field::DisplayName | Field::Attributes => false,
    }
}

fn self_or(principal: &Principal, id: UserId, permission: Permission) -> Result<(), Denied> {
    if principal.is(id) { Ok(()) } else { hold(principal, permission) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service_account::tests::{a_key, an_account};
    use crate::user::tests::a_user;

    #[test]
    fn a_person_reads_and_changes_themselves_and_nobody_else() {
        let (ada, bob) = (a_user(1), a_user(2));
        let principal = Principal::user(&ada);
        assert_eq!(read(&principal, ada.id), Ok(()));
        assert_eq!(read(&principal, bob.id), Err(Denied::Permission(Permission::UsersRead)));
        assert_eq!(manage_sessions(&principal, ada.id), Ok(()));
        assert_eq!(manage_sessions(&principal, bob.id), Err(Denied::Permission(Permission::SessionsManage)));
        assert_eq!(update(&principal, bob.id), Err(Denied::Permission(Permission::UsersUpdate)));
        assert_eq!(delete(&principal, bob.id), Err(Denied::Permission(Permission::UsersDelete)));
        assert_eq!(writable_fields(&principal), OWN_FIELDS);
    }

    #[test]
    fn nobody_grants_what_they_do_not_hold() {
        let principal = Principal::user(&a_user(1));
        assert_eq!(grant(&principal, &RoleSet::administrator()), Err(Denied::GrantsMoreThanHeld));
        assert_eq!(grant(&principal, &RoleSet::ordinary()), Ok(()));
        assert_eq!(grant(&Principal::operator(), &RoleSet::administrator()), Ok(()));
    }

    #[test]
    fn nobody_governs_a_user_who_holds_more() {
        let (ada, mut root) = (a_user(1), a_user(2));
        root.roles = RoleSet::administrator();
        assert_eq!(govern(&Principal::user(&ada), &root), Err(Denied::TargetHoldsMore));
        assert_eq!(govern(&Principal::user(&root), &ada), Ok(()));
        assert_eq!(govern(&Principal::anonymous(), &ada), Ok(()), "an ordinary user holds nothing to cover");
    }

    #[test]
    fn what_somebody_is_let_in_by_is_governed_and_what_they_look_like_is_not() {
        assert!(is_governed(Field::Email) && is_governed(Field::Roles) && is_governed(Field::Password));
        assert!(!is_governed(Field::DisplayName) && !is_governed(Field::Attributes));
    }

    #[test]
    fn nobody_takes_over_a_machine_that_holds_more() {
        let account = an_account();
        let (ada, mut root) = (a_user(1), a_user(2));
        root.roles = RoleSet::administrator();
        assert_eq!(govern_machine(&Principal::user(&ada), &account), Err(Denied::TargetHoldsMore));
        assert_eq!(govern_machine(&Principal::user(&root), &account), Ok(()));
        let held = Principal::service_account(account.id, a_key(1).id, None, account.permissions);
        assert_eq!(grant_permissions(&held, account.permissions), Ok(()));
        assert_eq!(grant_permissions(&held, Permissions::all()), Err(Denied::GrantsMoreThanHeld));
    }

    #[test]
    fn a_key_grants_what_key_account_and_maker_all_allow() {
        let only = |permission| [permission].into_iter().collect::<Permissions>();
        let mut maker = a_user(1);
        maker.roles = RoleSet::administrator();
        let made = |permissions| ApiKey { created_by: KeyMaker::User(maker.id), permissions, ..a_key(1) };
        let account = ServiceAccount { permissions: only(Permission::UsersRead), ..an_account() };
        let (all, read) = (made(Permissions::all()), only(Permission::UsersRead));
        assert_eq!(key_grants(&all, &account, Some(&maker)), read, "the account bounds");
        let other = made(only(Permission::UsersDelete));
        assert_eq!(key_grants(&other, &account, Some(&maker)), Permissions::NONE, "the key bounds");
        let demoted = User { roles: RoleSet::ordinary(), ..maker.clone() };
        assert_eq!(key_grants(&all, &account, Some(&demoted)), Permissions::NONE, "the maker bounds");
        assert_eq!(key_grants(&all, &account, None), Permissions::NONE, "a deleted maker grants nothing");
        assert_eq!(key_grants(&all, &account, Some(&a_user(2))), Permissions::NONE, "nor does another");
        let disabled = maker.clone().with_status(crate::StatusKind::Disabled, maker.created_at);
        assert_eq!(key_grants(&all, &account, Some(&disabled)), Permissions::NONE, "nor a disabled one");
        let operators = ApiKey { created_by: KeyMaker::Operator, ..all };
        assert_eq!(key_grants(&operators, &account, None), read);
    }

    #[test]
    fn a_machine_makes_no_keys() {
        let machine = Principal::service_account(an_account().id, a_key(1).id, None, Permissions::all());
        assert_eq!(key_maker(&machine), Err(Denied::MachineMakesNoKeys));
        assert_eq!(key_maker(&Principal::anonymous()), Err(Denied::MachineMakesNoKeys));
        let ada = a_user(1);
        assert_eq!(key_maker(&Principal::user(&ada)), Ok(KeyMaker::User(ada.id)));
        assert_eq!(key_maker(&Principal::operator()), Ok(KeyMaker::Operator));
    }

    #[test]
    fn a_machine_that_lacks_a_permission_hears_what_bounds_its_key() {
        let machine = Principal::service_account(an_account().id, a_key(1).id, None, Permissions::NONE);
        let lacks = Permission::UsersRead;
        assert_eq!(hold(&machine, lacks), Err(Denied::KeyPermission(lacks)));
        assert_eq!(hold(&Principal::user(&a_user(1)), lacks), Err(Denied::Permission(lacks)));
    }

    #[test]
    fn a_machine_is_no_person() {
        let machine = Principal::service_account(an_account().id, a_key(1).id, None, Permissions::all());
        assert_eq!(person(&machine), Err(Denied::MachineIsNoPerson));
        let ada = a_user(1);
        assert_eq!(person(&Principal::user(&ada)), Ok(ada.id));
    }

    #[test]
    fn the_anonymous_may_nothing_that_needs_a_permission() {
        for permission in Permission::ALL {
            assert!(hold(&Principal::anonymous(), permission).is_err());
            assert!(hold(&Principal::operator(), permission).is_ok());
        }
    }
}
