//! The networks that users have logged in from recently.

use super::micros::Micros;
use super::table::{Table, Tracked};

/// How many networks are remembered for each user. The latest are kept.
const NETWORKS: usize = 16;

/// The networks that each user has logged in from. Only a correct password adds one, and each user has a few slots of
/// their own: to evict a user, an attacker would have to log in to as many accounts as the table has room for.
pub(super) struct KnownNetworks {
    users: Table<Networks>,
    known_for: Micros,
}

/// The networks of one user, as digests, each with the time until which it is known.
#[derive(Default)]
struct Networks(Vec<(u64, Micros)>);

impl KnownNetworks {
    pub(super) fn new(capacity: usize, known_for: Micros) -> Self {
        Self { users: Table::new(capacity), known_for }
    }

    pub(super) fn remember(&mut self, user: u64, network: u64, now: Micros) {
        let until = now.saturating_add(self.known_for);
        self.users.update(user, |Networks(networks)| {
            networks.retain(|(other, _)| *other != network);
            networks.push((network, until));
            let first = networks.iter().enumerate().min_by_key(|(_, (_, until))| *until);
            if let Some((first, _)) = first.filter(|_| networks.len() > NETWORKS) {
                networks.swap_remove(first);
            }
        });
    }

    /// Changes the capacity and how long a network is known, also for the networks that are known already.
    pub(super) fn reconfigure(&mut self, capacity: usize, known_for: Micros) {
        let longer = known_for.saturating_sub(self.known_for);
        if longer != 0 {
            let shift = |until: &mut Micros| *until = until.saturating_add(longer);
            self.users
                .update_all(|Networks(networks)| networks.iter_mut().for_each(|(_, until)| shift(until)));
        }
        self.users.resize(capacity);
        self.known_for = known_for;
    }

    pub(super) fn contains(&self, user: u64, network: u64, now: Micros) -> bool {
        let networks = self.users.get(user).map_or(&[][..], |Networks(networks)| networks);
        networks.iter().any(|(known, until)| *known == network && now < *until)
    }

    pub(super) fn sweep(&mut self, now: Micros) {
        self.users.sweep(now);
    }

    pub(super) fn len(&self) -> usize {
        self.users.len()
    }
}

impl Tracked for Networks {
    type Rank = Micros;

    fn rank(&self) -> Micros {
        self.0.iter().map(|(_, until)| *until).max().unwrap_or(0)
    }

    fn is_expired(&self, now: Micros) -> bool {
        self.rank() <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_known_for_the_configured_time() {
        let mut known = KnownNetworks::new(8, 100);
        known.remember(1, 1, 0);
        assert!(known.contains(1, 1, 99) && !known.contains(1, 1, 100));
        assert!(!known.contains(1, 2, 0) && !known.contains(2, 1, 0));
        known.sweep(100);
        assert_eq!(known.len(), 0);
    }

    #[test]
    fn a_changed_duration_applies_to_networks_that_are_already_known() {
        let mut known = KnownNetworks::new(8, 100);
        known.remember(1, 1, 0);
        known.reconfigure(8, 50);
        assert!(known.contains(1, 1, 49) && !known.contains(1, 1, 50));
        known.reconfigure(8, 200);
        assert!(known.contains(1, 1, 199) && !known.contains(1, 1, 200));
    }

    #[test]
    fn remembering_an_older_login_does_not_shorten_a_newer_one() {
        let mut known = KnownNetworks::new(8, 100);
        known.remember(1, 1, 50);
        known.remember(1, 2, 10);
        known.sweep(120);
        assert!(known.contains(1, 1, 120) && !known.contains(1, 2, 120));
        (0..16).for_each(|network| known.remember(1, 100 + network, 40));
        assert!(known.contains(1, 1, 120), "the one that expires first is evicted");
    }

    #[test]
    fn one_user_with_many_networks_does_not_evict_other_users() {
        let mut known = KnownNetworks::new(8, 1_000_000);
        known.remember(1, 1, 0);
        for network in 0..100_000 {
            known.remember(2, network, 1);
        }
        assert!(known.contains(1, 1, 2) && known.contains(2, 99_999, 2));
        assert!(!known.contains(2, 0, 2), "a user has a few slots");
        assert_eq!(known.len(), 2);
    }
}
