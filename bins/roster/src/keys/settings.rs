//! What the settings say of keys that commands need.

use std::path::PathBuf;
use std::time::Duration;

use roster_auth::token::KeyAlgorithm;
use roster_config::Settings;

use super::{KeyFolder, algorithm};

/// What commands need to know of the keys.
#[derive(Clone, Debug)]
pub(crate) struct KeySettings {
    data: PathBuf,
    /// What new keys are for.
    pub(crate) algorithm: KeyAlgorithm,
    /// How long a retired key's tokens are accepted.
    pub(crate) accept_for: Duration,
    /// Whether a shared secret signs.
    pub(crate) has_secret: bool,
    /// Whether keys come from configured files.
    pub(crate) has_files: bool,
}

impl KeySettings {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            data: settings.data.dir.clone(),
            algorithm: algorithm(settings.auth.algorithm),
            accept_for: accept_for(&settings.auth),
            has_secret: settings.auth.jwt_secret.is_some(),
            has_files: !settings.auth.key_files.is_empty(),
        }
    }

    /// The folder of the keys that Roster makes.
    pub(crate) fn folder(&self) -> KeyFolder {
        KeyFolder::in_data(&self.data)
    }
}

/// How long a retired key's tokens are accepted: as long as the last of them lives, by clocks that disagree by
/// `leeway`, with what a server needs to notice that it should sign with another key.
fn accept_for(settings: &roster_config::Auth) -> Duration {
    const NOTICE: Duration = Duration::from_secs(10);
    settings.access_token_ttl + settings.leeway + NOTICE
}
