//! An attempt that is not decided yet, as the tables see it.

use super::micros::Micros;
use super::settings::LimitSettings;

/// What an attempt has taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenAttempt {
    pub(super) keys: Keys,
    /// A known pair is neither held to the limits by address and by name, nor counted in them.
    pub(super) exempt: bool,
    pub(super) at: Micros,
    /// What it was admitted by. It ends by the same, whatever is in force then.
    pub(super) settings: LimitSettings,
}

/// Where an attempt is counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) client: u64,
    pub(super) subject: u64,
    pub(super) pair: u64,
}
