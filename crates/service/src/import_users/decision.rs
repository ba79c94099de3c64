//! What is to be done about a record, and doing it.

use super::ImportMode;
use super::claims::{Claims, external_id_taken, username_taken};
use super::file::RawRecord;
use super::note::Note;
use super::password::Secret;
use super::person::Person;
use super::refusal::Refusal;
use super::report::RecordOutcome;
use crate::{Call, Error, Roster};
use jiff::Timestamp;
use roster_auth::password::Password;
use roster_domain::{Action, Credential, ExternalId, Login, PasswordHash, User, UserId, UsernameKey, policy};
use roster_storage::{Change, StoreError, UnitOfWork};
use std::sync::Arc;
use std::time::Duration;

/// How long an import waits before it looks for room in the queue of passwords again.
const PATIENCE: Duration = Duration::from_millis(5);

/// What is to be done about a record.
pub(super) enum Decision {
    Import(Box<Person>, Vec<Note>),
    Unchanged(Arc<User>),
    Refuse(Refusal),
}

/// Why there is no person to import: the record's fault, or the store's.
enum Setback {
    Refused(Refusal),
    Failed(Error),
}

impl From<Refusal> for Setback {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Setback {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Roster {
    /// Understands a record and compares it with the store and with the records before it.
    pub(super) async fn decide(
        &self,
        call: &Call,
        record: &RawRecord<'_>,
        now: Timestamp,
        claims: &mut Claims,
    ) -> Result<Decision, Error> {
        match self.consider(call, record, now, claims).await {
            Ok(decision) => Ok(decision),
            Err(Setback::Refused(refusal)) => Ok(Decision::Refuse(refusal)),
            Err(Setback::Failed(error)) => Err(error),
        }
    }

    async fn consider(
        &self,
        call: &Call,
        record: &RawRecord<'_>,
        now: Timestamp,
        claims: &mut Claims,
    ) -> Result<Decision, Setback> {
        let (person, notes) = Person::read(record.fields()?, &record.place, now)?;
        claims.check_external_id(&person)?;
        if let Some(user) = self.store().user_by_external_id(&person.external_id).await? {
            if user.username.key() != person.username.key() {
                return Err(external_id_taken(&person, &claims.holder(&user)).into());
            }
            claims.add_user(&user, &record.place);
            return Ok(Decision::Unchanged(user));
        }
        if let Some(user) = self.exported(&person).await? {
            claims.add_user(&user, &record.place);
            return Ok(Decision::Unchanged(user));
        }
        policy::grant(&call.principal, &person.roles).map_err(Refusal::from)?;
        claims.check_names(&person)?;
        if let Err(setback) = self.check_names(&person, claims).await {
            // Another import may have brought them in since the look-up above.
            let user = self.brought_in(&person.external_id, person.username.key()).await?.ok_or(setback)?;
            claims.add_user(&user, &record.place);
            return Ok(Decision::Unchanged(user));
        }
        claims.add_person(&person, &record.place);
        Ok(Decision::Import(Box::new(person), notes))
    }

    /// The user whom an export of this very store wrote: they have no external id, so it names them by id.
    async fn exported(&self, person: &Person) -> Result<Option<Arc<User>>, StoreError> {
        let Ok(id) = person.external_id.as_str().parse::<UserId>() else { return Ok(None) };
        let user = self.store().user(id).await?;
        Ok(user.filter(|user| user.external_id.is_none() && user.username.key() == person.username.key()))
    }

    /// The user with this external id, if it is who the file means.
    async fn brought_in(&self, id: &ExternalId, key: &UsernameKey) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.store().user_by_external_id(id).await?.filter(|user| user.username.key() == key))
    }

