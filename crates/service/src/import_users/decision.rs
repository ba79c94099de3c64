//! Decides what to do about a record.

use super::claims::Claims;
use crate::{Call, Error, Roster};
use roster_domain::{Login, User, UserId, Username, policy};
use roster_import::{Holder, Note, ParsedRecord, Person, RecordLocation, Refusal, UsernameOrigin};
use roster_storage::StoreError;
use std::sync::Arc;

/// What to do about a record.
pub(super) enum Decision {
    Import(Box<NewUser>),
    Unchanged(Arc<User>),
    Refuse(Refusal),
}

/// A person to create a user for.
pub(super) struct NewUser {
    pub(super) person: Person,
    pub(super) username: Username,
    pub(super) notes: Vec<Note>,
}

/// Why there is no decision: the record is refused, or the store failed.
enum DecisionError {
    Refused(Refusal),
    Failed(Error),
}

impl From<Refusal> for DecisionError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for DecisionError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Drops the original spelling of a username if it is the name of another record.
fn drop_claimed_alias(record: &mut ParsedRecord, claims: &Claims) {
    if claims.is_alias_claimed(&record.person.names) {
        let alias = record.person.names.login_alias.take();
        record.notes.extend(alias.map(|alias| Note::AliasTaken(alias.as_str().to_owned())));
    }
}

impl Roster {
    /// Compares a record with the store and with the records before it.
    pub(super) async fn decide(
        &self,
        call: &Call,
        record: ParsedRecord,
        location: &RecordLocation,
        claims: &mut Claims,
    ) -> Result<Decision, Error> {
        match self.compare(call, record, location, claims).await {
            Ok(decision) => Ok(decision),
            Err(DecisionError::Refused(refusal)) => Ok(Decision::Refuse(refusal)),
            Err(DecisionError::Failed(error)) => Err(error),
        }
    }

    async fn compare(
        &self,
        call: &Call,
        mut record: ParsedRecord,
        location: &RecordLocation,
        claims: &mut Claims,
    ) -> Result<Decision, DecisionError> {
        claims.check_external_id(&record.person.names)?;
        if let Some(user) = self.find_existing(&record.person, claims).await? {
            claims.add_user(&user, location);
            return Ok(Decision::Unchanged(user));
        }
        policy::grant(&call.principal, &record.person.roles).map_err(Refusal::from)?;
        drop_claimed_alias(&mut record, claims);
        self.release_taken_id(&mut record, claims).await?;
        let username = match self.require_free_names(&record.person, claims).await {
            Ok(username) => username,
            Err(error) => {
                // Another import may have created the user since the look-up above.
                let user = self.find_imported(&record.person).await?.ok_or(error)?;
                claims.add_user(&user, location);
                return Ok(Decision::Unchanged(user));
            }
        };
        let ParsedRecord { person, mut notes, .. } = record;
        if username != person.names.username.base {
            notes.push(Note::UsernameAlternative(username.as_str().to_owned()));
        }
        claims.add_person(&person.names, &username, location);
        Ok(Decision::Import(Box::new(NewUser { person, username, notes })))
    }

    /// The user that an earlier import created for the record. Refuses a person whose external id belongs to another user.
    async fn find_existing(
        &self,
        person: &Person,
        claims: &Claims,
    ) -> Result<Option<Arc<User>>, DecisionError> {
        if let Some(id) = &person.names.external_id
            && let Some(user) = self.store().user_by_external_id(id).await?
        {
            if !person.is(&user) {
                let wanted = id.as_str().to_owned();
                return Err(Refusal::ExternalIdTaken { wanted, holder: claims.holder(&user) }.into());
            }
            return Ok(Some(user));
        }
        Ok(self.find_by_other_id(person).await?)
    }

