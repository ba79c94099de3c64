//! The metrics of the signing keys.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use roster_auth::token::{KeyRing, KeyState};

/// The metrics of the signing keys.
#[derive(Debug, Default)]
pub(crate) struct KeyMetrics {
    states: [AtomicU64; KeyState::NAMES.len()],
    pub(super) reloads: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) failed: AtomicBool,
}

impl KeyMetrics {
    /// The number of keys in each state.
    pub(crate) fn states(&self) -> Vec<(&'static str, u64)> {
        KeyState::NAMES
            .into_iter()
            .zip(&self.states)
            .map(|(name, count)| (name, count.load(Ordering::Relaxed)))
            .collect()
    }

    /// How often changed keys were applied.
    pub(crate) fn reloads(&self) -> u64 {
        self.reloads.load(Ordering::Relaxed)
    }

    /// How often changed keys could not be applied.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Whether the last attempt failed, so that earlier keys are in use.
    pub(crate) fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, ring: Option<&KeyRing>) {
        let keys = ring.map(KeyRing::keys).unwrap_or_default();
        for (name, count) in KeyState::NAMES.into_iter().zip(&self.states) {
            let found = keys.iter().filter(|key| key.state.as_str() == name).count();
            count.store(found as u64, Ordering::Relaxed);
        }
    }
}