    /// Refuses a person one of whose names somebody in the store has. The commit's guards have the last
    /// word; this one knows who it is.
    async fn check_names(&self, person: &Person, claims: &Claims) -> Result<(), Setback> {
        let named = |user: &User| user.username.key() == person.username.key();
        if let Some(user) = self.found(person.username.as_str(), named).await? {
            return Err(username_taken(person, &claims.holder(&user)).into());
        }
        if let Some(email) = &person.email {
            let reached = |user: &User| user.email.as_ref().is_some_and(|held| held.key() == email.key());
            if let Some(user) = self.found(email.as_str(), reached).await? {
                let wanted = email.as_str().to_owned();
                return Err(Refusal::EmailTaken { wanted, holder: claims.holder(&user) }.into());
            }
        }
        if let Some(alias) = &person.login_alias {
            let known = |user: &User| user.login_alias.as_ref().is_some_and(|held| held.key() == alias.key());
            if let Some(user) = self.found(alias.as_str(), known).await? {
                let wanted = alias.as_str().to_owned();
                return Err(Refusal::AliasTaken { wanted, holder: claims.holder(&user) }.into());
            }
        }
        Ok(())
    }

    async fn found(
        &self,
        login: &str,
        is_meant: impl Fn(&User) -> bool + Send,
    ) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.store().user_by_login(&Login::new(login)).await?.filter(|user| is_meant(user)))
    }

    /// Does what was decided, unless nothing is to be written.
    pub(super) async fn carry_out(
        &self,
        call: &Call,
        decision: Decision,
        mode: ImportMode,
    ) -> Result<RecordOutcome, Error> {
        let (person, reported) = match decision {
            Decision::Import(person, notes) => (*person, notes),
            Decision::Unchanged(user) => return Ok(unchanged(&user)),
            Decision::Refuse(reason) => return Ok(RecordOutcome::Refused { reason }),
        };
        let imported = RecordOutcome::Imported {
            username: person.username.as_str().to_owned(),
            external_id: person.external_id.as_str().to_owned(),
            status: person.status.kind().as_str(),
            reported,
        };
        if mode == ImportMode::DryRun {
            return Ok(imported);
        }
        let (id, key) = (person.external_id.clone(), person.username.key().clone());
        match self.bring_in(call, person).await {
            Ok(()) => Ok(imported),
            Err(Error::Taken(field)) => Ok(match self.brought_in(&id, &key).await? {
                Some(user) => unchanged(&user),
                None => RecordOutcome::Refused { reason: Refusal::TakenMeanwhile(field) },
            }),
            Err(error) => Err(error),
        }
    }

    async fn bring_in(&self, call: &Call, mut person: Person) -> Result<(), Error> {
        let credential = match std::mem::replace(&mut person.secret, Secret::None) {
            Secret::Hash(hash) => Credential::Password(hash),
            Secret::PlainText(password) => Credential::Password(self.hash_patiently(call, password).await?),
            Secret::Unusable(reason) => Credential::Unusable { reason },
            Secret::None => Credential::None,
        };
        let user = Arc::new(person.into_user(self.new_user_id(), credential));
        let work = UnitOfWork::audited(self.record(call, Action::UserImported, user.id))
            .require_names_free(&user)
            .write(Change::PutUser(user));
        Ok(self.store().commit(work).await?)
    }

    /// Hashes a password as soon as there is room for it: an import is in no hurry, and displaces nobody.
    async fn hash_patiently(&self, call: &Call, password: Password) -> Result<PasswordHash, Error> {
        let password = Arc::new(password);
        loop {
            if self.parts().hash_pool.has_room(call.address()) {
                match self.hash(call, password.clone()).await {
                    // Others were quicker, or have displaced it.
                    Err(Error::Busy { .. }) => {}
                    outcome => return outcome,
                }
            }
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

fn unchanged(user: &User) -> RecordOutcome {
    let external_id = user.external_id.as_ref().map_or("", ExternalId::as_str);
    RecordOutcome::Unchanged {
        username: user.username.as_str().to_owned(),
        external_id: external_id.to_owned(),
    }
}
