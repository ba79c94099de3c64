//! Registers a user.

use crate::{Call, Error, Registration, Roster};
use roster_auth::password::Password;
use roster_domain::{
    Action, Attributes, Credential, DisplayName, EmailAddress, ExternalId, Field, Login, PasswordHash,
    Permission, Permissions, RoleSet, StatusKind, User, Username, policy,
};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;

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
    fn first_present(&self) -> Option<Field> {
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

impl Roster {
    /// Registers a user. Anybody may call this while registration is open; otherwise it requires `users:create`.
    ///
    /// # Errors
    /// [`Error::RegistrationClosed`]; [`Error::Denied`] for a privileged field, or for a role that grants permissions the
    /// caller does not hold; [`Error::LoginTooOld`] for a role that grants any permission; [`Error::Invalid`] for the
    /// password; [`Error::TooMany`]; [`Error::Taken`]; [`Error::Busy`]; the errors of the store.
    pub async fn register_user(&self, call: &Call, new: NewUser) -> Result<Arc<User>, Error> {
        self.may_register(call, &new.privileged)?;
        self.password_policy().check(&new.password, &own_names(&new.username, new.email.as_ref()))?;
        if !call.principal.holds(Permission::UsersCreate) {
            self.limits().admit_registration(call.client(), self.parts().clock.now())?;
        }
        self.check_names_free(&new).await?;
        let NewUser { username, password, email, display_name, privileged } = new;
        let hash = self.hash(call, password).await?;
        let names = Names { username, email, display_name };
        let user = Arc::new(self.build_user(names, privileged, hash));
        let work = UnitOfWork::audited(self.record(call, Action::UserCreated, user.id))
            .require_names_free(&user)
            .require_all(call.authority())
            .write(Change::PutUser(user.clone()));
        self.store().commit(work).await?;
        self.counters().count_registration();
        Ok(user)
    }

    fn may_register(&self, call: &Call, privileged: &PrivilegedFields) -> Result<(), Error> {
        if !call.principal.holds(Permission::UsersCreate) {
            if self.parts().registration == Registration::Closed {
                return Err(Error::RegistrationClosed);
            }
            if let Some(field) = privileged.first_present() {
                return Err(policy::Denied::Field(field).into());
            }
        }
        let Some(roles) = &privileged.roles else { return Ok(()) };
        policy::grant(&call.principal, roles)?;
        if roles.permissions() == Permissions::NONE { Ok(()) } else { self.require_recent_login(call) }
    }

    /// Rejects taken names before the password is hashed. The guards of the commit check them again.
    async fn check_names_free(&self, new: &NewUser) -> Result<(), Error> {
        if self.store().user_by_login(&Login::new(new.username.as_str())).await?.is_some() {
            return Err(Error::Taken(Field::Username));
        }
        if let Some(email) = &new.email {
            let owner = self.store().user_by_login(&Login::new(email.as_str())).await?;
            if owner.is_some_and(|user| user.email.as_ref().map(EmailAddress::key) == Some(email.key())) {
                return Err(Error::Taken(Field::Email));
            }
        }
        Ok(())
    }

    pub(crate) fn build_user(&self, names: Names, privileged: PrivilegedFields, hash: PasswordHash) -> User {
        let now = self.parts().clock.now();
        let roles = privileged.roles.unwrap_or_else(RoleSet::ordinary);
        let mut user = User::new(self.new_user_id(), names.username, roles, now);
        user.email_verified = names.email.is_some() && privileged.email_verified.unwrap_or(false);
        user.email = names.email;
        user.display_name = names.display_name;
        user.status = privileged.status.unwrap_or(StatusKind::Active).since(now);
        user.attributes = privileged.attributes.unwrap_or_default();
        user.external_id = privileged.external_id;
        user.credential = Credential::Password(hash);
        user.must_change_password = privileged.must_change_password.unwrap_or(false);
        user
    }
}

/// The user's own names, which a password must not consist of.
pub(crate) fn own_names<'a>(username: &'a Username, email: Option<&'a EmailAddress>) -> Vec<&'a str> {
    std::iter::once(username.as_str()).chain(email.map(EmailAddress::as_str)).collect()
}

/// The names of a new user.
pub(crate) struct Names {
    pub(crate) username: Username,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) display_name: Option<DisplayName>,
}
