//! What the settings say of keys that commands need.

use std::sync::Arc;
use std::time::Duration;

use roster_auth::token::KeyAlgorithm;
use roster_config::Settings;

use super::source::{KeySource, algorithm};

/// What commands need to know of the keys.
#[derive(Clone)]
pub(crate) struct KeySettings {
    /// Where the keys come from.
    pub(crate) source: Arc<KeySource>,
    /// What new keys are for.
    pub(crate) algorithm: KeyAlgorithm,
    /// How long the tokens of a retired key are accepted.
    pub(crate) accept_for: Duration,
}

impl KeySettings {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            source: Arc::new(KeySource::of(settings)),
            algorithm: algorithm(settings.auth.algorithm),
            accept_for: accept_for(&settings.auth),
        }
    }
}

/// How long the tokens of a retired key are accepted: as long as the last of them lives, by clocks that disagree by
/// `leeway`, with what a server needs to notice that it should sign with another key.
fn accept_for(settings: &roster_config::Auth) -> Duration {
    const NOTICE: Duration = Duration::from_secs(10);
    settings.access_token_ttl + settings.leeway + NOTICE
}
