//! The application: everything that the use cases need.

use crate::failed_attempts::FailedAttempts;
use crate::id_bytes::IdBytes;
use crate::in_flight::InFlight;
use crate::limits::{LimitSettings, RateLimits};
use crate::migration::{Migration, Questions};
use crate::overtaken_queue::OvertakenQueue;
use crate::{Call, Clock, Counters, Error, SessionRules};
use jiff::Timestamp;
use parking_lot::Mutex;
use roster_auth::Entropy;
use roster_auth::password::{HashPool, Password, PasswordPolicy};
use roster_auth::token::{TokenIssuer, TokenVerifier};
use roster_domain::{
    Action, Actor, ApiKeyId, AuditRecord, Field, JobId, Outcome, PasswordHash, SessionId, Target, User,
    UserId,
};
use roster_storage::{JobStore, SharedCounts, Store, StoreError};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The application. Its methods are the use cases, each in its own file.
pub struct Roster {
    parts: RosterParts,
    counters: Counters,
    limits: RateLimits,
    failed_attempts: FailedAttempts,
    started_at: Timestamp,
    /// The API keys and sessions whose last use is being written.
    key_uses: InFlight<ApiKeyId>,
    session_uses: InFlight<SessionId>,
    id_bytes: IdBytes,
    /// The questions to the old system that are open.
    questions: Questions,
    overtaken: OvertakenQueue,
    /// Notified when a job was queued here.
    jobs_waiting: Notify,
    /// Notified when a job was cancelled here.
    job_cancelled: Notify,
    /// The jobs that cannot be read, which are logged once.
    damaged_jobs: Mutex<HashSet<JobId>>,
    /// Distinguishes this process from others that run jobs.
    process_number: u64,
}

/// The parts that the binary passes to [`Roster::new`].
pub struct RosterParts {
    /// Stores users, sessions and the audit log.
    pub store: Arc<dyn Store>,
    /// Hashes passwords.
    pub hash_pool: Arc<HashPool>,
    /// The rules for new passwords.
    pub password_policy: PasswordPolicy,
    /// Signs access tokens.
    pub token_issuer: TokenIssuer,
    /// Verifies access tokens.
    pub token_verifier: TokenVerifier,
    /// The rules for sessions.
    pub sessions: SessionRules,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Provides randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Whether anyone may register.
    pub registration: Registration,
    /// The rate limits; `None` limits nothing.
    pub limits: Option<LimitSettings>,
    /// Where servers that share the store count together; `None` counts in memory.
    pub shared_counts: Option<Arc<dyn SharedCounts>>,
    /// Keeps jobs; `None` for commands, which start none.
    pub jobs: Option<Arc<dyn JobStore>>,
    /// The most records that a file may have that is imported over HTTP.
    pub max_import_records: usize,
    /// Whom to ask about people who are not here yet; `None` asks nobody.
    pub migration: Option<Migration>,
    /// For how long failed attempts are counted before they are written to the audit log as one record.
    pub audit_window: Duration,
}

/// Whether anyone may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anyone may register.
    Open,
    /// Creating a user requires `users:create`.
    Closed,
}

impl Roster {
    /// Creates the application.
    #[must_use]
    pub fn new(parts: RosterParts) -> Self {
        let limits = RateLimits::new(parts.limits, parts.shared_counts.clone());
        let failed_attempts = FailedAttempts::new(parts.audit_window);
        let started_at = parts.clock.now();
        let mut process_number = [0; 8];
        parts.entropy.fill(&mut process_number);
        Self {
            parts,
            counters: Counters::default(),
            limits,
            failed_attempts,
            started_at,
            key_uses: InFlight::default(),
            session_uses: InFlight::default(),
            id_bytes: IdBytes::new(),
            questions: Questions::default(),
            overtaken: OvertakenQueue::default(),
            jobs_waiting: Notify::new(),
            job_cancelled: Notify::new(),
            damaged_jobs: Mutex::default(),
            process_number: u64::from_ne_bytes(process_number),
        }
    }

