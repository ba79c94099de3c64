//! The key settings that commands need.

use std::sync::Arc;
use std::time::Duration;

use roster_auth::token::KeyAlgorithm;
use roster_config::Settings;

use super::source::{KeySource, algorithm};
use crate::engine::Engine;

/// The key settings that commands need.
#[derive(Clone)]
pub(crate) struct KeySettings {
    /// The sources of the keys.
    pub(crate) source: Arc<KeySource>,
    /// The algorithm of new keys.
    pub(crate) algorithm: KeyAlgorithm,
    /// How long the tokens of a retired key are accepted.
    pub(crate) accept_for: Duration,
}

impl KeySettings {
    /// The settings, with the ring of the store of `engine`.
    pub(crate) fn of(engine: &dyn Engine, settings: &Settings) -> Self {
        Self {
            source: Arc::new(KeySource::of(engine, settings)),
            algorithm: algorithm(settings.auth.algorithm),
            accept_for: accept_for(&settings.auth),
        }
    }
}

/// How long the tokens of a retired key are accepted: until the last of them expires, plus the clock skew, plus the time
/// that a server needs to notice that another key is active.
fn accept_for(settings: &roster_config::Auth) -> Duration {
    const PROPAGATION: Duration = Duration::from_secs(10);
    settings.access_token_ttl + settings.leeway + PROPAGATION
}
