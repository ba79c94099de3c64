//! Users: people with an account.

use crate::{
    Attributes, AuthEpoch, Credential, DisplayName, EmailAddress, ExternalId, LoginAlias, PasswordHash,
    PendingReason, Permissions, RoleSet, Status, StatusKind, UserId, Username, Version,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A user, as it is stored. The HTTP layer decides what others see of it.
///
/// The transitions below take the time as an argument and return the whole new state. Each one that changes the
/// profile increments `version`; each one that ends the earlier access tokens increments `auth_epoch`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Never changes, and is never reused.
    pub id: UserId,
    /// The name to log in with.
    pub username: Username,
    /// The email address, which may be used to log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Whether the address was verified.
    #[serde(default)]
    pub email_verified: bool,
    /// The name to display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<DisplayName>,
    /// Whether the user may log in.
    pub status: Status,
    /// What the user may do. Private, so that only [`Self::with_roles`] can change it, together with the epoch.
    roles: RoleSet,
    /// The organisation's own data about the user.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// The user's id in another system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The old spelling of an imported username, which still works for logging in.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "LoginAlias::deserialize_stored"
    )]
    pub login_alias: Option<LoginAlias>,
    /// When the account was created, here or in the system that it came from.
    pub created_at: Timestamp,
    /// When the profile was last changed.
    pub updated_at: Timestamp,
    /// The last login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<Timestamp>,
    /// Counts the changes of the profile.
    pub version: Version,
    /// Counts the events that end all earlier access tokens.
    pub auth_epoch: AuthEpoch,
    /// How the user authenticates.
    #[serde(default)]
    pub credential: Credential,
    /// Whether the password is temporary: a user who logs in with it has to replace it first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_change_password: bool,
}

/// Whether a password that someone else sets is permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordKind {
    /// The user may keep it.
    Lasting,
    /// The user has to replace it first.
    Temporary,
}

impl User {
    /// An active user without a password, an email address or any other optional value.
    #[must_use]
    pub fn new(id: UserId, username: Username, roles: RoleSet, created_at: Timestamp) -> Self {
        Self {
            id,
            username,
            email: None,
            email_verified: false,
            display_name: None,
            status: Status::Active,
            roles,
            attributes: Attributes::default(),
            external_id: None,
            login_alias: None,
            created_at,
            updated_at: created_at,
            last_login_at: None,
            version: Version::FIRST,
            auth_epoch: AuthEpoch::FIRST,
            credential: Credential::None,
            must_change_password: false,
        }
    }

    /// What the user may do.
    #[must_use]
    pub const fn roles(&self) -> &RoleSet {
        &self.roles
    }