    /// The counters since the start of the process.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The rate limits with their counts.
    #[must_use]
    pub const fn limits(&self) -> &RateLimits {
        &self.limits
    }

    /// Replaces the limits; see [`RateLimits::reconfigure`]. `audit_window` applies to the windows that start from now on.
    pub fn reconfigure_limits(&self, limits: Option<LimitSettings>, audit_window: Duration) {
        self.limits.reconfigure(limits, self.parts.clock.now());
        self.failed_attempts.set_window(audit_window);
    }

    /// The rules for new passwords.
    #[must_use]
    pub const fn password_policy(&self) -> &PasswordPolicy {
        &self.parts.password_policy
    }

    /// The `iss` claim of access tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.parts.token_issuer.settings().issuer
    }

    /// Checks that the store can be read and written.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.parts.store.ready().await
    }

    pub(crate) const fn parts(&self) -> &RosterParts {
        &self.parts
    }

    pub(crate) const fn failed_attempts(&self) -> &FailedAttempts {
        &self.failed_attempts
    }

    pub(crate) const fn key_uses(&self) -> &InFlight<ApiKeyId> {
        &self.key_uses
    }

    pub(crate) const fn session_uses(&self) -> &InFlight<SessionId> {
        &self.session_uses
    }

    pub(crate) const fn questions(&self) -> &Questions {
        &self.questions
    }

    pub(crate) const fn overtaken(&self) -> &OvertakenQueue {
        &self.overtaken
    }

    pub(crate) const fn jobs_waiting(&self) -> &Notify {
        &self.jobs_waiting
    }

    pub(crate) const fn job_cancelled(&self) -> &Notify {
        &self.job_cancelled
    }

    pub(crate) const fn damaged_jobs(&self) -> &Mutex<HashSet<JobId>> {
        &self.damaged_jobs
    }

    pub(crate) const fn process_number(&self) -> u64 {
        self.process_number
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.parts.store
    }

    pub(crate) const fn started_at(&self) -> Timestamp {
        self.started_at
    }

    pub(crate) fn new_user_id(&self) -> UserId {
        UserId::new(self.parts.clock.now(), self.id_bytes())
    }

    /// An audit record of a success.
    pub(crate) fn record(&self, call: &Call, action: Action, target: impl Into<Target>) -> AuditRecord {
        self.record_outcome(call, action, Some(target), Outcome::Success)
    }

    /// An audit record of a success of `user`, who has not authenticated with an access token, for example at a login.
    pub(crate) fn record_own(&self, call: &Call, action: Action, user: &User) -> AuditRecord {
        AuditRecord { actor: Actor::User(user.id), ..self.record(call, action, user.id) }
    }

    pub(crate) fn record_outcome(
        &self,
        call: &Call,
        action: Action,
        target: Option<impl Into<Target>>,
        outcome: Outcome,
    ) -> AuditRecord {
        let at = self.parts.clock.now();
        AuditRecord {
            target: target.map(Into::into),
            outcome: outcome.into(),
            origin: call.origin.clone(),
            ..AuditRecord::new(at, self.id_bytes(), call.principal.actor(), action)
        }
    }

    pub(crate) async fn existing_user(&self, id: UserId) -> Result<Arc<User>, Error> {
        self.store().user(id).await?.ok_or(Error::UserNotFound)
    }

    /// Hashes a password. The caller has checked it against the policy.
    pub(crate) async fn hash(
        &self,
        call: &Call,
        password: impl Into<Arc<Password>> + Send,
    ) -> Result<PasswordHash, Error> {
        Ok(self.parts.hash_pool.hash(password, call.address())?.await?)
    }

    /// The random part of an id.
    pub(crate) fn id_bytes<const N: usize>(&self) -> [u8; N] {
        self.id_bytes.take(&*self.parts.entropy)
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.parts.entropy.fill(&mut bytes);
        bytes
    }
}

/// The audit record with the names of the fields that changed.
pub(crate) fn with_changed(record: AuditRecord, changed: Vec<Field>) -> AuditRecord {
    AuditRecord { changed: changed.into_iter().map(Into::into).collect(), ..record }
}
