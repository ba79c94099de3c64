//! From where people have logged in lately.

use super::Micros;
use super::table::{Table, Tracked};

/// How many networks are remembered for each person, the latest.
const NETWORKS: usize = 16;

/// Who has logged in from where. Only a right password writes here, and each person has a few places of their
/// own: to push somebody out takes as many accounts as the table has room for, each logged in since.
pub(super) struct Known {
    people: Table<Networks>,
    known_for: Micros,
}

/// The networks of one person, as digests, each with the latest login, the oldest first.
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
            if networks.len() >= NETWORKS {
                networks.remove(0);
            }
            networks.push((network, until));
        });
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
        self.0.last().map_or(0, |(_, until)| *until)
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
