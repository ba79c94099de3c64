//! The policy: what a caller may do to whom.
//!
//! There are two basic rules: you may grant only permissions that you hold, and you may change the roles, status,
//! email or credentials of a user only if you hold all of that user's permissions. So nobody can raise their own
//! authority or another's. The same rules hold for service accounts, with a third: only a user can create a key,
//! which never grants more than its creator holds ([`key_grants`]).

use crate::{
    Actor, ApiKey, Field, KeyCreator, PendingReasons, Permission, Permissions, Principal, RoleSet,
    ServiceAccount, User, UserId,
};
use thiserror::Error;

/// Why a well-formed request is denied.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Denied {
    /// The caller lacks a permission.
    #[error("this needs the permission {0}; ask an administrator for a role that grants it")]
    Permission(Permission),
    /// A service account lacks a permission, possibly because of its key.
    #[error(
        "this needs the permission {0}; ask an administrator to grant it to the account and the key, because a key grants \
         only what its account and its creator currently hold"
    )]
    KeyPermission(Permission),
    /// The caller is a service account, but the operation is for users.
    #[error("a service account has no profile and no session; its access ends when its API keys are revoked")]
    UsersOnly,
    /// The caller may not write this field.
    #[error("you may not write {0}; leave it out, or ask an administrator to change it")]
    Field(Field),
    /// The roles include permissions that the caller lacks.
    #[error("you may grant only permissions that you hold; ask an administrator who holds them all")]
    GrantsMoreThanHeld,
    /// The target holds permissions that the caller lacks.
    #[error(
        "you may change only accounts all of whose permissions you hold; ask an administrator who holds them all"
    )]
    TargetHoldsMore,
    /// A service account tried to create or rotate a key.
    #[error("only a user can create and rotate API keys, because each key has an accountable user")]
    ServiceAccountCannotCreateKeys,
}

/// Whether `principal` may read the user `id`: oneself, or anyone with `users:read`. Checked before the look-up, so
/// that the response does not reveal whether the user exists.
///
/// # Errors
/// [`Denied::Permission`].
pub fn read(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::UsersRead)
}

/// The reasons why `user` is pending, if `principal` may know them: only with `users:read`, even for oneself.
#[must_use]
pub fn visible_pending_reasons(principal: &Principal, user: &User) -> Option<PendingReasons> {
    user.status.pending_reasons().filter(|_| principal.holds(Permission::UsersRead))
}

/// Whether `principal` may change the user `id` at all: oneself, or anyone with `users:update`.
///
/// # Errors
/// [`Denied::Permission`].
pub fn update(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::UsersUpdate)
}

/// Whether `principal` may delete the user `id`: oneself, or anyone with `users:delete`.
///
/// # Errors
/// [`Denied::Permission`].
pub fn delete(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::UsersDelete)
}

/// Whether `principal` may list and revoke the sessions of the user `id`: oneself, or anyone with `sessions:manage`.
///
/// # Errors
/// [`Denied::Permission`].
pub fn manage_sessions(principal: &Principal, id: UserId) -> Result<(), Denied> {
    self_or(principal, id, Permission::SessionsManage)
}

/// Whether `principal` holds `permission`.
///
/// # Errors
/// [`Denied::Permission`]; for a service account [`Denied::KeyPermission`].
pub fn require(principal: &Principal, permission: Permission) -> Result<(), Denied> {
    if principal.holds(permission) {
        Ok(())
    } else if principal.service_account_id().is_some() {
        Err(Denied::KeyPermission(permission))
    } else {
        Err(Denied::Permission(permission))
    }
}

/// The user that `principal` is, for operations that only users have.
///
/// # Errors
/// [`Denied::UsersOnly`].
pub fn person(principal: &Principal) -> Result<UserId, Denied> {
    principal.user_id().ok_or(Denied::UsersOnly)
}

/// The fields of a user that `principal` may write, once [`update`] allowed it.
#[must_use]
pub fn writable_fields(principal: &Principal) -> &'static [Field] {
    if principal.holds(Permission::UsersUpdate) { Field::OF_ANY_PROFILE } else { Field::OF_OWN_PROFILE }
}

/// Whether `principal` may write `field` of the user `id`, once [`update`] allowed it. Nobody decides for themselves
/// whether their password is temporary.
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

/// Whether `principal` may grant `roles`.
///
/// # Errors
/// [`Denied::GrantsMoreThanHeld`].
pub fn grant(principal: &Principal, roles: &RoleSet) -> Result<(), Denied> {
    if principal.permissions().covers(roles.permissions()) { Ok(()) } else { Err(Denied::GrantsMoreThanHeld) }
}

/// Whether `principal` may change the roles, status, email, credentials or existence of `target`. Always allowed for
/// oneself.
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

/// Whether `principal` may grant `permissions` to a service account.
///
/// # Errors
/// [`Denied::GrantsMoreThanHeld`].
pub fn grant_permissions(principal: &Principal, permissions: Permissions) -> Result<(), Denied> {
    if principal.permissions().covers(permissions) { Ok(()) } else { Err(Denied::GrantsMoreThanHeld) }
}

/// Whether `principal`, who may manage service accounts, may change `account` or its keys. So nobody can take over a
/// service account that holds more than they do.
///
/// # Errors
/// [`Denied::TargetHoldsMore`].
pub fn may_manage_service_account(principal: &Principal, account: &ServiceAccount) -> Result<(), Denied> {
    if principal.permissions().covers(account.permissions.known()) {
        Ok(())
    } else {
        Err(Denied::TargetHoldsMore)
    }
}

/// The creator of a key that `principal` creates. A service account cannot create keys, because a key made with a
/// leaked key would outlive it.
///
/// # Errors
/// [`Denied::ServiceAccountCannotCreateKeys`].
pub const fn key_creator(principal: &Principal) -> Result<KeyCreator, Denied> {
    match principal.actor() {
        Actor::User(id) => Ok(KeyCreator::User(id)),
        Actor::Operator => Ok(KeyCreator::Operator),
        Actor::Anonymous | Actor::ServiceAccount { .. } | Actor::System => {
            Err(Denied::ServiceAccountCannotCreateKeys)
        }
    }
}

/// What `key` of `account` grants if `creator` is its creator: what all three allow. A user who is deleted or not
/// active grants nothing; the operator sets no limit.
#[must_use]
pub fn key_grants(key: &ApiKey, account: &ServiceAccount, creator: Option<&User>) -> Permissions {
    let bound = match key.created_by {
        KeyCreator::User(id) => {
            let creator = creator.filter(|creator| creator.id == id && creator.is_active());
            creator.map_or(Permissions::NONE, User::permissions)
        }
        KeyCreator::Operator => Permissions::all(),
    };
    key.permissions.known() & account.permissions.known() & bound
}

fn self_or(principal: &Principal, id: UserId, permission: Permission) -> Result<(), Denied> {
    if principal.is(id) { Ok(()) } else { require(principal, permission) }
}

#[cfg(test)]
mod tests;
