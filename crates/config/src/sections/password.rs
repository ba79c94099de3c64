//! `[password]`

use std::num::NonZeroUsize;

use crate::fields::SettingsReader;
use crate::rules;

/// Passwords and their hashes.
#[derive(Debug)]
pub struct Password {
    /// The bcrypt cost: the binary logarithm of the number of rounds.
    pub bcrypt_cost: u32,
    /// The minimum length of a new password, in code points.
    pub min_length: usize,
    /// Threads that hash; `None` is one per core.
    pub hash_threads: Option<NonZeroUsize>,
    /// Jobs that may wait for a thread.
    pub queue_limit: usize,
}

impl Password {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        Self {
            bcrypt_cost: fields.one("password.bcrypt_cost", rules::integer(4..=16)),
            // NIST SP 800-63B, section 5.1.1.2: at least 8, and passwords of 64 characters must be allowed.
            min_length: fields.one("password.min_length", rules::integer(8..=64)),
            hash_threads: fields.one("password.hash_threads", rules::threads(64)),
            queue_limit: fields.one("password.queue_limit", rules::integer(1..=100_000)),
        }
    }
}
