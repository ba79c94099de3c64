//! Somebody who can let the others in.

use crate::register_user::{Names, own_names};
use crate::{Call, Error, PrivilegedFields, Roster};
use roster_auth::Entropy;
use roster_auth::password::{Password, PasswordError, PasswordPolicy, Verification};
use roster_domain::{Action, Actor, AuditRecord, EmailAddress, Login, RoleSet, Username};
use roster_storage::{Change, CommitError, Conflict, Guard, UnitOfWork};
use std::sync::Arc;

/// Who the first administrator shall be.
pub struct FirstAdministrator {
    /// The name to log in with.
    pub username: Username,
    /// Where mail goes.
    pub email: Option<EmailAddress>,
    /// The password; a random one, unless given.
    pub password: Option<String>,
}

impl FirstAdministrator {
    /// Whether the password that is given, if one is, may be theirs.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn check(&self, policy: &PasswordPolicy) -> Result<(), PasswordError> {
        let Some(password) = &self.password else { return Ok(()) };
        let own = own_names(&self.username, self.email.as_ref());
        policy.check(&Password::new(password.clone()), &own)
    }
}

/// What became of the first administrator.
#[derive(Debug, PartialEq, Eq)]
pub enum FirstAdministratorOutcome {
    /// There was an active administrator already.
    NotNeeded,
    /// Made, with the password that was given.
    Created,
    /// Made, with this random password, which is kept nowhere else.
    CreatedWithPassword(String),
}

impl Roster {
    /// Makes an administrator if there is no active one. Of several processes that try at once, one does.
    ///
    /// # Errors
    /// [`Error::Invalid`], for a password that breaks the policy; [`Error::Taken`], if somebody who is not
    /// an active administrator has the name; [`Error::Busy`]; the store's.
    pub async fn create_first_administrator(
        &self,
        first: FirstAdministrator,
    ) -> Result<FirstAdministratorOutcome, Error> {
        if self.store().has_active_admin().await? {
            return Ok(FirstAdministratorOutcome::NotNeeded);
        }
        first.check(self.password_policy())?;
        let FirstAdministrator { username, email, password } = first;
        let given = password.is_some();
        let text = password.unwrap_or_else(|| random_password(&*self.parts().entropy));
        let call = Call::operator();
        let hash = self.hash(&call, Password::new(text.clone())).await?;
        let names = Names { username, email, display_name: None };
        let privileged =
            PrivilegedFields { roles: Some(RoleSet::administrator()), ..PrivilegedFields::default() };
        let user = Arc::new(self.compose(names, privileged, hash));
        let record = AuditRecord { actor: Actor::System, ..self.record(&call, Action::UserCreated, user.id) };
        let work = UnitOfWork::audited(record)
            .require(Guard::NoActiveAdmin)
            .require_names_free(&user)
            .write(Change::PutUser(user));
        match self.store().commit(work).await {
            Ok(()) if given => Ok(FirstAdministratorOutcome::Created),
            Ok(()) => Ok(FirstAdministratorOutcome::CreatedWithPassword(text)),
            Err(CommitError::Conflict(Conflict(Guard::NoActiveAdmin))) => {
                Ok(FirstAdministratorOutcome::NotNeeded)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Roster {
    /// Whether `password` is the one of the active administrator with this name; `None` if there is no such administrator,
    /// or they have no password. It costs one hash, is no login, and leaves no trace.
    ///
    /// # Errors
    /// [`Error::Busy`]; the store's.
    pub async fn is_password_of_administrator(
        &self,
        username: &Username,
        password: Password,
    ) -> Result<Option<bool>, Error> {
        let login = Login::new(username.as_str());
        let user = self.store().user_by_login(&login).await?.filter(|user| user.is_active_admin());
        let hash = user.and_then(|user| user.credential.password_hash().cloned());
        if hash.is_none() {
            return Ok(None);
        }
        let checked = self.parts().hash_pool.verify(password, hash, None)?.await?;
        Ok(Some(matches!(checked.verification, Verification::Right { .. })))
    }
}

/// 120 bits in Crockford's base 32, in groups that can be read aloud.
fn random_password(entropy: &dyn Entropy) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0; 24];
    entropy.fill(&mut bytes);
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    letters.chunks(6).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
