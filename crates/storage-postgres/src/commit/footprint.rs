//! What new users have for themselves, to find out whether two transactions could wait for each other.

use std::collections::HashSet;

use roster_domain::UserId;
use roster_storage::{Guard, UnitOfWork};
use roster_storage_sql::{ClaimSpace, claims};

use super::new_users::NewUser;

/// The ids and names of the users of a batch, and whom else its guards are about.
#[derive(Default)]
pub(super) struct Footprint {
    users: HashSet<UserId>,
    names: HashSet<(ClaimSpace, String)>,
    guarded: HashSet<UserId>,
}

impl Footprint {
    /// That of these units, each of which creates a user.
    pub(super) fn of(units: &[UnitOfWork]) -> Self {
        let mut footprint = Self::default();
        for new in units.iter().filter_map(NewUser::of) {
            footprint.users.insert(new.user.id);
            footprint.names.extend(claims(new.user).into_iter().map(|claim| (claim.space, claim.value)));
            footprint.guarded.extend(new.guards.iter().filter_map(|guard| match guard {
                Guard::AuthEpoch(user, _) => Some(*user),
                _ => None,
            }));
        }
        footprint
    }

    /// Whether the units have nothing in common with these earlier ones. Then the two can be under way at the same time.
    pub(super) fn is_apart_from(&self, earlier: &Self) -> bool {
        self.users.is_disjoint(&earlier.users)
            && self.names.is_disjoint(&earlier.names)
            && self.guarded.is_disjoint(&earlier.users)
    }
}
