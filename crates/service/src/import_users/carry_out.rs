//! Carries out the decisions about records.

use super::decision::{Decision, NewUser};
use super::known_users::ids_of;
use super::ledger::{ImportLedger, RecordFate};
use super::mode::ImportMode;
use crate::{Call, Error, Roster};
use futures_util::{StreamExt, stream};
use roster_auth::password::Password;
use roster_domain::{Action, Credential, PasswordHash, User, UserId};
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

/// Decisions about records that follow each other in the file.
pub(super) struct Batch {
    /// The place of the first one in the file.
    pub(super) first: usize,
    pub(super) decided: Vec<Decided>,
}

/// A record that is ready for the store.
enum Ready {
    /// Its fate is known from an earlier run.
    Settled,
    /// Its outcome holds once its unit is committed.
    Decided(Box<DecidedRecord>),
}

struct DecidedRecord {
    fate: RecordFate,
    /// `None` if nothing is to be written.
    new: Option<(Person, UnitOfWork)>,
}

impl Roster {
    /// Carries out decisions, and tells the ledger in their order. A dry run only tells.
    pub(super) async fn carry_out(
        &self,
        call: &Call,
        batch: Batch,
        mode: ImportMode,
        ledger: &mut dyn ImportLedger,
    ) -> Result<(), Error> {
        let Batch { first, decided } = batch;
        let most = decided.len().max(1);
        let settled: Vec<_> = (first..first + decided.len()).map(|index| ledger.is_settled(index)).collect();
        let preparing =
            decided.into_iter().zip(settled).enumerate().map(|(at, (decided, is_settled))| async move {
                if is_settled {
                    Ok(Ready::Settled)
                } else {
                    self.prepare(call, first + at, decided, mode).await
                }
            });
        // Where passwords are hashed, users are committed as their hashes become ready, otherwise all at once.
        let mut groups = stream::iter(preparing).buffered(CONCURRENT).ready_chunks(most);
        let mut end = first;
        while let Some(group) = groups.next().await {
            end += group.len();
            self.commit_group(group, end, ledger).await?;
        }
        Ok(())
    }

    async fn prepare(
        &self,
        call: &Call,
        index: usize,
        decided: Decided,
        mode: ImportMode,
    ) -> Result<Ready, Error> {
        let (location, decision) = decided;
        let ready = |outcome, new: Option<(Person, UserId, UnitOfWork)>| {
            let user = new.as_ref().map(|(_, id, _)| *id);
            let fate = RecordFate { index, report: RecordReport { location, outcome }, user };
            Ok(Ready::Decided(Box::new(DecidedRecord {
                fate,
                new: new.map(|(person, _, unit)| (person, unit)),
            })))
        };
        let new = match decision {
            Decision::Import(new) => *new,
            Decision::Unchanged(user) => return ready(unchanged(&user), None),
            Decision::Refuse(reason) => return ready(RecordOutcome::Refused { reason }, None),
        };
        let NewUser { mut person, username, notes } = new;
        let outcome = RecordOutcome::Imported {
            username: username.as_str().to_owned(),
            external_id: person.identifier(),
            status: person.status.kind().as_str(),
            reported: notes,
        };
        if mode == ImportMode::DryRun {
            return ready(outcome, None);
        }
        let credential = std::mem::replace(&mut person.credential, ImportedCredential::None);
        let credential = self.credential(call, credential).await?;
        let id = person.names.kept_id.unwrap_or_else(|| self.new_user_id());
        let user = Arc::new(person.to_user(id, username, credential));
        ready(outcome, Some((person, id, self.import_unit(call, user))))
    }

    fn import_unit(&self, call: &Call, user: Arc<User>) -> UnitOfWork {
        UnitOfWork::audited(self.record(call, Action::UserImported, user.id))
            .require_new_user(&user)
            .require_all(call.authority())
            .write(Change::PutUser(user))
    }

    /// Commits the users of a group, which ends before `end`, and tells the ledger.
    async fn commit_group(
        &self,
        group: Vec<Result<Ready, Error>>,
        end: usize,
        ledger: &mut dyn ImportLedger,
    ) -> Result<(), Error> {
        let (mut fates, mut people, mut units) = (Vec::with_capacity(group.len()), Vec::new(), Vec::new());
        let mut failure = None;
        for ready in group {
            match ready {
                Ok(Ready::Settled) => {}
                Ok(Ready::Decided(record)) => {
                    let DecidedRecord { fate, new } = *record;
                    let (person, unit) = new.unzip();
                    units.extend(unit);
                    people.push(person);
                    fates.push(fate);
                }
                // What comes before it is still committed.
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        if !units.is_empty() {
            ledger.plan(&fates).await?;
        }
        match (self.commit_records(&mut fates, people, units).await, failure) {
            (Ok(()), None) => ledger.settle(fates, end).await,
            (Ok(()), Some(error)) | (Err(error), _) => {
                ledger.interrupt(fates);
                Err(error)
            }
        }
    }

    /// Commits the units, one for each record with a person, and corrects the fates accordingly. After an error, only those
    /// remain whose outcome is known.
    async fn commit_records(
        &self,
        fates: &mut Vec<RecordFate>,
        people: Vec<Option<Person>>,
        units: Vec<UnitOfWork>,
    ) -> Result<(), Error> {
        let outcomes = if units.is_empty() { Vec::new() } else { self.store().commit_all(units).await };
        let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.map_err(Error::from)).collect();
        let taken = people.iter().flatten().zip(&outcomes);
        let taken = taken.filter(|(_, outcome)| matches!(outcome, Err(Error::Taken(_))));
        let known = self.known_users(&ids_of(taken.map(|(person, _)| person))).await;
        let known = known.inspect_err(|_| fates.clear())?;
        let mut outcomes = outcomes.into_iter();
        for at in 0..fates.len() {
            let Some(person) = &people[at] else { continue };
            let error = match outcomes.next() {
                Some(Ok(())) => continue,
                Some(Err(Error::Taken(field))) => {
                    fates[at].user = None;
                    fates[at].report.outcome = match known.find_imported(person) {
                        // Another import was faster.
                        Some(user) => unchanged(user),
                        None => RecordOutcome::Refused { reason: Refusal::TakenMeanwhile(field) },
                    };
                    continue;
                }
                Some(Err(error)) => error,
                None => CommitError::OutcomeUnknown("the store has not said".into()).into(),
            };
            fates.truncate(at);
            return Err(error);
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
