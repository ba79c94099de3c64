//! The limits that an operator configures.

use super::pair::Delay;
use super::rate::Rate;
use std::num::NonZeroU32;
use std::time::Duration;

/// The limits. A rate of `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Logins, registrations and similar requests of one client, whatever their outcome.
    pub requests_by_ip: Option<Rate>,
    /// Registrations of one client.
    pub registrations_by_ip: Option<Rate>,
    /// Failed logins of one client.
    pub failures_by_ip: Option<Rate>,
    /// Failed logins for one name.
    pub failures_by_login: Option<Rate>,
    /// The delay after failed logins of one client for one name.
    pub delay: Delay,
    /// For how long after a login the user's network is known: there, the limits on failures by address and by name do
    /// not apply to the user.
    pub known_for: Duration,
    /// The capacity of each table: of clients, of names, of pairs and so on.
    pub capacity: usize,
}

impl Default for LimitSettings {
    /// The limits by address are generous, because all clients share one address behind an untrusted proxy.
    fn default() -> Self {
        let rate = |burst, per| NonZeroU32::new(burst).map(|burst| Rate { burst, per });
        Self {
            requests_by_ip: rate(600, Duration::from_mins(1)),
            registrations_by_ip: rate(100, Duration::from_hours(1)),
            failures_by_ip: rate(200, Duration::from_mins(10)),
            failures_by_login: rate(50, Duration::from_hours(1)),
            delay: Delay {
                free_failures: 5,
                first: Duration::from_secs(1),
                longest: Duration::from_mins(5),
                forget_after: Duration::from_hours(24),
            },
            known_for: Duration::from_hours(30 * 24),
            capacity: 50_000,
        }
    }
}
