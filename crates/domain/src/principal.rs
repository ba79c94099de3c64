//! Who calls.

use crate::{Actor, ApiKeyId, AuthEpoch, Permission, Permissions, ServiceAccountId, User, UserId};

/// Who calls, and what they may do right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    caller: Caller,
    permissions: Permissions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Anonymous,
    User(UserId, AuthEpoch),
    ServiceAccount(ServiceAccountId, ApiKeyId),
    Operator,
}

impl Principal {
    /// Somebody who did not say who they are: no permission.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { caller: Caller::Anonymous, permissions: Permissions::NONE }
    }

    /// A user, with what their roles grant as they are now.
    #[must_use]
    pub fn user(user: &User) -> Self {
        Self { caller: Caller::User(user.id, user.auth_epoch), permissions: user.permissions() }
    }

    /// A machine that showed the API key `key`, with what the key grants right now
    /// ([`policy::key_grants`](crate::policy::key_grants)).
    #[must_use]
    pub const fn service_account(id: ServiceAccountId, key: ApiKeyId, permissions: Permissions) -> Self {
        Self { caller: Caller::ServiceAccount(id, key), permissions }
    }

    /// Whoever runs the command line: they hold the data folder, hence every permission.
    #[must_use]
    pub fn operator() -> Self {
        Self { caller: Caller::Operator, permissions: Permissions::all() }
    }

    /// What they may do.
    #[must_use]
    pub const fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Whether they hold `permission`.
    #[must_use]
    pub const fn holds(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    /// Whether they are the user `id`.
    #[must_use]
    pub fn is(&self, id: UserId) -> bool {
        self.user_id() == Some(id)
    }

    /// Whether they said who they are.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        matches!(self.caller, Caller::Anonymous)
    }

    /// The user they are, if they are one.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self.caller {
            Caller::User(id, _) => Some(id),
            Caller::Anonymous | Caller::ServiceAccount(..) | Caller::Operator => None,
        }
    }

    /// The machine they are, if they are one.
    #[must_use]
    pub const fn service_account_id(&self) -> Option<ServiceAccountId> {
        match self.caller {
            Caller::ServiceAccount(id, _) => Some(id),
            Caller::Anonymous | Caller::User(..) | Caller::Operator => None,
        }
    }

    /// The user they are, and the epoch in which they may do what they may: in another one they are somebody
    /// else.
    #[must_use]
    pub const fn user_epoch(&self) -> Option<(UserId, AuthEpoch)> {
        match self.caller {
            Caller::User(id, epoch) => Some((id, epoch)),
            Caller::Anonymous | Caller::ServiceAccount(..) | Caller::Operator => None,
        }
    }

    /// How the audit log names them.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        match self.caller {
            Caller::Anonymous => Actor::Anonymous,
            Caller::User(id, _) => Actor::User(id),
            Caller::ServiceAccount(id, key) => Actor::ServiceAccount { id, key },
            Caller::Operator => Actor::Operator,
        }
    }
}
