//! Failed attempts, counted for a while and written down together.
//!
//! The first failure of a client at somebody's account is written down at once, what follows within a window
//! as one record with a count: however many attempts there are, the journal grows by a few lines a minute.
//! Nobody waits for it, so that the time of an answer does not tell whether a line was written.

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use roster_domain::{Action, Actor, AuditRecord, ClientNetwork, Origin, Outcome, Target, UserId};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::sync::Notify;

/// How many windows tell clients apart, and how many more tell accounts apart. What is beyond is counted
/// together: a flood from everywhere is told by its size.
const WINDOWS: usize = 256;

/// What is counted, and not yet written down.
pub(crate) struct FailedAttempts {
    window: Mutex<SignedDuration>,
    windows: Mutex<Windows>,
    due: Notify,
    /// Held while records are on their way: whoever has had it knows that they have arrived.
    pub(crate) writing: tokio::sync::Mutex<()>,
}

/// What is counted, each with room of its own: whoever floods one hides nothing of the other.
#[derive(Default)]
struct Windows {
    /// Wrong credentials and the like, of people who are not known yet.
    failures: HashMap<Kind, Window>,
    /// What known callers may not do.
    denials: HashMap<Kind, Window>,
}

/// Which failures are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kind {
    action: Action,
    outcome: Outcome,
    /// Of a denial: who it was; `None` in a flood of many.
    actor: Option<Actor>,
    /// Whose account, if it is anybody's.
    target: Option<Target>,
    /// From where; `None` in a flood.
    client: Option<ClientNetwork>,
}

struct Window {
    ends: Timestamp,
    /// Not to wait for the end of the window.
    urgent: bool,
    unwritten: u32,
    latest: AuditRecord,
}

/// Which failures are to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    /// Those whose time has come.
    Due,
    /// All.
    All,
}

impl FailedAttempts {
    pub(crate) fn new(window: Duration) -> Self {
        let window = Mutex::new(signed(window));
        Self { window, windows: Mutex::default(), due: Notify::new(), writing: tokio::sync::Mutex::default() }
    }

    /// Counts for another time, from the next window on.
    pub(crate) fn set_window(&self, window: Duration) {
        *self.window.lock() = signed(window);
    }

    /// Counts a failure.
    pub(crate) fn note(&self, failure: AuditRecord) {
        let ends = failure.at.saturating_add(*self.window.lock()).unwrap_or(Timestamp::MAX);
        let mut windows = self.windows.lock();
        let windows = windows.of(failure.outcome);
        let kind = place(windows, Kind::of(&failure));
        if let Some(window) = windows.get_mut(&kind) {
            window.unwritten = window.unwritten.saturating_add(failure.count.get());
            window.latest = failure;
        } else {
            let unwritten = failure.count.get();
            windows.insert(kind, Window { ends, urgent: true, unwritten, latest: failure });
            self.due.notify_one();
        }
    }

    /// The person has succeeded from there: what they failed before is not to wait any longer.
    pub(crate) fn settle(&self, target: UserId, client: ClientNetwork) {
        for (kind, window) in &mut self.windows.lock().failures {
            if kind.target == Some(target.into()) && kind.client == Some(client) && window.unwritten > 0 {
                window.urgent = true;
                self.due.notify_one();
            }
        }
    }

    /// Waits until something is urgent.
    pub(crate) async fn urgent(&self) {
        self.due.notified().await;
    }

    /// What is to be written down, by its windows; those that are over end.
    pub(crate) fn take(&self, pending: Pending, now: Timestamp) -> Vec<AuditRecord> {
        let mut records = Vec::new();
        let mut take = |kind: &Kind, window: &mut Window| {
            let over = now >= window.ends || pending == Pending::All;
            if (over || window.urgent)
                && let Some(count) = NonZeroU32::new(std::mem::take(&mut window.unwritten))
            {
                window.urgent = false;
                records.push(kind.record(count, &window.latest));
            }
            !over
        };
        let mut windows = self.windows.lock();
        windows.failures.retain(&mut take);
        windows.denials.retain(&mut take);
        records
    }
}

fn signed(window: Duration) -> SignedDuration {
    SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX)
}

impl Windows {
    fn of(&mut self, outcome: Outcome) -> &mut HashMap<Kind, Window> {
        if outcome == Outcome::Denied { &mut self.denials } else { &mut self.failures }
    }
}

impl Kind {
    fn of(record: &AuditRecord) -> Self {
        let AuditRecord { action, outcome, target, actor, .. } = *record;
        let actor = (outcome == Outcome::Denied).then_some(actor);
        Self { action, outcome, actor, target, client: Some(ClientNetwork::from(record.origin.ip)) }
    }

