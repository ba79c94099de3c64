//! `[limits]`

use std::time::Duration;

use crate::fields::SettingsReader;
use crate::{Rate, rules};

const SHARED: [(&str, SharedLimits); 2] =
    [("database", SharedLimits::Database), ("memory", SharedLimits::Memory)];

/// Where the counts of the limits are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SharedLimits {
    /// In the database, if several servers may use it: they count together.
    #[default]
    Database,
    /// In the memory of each server.
    Memory,
}

/// Rate limits.
#[derive(Debug)]
pub struct Limits {
    /// Whether limits apply at all.
    pub enabled: bool,
    /// Where the counts are.
    pub shared: SharedLimits,
    /// Unauthenticated requests per client.
    pub requests_by_ip: Option<Rate>,
    /// Registrations per client.
    pub registrations_by_ip: Option<Rate>,
    /// Failed attempts per client.
    pub failures_by_ip: Option<Rate>,
    /// Failed attempts per login name.
    pub failures_by_login: Option<Rate>,
    /// How often a client may fail at a login name before it has to wait.
    pub free_failures: u32,
    /// The first wait, doubled by each further failure.
    pub first_delay: Duration,
    /// The longest wait.
    pub longest_delay: Duration,
    /// How long after its last failure a client's failures are forgotten.
    pub forget_after: Duration,
    /// How long a client stays known for a login name after a login.
    pub known_for: Duration,
    /// The maximum number of clients, login names and pairs in memory, each.
    pub capacity: usize,
    /// How long failed attempts are counted before they are written to the audit log together.
    pub audit_window: Duration,
}

impl Limits {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let day = Duration::from_hours(24);
        let delay = || rules::duration(Duration::from_millis(100)..=Duration::from_hours(1));
        let mut read = Self {
            enabled: fields.one("limits.enabled", rules::boolean),
            shared: fields.one("limits.shared", rules::one_of(SHARED)),
            requests_by_ip: fields.one("limits.requests_by_ip", rules::rate),
            registrations_by_ip: fields.one("limits.registrations_by_ip", rules::rate),
            failures_by_ip: fields.one("limits.failures_by_ip", rules::rate),
            failures_by_login: fields.one("limits.failures_by_login", rules::rate),
            free_failures: fields.one("limits.free_failures", rules::integer(1..=1000)),
            first_delay: fields.one("limits.first_delay", delay()),
            longest_delay: fields.one("limits.longest_delay", delay()),
            forget_after: fields
                .one("limits.forget_after", rules::duration(Duration::from_mins(1)..=day * 365)),
            known_for: fields.one("limits.known_for", rules::duration(Duration::ZERO..=day * 365)),
            capacity: fields.one("limits.capacity", rules::integer(1_000..=10_000_000)),
            audit_window: fields.one(
                "limits.audit_window",
                rules::duration(Duration::from_secs(1)..=Duration::from_hours(1)),
            ),
        };
        let longest = ("limits.longest_delay", read.longest_delay);
        read.longest_delay = fields.at_most(longest, ("limits.forget_after", read.forget_after));
        let longest = ("limits.longest_delay", read.longest_delay);
        read.first_delay = fields.at_most(("limits.first_delay", read.first_delay), longest);
        read
    }
}
