//! An attempt whose outcome is not known yet, as the tables store it.

use super::micros::Micros;
use super::settings::LimitSettings;

/// What an attempt has used up.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenAttempt {
    pub(super) keys: Keys,
    /// Whether the user is known in this network. The limits by address and by name then neither apply to the attempt
    /// nor count it.
    pub(super) exempt: bool,
    pub(super) at: Micros,
    /// The settings when it was admitted. They apply to its outcome too, even if the limits were reconfigured since.
    pub(super) settings: LimitSettings,
}

/// The keys that an attempt is counted under.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) client: u64,
    pub(super) subject: u64,
    pub(super) pair: u64,
}
