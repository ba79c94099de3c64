//! From where people have logged in lately.

use super::micros::Micros;
use super::table::{Table, Tracked};

/// How many networks are remembered for each person, the latest.
const NETWORKS: usize = 16;

/// Who has logged in from where. Only a right password writes here, and each person has a few places of their
/// own: to push somebody out takes as many accounts as the table has room for, each logged in since.
pub(super) struct Known {
    people: Table<Networks>,
    known_for: Micros,
}

/// The networks of one person, as digests, each with until when it is known.
#[derive(Default)]
struct Networks(Vec<(u64, Micros)>);

impl Known {
    pub(super) fn new(capacity: usize, known_for: Micros) -> Self {
        Self { people: Table::new(capacity), known_for }
    }

    pub(super) fn remember(&mut self, person: u64, network: u64, now: Micros) {
        let until = now.saturating_add(self.known_for);
        self.people.update(person, |Networks(networks)| {
            networks.retain(|(other, _)| *other != network);
            networks.push((network, until));
            let first = networks.iter().enumerate().min_by_key(|(_, (_, until))| *until);
            if let Some((first, _)) = first.filter(|_| networks.len() > NETWORKS) {
                networks.swap_remove(first);
            }
        });
    }

    /// Goes on with another capacity, and another time for those who are known already too.
    pub(super) fn reconfigure(&mut self, capacity: usize, known_for: Micros) {
        let longer = known_for.saturating_sub(self.known_for);
        if longer != 0 {
            let shift = |until: &mut Micros| *until = until.saturating_add(longer);
            self.people.revise(|Networks(networks)| networks.iter_mut().for_each(|(_, until)| shift(until)));
        }
        self.people.resize(capacity);
        self.known_for = known_for;
    }

    pub(super) fn knows(&self, person: u64, network: u64, now: Micros) -> bool {
        let networks = self.people.get(person).map_or(&[][..], |Networks(networks)| networks);
        networks.iter().any(|(known, until)| *known == network && now < *until)
    }

    pub(super) fn sweep(&mut self, now: Micros) {
        self.people.sweep(now);
    }

    pub(super) fn len(&self) -> usize {
        self.people.len()
    }
}

impl Tracked for Networks {
    type Rank = Micros;

    fn rank(&self) -> Micros {
        self.0.iter().map(|(_, until)| *until).max().unwrap_or(0)
    }

    fn is_spent(&self, now: Micros) -> bool {
        self.rank() <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_remembered_for_its_time() {
        let mut known = Known::new(8, 100);
        known.remember(1, 1, 0);
        assert!(known.knows(1, 1, 99) && !known.knows(1, 1, 100));
        assert!(!known.knows(1, 2, 0) && !known.knows(2, 1, 0));
        known.sweep(100);
        assert_eq!(known.len(), 0);
    }

    #[test]
    fn another_time_counts_for_those_who_are_known_already() {
        let mut known = Known::new(8, 100);
        known.remember(1, 1, 0);
        known.reconfigure(8, 50);
        assert!(known.knows(1, 1, 49) && !known.knows(1, 1, 50));
        known.reconfigure(8, 200);
        assert!(known.knows(1, 1, 199) && !known.knows(1, 1, 200));
    }

    #[test]
    fn a_login_that_is_learnt_of_late_shortens_nothing() {
        let mut known = Known::new(8, 100);
        known.remember(1, 1, 50);
        known.remember(1, 2, 10);
        known.sweep(120);
        assert!(known.knows(1, 1, 120) && !known.knows(1, 2, 120));
        (0..16).for_each(|network| known.remember(1, 100 + network, 40));
        assert!(known.knows(1, 1, 120), "the first to end gives way");
    }

    #[test]
    fn one_account_that_logs_in_from_everywhere_pushes_out_nobody() {
        let mut known = Known::new(8, 1_000_000);
        known.remember(1, 1, 0);
        for network in 0..100_000 {
            known.remember(2, network, 1);
        }
        assert!(known.knows(1, 1, 2) && known.knows(2, 99_999, 2));
        assert!(!known.knows(2, 0, 2), "each has a few places");
        assert_eq!(known.len(), 2);
    }
}