    /// The user of a record whose external id no user has. Finds them by the kept id; by a user id in the field for the
    /// external id, as in exports of this store; or by the local part of the email address, which earlier versions used as
    /// the external id of a person without a username.
    async fn find_by_other_id(&self, person: &Person) -> Result<Option<Arc<User>>, StoreError> {
        let names = &person.names;
        let exported_id = names.external_id.as_ref().and_then(|id| id.as_str().parse::<UserId>().ok());
        if let Some(id) = names.kept_id.or(exported_id) {
            let user = self.store().user(id).await?;
            let is_named = |user: &User| names.kept_id.is_some() || user.external_id.is_none();
            if let Some(user) = user.filter(|user| is_named(user) && person.is(user)) {
                return Ok(Some(user));
            }
        }
        let (UsernameOrigin::FromEmail, Some(email)) = (names.username.origin, &names.email) else {
            return Ok(None);
        };
        let user = self.store().user_by_login(&Login::new(email.as_str())).await?;
        Ok(user.filter(|user| {
            user.email.as_ref().is_some_and(|held| held.key() == email.key())
                && user.external_id.as_ref().is_some_and(|id| id.as_str() == email.local_part())
                && names.external_id.as_ref().is_some_and(|id| id.as_str() == email.as_str())
        }))
    }

    /// The user with this person's external id or kept id, if the username matches too.
    pub(super) async fn find_imported(&self, person: &Person) -> Result<Option<Arc<User>>, StoreError> {
        let by_id = match &person.names.external_id {
            Some(id) => self.store().user_by_external_id(id).await?,
            None => None,
        };
        let by_id = match (by_id, person.names.kept_id) {
            (None, Some(id)) => self.store().user(id).await?,
            (found, _) => found,
        };
        Ok(by_id.filter(|user| person.is(user)))
    }

    /// Drops the kept id if another user or an earlier record has it.
    async fn release_taken_id(
        &self,
        record: &mut ParsedRecord,
        claims: &Claims,
    ) -> Result<(), DecisionError> {
        let Some(id) = record.person.names.kept_id else { return Ok(()) };
        if !claims.is_id_held(&id.to_string()) && self.store().user(id).await?.is_none() {
            return Ok(());
        }
        Ok(record.release_id()?)
    }

    /// The username for the person. Refuses a person if a user or an earlier record has one of the names. The guards of
    /// the commit check the names again, but only this check can report who has the name.
    async fn require_free_names(&self, person: &Person, claims: &Claims) -> Result<Username, DecisionError> {
        let username = self.free_username(person, claims).await?;
        claims.check_email_and_alias(&person.names)?;
        if let Some(email) = &person.names.email
            && let Some(user) = self.find_by_login(email.as_str()).await?
        {
            let wanted = email.as_str().to_owned();
            return Err(Refusal::EmailTaken { wanted, holder: claims.holder(&user) }.into());
        }
        if let Some(alias) = &person.names.login_alias
            && let Some(user) = self.find_by_login(alias.as_str()).await?
        {
            let wanted = alias.as_str().to_owned();
            return Err(Refusal::AliasTaken { wanted, holder: claims.holder(&user) }.into());
        }
        Ok(username)
    }

    async fn free_username(&self, person: &Person, claims: &Claims) -> Result<Username, DecisionError> {
        let proposed = &person.names.username;
        let wanted = || proposed.base.as_str().to_owned();
        let mut first_holder: Option<Holder> = None;
        for username in proposed.candidates(person.names.email.as_ref()) {
            if proposed.origin == UsernameOrigin::Verbatim {
                if let Some(holder) = claims.username_holder(&username) {
                    return Err(Refusal::UsernameTaken { wanted: wanted(), holder }.into());
                }
            } else if claims.is_username_claimed(&username) {
                continue;
            }
            match self.find_by_login(username.as_str()).await? {
                None => return Ok(username),
                Some(user) => first_holder = first_holder.or_else(|| Some(claims.holder(&user))),
            }
        }
        let holder = first_holder.unwrap_or_else(|| Holder { username: wanted(), location: None });
        Err(Refusal::UsernameTaken { wanted: wanted(), holder }.into())
    }

    /// The user who can log in with this name: a username, an email address or an original spelling.
    async fn find_by_login(&self, login: &str) -> Result<Option<Arc<User>>, StoreError> {
        self.store().user_by_login(&Login::new(login)).await
    }
}
