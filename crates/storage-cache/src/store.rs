//! The store with the cache in front of it.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, ExternalId, Login, Page, ServiceAccount, ServiceAccountId,
    ServiceAccountName, Session, SessionId, TokenDigest, User, UserId, UserQuery,
};
use roster_storage::{
    Announce, Change, CommitError, Entity, Guard, Invalidate, Snapshot, Store, StoreError, UnitOfWork,
    UserKeys, UserSession,
};
use tokio::runtime::Handle;

use crate::cache::{AccountLookup, ReadCache, SessionLookup, UserLookup, UserPlaceholder};
use crate::committing::Committing;

/// A store with a cache of what authenticating a request reads: users, sessions and service accounts by their ids, and
/// service accounts by their keys. Everything else is read from the store.
pub struct CachedStore<S> {
    store: Arc<S>,
    cache: Arc<ReadCache>,
    /// Informs the other servers; `None` if there are none.
    others: Option<Arc<dyn Announce>>,
    runtime: Handle,
}

impl<S: Store> CachedStore<S> {
    /// Puts `cache` in front of `store`. All writes to the store have to go through here, or through another server that
    /// invalidates this cache. `runtime` completes commits whose callers are gone.
    pub fn new(
        store: Arc<S>,
        cache: Arc<ReadCache>,
        others: Option<Arc<dyn Announce>>,
        runtime: Handle,
    ) -> Self {
        Self { store, cache, others, runtime }
    }

    /// The store behind the cache.
    #[must_use]
    pub const fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// The cache.
    #[must_use]
    pub fn cache(&self) -> &ReadCache {
        &self.cache
    }
}

/// What has to be invalidated after a commit.
struct Affected {
    changed: Vec<Entity>,
    guarded: Vec<Entity>,
    /// The only user that the unit writes.
    user: Option<Arc<User>>,
}

impl Affected {
    fn of(work: &UnitOfWork) -> Self {
        // Nobody has a copy of a user who did not exist: an import of a million need not be announced.
        let is_new = |entity: &Entity| {
            work.guards()
                .iter()
                .any(|guard| matches!(guard, Guard::UserAbsent(id) if *entity == Entity::User(*id)))
        };
        let changed = work.changed().filter(|entity| !is_new(entity)).collect();
        Self { changed, guarded: work.guarded().collect(), user: only_user(work) }
    }

    /// The placeholder for the user, if an earlier state is kept. It is made before the commit, so that an invalidation
    /// meanwhile removes it.
    fn placeholder<'c>(&self, cache: &'c ReadCache) -> Option<UserPlaceholder<'c>> {
        self.user.as_ref().and_then(|user| cache.next_user(user.id))
    }

    /// Keeps the committed user, and invalidates what else the unit may have changed. After a conflict, also what it was decided from: the caller reads again,
    /// and must not read the same.
    fn settle(
        &self,
        outcome: &Result<(), CommitError>,
        placeholder: Option<UserPlaceholder<'_>>,
        cache: &ReadCache,
        others: Option<&dyn Announce>,
    ) {
        let kept = match (outcome, placeholder, &self.user) {
            (Ok(()), Some(placeholder), Some(user)) => {
                placeholder.fill(user);
                Some(Entity::User(user.id))
            }
            _ => None,
        };
        self.changed
            .iter()
            .filter(|entity| Some(**entity) != kept)
            .for_each(|entity| cache.invalidate(*entity));
        if outcome.is_err() {
            self.guarded.iter().for_each(|entity| cache.invalidate(*entity));
        }
        let may_have_changed = matches!(outcome, Ok(()) | Err(CommitError::OutcomeUnknown(_)));
        if let Some(others) = others.filter(|_| may_have_changed && !self.changed.is_empty()) {
            others.announce(&self.changed);
        }
    }
}

/// The user that the unit writes, if it writes or removes no other.
fn only_user(work: &UnitOfWork) -> Option<Arc<User>> {
    let mut changes =
        work.changes().iter().filter(|change| matches!(change, Change::PutUser(_) | Change::RemoveUser(_)));
    match (changes.next(), changes.next()) {
        (Some(Change::PutUser(user)), None) => Some(Arc::clone(user)),
        _ => None,
    }
}

