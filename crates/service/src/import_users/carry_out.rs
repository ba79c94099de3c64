//! Carries out the decisions about records.

use super::decision::{Decision, NewUser};
use super::known_users::ids_of;
use super::mode::ImportMode;
use crate::{Call, Error, Roster};
use futures_util::{StreamExt, stream};
use roster_auth::password::Password;
use roster_domain::{Action, Credential, PasswordHash, User};
use roster_import::{ImportedCredential, Person, RecordLocation, RecordOutcome, RecordReport, Refusal};
use roster_storage::{Change, CommitError, UnitOfWork};
use std::sync::Arc;
use std::time::Duration;

/// How long an import waits before it checks again whether the hash pool has room.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// How many records are made ready for the store at a time. Passwords of these are hashed concurrently.
const CONCURRENT: usize = 64;

/// A decision with the place of its record.
pub(super) type Decided = (RecordLocation, Decision);

/// A record whose outcome holds once its unit is committed.
struct Ready {
    location: RecordLocation,
    outcome: RecordOutcome,
    /// `None` if nothing is to be written.
    new: Option<(Person, UnitOfWork)>,
}

impl Roster {
    /// Carries out decisions, and reports them in their order. A dry run only reports them.
    pub(super) async fn carry_out(
        &self,
        call: &Call,
        decided: Vec<Decided>,
        mode: ImportMode,
        done: &mut (dyn FnMut(RecordReport) + Send),
    ) -> Result<(), Error> {
        let most = decided.len().max(1);
        let preparing = decided.into_iter().map(|decided| self.prepare(call, decided, mode));
        // Where passwords are hashed, users are committed as their hashes become ready, otherwise all at once.
        let mut groups = stream::iter(preparing).buffered(CONCURRENT).ready_chunks(most);
        while let Some(group) = groups.next().await {
            self.commit_group(group, done).await?;
        }
        Ok(())
    }

    async fn prepare(&self, call: &Call, decided: Decided, mode: ImportMode) -> Result<Ready, Error> {
        let (location, decision) = decided;
        let new = match decision {
            Decision::Import(new) => *new,
            Decision::Unchanged(user) => return Ok(Ready { location, outcome: unchanged(&user), new: None }),
            Decision::Refuse(reason) => {
                return Ok(Ready { location, outcome: RecordOutcome::Refused { reason }, new: None });
            }
        };
        let NewUser { mut person, username, notes } = new;
        let outcome = RecordOutcome::Imported {
            username: username.as_str().to_owned(),
            external_id: person.identifier(),
            status: person.status.kind().as_str(),
            reported: notes,
        };
        if mode == ImportMode::DryRun {
            return Ok(Ready { location, outcome, new: None });
        }
        let credential = std::mem::replace(&mut person.credential, ImportedCredential::None);
        let credential = self.credential(call, credential).await?;
        let id = person.names.kept_id.unwrap_or_else(|| self.new_user_id());
        let user = Arc::new(person.to_user(id, username, credential));
        let unit = UnitOfWork::audited(self.record(call, Action::UserImported, user.id))
            .require_new_user(&user)
            .write(Change::PutUser(user));
        Ok(Ready { location, outcome, new: Some((person, unit)) })
    }

    /// Commits the users of a group, and reports each record.
    async fn commit_group(
        &self,
        group: Vec<Result<Ready, Error>>,
        done: &mut (dyn FnMut(RecordReport) + Send),
    ) -> Result<(), Error> {
        let (mut records, mut units, mut failure) = (Vec::with_capacity(group.len()), Vec::new(), None);
        for ready in group {
            match ready {
                Ok(Ready { location, outcome, new }) => {
                    let (person, unit) = new.unzip();
                    units.extend(unit);
                    records.push((RecordReport { location, outcome }, person));
                }
                // What comes before it is still committed.
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        self.commit_records(records, units, done).await?;
        failure.map_or(Ok(()), Err)
    }

    /// Commits the units, one for each record with a person, and reports the records.
    async fn commit_records(
        &self,
        records: Vec<(RecordReport, Option<Person>)>,
        units: Vec<UnitOfWork>,
        done: &mut (dyn FnMut(RecordReport) + Send),
    ) -> Result<(), Error> {
        let outcomes = if units.is_empty() { Vec::new() } else { self.store().commit_all(units).await };
        let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.map_err(Error::from)).collect();
        let people = records.iter().filter_map(|(_, person)| person.as_ref());
        let taken = people.zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Err(Error::Taken(_))));
        let known = self.known_users(&ids_of(taken.map(|(person, _)| person))).await?;
        let mut outcomes = outcomes.into_iter();
        for (mut report, person) in records {
            match person.map(|person| (person, outcomes.next())) {
                None | Some((_, Some(Ok(())))) => {}
                Some((person, Some(Err(Error::Taken(field))))) => {
                    report.outcome = match known.find_imported(&person) {
                        // Another import was faster.
                        Some(user) => unchanged(user),
                        None => RecordOutcome::Refused { reason: Refusal::TakenMeanwhile(field) },
                    };
                }
                Some((_, Some(Err(error)))) => return Err(error),
                Some((_, None)) => {
                    return Err(CommitError::OutcomeUnknown("the store has not said".into()).into());
                }
            }
            done(report);
        }
        Ok(())
    }

    async fn credential(&self, call: &Call, credential: ImportedCredential) -> Result<Credential, Error> {
        Ok(match credential {
            ImportedCredential::Hash(hash) => Credential::Password(hash),
            ImportedCredential::PlainText(password) => {
                Credential::Password(self.hash_when_idle(call, password).await?)
            }
            ImportedCredential::Unusable(reason) => Credential::Unusable { reason: reason.reason() },
            ImportedCredential::None => Credential::None,
        })
    }

    /// Hashes a password once the hash pool has room for it, so that an import does not displace logins.
    async fn hash_when_idle(&self, call: &Call, password: Password) -> Result<PasswordHash, Error> {
        let password = Arc::new(password);
        loop {
            if self.parts().hash_pool.has_room(call.address()) {
                match self.hash(call, password.clone()).await {
                    // A login was faster, or displaced this password.
                    Err(Error::Busy { .. }) => {}
                    outcome => return outcome,
                }
            }
            tokio::time::sleep(RETRY_INTERVAL).await;
        }
    }
}

fn unchanged(user: &User) -> RecordOutcome {
    let external_id = user.external_id.as_ref().map(|id| id.as_str().to_owned());
    RecordOutcome::Unchanged {
        username: user.username.as_str().to_owned(),
        external_id: external_id.unwrap_or_else(|| user.id.to_string()),
    }
}
