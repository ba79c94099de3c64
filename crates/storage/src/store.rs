//! The port itself.

use crate::{CommitError, Snapshot, StoreError, UnitOfWork, UserKeys};
use async_trait::async_trait;
use jiff::Timestamp;
use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, ExternalId, Login, Page, ServiceAccount, ServiceAccountId,
    ServiceAccountName, Session, SessionId, TokenDigest, User, UserId, UserQuery,
};
use std::sync::Arc;

/// A session and its user.
pub type UserSession = (Arc<Session>, Arc<User>);

/// The store of users, service accounts, sessions and the audit log.
///
/// Every engine guarantees:
/// - a read sees everything that was committed before it began, and nothing that is not durable;
/// - a commit is all or nothing, and durable when it returns `Ok`;
/// - if the guards of several commits exclude each other, one of them succeeds;
/// - dropping the future of a commit does not change its outcome.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The user with this id.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError>;

    /// The users with these ids, without those that do not exist, in no particular order.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError>;

    /// The user who logs in with this name: by email or username, or by the alias that an import kept.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError>;

    /// The user with this id in another system.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn user_by_external_id(&self, id: &ExternalId) -> Result<Option<Arc<User>>, StoreError>;

    /// The users who have one of these keys, as of one moment, each once and in no particular order.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn users_by_keys(&self, keys: &UserKeys) -> Result<Vec<Arc<User>>, StoreError>;

    /// One page of the matching users, in the order of the query. Following `next` visits every user who
    /// matches and stays unchanged exactly once, whatever is inserted meanwhile.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn users(&self, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError>;

    /// Whether there is an active administrator.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn has_active_admin(&self) -> Result<bool, StoreError>;

    /// The session with this id, expired or not.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn session(&self, id: SessionId) -> Result<Option<Arc<Session>>, StoreError>;

    /// The session with this id and its user, both as of one moment. `None` unless both exist and the session belongs to
    /// this user. Authenticating a request takes this one read.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn user_session(&self, id: SessionId, user: UserId) -> Result<Option<UserSession>, StoreError>;

    /// The session whose refresh tokens belong to this family.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn session_by_family(&self, family: TokenDigest) -> Result<Option<Arc<Session>>, StoreError>;

    /// All sessions of a user, including expired ones, oldest first. They are few, since their number is limited.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn sessions(&self, user: UserId) -> Result<Vec<Arc<Session>>, StoreError>;

    /// At most `limit` sessions that have expired by `now`, earliest expiry first.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn expired_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<SessionId>, StoreError>;

    /// The service account with this id.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError>;

    /// The service account that has a key with this prefix, live or not.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError>;

    /// At most `limit` service accounts in the order of their names, starting after the name `after`. If fewer than
    /// `limit` are returned, there are no more.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn service_accounts(
        &self,
        after: Option<&ServiceAccountName>,
        limit: usize,
    ) -> Result<Vec<Arc<ServiceAccount>>, StoreError>;

    /// One page of the matching audit records, newest commit first. Following `next` visits every record that was
    /// committed before the first page was requested exactly once, whatever is committed meanwhile. A query without a
    /// position sees everything committed before it. Records that an operator has moved away are absent.
    ///
    /// The work for one page is bounded: if few records match, a page may have fewer items than requested, or
    /// none, and still have a `next`.
    ///
    /// With `from`, an engine may assume that every clock that wrote the log was correct to within an hour: a record
    /// that is older than its neighbours by more may be left out.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError>;

    /// Commits all of `work`, or none of it, and returns when it is durable.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] names the first guard that did not hold; nothing was changed.
    /// [`CommitError::Unavailable`]: nothing was changed, and a retry may help.
    /// [`CommitError::Damaged`]: nothing was changed, and a retry does not help.
    /// [`CommitError::OutcomeUnknown`]: the unit may or may not be found after a restart.
    async fn commit(&self, work: UnitOfWork) -> Result<(), CommitError>;

    /// Commits several units in this order, each as [`commit`](Self::commit) does, and returns their outcomes in the same
    /// order. A unit sees the changes of those before it, and a refused one does not affect the others.
    ///
    /// This is faster than a commit for each unit. Engines make their transactions short enough that other writers need not
    /// wait long. If the process ends meanwhile, or the future is dropped, the units that were committed are the first
    /// ones, apart from those that a guard refuses.
    async fn commit_all(&self, units: Vec<UnitOfWork>) -> Vec<Result<(), CommitError>>;

    /// The whole store as of one moment, for a backup.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError>;

    /// Whether this process does the periodic work on the store, such as deleting expired sessions. Of several processes
    /// that use the store and ask this from time to time, it is one; if that one ends, another takes over.
    fn is_sweeper(&self) -> bool;

    /// Whether the store can be read and written right now.
    ///
    /// # Errors
    /// [`StoreError`], with the reason.
    async fn ready(&self) -> Result<(), StoreError>;
}
