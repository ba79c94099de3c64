//! Logins and registrations.

use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// Account events since the start.
#[derive(Debug, Clone)]
pub struct AccountState {
    /// Login attempts by outcome. Outcomes that have not occurred yet are included with 0, so that the first occurrence
    /// shows as an increase.
    pub logins: Vec<(&'static str, u64)>,
    /// Attempts to use a refresh token, likewise.
    pub refreshes: Vec<(&'static str, u64)>,
    /// Accounts created.
    pub registrations: u64,
    /// Questions to the old system, likewise.
    pub migration_questions: Vec<(&'static str, u64)>,
    /// People who were migrated at a login.
    pub migrations: u64,
}

impl Registry {
    /// Registers `roster_logins_total`, `roster_session_refreshes_total` and `roster_migration_questions_total` by outcome,
    /// `roster_registrations_total` and `roster_migrated_users_total`, read at each scrape.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn accounts(
        &self,
        read: impl Fn() -> AccountState + Send + Sync + 'static,
    ) -> Result<(), MetricsError> {
        let accounts = PulledCollector::new(read)
            .counter("roster_logins_total", "Login attempts, by outcome.", |state: &AccountState| {
                Samples::By("outcome", state.logins.clone())
            })?
            .counter(
                "roster_session_refreshes_total",
                "Attempts to use a refresh token, by outcome.",
                |state| Samples::By("outcome", state.refreshes.clone()),
            )?
            .counter("roster_registrations_total", "Accounts created.", |state| {
                Samples::One(state.registrations)
            })?
            .counter(
                "roster_migration_questions_total",
                "Questions to the old system at failed logins, by outcome.",
                |state| Samples::By("outcome", state.migration_questions.clone()),
            )?
            .counter(
                "roster_migrated_users_total",
                "People who logged in with a password that the old system confirmed.",
                |state| Samples::One(state.migrations),
            )?;
        self.register(accounts)
    }
}
