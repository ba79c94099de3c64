//! Logins and registrations.

use prometheus::{IntCounter, IntCounterVec, Opts};

use super::{MetricsError, Registry};

/// Counts logins by outcome, and registrations.
#[derive(Clone, Debug)]
pub struct AccountMetrics {
    logins: IntCounterVec,
    registrations: IntCounter,
}

impl AccountMetrics {
    /// Registers `roster_logins_total` and `roster_registrations_total`. The outcomes named here show from the
    /// start, as zero, so that a rate over the first failure is not missed.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn register(registry: &Registry, outcomes: &[&'static str]) -> Result<Self, MetricsError> {
        let logins = Opts::new("roster_logins_total", "Attempts to log in, by outcome.");
        let logins = IntCounterVec::new(logins, &["outcome"])?;
        for outcome in outcomes {
            logins.with_label_values(&[*outcome]);
        }
        let registrations =
            IntCounter::new("roster_registrations_total", "Accounts created by registration.")?;
        registry.register(logins.clone())?;
        registry.register(registrations.clone())?;
        Ok(Self { logins, registrations })
    }

    /// Counts an attempt to log in.
    pub fn login(&self, outcome: &'static str) {
        self.logins.with_label_values(&[outcome]).inc();
    }

    /// Counts a registration.
    pub fn registration(&self) {
        self.registrations.inc();
    }
}