#[async_trait]
impl<S: Store> Store for CachedStore<S> {
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        let placeholder = match self.cache.user(id) {
            UserLookup::Found(user) => return Ok(Some(user)),
            UserLookup::Missing(placeholder) => placeholder,
        };
        let found = self.store.user(id).await?;
        if let (Some(user), Some(placeholder)) = (&found, placeholder) {
            placeholder.fill(user);
        }
        Ok(found)
    }

    async fn user_session(&self, id: SessionId, user: UserId) -> Result<Option<UserSession>, StoreError> {
        let placeholders = match self.cache.user_session(id, user) {
            SessionLookup::Found(found) => return Ok(Some(found)),
            SessionLookup::Missing(placeholders) => placeholders,
        };
        let found = self.store.user_session(id, user).await?;
        if let Some(found) = &found {
            placeholders.fill(found);
        }
        Ok(found)
    }

    async fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        let placeholder = match self.cache.account(id) {
            AccountLookup::Found(account) => return Ok(Some(account)),
            AccountLookup::Missing(placeholder) => placeholder,
        };
        let found = self.store.service_account(id).await?;
        if let (Some(account), Some(placeholder)) = (&found, placeholder) {
            placeholder.fill(account);
        }
        Ok(found)
    }

    async fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        let placeholder = match self.cache.account_by_key_prefix(prefix) {
            AccountLookup::Found(account) => return Ok(Some(account)),
            AccountLookup::Missing(placeholder) => placeholder,
        };
        let found = self.store.service_account_by_key_prefix(prefix).await?;
        if let Some(account) = &found {
            self.cache.note_key_owner(*prefix, account);
            if let Some(placeholder) = placeholder {
                placeholder.fill(account);
            }
        }
        Ok(found)
    }

    async fn commit(&self, work: UnitOfWork) -> Result<(), CommitError> {
        let (store, cache, others) = (self.store.clone(), self.cache.clone(), self.others.clone());
        let affected = Affected::of(&work);
        let commit = async move {
            let placeholder = affected.placeholder(&cache);
            let outcome = store.commit(work).await;
            affected.settle(&outcome, placeholder, &cache, others.as_deref());
            outcome
        };
        Committing::new(commit, self.runtime.clone()).await
    }

    async fn commit_all(&self, units: Vec<UnitOfWork>) -> Vec<Result<(), CommitError>> {
        let (store, cache, others) = (self.store.clone(), self.cache.clone(), self.others.clone());
        let affected: Vec<_> = units.iter().map(Affected::of).collect();
        let commit = async move {
            let outcomes = store.commit_all(units).await;
            for (affected, outcome) in affected.iter().zip(&outcomes) {
                affected.settle(outcome, None, &cache, others.as_deref());
            }
            outcomes
        };
        Committing::new(commit, self.runtime.clone()).await
    }

    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        self.store.users_by_id(ids).await
    }

    async fn users_by_keys(&self, keys: &UserKeys) -> Result<Vec<Arc<User>>, StoreError> {
        self.store.users_by_keys(keys).await
    }

    async fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError> {
        self.store.user_by_login(login).await
    }

    async fn user_by_external_id(&self, id: &ExternalId) -> Result<Option<Arc<User>>, StoreError> {
        self.store.user_by_external_id(id).await
    }

    async fn users(&self, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError> {
        self.store.users(query).await
    }

    async fn has_active_admin(&self) -> Result<bool, StoreError> {
        self.store.has_active_admin().await
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<Session>>, StoreError> {
        self.store.session(id).await
    }

    async fn session_by_family(&self, family: TokenDigest) -> Result<Option<Arc<Session>>, StoreError> {
        self.store.session_by_family(family).await
    }

    async fn sessions(&self, user: UserId) -> Result<Vec<Arc<Session>>, StoreError> {
        self.store.sessions(user).await
    }

    async fn expired_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<SessionId>, StoreError> {
        self.store.expired_sessions(now, limit).await
    }

    async fn service_accounts(
        &self,
        after: Option<&ServiceAccountName>,
        limit: usize,
    ) -> Result<Vec<Arc<ServiceAccount>>, StoreError> {
        self.store.service_accounts(after, limit).await
    }

    async fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        self.store.audit_records(query).await
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        self.store.snapshot().await
    }

    fn is_sweeper(&self) -> bool {
        self.store.is_sweeper()
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.store.ready().await
    }
}
