//! What can change while the server runs.

use crate::cors_rules::CorsRules;
use crate::proxies::TrustedProxies;
use crate::settings::HttpSettings;
use arc_swap::ArcSwap;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The settings that a running server can replace, and whether it is about to stop.
///
/// Requests read it without a lock. The router and the connections stay as they are.
#[derive(Debug)]
pub struct Live {
    forwarding: ArcSwap<Forwarding>,
    cors: ArcSwap<CorsRules>,
    /// Incremented by each reload, so that layers can tell whether they are up to date.
    generation: AtomicU64,
    draining: AtomicBool,
}

/// The proxies whose forwarding headers are trusted.
#[derive(Debug)]
pub(crate) struct Forwarding {
    pub(crate) proxies: TrustedProxies,
    /// Whether a warning about an untrusted proxy was logged.
    pub(crate) untrusted_proxy: Once,
}

impl Live {
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        Self {
            forwarding: ArcSwap::from_pointee(Forwarding::of(settings)),
            cors: ArcSwap::from_pointee(CorsRules::of(settings)),
            generation: AtomicU64::new(0),
            draining: AtomicBool::new(false),
        }
    }

    /// Takes the trusted proxies and the CORS rules from `settings`, for all later requests. The other settings stay
    /// as they were when the server was created.
    pub fn reload(&self, settings: &HttpSettings) {
        self.forwarding.store(Forwarding::of(settings).into());
        self.cors.store(CorsRules::of(settings).into());
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Announces the stop: from now on `/health/ready` responds with 503 and every response closes its connection, so that
    /// clients with busy connections go elsewhere.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn forwarding(&self) -> arc_swap::Guard<std::sync::Arc<Forwarding>> {
        self.forwarding.load()
    }

    pub(crate) fn cors(&self) -> std::sync::Arc<CorsRules> {
        self.cors.load_full()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}

impl Forwarding {
    fn of(settings: &HttpSettings) -> Self {
        Self { proxies: settings.trusted_proxies.clone(), untrusted_proxy: Once::new() }
    }
}
