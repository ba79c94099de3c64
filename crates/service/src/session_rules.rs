//! The rules that sessions follow.

use jiff::SignedDuration;
use roster_domain::SessionLifetime;
use std::time::Duration;

/// The rules that sessions follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// How long they last.
    pub lifetime: SessionLifetime,
    /// The most that one user has; a further login ends the oldest. At least 1.
    pub max_per_user: usize,
    /// How long a refresh token that was used still leads to the one that followed.
    pub refresh_grace: SignedDuration,
    /// How old a login may be when it changes a password, an email address or a key, or erases somebody; `None` asks for
    /// none.
    pub step_up_age: Option<Duration>,
}

impl Default for SessionRules {
    /// Two weeks idle, ninety days in all, fifty a user, ten seconds' grace; logins younger than a quarter of
    /// an hour for what is sensitive.
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
