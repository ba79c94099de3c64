//! Decides what to do about a record.

use super::claims::Claims;
use super::known_users::KnownUsers;
use crate::Call;
use roster_domain::{User, UserId, Username, policy};
use roster_import::{Holder, Note, ParsedRecord, Person, RecordLocation, Refusal, UsernameOrigin};
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

/// Drops the original spelling of a username if it is the name of another record.
fn drop_claimed_alias(record: &mut ParsedRecord, claims: &Claims) {
    if claims.is_alias_claimed(&record.person.names) {
        let alias = record.person.names.login_alias.take();
        record.notes.extend(alias.map(|alias| Note::AliasTaken(alias.as_str().to_owned())));
    }
}

/// Compares records with the store and with the records before them.
pub(super) struct Decider<'d> {
    pub(super) call: &'d Call,
    pub(super) claims: &'d mut Claims,
    pub(super) known: &'d KnownUsers,
}

impl Decider<'_> {
    /// Decides about the record at `location`.
    pub(super) fn decide(&mut self, record: ParsedRecord, location: &RecordLocation) -> Decision {
        self.compare(record, location).unwrap_or_else(Decision::Refuse)
    }

    fn compare(&mut self, mut record: ParsedRecord, location: &RecordLocation) -> Result<Decision, Refusal> {
        self.claims.check_external_id(&record.person.names)?;
        if let Some(user) = self.find_existing(&record.person)? {
            self.claims.add_user(&user, location);
            return Ok(Decision::Unchanged(user));
        }
        policy::grant(&self.call.principal, &record.person.roles).map_err(Refusal::from)?;
        drop_claimed_alias(&mut record, self.claims);
        self.release_taken_id(&mut record)?;
        let username = match self.require_free_names(&record.person) {
            Ok(username) => username,
            Err(refusal) => {
                // An earlier import has kept the id that was released just now as the external id.
                let user = Arc::clone(self.known.find_imported(&record.person).ok_or(refusal)?);
                self.claims.add_user(&user, location);
                return Ok(Decision::Unchanged(user));
            }
        };
        let ParsedRecord { person, mut notes, .. } = record;
        if username != person.names.username.base {
            notes.push(Note::UsernameAlternative(username.as_str().to_owned()));
        }
        self.claims.add_person(&person.names, &username, location);
        Ok(Decision::Import(Box::new(NewUser { person, username, notes })))
    }

    /// The user that an earlier import created for the record. Refuses a person whose external id belongs to another user.
    fn find_existing(&self, person: &Person) -> Result<Option<Arc<User>>, Refusal> {
        if let Some(id) = &person.names.external_id
            && let Some(user) = self.known.user_by_external_id(id)
        {
            if !person.is(user) {
                let wanted = id.as_str().to_owned();
                return Err(Refusal::ExternalIdTaken { wanted, holder: self.claims.holder(user) });
            }
            return Ok(Some(Arc::clone(user)));
        }
        Ok(self.find_by_other_id(person).cloned())
    }

    /// The user of a record whose external id no user has. Finds them by the kept id; by a user id in the field for the
    /// external id, as in exports of this store; or by the local part of the email address, which earlier versions used as
    /// the external id of a person without a username.
    fn find_by_other_id(&self, person: &Person) -> Option<&Arc<User>> {
        let names = &person.names;
        let exported_id = names.external_id.as_ref().and_then(|id| id.as_str().parse::<UserId>().ok());
        if let Some(id) = names.kept_id.or(exported_id) {
            let is_named = |user: &User| names.kept_id.is_some() || user.external_id.is_none();
            let user = self.known.user(id).filter(|user| is_named(user) && person.is(user));
            if user.is_some() {
                return user;
            }
        }
        let (UsernameOrigin::FromEmail, Some(email)) = (names.username.origin, &names.email) else {
            return None;
        };
        self.known.user_by_login(email.as_str()).filter(|user| {
            user.email.as_ref().is_some_and(|held| held.key() == email.key())
                && user.external_id.as_ref().is_some_and(|id| id.as_str() == email.local_part())
                && names.external_id.as_ref().is_some_and(|id| id.as_str() == email.as_str())
        })
    }

    /// Drops the kept id if another user or an earlier record has it.
    fn release_taken_id(&self, record: &mut ParsedRecord) -> Result<(), Refusal> {
        let Some(id) = record.person.names.kept_id else { return Ok(()) };
        if !self.claims.is_id_held(&id.to_string()) && self.known.user(id).is_none() {
            return Ok(());
        }
        record.release_id()
    }

    /// The username for the person. Refuses a person if a user or an earlier record has one of the names. The guards of
    /// the commit check the names again, but only this check can report who has the name.
    fn require_free_names(&self, person: &Person) -> Result<Username, Refusal> {
        let username = self.free_username(person)?;
        self.claims.check_email_and_alias(&person.names)?;
        if let Some(email) = &person.names.email
            && let Some(user) = self.known.user_by_login(email.as_str())
        {
            let wanted = email.as_str().to_owned();
            return Err(Refusal::EmailTaken { wanted, holder: self.claims.holder(user) });
        }
        if let Some(alias) = &person.names.login_alias
            && let Some(user) = self.known.user_by_login(alias.as_str())
        {
            let wanted = alias.as_str().to_owned();
            return Err(Refusal::AliasTaken { wanted, holder: self.claims.holder(user) });
        }
        Ok(username)
    }

    fn free_username(&self, person: &Person) -> Result<Username, Refusal> {
        let proposed = &person.names.username;
        let wanted = || proposed.base.as_str().to_owned();
        let mut first_holder: Option<Holder> = None;
        for username in proposed.candidates(person.names.email.as_ref()) {
            if proposed.origin == UsernameOrigin::Verbatim {
                if let Some(holder) = self.claims.username_holder(&username) {
                    return Err(Refusal::UsernameTaken { wanted: wanted(), holder });
                }
            } else if self.claims.is_username_claimed(&username) {
                continue;
            }
            match self.known.user_by_login(username.as_str()) {
                None => return Ok(username),
                Some(user) => first_holder = first_holder.or_else(|| Some(self.claims.holder(user))),
            }
        }
        let holder = first_holder.unwrap_or_else(|| Holder { username: wanted(), location: None });
        Err(Refusal::UsernameTaken { wanted: wanted(), holder })
    }
}
