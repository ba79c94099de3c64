//! Who may do what to whom.
//!
//! Two rules carry the rest: one may grant only permissions that one holds, and one may change the roles,
//! status, email or credentials of a user only if one holds all of that user's permissions. So nobody makes
//! themselves, or a friend, more than they are. For machines the same two rules hold, and a third: only a
//! person makes a key, and it never grants more than they hold ([`key_grants`]).

use crate::{
    Actor, ApiKey, Field, KeyMaker, PendingReasons, Permission, Permissions, Principal, RoleSet,
    ServiceAccount, User, UserId,
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
pub const ALL_FIELDS: [Field; 9] = [
    Field::Username,
    Field::Email,
    Field::EmailVerified,
    Field::DisplayName,
    Field::Status,
    Field::Roles,
    Field::Attributes,
    Field::ExternalId,
    Field::MustChangePassword,
];

/// Whether `principal` may read the user `id`: oneself, or with `users:read`. Asked before any look-up, so
/// that the answer does not tell whether there is such a user.
///
/// # Errors
/// [`Denied::Permission`].
pub fn read(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::UsersRead)
}

/// Why `user` is pending, as far as `principal` may know it: with `users:read` only, of oneself too.
#[must_use]
pub fn visible_pending_reasons(principal: &Principal, user: &User) -> Option<PendingReasons> {
    user.status.pending_reasons().filter(|_| principal.holds(Permission::UsersRead))
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
pub fn require(principal: &Principal, permission: Permission) -> Result<(), Denied> {
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

/// Whether `principal` may write `field` of the user `id`, where [`update`] allowed it. Nobody writes of themselves
/// whether their password is a temporary one.
///
/// # Errors
/// [`Denied::Field`].
pub fn write_field(principal: &Principal, id: UserId, field: Field) -> Result<(), Denied> {
    let is_own_mark = field == Field::MustChangePassword && principal.is(id);
    if writable_fields(principal).contains(&field) && !is_own_mark {
        Ok(())
    } else {
        Err(Denied::Field(field))
    }
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
pub fn may_manage(principal: &Principal, target: &User) -> Result<(), Denied> {
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

/// Whether a change of `field` falls under [`may_manage`].
#[must_use]
pub const fn is_governed(field: Field) -> bool {
    match field {
        Field::Username
        | Field::Email
        | Field::EmailVerified
        | Field::Status
        | Field::Roles
        | Field::ExternalId
        | Field::MustChangePassword
        | Field::Password
        | Field::Name
        | Field::Description
        | Field::Permissions => true,
        Field::DisplayName | Field::Attributes => false,
    }
}

fn self_or(principal: &Principal, id: UserId, permission: Permission) -> Result<(), Denied> {
    if principal.is(id) { Ok(()) } else { require(principal, permission) }
}

#[cfg(test)]
mod tests;
