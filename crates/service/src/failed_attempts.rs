//! Counts failed attempts and writes them to the audit log in groups.
//!
//! The first failure of a client at an account is written at once; later ones in the same window become one record with
//! a count. However many attempts there are, the journal grows by a few lines per minute. Requests do not wait for the
//! write, so that the response time does not reveal whether a record was written.

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use roster_domain::{Action, Actor, AuditRecord, ClientNetwork, Origin, Outcome, Target, UserId};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::sync::Notify;

/// How many windows distinguish clients, and how many more distinguish accounts only. Everything beyond is counted in
/// one window.
const MAX_WINDOWS: usize = 256;

/// Failed attempts that are not written yet.
pub(crate) struct FailedAttempts {
    window: Mutex<SignedDuration>,
    windows: Mutex<Windows>,
    due: Notify,
    /// Held while records are being written: once it is acquired, all earlier records are written.
    pub(crate) writing: tokio::sync::Mutex<()>,
}

/// The windows. Each of the two maps has a capacity of its own, so that a flood in one does not reduce the detail of
/// the other.
#[derive(Default)]
struct Windows {
    /// Failures of unauthenticated callers, such as wrong credentials.
    failures: HashMap<GroupKey, Window>,
    /// Denials of authenticated callers.
    denials: HashMap<GroupKey, Window>,
}

/// Which failures are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct GroupKey {
    /// What was tried. The server counts only what it records itself, with words that it knows.
    action: Option<Action>,
    outcome: Option<Outcome>,
    /// The caller, for a denial; `None` if callers are counted together.
    actor: Option<Actor>,
    /// The account, if there is one.
    target: Option<Target>,
    /// The client; `None` if clients are counted together.
    client: Option<ClientNetwork>,
}

/// A count of failures, which becomes an audit record.
struct Window {
    ends: Timestamp,
    /// Whether the count is written before the window ends.
    urgent: bool,
    unwritten: u32,
    latest: AuditRecord,
}

/// Which failures to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    /// Those of windows that have ended or are urgent.
    Due,
    /// All of them.
    All,
}

impl FailedAttempts {
    pub(crate) fn new(window: Duration) -> Self {
        let window = Mutex::new(signed(window));
        Self { window, windows: Mutex::default(), due: Notify::new(), writing: tokio::sync::Mutex::default() }
    }

    /// Sets the length of the windows that start from now on.
    pub(crate) fn set_window(&self, window: Duration) {
        *self.window.lock() = signed(window);
    }

    /// Counts a failure.
    pub(crate) fn note(&self, failure: AuditRecord) {
        let ends = failure.at.saturating_add(*self.window.lock()).unwrap_or(Timestamp::MAX);
        let mut windows = self.windows.lock();
        let windows = windows.of(failure.outcome.known());
        let key = group_key(windows, GroupKey::of(&failure));
        if let Some(window) = windows.get_mut(&key) {
            window.unwritten = window.unwritten.saturating_add(failure.count.get());
            window.latest = failure;
        } else {
            let unwritten = failure.count.get();
            windows.insert(key, Window { ends, urgent: true, unwritten, latest: failure });
            self.due.notify_one();
        }
    }

    /// Makes the failures of `client` at an account urgent, because the user has now succeeded.
    pub(crate) fn expedite(&self, target: UserId, client: ClientNetwork) {
        for (key, window) in &mut self.windows.lock().failures {
            if key.target == Some(target.into()) && key.client == Some(client) && window.unwritten > 0 {
                window.urgent = true;
                self.due.notify_one();
            }
        }
    }

    /// Waits until a window is urgent.
    pub(crate) async fn urgent(&self) {
        self.due.notified().await;
    }

