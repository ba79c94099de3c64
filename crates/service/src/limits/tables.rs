//! The tables of everything that is limited.

use super::known::KnownNetworks;
use super::limit_reached::{LimitReached, LimitScope, TooMany};
use super::micros::{Micros, micros};
use super::open_attempt::{Keys, OpenAttempt};
use super::pair::Pair;
use super::rate::{Rate, Usage};
use super::settings::LimitSettings;
use super::table::{Table, Tracked};
use jiff::Timestamp;

/// One table for each kind of count.
pub(super) struct Tables {
    pub(super) requests: Table<Usage>,
    pub(super) registrations: Table<Usage>,
    pub(super) by_client: Table<Usage>,
    pub(super) by_login: Table<Usage>,
    pub(super) pairs: Table<Pair>,
    pub(super) known: KnownNetworks,
}

impl Tables {
    /// Empty tables, of the smallest capacity if nothing is limited.
    pub(super) fn new(settings: Option<&LimitSettings>) -> Self {
        let capacity = settings.map_or(1, |settings| settings.capacity);
        let known_for = settings.map_or(0, |settings| micros(settings.known_for));
        Self {
            requests: Table::new(capacity),
            registrations: Table::new(capacity),
            by_client: Table::new(capacity),
            by_login: Table::new(capacity),
            pairs: Table::new(capacity),
            known: KnownNetworks::new(capacity, known_for),
        }
    }

    /// Empty tables with room for a few counts.
    pub(super) fn with_room_for(counts: usize) -> Self {
        let table = || Table::new(counts);
        // What is known is known for longer than the tables exist.
        let known = KnownNetworks::new(1, 1);
        let pairs = Table::new(counts);
        Self {
            requests: table(),
            registrations: table(),
            by_client: table(),
            by_login: table(),
            pairs,
            known,
        }
    }

    /// Converts the counts from the settings `before` to `after`.
    pub(super) fn reconfigure(&mut self, before: Option<&LimitSettings>, after: &LimitSettings, now: Micros) {
        type RateOf = fn(&LimitSettings) -> Option<Rate>;
        let limited: [(&mut Table<Usage>, RateOf); 4] = [
            (&mut self.requests, |settings| settings.requests_by_ip),
            (&mut self.registrations, |settings| settings.registrations_by_ip),
            (&mut self.by_client, |settings| settings.failures_by_ip),
            (&mut self.by_login, |settings| settings.failures_by_login),
        ];
        for (table, rate) in limited {
            if let (Some(old), Some(new)) = (before.and_then(rate), rate(after))
                && old != new
            {
                table.update_all(|usage| *usage = new.convert(*usage, old, now));
            }
            table.resize(after.capacity);
        }
        self.pairs.resize(after.capacity);
        self.known.reconfigure(after.capacity, micros(after.known_for));
    }

    /// The number of entries in all tables.
    pub(super) fn len(&self) -> usize {
        let tables = [&self.requests, &self.registrations, &self.by_client, &self.by_login];
        tables.iter().map(|table| table.len()).sum::<usize>() + self.pairs.len() + self.known.len()
    }

    /// Checks and counts an attempt. Returns whether it is exempt from the limits by address and by name.
    pub(super) fn admit(
        &mut self,
        settings: &LimitSettings,
        keys: Keys,
        user: Option<u64>,
        now: Micros,
    ) -> Result<bool, LimitReached> {
        let pair = self.pairs.get(keys.pair).copied().unwrap_or_default();
        settings.delay.check(&pair, now).map_err(|wait| LimitReached { scope: LimitScope::Pair, wait })?;
        let exempt = user.is_some_and(|user| self.known.contains(user, keys.client, now));
        if !exempt {
            let limits = [
                (LimitScope::Client, &mut self.by_client, settings.failures_by_ip, keys.client),
                (LimitScope::Login, &mut self.by_login, settings.failures_by_login, keys.subject),
            ];
            for (scope, table, rate, key) in &limits {
                let usage = table.get(*key).copied().unwrap_or_default();
                let checked = rate.map_or(Ok(()), |rate| rate.check(usage, now));
                checked.map_err(|wait| LimitReached { scope: *scope, wait })?;
            }
            for (_, table, rate, key) in limits {
                let Some(rate) = rate else { continue };
                table.update(key, |usage| *usage = rate.plus_one(*usage, now));
            }
        }
        self.pairs.update(keys.pair, |pair| {
            pair.subject = keys.subject;
            settings.delay.begin(pair, now);
        });
        Ok(exempt)
    }

    /// Changes a pair if it is in the table, and removes it if it no longer has an effect.
    fn update_pair(&mut self, key: u64, now: Micros, change: fn(&mut Pair)) {
        if self.pairs.get(key).is_some() {
            self.pairs.update(key, change);
        }
        if self.pairs.get(key).is_some_and(|pair| pair.is_expired(now)) {
            self.pairs.remove(key);
        }
    }

    /// Clears the failures for a name, from all clients. Attempts in progress are not affected.
    pub(super) fn clear_failures(&mut self, subject: u64) {
        self.by_login.remove(subject);
        for key in self.pairs.keys_of(|pair| pair.subject == subject) {
            self.update_pair(key, Micros::MIN, Pair::reset);
        }
    }

    /// Counts the failure of an attempt.
    pub(super) fn fail(&mut self, open: OpenAttempt, now: Micros) {
        self.pairs.update(open.keys.pair, |pair| {
            pair.subject = open.keys.subject;
            open.settings.delay.fail(pair, now);
        });
    }

    /// Withdraws an attempt. The counts have been converted to the settings `current` meanwhile.
    pub(super) fn withdraw(&mut self, current: Option<&LimitSettings>, open: OpenAttempt) {
        self.refund(current, open);
        self.update_pair(open.keys.pair, open.at, Pair::end);
    }

    /// Withdraws an attempt that succeeded, and resets the pairs of its client with all names of the user.
    pub(super) fn succeed(
        &mut self,
        current: Option<&LimitSettings>,
        open: OpenAttempt,
        pairs: &[u64],
        now: Micros,
    ) {
        self.withdraw(current, open);
        for key in pairs.iter().copied().chain([open.keys.pair]) {
            self.update_pair(key, now, Pair::reset);
        }
    }

    /// Undoes the counts of an attempt. The counts have been converted to the settings `current` meanwhile.
    fn refund(&mut self, current: Option<&LimitSettings>, open: OpenAttempt) {
        let counted = open.settings;
        if open.exempt {
            return;
        }
        for (table, rate, key) in [
            (
                &mut self.by_client,
                counted.failures_by_ip.and(current.and_then(|now| now.failures_by_ip)),
                open.keys.client,
            ),
            (
                &mut self.by_login,
                counted.failures_by_login.and(current.and_then(|now| now.failures_by_login)),
                open.keys.subject,
            ),
        ] {
            if let Some(rate) = rate.filter(|_| table.get(key).is_some()) {
                table.update(key, |usage| *usage = rate.minus_one(*usage));
            }
        }
    }
}

/// Takes one from the allowance of `key`, if any is left.
pub(super) fn take_one(
    table: &mut Table<Usage>,
    rate: Rate,
    key: u64,
    now: Timestamp,
) -> Result<(), TooMany> {
    let now = now.as_microsecond();
    rate.check(table.get(key).copied().unwrap_or_default(), now)?;
    table.update(key, |usage| *usage = rate.plus_one(*usage, now));
    Ok(())
}
