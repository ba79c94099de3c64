//! The caller of a request.

use crate::{Actor, ApiKeyId, AuthEpoch, Permission, Permissions, ServiceAccountId, User, UserId};

/// The caller, and what they may do at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    caller: Caller,
    permissions: Permissions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Anonymous,
    User(UserId, AuthEpoch),
    /// A user with a temporary password.
    PasswordChange(UserId, AuthEpoch),
    ServiceAccount(ServiceAccountId, ApiKeyId, Option<(UserId, AuthEpoch)>),
    Operator,
}

impl Principal {
    /// A caller without authentication, who holds no permission.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { caller: Caller::Anonymous, permissions: Permissions::NONE }
    }

    /// A user with the permissions of their current roles, or with none until they replaced a temporary password.
    #[must_use]
    pub fn user(user: &User) -> Self {
        if user.must_change_password {
            let caller = Caller::PasswordChange(user.id, user.auth_epoch);
            return Self { caller, permissions: Permissions::NONE };
        }
        Self { caller: Caller::User(user.id, user.auth_epoch), permissions: user.permissions() }
    }

    /// A service account that authenticated with the API key `key`, which was made by `creator`, with the key's current
    /// permissions ([`policy::key_grants`](crate::policy::key_grants)).
    #[must_use]
    pub fn service_account(
        id: ServiceAccountId,
        key: ApiKeyId,
        creator: Option<&User>,
        permissions: Permissions,
    ) -> Self {
        let creator = creator.map(|creator| (creator.id, creator.auth_epoch));
        Self { caller: Caller::ServiceAccount(id, key, creator), permissions }
    }

    /// The operator at the command line, who controls the data folder and so holds every permission.
    #[must_use]
    pub fn operator() -> Self {
        Self { caller: Caller::Operator, permissions: Permissions::all() }
    }

    /// The permissions.
    #[must_use]
    pub const fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Whether the caller holds `permission`.
    #[must_use]
    pub const fn holds(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    /// Whether the caller is the user `id`.
    #[must_use]
    pub fn is(&self, id: UserId) -> bool {
        self.user_id() == Some(id)
    }

    /// Whether the caller did not authenticate.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        matches!(self.caller, Caller::Anonymous)
    }

    /// Whether the caller is a user who must replace a temporary password first.
    #[must_use]
    pub const fn must_change_password(&self) -> bool {
        matches!(self.caller, Caller::PasswordChange(..))
    }

    /// The user's id, if the caller is a user.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self.caller {
            Caller::User(id, _) | Caller::PasswordChange(id, _) => Some(id),
            Caller::Anonymous | Caller::ServiceAccount(..) | Caller::Operator => None,
        }
    }

    /// The service account's id, if the caller is one.
    #[must_use]
    pub const fn service_account_id(&self) -> Option<ServiceAccountId> {
        match self.caller {
            Caller::ServiceAccount(id, ..) => Some(id),
            Caller::Anonymous | Caller::User(..) | Caller::PasswordChange(..) | Caller::Operator => None,
        }
    }

    /// The API key that was used, if the caller is a service account.
    #[must_use]
    pub const fn api_key(&self) -> Option<(ServiceAccountId, ApiKeyId)> {
        match self.caller {
            Caller::ServiceAccount(id, key, _) => Some((id, key)),
            Caller::Anonymous | Caller::User(..) | Caller::PasswordChange(..) | Caller::Operator => None,
        }
    }

    /// The user whose authority the caller uses, the caller themselves or the creator of the key, and the epoch of that
    /// authority: in another epoch it may have changed.
    #[must_use]
    pub const fn accountable_user(&self) -> Option<(UserId, AuthEpoch)> {
        match self.caller {
            Caller::User(id, epoch) | Caller::PasswordChange(id, epoch) => Some((id, epoch)),
            Caller::ServiceAccount(_, _, creator) => creator,
            Caller::Anonymous | Caller::Operator => None,
        }
    }

    /// The caller as an actor of the audit log.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        match self.caller {
            Caller::Anonymous => Actor::Anonymous,
            Caller::User(id, _) | Caller::PasswordChange(id, _) => Actor::User(id),
            Caller::ServiceAccount(id, key, _) => Actor::ServiceAccount { id, key },
            Caller::Operator => Actor::Operator,
        }
    }
}