    /// Takes the records to write, one per window, and removes the windows that have ended.
    pub(crate) fn take(&self, pending: Pending, now: Timestamp) -> Vec<AuditRecord> {
        let mut records = Vec::new();
        let mut take = |key: &GroupKey, window: &mut Window| {
            let over = now >= window.ends || pending == Pending::All;
            if (over || window.urgent)
                && let Some(count) = NonZeroU32::new(std::mem::take(&mut window.unwritten))
            {
                window.urgent = false;
                records.push(key.record(count, &window.latest));
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
    fn of(&mut self, outcome: Option<Outcome>) -> &mut HashMap<GroupKey, Window> {
        if outcome == Some(Outcome::Denied) { &mut self.denials } else { &mut self.failures }
    }
}

impl GroupKey {
    fn of(record: &AuditRecord) -> Self {
        let AuditRecord { target, actor, .. } = *record;
        let (action, outcome) = (record.action.known(), record.outcome.known());
        let actor = (outcome == Some(Outcome::Denied)).then_some(actor);
        Self { action, outcome, actor, target, client: Some(ClientNetwork::from(record.origin.ip)) }
    }

    /// A coarser key, used when many windows are open: a failure keeps its account, a denial its caller.
    fn coarser(self) -> Self {
        let target = self.target.filter(|_| self.actor.is_none());
        Self { client: None, target, ..self }
    }

    /// The coarsest key, used when too many windows are open.
    fn coarsest(self) -> Self {
        Self { client: None, target: None, actor: None, ..self }
    }

    fn record(&self, count: NonZeroU32, latest: &AuditRecord) -> AuditRecord {
        // A window for several clients has no origin.
        let origin = if self.client.is_some() { latest.origin.clone() } else { Origin::default() };
        let actor = match (self.outcome, self.actor) {
            (Some(Outcome::Denied), None) => Actor::System,
            _ => latest.actor,
        };
        AuditRecord { actor, target: self.target, count, origin, ..latest.clone() }
    }
}

/// The key that a failure is counted under: the finest for which there is room.
fn group_key(windows: &HashMap<GroupKey, Window>, key: GroupKey) -> GroupKey {
    let coarser = key.coarser();
    if windows.contains_key(&key) || windows.len() < MAX_WINDOWS {
        key
    } else if windows.contains_key(&coarser) || windows.len() < 2 * MAX_WINDOWS {
        coarser
    } else {
        key.coarsest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn person(n: u8) -> UserId {
        UserId::new(at(0), [n; 10])
    }

    fn failure(target: Option<UserId>, address: [u8; 4], second: i64) -> AuditRecord {
        AuditRecord {
            target: target.map(Target::User),
            outcome: Outcome::BadCredentials.into(),
            origin: Origin { ip: Some(address.into()), ..Origin::default() },
            ..AuditRecord::new(at(second), [1; 10], Actor::Anonymous, Action::LoggedIn)
        }
    }

    fn counts(records: &[AuditRecord]) -> Vec<u32> {
        let mut counts: Vec<_> = records.iter().map(|record| record.count.get()).collect();
        counts.sort_unstable();
        counts
    }

    const HOME: [u8; 4] = [192, 0, 2, 7];

    #[test]
    fn the_first_failure_is_due_at_once_and_the_rest_when_the_window_ends() {
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
    fn everything_is_due_at_shutdown() {
        let failed = FailedAttempts::new(Duration::from_mins(1));
        failed.note(failure(None, HOME, 0));
        failed.note(failure(Some(person(1)), HOME, 0));
        failed.take(Pending::Due, at(0));
        failed.note(failure(None, HOME, 1));
        failed.note(failure(None, HOME, 2));
        assert_eq!(counts(&failed.take(Pending::All, at(3))), [2]);
    }

    #[test]
    fn a_success_makes_earlier_failures_due() {
        let failed = FailedAttempts::new(Duration::from_mins(1));
        for second in 0..3 {
            failed.note(failure(Some(person(1)), HOME, second));
            failed.note(failure(Some(person(1)), [203, 0, 113, 9], second));
            failed.take(Pending::Due, at(second));
        }
        failed.expedite(person(1), ClientNetwork::V4(HOME.into()));
        let records = failed.take(Pending::Due, at(3));
        assert_eq!((counts(&records), records[0].origin.ip), (vec![2], Some(HOME.into())));
    }

    #[test]
    fn a_flood_from_many_addresses_becomes_few_records_that_count_every_attempt() {
        let failed = FailedAttempts::new(Duration::from_mins(1));
        for n in 0..100_000_u32 {
            let target = (n % 3 == 0).then(|| person(u8::try_from(n % 200).unwrap()));
            failed.note(failure(target, n.to_be_bytes(), 0));
        }
        let records = failed.take(Pending::All, at(60));
        assert!(records.len() <= 2 * MAX_WINDOWS + 1, "{}", records.len());
        assert_eq!(counts(&records).iter().sum::<u32>(), 100_000);
    }
}
