//! What requests write to users.

use crate::{FieldError, FixedFields};
use jiff::Timestamp;
use roster_auth::password::Password;
use roster_domain::{
    Attributes, Credential, DisplayName, EmailAddress, ExternalId, Field, PasswordHash, RoleSet, StatusKind,
    User, UserId, Username,
};
use serde_json::{Map, Value};

/// The data of a new user.
pub struct NewUser {
    /// The username.
    pub username: Username,
    /// The password.
    pub password: Password,
    /// The email address.
    pub email: Option<EmailAddress>,
    /// The display name.
    pub display_name: Option<DisplayName>,
    /// The fields that require `users:create`.
    pub privileged: PrivilegedFields,
}

/// The fields of a new user that require `users:create`.
#[derive(Clone, Debug, Default)]
pub struct PrivilegedFields {
    /// Default: the role `user`.
    pub roles: Option<RoleSet>,
    /// Default: active.
    pub status: Option<StatusKind>,
    /// Whether the email address is verified. Default: no.
    pub email_verified: Option<bool>,
    /// Default: none.
    pub attributes: Option<Attributes>,
    /// The id of the user in another system.
    pub external_id: Option<ExternalId>,
    /// Whether the password is temporary. Default: no.
    pub must_change_password: Option<bool>,
}

impl PrivilegedFields {
    /// The first of them that the request contains.
    pub(crate) fn first_present(&self) -> Option<Field> {
        [
            (Field::Roles, self.roles.is_some()),
            (Field::Status, self.status.is_some()),
            (Field::EmailVerified, self.email_verified.is_some()),
            (Field::Attributes, self.attributes.is_some()),
            (Field::ExternalId, self.external_id.is_some()),
            (Field::MustChangePassword, self.must_change_password.is_some()),
        ]
        .into_iter()
        .find_map(|(field, present)| present.then_some(field))
    }
}

impl NewUser {
    /// A user with the required fields only.
    #[must_use]
    pub fn new(username: Username, password: Password) -> Self {
        Self { username, password, email: None, display_name: None, privileged: PrivilegedFields::default() }
    }

    /// The password, and everything else.
    pub(crate) fn into_parts(self) -> (Password, NewProfile) {
        let Self { username, password, email, display_name, privileged } = self;
        (password, NewProfile { username, email, display_name, privileged })
    }
}

/// A new user whose password is not hashed yet.
pub(crate) struct NewProfile {
    pub(crate) username: Username,
    pub(crate) email: Option<EmailAddress>,
    display_name: Option<DisplayName>,
    privileged: PrivilegedFields,
}

impl NewProfile {
    /// An administrator.
    pub(crate) fn administrator(username: Username, email: Option<EmailAddress>) -> Self {
        let roles = Some(RoleSet::administrator());
        let privileged = PrivilegedFields { roles, ..PrivilegedFields::default() };
        Self { username, email, display_name: None, privileged }
    }

    /// The user with this id, created at `now`.
    pub(crate) fn into_user(self, id: UserId, hash: PasswordHash, now: Timestamp) -> User {
        let privileged = self.privileged;
        let roles = privileged.roles.unwrap_or_else(RoleSet::ordinary);
        let mut user = User::new(id, self.username, roles, now);
        user.email_verified = self.email.is_some() && privileged.email_verified.unwrap_or(false);
        user.email = self.email;
        user.display_name = self.display_name;
        user.status = privileged.status.unwrap_or(StatusKind::Active).since(now);
        user.attributes = privileged.attributes.unwrap_or_default();
        user.external_id = privileged.external_id;
        user.credential = Credential::Password(hash);
        user.must_change_password = privileged.must_change_password.unwrap_or(false);
        user
    }
}

