//! What may and what must be found after a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use roster_domain::{ServiceAccount, ServiceAccountId, Session, SessionId, User, UserId};
use roster_storage::{Change, CommitError, UnitOfWork};

use crate::state::State;

/// Remembers the result of every unit.
#[derive(Default)]
pub(super) struct Oracle {
    users: KnownValues<UserId, User>,
    sessions: KnownValues<SessionId, Session>,
    service_accounts: KnownValues<ServiceAccountId, ServiceAccount>,
    /// The audit records of acknowledged units.
    acknowledged: BTreeSet<String>,
    /// The audit records of rejected units, which must never be seen.
    rejected: BTreeSet<String>,
    /// The audit records of units whose outcome is unknown.
    unknown: BTreeSet<String>,
}

/// The possible states of each item that was ever written.
struct KnownValues<K, V>(BTreeMap<K, Known<V>>);

struct Known<V> {
    /// The state that was last acknowledged or found at start.
    now: Option<Arc<V>>,
    /// The states that it may have after a restart.
    perhaps: Vec<Option<Arc<V>>>,
}

impl<K, V> Default for KnownValues<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V> Default for Known<V> {
    fn default() -> Self {
        Self { now: None, perhaps: Vec::new() }
    }
}

impl<K: Ord + Copy + Debug, V: PartialEq + Debug> KnownValues<K, V> {
    fn note(&mut self, key: K, result: Option<Arc<V>>, certainty: Certainty) {
        let known = self.0.entry(key).or_default();
        match certainty {
            Certainty::Acknowledged => known.now = result,
            Certainty::Unknown => known.perhaps.push(result),
            Certainty::Rejected => {}
        }
    }

    fn settle(&mut self) {
        self.0.values_mut().for_each(|known| known.perhaps.clear());
    }

    fn check_running<'a>(&self, find: impl Fn(K) -> Option<&'a Arc<V>>)
    where
        V: 'a,
    {
        for (key, known) in &self.0 {
            assert_eq!(find(*key), known.now.as_ref(), "{key:?} seen while running");
        }
    }

    fn check_reopened<'a>(&mut self, find: impl Fn(K) -> Option<&'a Arc<V>>)
    where
        V: 'a,
    {
        for (key, known) in &mut self.0 {
            let found = find(*key).cloned();
            assert!(
                found == known.now || known.perhaps.contains(&found),
                "found {found:?}, acknowledged {:?}, perhaps {:?}",
                known.now,
                known.perhaps
            );
            known.now = found;
            known.perhaps.clear();
        }
    }

    fn existing(&self) -> impl Iterator<Item = &Arc<V>> {
        self.0.values().filter_map(|known| known.now.as_ref())
    }

    fn any(&self, choice: u64) -> Option<Arc<V>> {
        let count = self.existing().count();
        let choice = usize::try_from(choice).unwrap();
        (count > 0).then(|| Arc::clone(self.existing().nth(choice % count).unwrap()))
    }
}

#[derive(Clone, Copy)]
enum Certainty {
    Acknowledged,
    Unknown,
    Rejected,
}

impl Oracle {
    /// Records the result of a unit.
    pub(super) fn observe(&mut self, work: &UnitOfWork, outcome: &Result<(), CommitError>) {
        let (certainty, names) = match outcome {
            Ok(()) => (Certainty::Acknowledged, &mut self.acknowledged),
            Err(CommitError::OutcomeUnknown(_)) => (Certainty::Unknown, &mut self.unknown),
            Err(CommitError::Conflict(_) | CommitError::Unavailable(_) | CommitError::Damaged(_)) => {
                (Certainty::Rejected, &mut self.rejected)
            }
        };
        names.extend(work.record().map(|record| record.id.to_string()));
        for change in work.changes() {
            self.note(change, certainty);
        }
        if outcome.is_ok() {
            // The numbers of all earlier failures are discarded now.
            self.rejected.append(&mut self.unknown);
            self.users.settle();
            self.sessions.settle();
            self.service_accounts.settle();
        }
    }

