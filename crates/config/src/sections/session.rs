//! `[session]`

use std::time::Duration;

use crate::fields::SettingsReader;
use crate::rules;

const DAY: Duration = Duration::from_hours(24);

/// How long sessions last.
#[derive(Debug)]
pub struct Session {
    /// The maximum time without use.
    pub idle_timeout: Duration,
    /// The maximum total time.
    pub lifetime: Duration,
    /// The maximum number per user.
    pub max_per_user: usize,
}

impl Session {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let time = || rules::duration(Duration::from_secs(1)..=DAY * 3650);
        let mut read = Self {
            idle_timeout: fields.one("session.idle_timeout", time()),
            lifetime: fields.one("session.lifetime", time()),
            max_per_user: fields.one("session.max_per_user", rules::integer(1..=1_000)),
        };
        read.idle_timeout =
            fields.at_most(("session.idle_timeout", read.idle_timeout), ("session.lifetime", read.lifetime));
        read
    }
}
