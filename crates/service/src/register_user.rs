//! A new person.

use crate::{Call, Error, Registration, Roster};
use roster_auth::password::Password;
use roster_domain::{
    Action, Attributes, Credential, DisplayName, EmailAddress, ExternalId, Field, Login, PasswordHash,
    Permission, Permissions, RoleSet, StatusKind, User, Username, policy,
};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;

/// What a person says of themselves when they register.
pub struct NewUser {
    /// The name to log in with.
    pub username: Username,
    /// The password.
    pub password: Password,
    /// Where mail goes.
    pub email: Option<EmailAddress>,
    /// What they are called on screen.
    pub display_name: Option<DisplayName>,
    /// What only somebody with `users:create` may say.
    pub privileged: PrivilegedFields,
}

/// The fields of a new user that need `users:create`.
#[derive(Clone, Debug, Default)]
pub struct PrivilegedFields {
    /// `user` unless said.
    pub roles: Option<RoleSet>,
    /// Active unless said.
    pub status: Option<StatusKind>,
    /// Whether the address is known to be theirs; not, unless said.
    pub email_verified: Option<bool>,
    /// None unless said.
    pub attributes: Option<Attributes>,
    /// What another system calls them.
    pub external_id: Option<ExternalId>,
    /// Whether the password is a temporary one; not, unless said.
    pub must_change_password: Option<bool>,
}

impl PrivilegedFields {
    fn first_given(&self) -> Option<Field> {
        [
            (Field::Roles, self.roles.is_some()),
            (Field::Status, self.status.is_some()),
            (Field::EmailVerified, self.email_verified.is_some()),
            (Field::Attributes, self.attributes.is_some()),
            (Field::ExternalId, self.external_id.is_some()),
            (Field::MustChangePassword, self.must_change_password.is_some()),
        ]
        .into_iter()
        .find_map(|(field, given)| given.then_some(field))
    }
}

impl Roster {
    /// Registers a person: anybody while registration is open, and always with `users:create`.
    ///
    /// # Errors
    /// [`Error::RegistrationClosed`]; [`Error::Denied`] for a privileged field or a role above the
    /// caller's own; [`Error::LoginTooOld`] for a role that grants anything; [`Error::Invalid`] for the password;
    /// [`Error::TooMany`]; [`Error::Taken`]; [`Error::Busy`]; the store's.
    pub async fn register_user(&self, call: &Call, new: NewUser) -> Result<Arc<User>, Error> {
        self.may_register(call, &new.privileged)?;
        self.password_policy().check(&new.password, &own_names(&new.username, new.email.as_ref()))?;
        if !call.principal.holds(Permission::UsersCreate) {
            self.limits().admit_registration(call.client(), self.parts().clock.now())?;
        }
        self.names_look_free(&new).await?;
        let NewUser { username, password, email, display_name, privileged } = new;
        let hash = self.hash(call, password).await?;
        let names = Names { username, email, display_name };
        let user = Arc::new(self.compose(names, privileged, hash));
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
            if let Some(field) = privileged.first_given() {
                return Err(policy::Denied::Field(field).into());
            }
        }
        let Some(roles) = &privileged.roles else { return Ok(()) };
        policy::grant(&call.principal, roles)?;
        if roles.permissions() == Permissions::NONE { Ok(()) } else { self.require_recent_login(call) }
    }

    /// Spares the hash where the answer is plain; the commit's guards decide.
    async fn names_look_free(&self, new: &NewUser) -> Result<(), Error> {
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

    pub(crate) fn compose(&self, names: Names, privileged: PrivilegedFields, hash: PasswordHash) -> User {
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

/// What a password must not be made of.
pub(crate) fn own_names<'a>(username: &'a Username, email: Option<&'a EmailAddress>) -> Vec<&'a str> {
    std::iter::once(username.as_str()).chain(email.map(EmailAddress::as_str)).collect()
}

/// What a person is called, in every way there is.
pub(crate) struct Names {
    pub(crate) username: Username,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) display_name: Option<DisplayName>,
}