/// A change of a user. A field that is `None` is not in the request.
#[derive(Clone, Debug, Default)]
pub struct UserDraft {
    /// `username`
    pub username: Option<Username>,
    /// `email`; `Some(None)` clears it.
    pub email: Option<Option<EmailAddress>>,
    /// `email_verified`
    pub email_verified: Option<bool>,
    /// `display_name`; `Some(None)` clears it.
    pub display_name: Option<Option<DisplayName>>,
    /// `status`
    pub status: Option<StatusKind>,
    /// `roles`
    pub roles: Option<RoleSet>,
    /// `attributes`
    pub attributes: Option<AttributesDraft>,
    /// `external_id`; `Some(None)` clears it.
    pub external_id: Option<Option<ExternalId>>,
    /// `must_change_password`; optional in a replacement.
    pub must_change_password: Option<bool>,
    /// The read-only fields.
    pub fixed: FixedFields,
}

/// A change of a user's attributes.
#[derive(Clone, Debug)]
pub enum AttributesDraft {
    /// Replaces all attributes.
    Replace(Attributes),
    /// Applies this merge patch (RFC 7396) to the current attributes.
    Merge(Map<String, Value>),
}

impl UserDraft {
    /// Whether the request contains `field`.
    pub(crate) fn contains(&self, field: Field) -> bool {
        match field {
            Field::Username => self.username.is_some(),
            Field::Email => self.email.is_some(),
            Field::EmailVerified => self.email_verified.is_some(),
            Field::DisplayName => self.display_name.is_some(),
            Field::Status => self.status.is_some(),
            Field::Roles => self.roles.is_some(),
            Field::Attributes => self.attributes.is_some(),
            Field::ExternalId => self.external_id.is_some(),
            // `must_change_password` was added after the first release, so it stays optional. The fields after it cannot
            // be changed here.
            Field::MustChangePassword
            | Field::Password
            | Field::Name
            | Field::Description
            | Field::Permissions => true,
        }
    }

    /// The attributes after the change.
    ///
    /// # Errors
    /// If the merged attributes are invalid.
    pub(crate) fn attributes(&self, before: &User) -> Result<Attributes, FieldError> {
        match &self.attributes {
            None => Ok(before.attributes.clone()),
            Some(AttributesDraft::Replace(attributes)) => Ok(attributes.clone()),
            Some(AttributesDraft::Merge(patch)) => {
                before.attributes.merged(patch).map_err(|error| FieldError::new("attributes", &error))
            }
        }
    }

    /// `before` after the change, except for the version. The caller has decided about the attributes, and about whether
    /// the address is verified.
    pub(crate) fn result(
        &self,
        before: &User,
        verified: bool,
        attributes: Attributes,
        now: Timestamp,
    ) -> User {
        let email = self.email.clone().unwrap_or_else(|| before.email.clone());
        let mut after = before.clone();
        after.username = self.username.clone().unwrap_or(after.username);
        after.email_verified = email.is_some() && verified;
        after.email = email;
        after.display_name = self.display_name.clone().unwrap_or(after.display_name);
        after.attributes = attributes;
        after.external_id = self.external_id.clone().unwrap_or(after.external_id);
        after.must_change_password = self.must_change_password.unwrap_or(after.must_change_password);
        let after = match self.status {
            Some(status) => after.with_status(status, now),
            None => after,
        };
        match &self.roles {
            Some(roles) => after.with_roles(roles.clone()),
            None => after,
        }
    }
}

/// The fields that differ.
pub(crate) fn differences(before: &User, after: &User) -> Vec<Field> {
    [
        (Field::Username, before.username != after.username),
        (Field::Email, before.email != after.email),
        (Field::EmailVerified, before.email_verified != after.email_verified),
        (Field::DisplayName, before.display_name != after.display_name),
        (Field::Status, before.status != after.status),
        (Field::Roles, before.roles() != after.roles()),
        (Field::Attributes, before.attributes != after.attributes),
        (Field::ExternalId, before.external_id != after.external_id),
        (Field::MustChangePassword, before.must_change_password != after.must_change_password),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}