    /// What the user's roles grant.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.roles.permissions()
    }

    /// Whether the user may log in.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, Status::Active)
    }

    /// Whether the user is an administrator and may log in.
    #[must_use]
    pub fn is_active_admin(&self) -> bool {
        self.is_active() && self.roles.is_admin()
    }

    /// The user with another status. A change ends all earlier access tokens.
    #[must_use]
    pub fn with_status(self, status: StatusKind, now: Timestamp) -> Self {
        if self.status.kind() == status {
            return self;
        }
        Self { status: status.since(now), auth_epoch: self.auth_epoch.next(), ..self }
    }

    /// The user with other roles, which ends all earlier access tokens.
    #[must_use]
    pub fn with_roles(self, roles: RoleSet) -> Self {
        if self.roles == roles {
            return self;
        }
        Self { roles, auth_epoch: self.auth_epoch.next(), ..self }
    }

    /// The user after a change of the profile, with the next version.
    #[must_use]
    pub fn touched(self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self }
    }

    /// The user with a new password of their own choice, with the next version; all earlier access tokens end. A user
    /// who was pending only for the lack of a password becomes active.
    #[must_use]
    pub fn with_password(self, hash: PasswordHash, now: Timestamp) -> Self {
        let status = match self.status {
            Status::Pending { reasons } => reasons
                .without(PendingReason::NoPassword)
                .map_or(Status::Active, |reasons| Status::Pending { reasons }),
            status @ (Status::Active | Status::Disabled { .. }) => status,
        };
        Self {
            credential: Credential::Password(hash),
            must_change_password: false,
            status,
            auth_epoch: self.auth_epoch.next(),
            ..self
        }
        .touched(now)
    }

    /// The user with a password that someone else set: like [`Self::with_password`], but `kind` decides whether it
    /// has to be replaced. Without `kind`, that stays as it was.
    #[must_use]
    pub fn with_password_of_another(
        self,
        hash: PasswordHash,
        kind: Option<PasswordKind>,
        now: Timestamp,
    ) -> Self {
        let must_change_password =
            kind.map_or(self.must_change_password, |kind| kind == PasswordKind::Temporary);
        Self { must_change_password, ..self.with_password(hash, now) }
    }

    /// The user after a login, with the hash that replaces an outdated one. The version stays.
    #[must_use]
    pub fn logged_in(self, now: Timestamp, replacement: Option<PasswordHash>) -> Self {
        let credential = replacement.map_or(self.credential, Credential::Password);
        Self { credential, last_login_at: Some(now), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PendingReasons;
    use crate::fixtures::user as a_user;

    fn pending(reasons: impl IntoIterator<Item = PendingReason>) -> User {
        User { status: Status::Pending { reasons: PendingReasons::new(reasons).unwrap() }, ..a_user(1) }
    }

    #[test]
    fn a_password_settles_only_the_lack_of_one() {
        let (now, hash) = (Timestamp::UNIX_EPOCH, PasswordHash::new("$2b$12$x").unwrap());
        let after = |user: User| user.with_password(hash.clone(), now).status;
        assert_eq!(after(pending([PendingReason::NoPassword])), Status::Active);
        let both = pending([PendingReason::NoPassword, PendingReason::LockedBefore]);
        assert_eq!(after(both), Status::Pending { reasons: PendingReason::LockedBefore.into() });
        let unknown = pending([PendingReason::Unknown]);
        assert_eq!(after(unknown.clone()), unknown.status);
        let disabled = a_user(1).with_status(StatusKind::Disabled, now);
        assert_eq!(after(disabled.clone()), disabled.status);
    }

    #[test]
    fn a_password_set_by_another_stays_temporary_or_not_unless_stated() {
        let (now, hash) = (Timestamp::UNIX_EPOCH, PasswordHash::new("$2b$12$x").unwrap());
        for marked in [true, false] {
            let user = User { must_change_password: marked, ..a_user(1) };
            let after =
                |kind| user.clone().with_password_of_another(hash.clone(), kind, now).must_change_password;
            assert_eq!(after(None), marked);
            assert!(after(Some(PasswordKind::Temporary)) && !after(Some(PasswordKind::Lasting)));
            assert!(!user.clone().with_password(hash.clone(), now).must_change_password);
        }
    }

    #[test]
    fn disabling_ends_earlier_tokens() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let user = a_user(1).with_status(StatusKind::Disabled, now);
        assert_eq!(user.status, Status::Disabled { since: now });
        assert_eq!(user.auth_epoch, AuthEpoch::FIRST.next());
    }

    #[test]
    fn disabling_again_keeps_the_first_time() {
        let (first, second) =
            (Timestamp::from_second(1_800_000_000).unwrap(), Timestamp::from_second(1_900_000_000).unwrap());
        let user = a_user(1).with_status(StatusKind::Disabled, first);
        assert_eq!(user.clone().with_status(StatusKind::Disabled, second), user);
    }

    #[test]
    fn the_same_roles_end_nothing() {
        assert_eq!(a_user(1).with_roles(RoleSet::ordinary()), a_user(1));
    }

    #[test]
    fn a_login_keeps_the_version() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let user = a_user(1).logged_in(now, Some(PasswordHash::new("$2b$12$x").unwrap()));
        assert_eq!((user.version, user.auth_epoch), (Version::FIRST, AuthEpoch::FIRST));
        assert!(user.credential.password_hash().is_some());
    }

    #[test]
    fn a_new_password_is_a_new_version_and_a_new_epoch() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let user = a_user(1).with_password(PasswordHash::new("$2b$12$x").unwrap(), now);
        assert_eq!((user.version, user.auth_epoch), (Version::FIRST.next(), AuthEpoch::FIRST.next()));
    }

    #[test]
    fn a_user_survives_the_stored_form() {
        let user = a_user(3).with_status(StatusKind::Disabled, Timestamp::UNIX_EPOCH);
        let stored = serde_json::to_string(&user).unwrap();
        assert_eq!(serde_json::from_str::<User>(&stored).unwrap(), user);
    }
}
