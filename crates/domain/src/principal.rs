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
    /// A user whose password is a temporary one.
    PasswordChange(UserId, AuthEpoch),
    ServiceAccount(ServiceAccountId, ApiKeyId, Option<(UserId, AuthEpoch)>),
    Operator,
}

impl Principal {
    /// Somebody who did not say who they are: no permission.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { caller: Caller::Anonymous, permissions: Permissions::NONE }
    }

    /// A user, with what their roles grant as they are now. Before they have replaced a temporary password, that is
    /// nothing.
    #[must_use]
    pub fn user(user: &User) -> Self {
        if user.must_change_password {
            let caller = Caller::PasswordChange(user.id, user.auth_epoch);
            return Self { caller, permissions: Permissions::NONE };
        }
        Self { caller: Caller::User(user.id, user.auth_epoch), permissions: user.permissions() }
    }

    /// A machine that showed the API key `key`, made by `maker`, with what the key grants right now
    /// ([`policy::key_grants`](crate::policy::key_grants)).
    #[must_use]
    pub fn service_account(
        id: ServiceAccountId,
        key: ApiKeyId,
        maker: Option<&User>,
        permissions: Permissions,
    ) -> Self {
        let maker = maker.map(|maker| (maker.id, maker.auth_epoch));
        Self { caller: Caller::ServiceAccount(id, key, maker), permissions }
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

    /// Whether they are a user who may do nothing but replace a temporary password.
    #[must_use]
    pub const fn must_change_password(&self) -> bool {
        matches!(self.caller, Caller::PasswordChange(..))
    }

    /// The user they are, if they are one.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self.caller {
            Caller::User(id, _) | Caller::PasswordChange(id, _) => Some(id),
            Caller::Anonymous | Caller::ServiceAccount(..) | Caller::Operator => None,
        }
    }

    /// The machine they are, if they are one.
    #[must_use]
    pub const fn service_account_id(&self) -> Option<ServiceAccountId> {
        match self.caller {
            Caller::ServiceAccount(id, ..) => Some(id),
            Caller::Anonymous | Caller::User(..) | Caller::PasswordChange(..) | Caller::Operator => None,
        }
    }

    /// The API key that they showed, if they are a machine.
    #[must_use]
    pub const fn api_key(&self) -> Option<(ServiceAccountId, ApiKeyId)> {
        match self.caller {
            Caller::ServiceAccount(id, key, _) => Some((id, key)),
            Caller::Anonymous | Caller::User(..) | Caller::PasswordChange(..) | Caller::Operator => None,
        }
    }

    /// The user by whose rights they may do what they may, themselves or who made their key, and the epoch in
    /// which that user has these rights: in another one they are somebody else.
    #[must_use]
    pub const fn accountable_user(&self) -> Option<(UserId, AuthEpoch)> {
        match self.caller {
            Caller::User(id, epoch) | Caller::PasswordChange(id, epoch) => Some((id, epoch)),
            Caller::ServiceAccount(_, _, maker) => maker,
            Caller::Anonymous | Caller::Operator => None,
        }
    }

    /// How the audit log names them.
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
