//! Creates the first administrator.

use crate::register_user::own_names;
use crate::user_draft::NewProfile;
use crate::{Call, Error, Roster};
use roster_auth::Entropy;
use roster_auth::password::{Password, PasswordError, PasswordPolicy, Verification};
use roster_domain::{Action, Actor, AuditRecord, EmailAddress, Login, Username};
use roster_storage::{Change, CommitError, Conflict, Guard, UnitOfWork};
use std::sync::Arc;

/// The data of the first administrator.
pub struct FirstAdministrator {
    /// The username.
    pub username: Username,
    /// The email address.
    pub email: Option<EmailAddress>,
    /// The password. Default: a random one.
    pub password: Option<String>,
}

impl FirstAdministrator {
    /// Checks the password against the policy, if there is one.
    ///
    /// # Errors
    /// The rule that the password breaks.
    pub fn check(&self, policy: &PasswordPolicy) -> Result<(), PasswordError> {
        let Some(password) = &self.password else { return Ok(()) };
        let own = own_names(&self.username, self.email.as_ref());
        policy.check(&Password::new(password.clone()), &own)
    }
}

/// The result of [`Roster::create_first_administrator`].
#[derive(Debug, PartialEq, Eq)]
pub enum FirstAdministratorOutcome {
    /// There is an active administrator already.
    NotNeeded,
    /// The administrator was created with the given password.
    Created,
    /// The administrator was created with this random password, which is stored nowhere else.
    CreatedWithPassword(String),
}

impl Roster {
    /// Creates an administrator if there is no active one. If several processes try at once, one succeeds.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a password that breaks the policy; [`Error::Taken`] if a user who is not an active
    /// administrator has the name; [`Error::Busy`]; the errors of the store.
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
        let profile = NewProfile::administrator(username, email);
        let user = Arc::new(profile.into_user(self.new_user_id(), hash, self.parts().clock.now()));
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
    /// Whether `password` is the password of the active administrator with this name. `None` if there is no such
    /// administrator or they have no password. Costs one hash; is neither limited nor recorded.
    ///
    /// # Errors
    /// [`Error::Busy`]; the errors of the store.
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

/// A password of 120 random bits in Crockford's base 32, in groups of six.
fn random_password(entropy: &dyn Entropy) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0; 24];
    entropy.fill(&mut bytes);
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    letters.chunks(6).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
