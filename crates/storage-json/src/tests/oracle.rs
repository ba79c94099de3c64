//! What may be found after a failure, and what must be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use roster_domain::{AuditRecord, User, UserId};
use roster_storage::{Change, CommitError, UnitOfWork};

use crate::state::State;

/// Remembers what every unit was answered.
#[derive(Default)]
pub(super) struct Oracle {
    /// What is known of each user who was ever written.
    users: BTreeMap<UserId, Known>,
    /// The audit records of acknowledged units.
    acknowledged: BTreeSet<String>,
    /// The audit records of units that nobody may ever see.
    refused: BTreeSet<String>,
    /// Those of units whose outcome is not known.
    unknown: BTreeSet<String>,
}

#[derive(Default)]
struct Known {
    /// What was last acknowledged, or found at start.
    now: Option<Arc<User>>,
    /// What it may turn out to be after a restart.
    perhaps: Vec<Option<Arc<User>>>,
}

fn name(record: &AuditRecord) -> String {
    record.id.to_string()
}

fn results(work: &UnitOfWork) -> impl Iterator<Item = (UserId, Option<Arc<User>>)> {
    work.changes().iter().map(|change| match change {
        Change::PutUser(user) => (user.id, Some(Arc::clone(user))),
        Change::RemoveUser(id) => (*id, None),
    })
}

impl Oracle {
    /// A unit was answered.
    pub(super) fn hear(&mut self, work: &UnitOfWork, answer: &Result<(), CommitError>) {
        let id = name(work.record());
        match answer {
            Ok(()) => {
                self.acknowledged.insert(id);
                for (user, result) in results(work) {
                    self.users.entry(user).or_default().now = result;
                }
                // The numbers of whatever failed before are dead now.
                self.refused.append(&mut self.unknown);
                self.users.values_mut().for_each(|known| known.perhaps.clear());
            }
            Err(CommitError::OutcomeUnknown(_)) => {
                self.unknown.insert(id);
                for (user, result) in results(work) {
                    self.users.entry(user).or_default().perhaps.push(result);
                }
            }
            Err(CommitError::Conflict(_) | CommitError::Unavailable(_)) => {
                self.refused.insert(id);
                for (user, _) in results(work) {
                    self.users.entry(user).or_default();
                }
            }
        }
    }

    /// While the store runs, readers see what was acknowledged and nothing else.
    pub(super) fn check_running(&self, state: &State) {
        for (id, known) in &self.users {
            assert_eq!(state.user(*id), known.now.as_ref(), "seen while running");
        }
    }

    /// After a restart, what was acknowledged is whole. From then on, what was found is what is.
    pub(super) fn check_reopened(&mut self, state: &State) {
        for (id, known) in &mut self.users {
            let found = state.user(*id).cloned();
            assert!(
                found == known.now || known.perhaps.contains(&found),
                "found {found:?}, acknowledged {:?}, perhaps {:?}",
                known.now,
                known.perhaps
            );
            known.now = found;
            known.perhaps.clear();
        }
        // Whichever they were, they are settled.
        self.unknown.clear();
        let present = self.users.values().filter(|known| known.now.is_some()).count();
        assert_eq!(state.len(), present, "somebody whom nobody wrote");
    }

    /// The audit log has every acknowledged unit once, no refused one, and grows.
    pub(super) fn check_audit(&self, log: &[(u64, String)]) {
        assert!(log.is_sorted_by(|one, other| one.0 < other.0), "numbers go on: {log:?}");
        let ids: BTreeSet<_> = log.iter().map(|(_, id)| id.clone()).collect();
        assert_eq!(ids.len(), log.len(), "a record twice");
        assert!(ids.is_superset(&self.acknowledged), "an acknowledged record is lost");
        assert!(ids.is_disjoint(&self.refused), "a refused record is seen");
    }

    /// Somebody who is there.
    pub(super) fn anybody(&self, choice: u64) -> Option<Arc<User>> {
        let present: Vec<_> = self.users.values().filter_map(|known| known.now.as_ref()).collect();
        let count = present.len() as u64;
        (count > 0).then(|| Arc::clone(present[usize::try_from(choice % count).unwrap()]))
    }
}
