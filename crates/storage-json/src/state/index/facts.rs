//! The status and the roles of every user, as small numbers.

use std::collections::HashMap;
use std::sync::Arc;

use roster_domain::{RoleName, RoleSet, StatusKind, User};

use super::slots::{Slots, UNKNOWN};

/// The status and the roles of every user.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// By slot.
    statuses: Box<[StatusKind]>,
    /// By slot: places in `role_sets`.
    roles: Box<[u32]>,
    /// The different sets of roles.
    role_sets: Vec<RoleSet>,
}

/// A condition on the status and the roles.
pub(crate) struct FactFilter {
    status: Option<StatusKind>,
    /// For each set of roles, whether it matches.
    role_sets: Option<Vec<bool>>,
}

impl Facts {
    /// These facts with other slots, and with the fresh users.
    pub(super) fn updated(&self, users: &[&Arc<User>], slots: &Slots) -> Self {
        let mut role_sets = self.role_sets.clone();
        let mut known: HashMap<RoleSet, u32> = role_sets.iter().cloned().zip(0..).collect();
        let (mut statuses, mut roles) = (Vec::with_capacity(users.len()), Vec::with_capacity(users.len()));
        for (user, old) in users.iter().zip(&slots.old) {
            if *old != UNKNOWN {
                statuses.push(self.statuses[*old as usize]);
                roles.push(self.roles[*old as usize]);
                continue;
            }
            statuses.push(user.status.kind());
            let set = known.get(user.roles()).copied().unwrap_or_else(|| {
                let next = u32::try_from(role_sets.len()).unwrap_or(UNKNOWN);
                role_sets.push(user.roles().clone());
                known.insert(user.roles().clone(), next);
                next
            });
            roles.push(set);
        }
        Self { statuses: statuses.into_boxed_slice(), roles: roles.into_boxed_slice(), role_sets }
    }

    /// The sets of roles are in the order in which they were first seen, so they are shown for each user.
    #[cfg(test)]
    pub(super) fn described(&self) -> String {
        let roles = self.roles.iter().map(|set| &self.role_sets[*set as usize]).collect::<Vec<_>>();
        format!("{:?} {roles:?}", self.statuses)
    }

    /// The condition, ready to be tested.
    pub(crate) fn filter(&self, status: Option<StatusKind>, role: Option<&RoleName>) -> FactFilter {
        let has = |role: &RoleName| self.role_sets.iter().map(|set| set.contains(role.as_str())).collect();
        FactFilter { status, role_sets: role.map(has) }
    }

    /// Whether the user in this slot meets the condition.
    pub(crate) fn meet(&self, filter: &FactFilter, slot: u32) -> bool {
        let slot = slot as usize;
        filter.status.is_none_or(|status| self.statuses.get(slot) == Some(&status))
            && filter.role_sets.as_ref().is_none_or(|sets| {
                self.roles.get(slot).and_then(|set| sets.get(*set as usize)).copied().unwrap_or_default()
            })
    }
}
