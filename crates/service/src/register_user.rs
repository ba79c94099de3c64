//! Registers a user.

use crate::{Call, Error, NewUser, PrivilegedFields, Registration, Roster};
use roster_domain::{
    Action, EmailAddress, Login, Permission, Permissions, UniqueField, User, Username, policy,
};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;

impl Roster {
    /// Registers a user. Anyone may call this while registration is open; otherwise it requires `users:create`.
    ///
    /// # Errors
    /// [`Error::RegistrationClosed`]; [`Error::Denied`] for a privileged field, or for a role that grants permissions
    /// the caller does not hold; [`Error::LoginTooOld`] for a role that grants any permission; [`Error::Invalid`] for
    /// the password; [`Error::TooMany`]; [`Error::Taken`]; [`Error::Busy`]; the errors of the store.
    pub async fn register_user(&self, call: &Call, new: NewUser) -> Result<Arc<User>, Error> {
        self.may_register(call, &new.privileged)?;
        self.password_policy().check(&new.password, &own_names(&new.username, new.email.as_ref()))?;
        if !call.principal.holds(Permission::UsersCreate) {
            self.limits().admit_registration(call.client(), self.parts().clock.now()).await?;
        }
        self.check_names_free(&new).await?;
        let (password, profile) = new.into_parts();
        let hash = self.hash(call, password).await?;
        let user = Arc::new(profile.into_user(self.new_user_id(), hash, self.parts().clock.now()));
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
            return Err(Error::Taken(UniqueField::Username));
        }
        if let Some(email) = &new.email {
            let owner = self.store().user_by_login(&Login::new(email.as_str())).await?;
            if owner.is_some_and(|user| user.email.as_ref().map(EmailAddress::key) == Some(email.key())) {
                return Err(Error::Taken(UniqueField::Email));
            }
        }
        Ok(())
    }
}

/// The user's own names, which a password must not consist of.
pub(crate) fn own_names<'a>(username: &'a Username, email: Option<&'a EmailAddress>) -> Vec<&'a str> {
    std::iter::once(username.as_str()).chain(email.map(EmailAddress::as_str)).collect()
}