    fn note(&mut self, change: &Change, certainty: Certainty) {
        match change {
            Change::PutUser(user) => self.users.note(user.id, Some(Arc::clone(user)), certainty),
            Change::RemoveUser(id) => {
                self.users.note(*id, None, certainty);
                self.end_sessions(*id, None, certainty);
            }
            Change::PutSession(session) => {
                let has_user = self.users.existing().any(|user| user.id == session.user);
                let result = has_user.then(|| Arc::clone(session));
                self.sessions.note(session.id, result, certainty);
            }
            Change::RemoveSession(id) => self.sessions.note(*id, None, certainty),
            Change::RemoveSessionsOf { user, keep } => self.end_sessions(*user, *keep, certainty),
            Change::PutServiceAccount(account) => {
                self.service_accounts.note(account.id, Some(Arc::clone(account)), certainty);
            }
            Change::RemoveServiceAccount(id) => self.service_accounts.note(*id, None, certainty),
        }
    }

    fn end_sessions(&mut self, user: UserId, keep: Option<SessionId>, certainty: Certainty) {
        let ended = |session: &&Arc<Session>| session.user == user && Some(session.id) != keep;
        let ended: Vec<_> = self.sessions.existing().filter(ended).map(|session| session.id).collect();
        for id in ended {
            self.sessions.note(id, None, certainty);
        }
    }

    /// While the store runs, readers see the acknowledged state and nothing else.
    pub(super) fn check_running(&self, state: &State) {
        self.users.check_running(|id| state.user(id));
        self.sessions.check_running(|id| state.sessions().get(id));
        self.service_accounts.check_running(|id| state.service_accounts().account(id));
    }

    /// After a restart, everything acknowledged is complete. From then on, what was found is the known state.
    pub(super) fn check_reopened(&mut self, state: &State) {
        self.users.check_reopened(|id| state.user(id));
        self.sessions.check_reopened(|id| state.sessions().get(id));
        self.service_accounts.check_reopened(|id| state.service_accounts().account(id));
        // Their outcome is known now.
        self.unknown.clear();
        assert_eq!(state.len(), self.users.existing().count(), "a user who was never written");
        assert_eq!(
            state.sessions().len(),
            self.sessions.existing().count(),
            "a session that was never started"
        );
        assert_eq!(
            state.service_accounts().len(),
            self.service_accounts.existing().count(),
            "a service account that was never created"
        );
    }

    /// The audit log has every acknowledged unit once and no rejected one, and it only grows.
    pub(super) fn check_audit(&self, log: &[(u64, String)]) {
        assert!(log.is_sorted_by(|one, other| one.0 < other.0), "numbers go on: {log:?}");
        let ids: BTreeSet<_> = log.iter().map(|(_, id)| id.clone()).collect();
        assert_eq!(ids.len(), log.len(), "a record twice");
        assert!(ids.is_superset(&self.acknowledged), "an acknowledged record is lost");
        assert!(ids.is_disjoint(&self.rejected), "a rejected record is seen");
    }

    /// Readers of the log see every acknowledged record once, newest first, and no other.
    pub(super) fn check_reading(&self, seen: &[String]) {
        let ids: BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!(ids.len(), seen.len(), "a record is read twice");
        assert!(ids.is_superset(&self.acknowledged), "an acknowledged record is not to be read");
        assert!(ids.is_disjoint(&self.rejected), "a rejected record is to be read");
        // Record ids are in the order of the attempts.
        assert!(seen.is_sorted_by(|newer, older| newer > older), "out of order: {seen:?}");
    }

    /// An existing user.
    pub(super) fn any_user(&self, choice: u64) -> Option<Arc<User>> {
        self.users.any(choice)
    }

    /// An existing service account.
    pub(super) fn any_service_account(&self, choice: u64) -> Option<Arc<ServiceAccount>> {
        self.service_accounts.any(choice)
    }

    /// An existing session.
    pub(super) fn any_session(&self, choice: u64) -> Option<Arc<Session>> {
        self.sessions.any(choice)
    }
}
