//! An attempt to prove a credential that all servers count together.

use super::limit_reached::LimitReached;
use super::limiter::Limits;
use super::micros::Micros;
use super::open_attempt::OpenAttempt;
use super::shared::{Counted, SharedTables};
use super::subject::{CredentialCheck, Subject, names};
use super::tables::Tables;
use jiff::Timestamp;
use roster_domain::{ClientNetwork, User};
use roster_storage::StoreError;

/// An admitted attempt. Like an [`Attempt`](super::attempt::Attempt), it remains a failure if it is dropped. If the server
/// dies meanwhile, the attempt is forgotten after a minute.
pub(crate) struct SharedAttempt<'a> {
    limits: &'a Limits,
    shared: &'a SharedTables,
    /// `None` once the outcome is known, or if nothing is limited.
    open: Option<OpenAttempt>,
}

impl<'a> SharedAttempt<'a> {
    /// Admits an attempt.
    ///
    /// # Errors
    /// The errors of the store.
    pub(super) async fn admit(
        limits: &'a Limits,
        shared: &'a SharedTables,
        check: CredentialCheck<'_>,
        now: Timestamp,
    ) -> Result<Result<Self, LimitReached>, StoreError> {
        let Some(settings) = limits.settings() else { return Ok(Ok(Self { limits, shared, open: None })) };
        let keys = limits.keys(check.subject, check.client);
        let at = now.as_microsecond();
        let user = check.user.map(|user| limits.digest(user));
        let known = user.filter(|user| limits.tables.lock().known.contains(*user, keys.client, at));
        let counted = [Counted::Pair(keys.pair), Counted::Client(keys.client), Counted::Login(keys.subject)];
        let admit = |tables: &mut Tables| {
            if let Some(user) = known {
                tables.known.remember(user, keys.client, at);
            }
            tables.admit(&settings, keys, known, at)
        };
        let admitted = shared.change(&counted, at, admit).await?;
        Ok(admitted.unwrap_or(Ok(false)).map(|exempt| Self {
            limits,
            shared,
            open: Some(OpenAttempt { keys, exempt, at, settings }),
        }))
    }

    /// Records a wrong credential.
    pub(super) async fn fail(mut self, now: Timestamp) {
        if let Some(open) = self.open.take() {
            fail(self.shared, open, now.as_microsecond()).await;
        }
    }

    /// Records a correct credential.
    pub(super) async fn succeed(mut self, user: &User, client: ClientNetwork, now: Timestamp) {
        let Some(open) = self.open.take() else { return };
        let now = now.as_microsecond();
        let pairs: Vec<u64> =
            names(user).map(|name| self.limits.keys(Subject::login(&name), client).pair).collect();
        let current = self.limits.settings();
        let counted: Vec<_> = of(open).into_iter().chain(pairs.iter().copied().map(Counted::Pair)).collect();
        let succeeded = self.shared.change(&counted, now, |tables| {
            tables.succeed(current.as_ref(), open, &pairs, now);
        });
        report(succeeded.await);
        self.limits.tables.lock().known.remember(self.limits.digest(user.id), open.keys.client, now);
    }

    /// Withdraws an attempt that could not be checked.
    pub(super) async fn withdraw(mut self) {
        if let Some(open) = self.open.take() {
            let current = self.limits.settings();
            let withdraw = |tables: &mut Tables| tables.withdraw(current.as_ref(), open);
            report(self.shared.change(&of(open), open.at, withdraw).await);
        }
    }
}

impl Drop for SharedAttempt<'_> {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            let shared = self.shared.clone();
            // The request is gone, and its failure is counted without it.
            tokio::spawn(async move { fail(&shared, open, open.at).await });
        }
    }
}

async fn fail(shared: &SharedTables, open: OpenAttempt, now: Micros) {
    report(shared.change(&[Counted::Pair(open.keys.pair)], now, |tables| tables.fail(open, now)).await);
}

/// What an attempt was counted under.
fn of(open: OpenAttempt) -> [Counted; 3] {
    [Counted::Pair(open.keys.pair), Counted::Client(open.keys.client), Counted::Login(open.keys.subject)]
}

/// The response does not depend on it: the password was checked.
fn report<T>(counted: Result<Option<T>, StoreError>) {
    if let Err(error) = counted {
        tracing::warn!(%error, "could not count the outcome of a login");
    }
}
