//! What is on record, and how it counts.

use super::known::Known;
use super::micros::{Micros, micros};
use super::open_attempt::{Keys, OpenAttempt};
use super::pair::Pair;
use super::rate::{Rate, Spent};
use super::refusal::{LimitScope, Refused, TooMany};
use super::settings::LimitSettings;
use super::table::{Table, Tracked};
use jiff::Timestamp;

/// A table for each thing that is counted.
pub(super) struct Tables {
    pub(super) requests: Table<Spent>,
    pub(super) registrations: Table<Spent>,
    pub(super) by_client: Table<Spent>,
    pub(super) by_login: Table<Spent>,
    pub(super) pairs: Table<Pair>,
    pub(super) known: Known,
}

impl Tables {
    /// Empty tables, without room if nothing is limited.
    pub(super) fn new(settings: Option<&LimitSettings>) -> Self {
        let capacity = settings.map_or(1, |settings| settings.capacity);
        let known_for = settings.map_or(0, |settings| micros(settings.known_for));
        Self {
            requests: Table::new(capacity),
            registrations: Table::new(capacity),
            by_client: Table::new(capacity),
            by_login: Table::new(capacity),
            pairs: Table::new(capacity),
            known: Known::new(capacity, known_for),
        }
    }

    /// Makes what was counted under the settings `before` count under others.
    pub(super) fn reconfigure(&mut self, before: Option<&LimitSettings>, after: &LimitSettings, now: Micros) {
        type RateOf = fn(&LimitSettings) -> Option<Rate>;
        let rated: [(&mut Table<Spent>, RateOf); 4] = [
            (&mut self.requests, |settings| settings.requests_by_ip),
            (&mut self.registrations, |settings| settings.registrations_by_ip),
            (&mut self.by_client, |settings| settings.failures_by_ip),
            (&mut self.by_login, |settings| settings.failures_by_login),
        ];
        for (table, rate) in rated {
            if let (Some(old), Some(new)) = (before.and_then(rate), rate(after))
                && old != new
            {
                table.revise(|spent| *spent = new.taken_over(*spent, old, now));
            }
            table.resize(after.capacity);
        }
        self.pairs.resize(after.capacity);
        self.known.reconfigure(after.capacity, micros(after.known_for));
    }

    /// How many clients, names, pairs and people are in them.
    pub(super) fn len(&self) -> usize {
        let spent = [&self.requests, &self.registrations, &self.by_client, &self.by_login];
        spent.iter().map(|table| table.len()).sum::<usize>() + self.pairs.len() + self.known.len()
    }

    /// Whether the attempt is exempt; counted, either way.
    pub(super) fn admit(
        &mut self,
        settings: &LimitSettings,
        keys: Keys,
        user: Option<u64>,
        now: Micros,
    ) -> Result<bool, Refused> {
        let pair = self.pairs.get(keys.pair).copied().unwrap_or_default();
        settings.delay.check(&pair, now).map_err(|wait| Refused { scope: LimitScope::Pair, wait })?;
        let exempt = user.is_some_and(|user| self.known.knows(user, keys.client, now));
        if !exempt {
            let limits = [
                (LimitScope::Client, &mut self.by_client, settings.failures_by_ip, keys.client),
                (LimitScope::Login, &mut self.by_login, settings.failures_by_login, keys.subject),
            ];
            for (scope, table, rate, key) in &limits {
                let spent = table.get(*key).copied().unwrap_or_default();
                let checked = rate.map_or(Ok(()), |rate| rate.check(spent, now));
                checked.map_err(|wait| Refused { scope: *scope, wait })?;
            }
            for (_, table, rate, key) in limits {
                let Some(rate) = rate else { continue };
                table.update(key, |spent| *spent = rate.after_one_more(*spent, now));
            }
        }
        self.pairs.update(keys.pair, |pair| {
            pair.subject = keys.subject;
            settings.delay.begin(pair, now);
        });
        Ok(exempt)
    }

    /// Changes a pair that is on record, and forgets it if that leaves nothing to say.
    pub(super) fn settle(&mut self, key: u64, now: Micros, change: fn(&mut Pair)) {
        if self.pairs.get(key).is_some() {
            self.pairs.update(key, change);
        }
        if self.pairs.get(key).is_some_and(|pair| pair.is_spent(now)) {
            self.pairs.remove(key);
        }
    }

    /// Forgets the failures at a name, from wherever they came. Attempts under way go on.
    pub(super) fn forgive(&mut self, subject: u64) {
        self.by_login.remove(subject);
        for key in self.pairs.keys_of(|pair| pair.subject == subject) {
            self.settle(key, Micros::MIN, Pair::reset);
        }
    }

    /// Takes back what an attempt was counted for. The counts are those of `current` by now.
    pub(super) fn give_back(&mut self, current: Option<&LimitSettings>, open: OpenAttempt) {
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
                table.update(key, |spent| *spent = rate.after_one_less(*spent));
            }
        }
    }
}

/// One more of what a rate allows so many of.
pub(super) fn spend(table: &mut Table<Spent>, rate: Rate, key: u64, now: Timestamp) -> Result<(), TooMany> {
    let now = now.as_microsecond();
    rate.check(table.get(key).copied().unwrap_or_default(), now)?;
    table.update(key, |spent| *spent = rate.after_one_more(*spent, now));
    Ok(())
}
