//! Loads keys that have changed.

use roster_auth::token::KeySet;

use super::source::{KeySource, Keys};
use super::stamp::Stamp;

/// Why changed keys cannot be applied, and the accepted keys if they are known.
pub(super) struct LoadFailure {
    pub(super) error: anyhow::Error,
    pub(super) accepted: Option<KeySet>,
}

/// What a look at the keys has found.
pub(super) enum Loaded {
    Unchanged,
    Changed(Vec<Stamp>, Box<Result<Keys, LoadFailure>>),
}

/// Loads the keys if their stamps differ from `applied`.
///
/// # Errors
/// If that is unknown.
pub(super) fn load_if_changed(source: &KeySource, applied: &[Stamp]) -> anyhow::Result<Loaded> {
    let stamps = source.stamps()?;
    if stamps == applied {
        return Ok(Loaded::Unchanged);
    }
    let loaded = source.load().map_err(|error| LoadFailure { error, accepted: source.accepted().ok() });
    Ok(Loaded::Changed(stamps, Box::new(loaded)))
}
