//! How much is too much, as an operator says it.

use super::pair::Delay;
use super::rate::Rate;
use std::num::NonZeroU32;
use std::time::Duration;

/// How much is too much. A rate that is `None` is not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Requests of one client to log in, to register and the like, whatever comes of them.
    pub requests_by_ip: Option<Rate>,
    /// Registrations of one client.
    pub registrations_by_ip: Option<Rate>,
    /// Failed logins of one client.
    pub failures_by_ip: Option<Rate>,
    /// Failed logins at one name.
    pub failures_by_login: Option<Rate>,
    /// What a client that fails at a name has to wait.
    pub delay: Delay,
    /// How long after a login its client is exempt from the limits on failures by address and by name.
    pub known_for: Duration,
    /// How many clients, names and pairs are kept on record, each.
    pub capacity: usize,
}

impl Default for LimitSettings {
    /// Generous by address: behind a proxy that is not trusted everybody has the same one.
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