    /// The same in a flood. Of a failure it matters whose account it was, of a denial who tried.
    fn coarser(self) -> Self {
        let target = self.target.filter(|_| self.actor.is_none());
        Self { client: None, target, ..self }
    }

    /// The same in a flood that knows no bounds.
    fn coarsest(self) -> Self {
        Self { client: None, target: None, actor: None, ..self }
    }

    fn record(&self, count: NonZeroU32, latest: &AuditRecord) -> AuditRecord {
        // Of many places none is named.
        let origin = if self.client.is_some() { latest.origin.clone() } else { Origin::default() };
        let actor = match (self.outcome, self.actor) {
            (Outcome::Denied, None) => Actor::System,
            _ => latest.actor,
        };
        AuditRecord { actor, target: self.target, count, origin, ..latest.clone() }
    }
}

/// Where a failure is counted: as finely as there is room.
fn place(windows: &HashMap<Kind, Window>, kind: Kind) -> Kind {
    let coarser = kind.coarser();
    if windows.contains_key(&kind) || windows.len() < WINDOWS {
        kind
    } else if windows.contains_key(&coarser) || windows.len() < 2 * WINDOWS {
        coarser
    } else {
        kind.coarsest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_domain::AuditId;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn person(n: u8) -> UserId {
        UserId::new(at(0), [n; 10])
    }

    fn failure(target: Option<UserId>, address: [u8; 4], second: i64) -> AuditRecord {
        AuditRecord {
            id: AuditId::new(at(second), [1; 10]),
            at: at(second),
            actor: Actor::Anonymous,
            action: Action::LoggedIn,
            target: target.map(Target::User),
            session: None,
            signing_key: None,
            outcome: Outcome::BadCredentials,
            origin: Origin { ip: Some(address.into()), ..Origin::default() },
            changed: Vec::new(),
            count: AuditRecord::ONCE,
        }
    }

    fn counts(records: &[AuditRecord]) -> Vec<u32> {
        let mut counts: Vec<_> = records.iter().map(|record| record.count.get()).collect();
        counts.sort_unstable();
        counts
    }

    const HOME: [u8; 4] = [192, 0, 2, 7];

    #[test]
    fn the_first_is_due_at_once_and_the_rest_when_the_window_ends() {
        let failed = FailedAttempts::new(Duration::from_mins(1));
        failed.note(failure(Some(person(1)), HOME, 0));
        assert_eq!(counts(&failed.take(Pending::Due, at(0))), [1]);
        for second in 1..=40 {
            failed.note(failure(Some(person(1)), HOME, second));
        }
        assert!(failed.take(Pending::Due, at(59)).is_empty());
        assert_eq!(counts(&failed.take(Pending::Due, at(60))), [40]);
        assert!(failed.take(Pending::All, at(61)).is_empty() && failed.windows.lock().failures.is_empty());
    }

    #[test]
    fn at_the_end_everything_is_due() {
        let failed = FailedAttempts::new(Duration::from_mins(1));
        failed.note(failure(None, HOME, 0));
        failed.note(failure(Some(person(1)), HOME, 0));
        failed.take(Pending::Due, at(0));
        failed.note(failure(None, HOME, 1));
        failed.note(failure(None, HOME, 2));
        assert_eq!(counts(&failed.take(Pending::All, at(3))), [2]);
    }

    #[test]
    fn a_success_brings_what_was_failed_before() {
        let failed = FailedAttempts::new(Duration::from_mins(1));
        for second in 0..3 {
            failed.note(failure(Some(person(1)), HOME, second));
            failed.note(failure(Some(person(1)), [203, 0, 113, 9], second));
            failed.take(Pending::Due, at(second));
        }
        failed.settle(person(1), ClientNetwork::V4(HOME.into()));
        let records = failed.take(Pending::Due, at(3));
        assert_eq!((counts(&records), records[0].origin.ip), (vec![2], Some(HOME.into())));
    }

    #[test]
    fn a_flood_from_everywhere_is_a_bounded_number_of_records_that_miss_nothing() {
        let failed = FailedAttempts::new(Duration::from_mins(1));
        for n in 0..100_000_u32 {
            let target = (n % 3 == 0).then(|| person(u8::try_from(n % 200).unwrap()));
            failed.note(failure(target, n.to_be_bytes(), 0));
        }
        let records = failed.take(Pending::All, at(60));
        assert!(records.len() <= 2 * WINDOWS + 1, "{}", records.len());
        assert_eq!(counts(&records).iter().sum::<u32>(), 100_000);
    }
}
