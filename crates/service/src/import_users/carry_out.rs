//! Carries out the decisions about records.

use super::decision::{Decision, NewUser};
use super::known_users::ids_of;
use super::ledger::{ImportLedger, RecordFate};
use super::mode::ImportMode;
use crate::{Call, Error, Roster};
use futures_util::{StreamExt, stream};
use roster_auth::password::Password;
use roster_domain::{Action, Credential, PasswordHash, User, Username};
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

/// Records that follow each other in the file, on their way to the store.
pub(super) struct Batch {
    /// The place of the first one in the file.
    first: usize,
    records: Vec<Prepared>,
}

/// A record on its way to the store.
enum Prepared {
    /// It is ready.
    Ready(DecidedRecord),
    /// Its password has to be hashed.
    Unhashed(Password, Box<NewRecord>),
}

/// A person to create a user for, and what is told about it.
struct NewRecord {
    person: Person,
    username: Username,
    fate: RecordFate,
}

/// A record that is ready for the store. Its outcome holds once its unit is committed.
struct DecidedRecord {
    fate: RecordFate,
    /// `None` if nothing is to be written.
    new: Option<Box<(Person, UnitOfWork)>>,
}

impl Batch {
    /// Nothing, at this place of the file.
    pub(super) const fn empty(first: usize) -> Self {
        Self { first, records: Vec::new() }
    }

    /// The place of the record after the last one.
    pub(super) const fn end(&self) -> usize {
        self.first + self.records.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl Roster {
    /// Prepares what follows from decisions, except for hashing passwords.
    pub(super) fn prepare(
        &self,
        call: &Call,
        first: usize,
        decided: Vec<Decided>,
        mode: ImportMode,
    ) -> Batch {
        let records = (first..).zip(decided);
        let records = records.map(|(index, decided)| self.prepare_record(call, index, decided, mode));
        Batch { first, records: records.collect() }
    }

    fn prepare_record(&self, call: &Call, index: usize, decided: Decided, mode: ImportMode) -> Prepared {
        let (location, decision) = decided;
        let fate = |outcome| RecordFate { index, report: RecordReport { location, outcome }, user: None };
        let settled = |fate| Prepared::Ready(DecidedRecord { fate, new: None });
        let NewUser { mut person, username, notes } = match decision {
            Decision::Import(new) => *new,
            Decision::Unchanged(user) => return settled(fate(unchanged(&user))),
            Decision::Refuse(reason) => return settled(fate(RecordOutcome::Refused { reason })),
        };
        let fate = fate(RecordOutcome::Imported {
            username: username.as_str().to_owned(),
            external_id: person.identifier(),
            status: person.status.kind().as_str(),
            reported: notes,
        });
        if mode == ImportMode::DryRun {
            return settled(fate);
        }
        let credential = std::mem::replace(&mut person.credential, ImportedCredential::None);
        let new = Box::new(NewRecord { person, username, fate });
        let credential = match credential {
            ImportedCredential::PlainText(password) => return Prepared::Unhashed(password, new),
            ImportedCredential::Hash(hash) => Credential::Password(hash),
            ImportedCredential::Unusable(reason) => Credential::Unusable { reason: reason.reason() },
            ImportedCredential::None => Credential::None,
        };
        Prepared::Ready(self.ready_record(call, *new, credential))
    }

    fn ready_record(&self, call: &Call, new: NewRecord, credential: Credential) -> DecidedRecord {
        let NewRecord { person, username, mut fate } = new;
        let id = person.names.kept_id.unwrap_or_else(|| self.new_user_id());
        fate.user = Some(id);
        let user = Arc::new(person.to_user(id, username, credential));
        DecidedRecord { fate, new: Some(Box::new((person, self.import_unit(call, user)))) }
    }

    /// Carries out decisions, and tells the ledger in their order. A dry run only tells.
    pub(super) async fn carry_out(
        &self,
        call: &Call,
        batch: Batch,
        ledger: &mut dyn ImportLedger,
    ) -> Result<(), Error> {
        let mut end = batch.first;
        let most = batch.records.len().max(1);
        let settled: Vec<_> = (end..batch.end()).map(|index| ledger.is_settled(index)).collect();
        let hashing = batch.records.into_iter().zip(settled).map(|(record, is_settled)| async move {
            match record {
                _ if is_settled => Ok::<_, Error>(None),
                Prepared::Ready(record) => Ok(Some(record)),
                Prepared::Unhashed(password, new) => {
                    let credential = Credential::Password(self.hash_when_idle(call, password).await?);
                    Ok(Some(self.ready_record(call, *new, credential)))
                }
            }
        });
        // Where passwords are hashed, users are committed as their hashes become ready, otherwise all at once.
        let mut groups = stream::iter(hashing).buffered(CONCURRENT).ready_chunks(most);
        while let Some(group) = groups.next().await {
            end += group.len();
            self.commit_group(group, end, ledger).await?;
        }
        Ok(())
    }

    fn import_unit(&self, call: &Call, user: Arc<User>) -> UnitOfWork {
        UnitOfWork::audited(self.record(call, Action::UserImported, user.id))
            .require_new_user(&user)
            .require_all(call.authority())
            .write(Change::PutUser(user))
    }

    /// Commits the users of a group, which ends before `end`, and tells the ledger. Nothing is left to do about a record whose fate
    /// is known from an earlier run.
    async fn commit_group(
        &self,
        group: Vec<Result<Option<DecidedRecord>, Error>>,
        end: usize,
        ledger: &mut dyn ImportLedger,
    ) -> Result<(), Error> {
        let (mut fates, mut people, mut units) = (Vec::with_capacity(group.len()), Vec::new(), Vec::new());
        let mut failure = None;
        for ready in group {
            match ready {
                Ok(None) => {}
                Ok(Some(DecidedRecord { fate, new })) => {
                    let (person, unit) = new.map(|new| *new).unzip();
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
