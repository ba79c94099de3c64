//! The port itself.

use crate::{CommitError, Snapshot, StoreError, UnitOfWork};
use async_trait::async_trait;
use jiff::Timestamp;
use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, ExternalId, Login, Page, ServiceAccount, ServiceAccountId,
    ServiceAccountName, Session, SessionId, TokenDigest, User, UserId, UserQuery,
};
use std::sync::Arc;

/// Where users, their sessions and the audit log are kept.
///
/// What every engine owes its callers:
/// - a read sees all that was committed before it began, and nothing that is not durable;
/// - a commit is all or nothing, and durable when it returns `Ok`;
/// - of several commits whose guards exclude each other, one wins;
/// - dropping the future of a commit changes nothing about its outcome.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The user with this id.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError>;

    /// Those of these users who exist, in no particular order.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError>;

    /// The user who logs in with this name: by email or username, else by the alias an import kept.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError>;

    /// The user whom another system calls this.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn user_by_external_id(&self, id: &ExternalId) -> Result<Option<Arc<User>>, StoreError>;

    /// One page of the users that match, in the order of the query. Following `next` visits every user who
    /// matches and stays unchanged exactly once, whatever is inserted meanwhile.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn users(&self, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError>;

    /// Whether there is an administrator who can act.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn has_active_admin(&self) -> Result<bool, StoreError>;

    /// The session with this id, expired or not.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn session(&self, id: SessionId) -> Result<Option<Arc<Session>>, StoreError>;

    /// The session whose refresh tokens are of this family.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn session_by_family(&self, family: TokenDigest) -> Result<Option<Arc<Session>>, StoreError>;

    /// All sessions of a user, expired ones included, the oldest first. They are few: their number has a limit.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn sessions(&self, user: UserId) -> Result<Vec<Arc<Session>>, StoreError>;

    /// Sessions that have expired by `now`, at most `limit` of them, the longest expired first.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn expired_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<SessionId>, StoreError>;

    /// The service account with this id.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError>;

    /// The service account that has a key with this prefix, live or not.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError>;

    /// At most `limit` service accounts in the order of their names, from the first name greater than `after`
    /// on. Fewer than `limit` are all that there are.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn service_accounts(
        &self,
        after: Option<&ServiceAccountName>,
        limit: usize,
    ) -> Result<Vec<Arc<ServiceAccount>>, StoreError>;

    /// One page of the audit records that match, in the order of their commits, newest first. Following `next`
    /// visits every record that was committed before the first page was asked for exactly once, whatever is
    /// committed meanwhile; whoever asks without a place sees all that was committed before. Records that an
    /// operator has moved to an archive are absent.
    ///
    /// How much one page looks at is bounded: where few records match, it may hold fewer than asked for, or
    /// none, and still have a `next`.
    ///
    /// `from` may be answered as if every clock that wrote the log had been right to within an hour: a record
    /// whose time lies further back than those around it may be left out.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError>;

    /// Commits all of `work`, or none of it, and returns when it is durable.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] names the first guard that did not hold; nothing was changed.
    /// [`CommitError::Unavailable`]: nothing was changed, and a retry may help.
    /// [`CommitError::OutcomeUnknown`]: the unit may or may not be found after a restart.
    async fn commit(&self, work: UnitOfWork) -> Result<(), CommitError>;

    /// All that is stored, as of one moment: for a backup.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer.
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError>;

    /// Whether the store can be read and written right now.
    ///
    /// # Errors
    /// [`StoreError`], with the reason.
    async fn ready(&self) -> Result<(), StoreError>;
}
