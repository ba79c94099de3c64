//! The rules for sessions.

use jiff::SignedDuration;
use roster_domain::SessionLifetime;
use std::time::Duration;

/// The rules for sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// How long sessions last.
    pub lifetime: SessionLifetime,
    /// The maximum number of sessions per user, at least 1. A further login ends the oldest.
    pub max_per_user: usize,
    /// For how long a used refresh token can be sent again to get its successor.
    pub refresh_grace: SignedDuration,
    /// The maximum age of a login for sensitive operations, such as changing a password, an email address or a key, or
    /// deleting a user. `None` allows any age.
    pub step_up_age: Option<Duration>,
}

impl Default for SessionRules {
    /// Sessions end after two weeks of inactivity and after 90 days in any case. 50 sessions per user, 10 seconds of
    /// grace, and sensitive operations require a login within the last 15 minutes.
    fn default() -> Self {
        Self {
            lifetime: SessionLifetime {
                idle: SignedDuration::from_hours(14 * 24),
                absolute: SignedDuration::from_hours(90 * 24),
            },
            max_per_user: 50,
            refresh_grace: SignedDuration::from_secs(10),
            step_up_age: Some(Duration::from_mins(15)),
        }
    }
}
