//! The port of the use cases.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use jiff::Timestamp;
use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, ExternalId, Login, Page, ServiceAccount, ServiceAccountId,
    ServiceAccountName, Session, SessionId, TokenDigest, User, UserId, UserQuery,
};
use roster_storage::{CommitError, Snapshot, Store, StoreError, UnitOfWork, UserKeys, UserSession};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::audit_log;
use crate::command::Command;
use crate::draft::Prepared;
use crate::intake::Closed;
use crate::reply_batch::{PendingCommit, Reply};
use crate::snapshot::JsonSnapshot;
use crate::store::JsonStore;

/// How many of several units are drafted before other tasks get their turn.
const AT_ONCE: usize = 64;

impl JsonStore {
    /// Drafts a unit. From then on it belongs to the writer: dropping the receiver has no effect.
    fn begin(&self, work: UnitOfWork) -> Result<oneshot::Receiver<Reply>, CommitError> {
        let asked = Instant::now();
        let unit = Prepared::new(work).map_err(|error| CommitError::Unavailable(Box::new(error)))?;
        let (pending_commit, reply) = PendingCommit::new(asked);
        self.intake.add(unit, pending_commit).map_err(|closed| CommitError::Unavailable(Box::new(closed)))?;
        Ok(reply)
    }
}

async fn outcome(reply: oneshot::Receiver<Reply>) -> Result<(), CommitError> {
    reply.await.map_or_else(|_| Err(CommitError::OutcomeUnknown(Box::new(Closed))), Reply::take)
}

#[async_trait]
impl Store for JsonStore {
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.published.load().user(id).cloned())
    }

    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        let state = self.published.load();
        Ok(ids.iter().filter_map(|id| state.user(*id).cloned()).collect())
    }

    async fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.published.load().user_by_login(login).cloned())
    }

    async fn user_by_external_id(&self, id: &ExternalId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.published.load().user_by_external_id(id).cloned())
    }

    async fn users_by_keys(&self, keys: &UserKeys) -> Result<Vec<Arc<User>>, StoreError> {
        Ok(self.published.load().users_by_keys(keys))
    }

    async fn users(&self, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError> {
        self.lists_asked.set();
        // A long list must not delay the next publication, so it gets its own copy of the state.
        let state = self.published.load_full();
        if !state.may_look_at_many(query) {
            return Ok(state.page(query));
        }
        let query = query.clone();
        let looking = tokio::task::spawn_blocking(move || state.page(&query));
        looking.await.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }

    async fn has_active_admin(&self) -> Result<bool, StoreError> {
        Ok(self.published.load().has_active_admin())
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<Session>>, StoreError> {
        Ok(self.published.load().sessions().get(id).cloned())
    }

    async fn user_session(&self, id: SessionId, user: UserId) -> Result<Option<UserSession>, StoreError> {
        Ok(self.published.load().user_session(id, user))
    }

    async fn session_by_family(&self, family: TokenDigest) -> Result<Option<Arc<Session>>, StoreError> {
        Ok(self.published.load().sessions().by_family(family).cloned())
    }

    async fn sessions(&self, user: UserId) -> Result<Vec<Arc<Session>>, StoreError> {
        Ok(self.published.load().sessions().of(user).cloned().collect())
    }

    async fn expired_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.published.load().sessions().expired(now).take(limit).collect())
    }

    async fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(self.published.load().service_accounts().account(id).cloned())
    }

    async fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(self.published.load().service_accounts().by_key_prefix(prefix).cloned())
    }

    async fn service_accounts(
        &self,
        after: Option<&ServiceAccountName>,
        limit: usize,
    ) -> Result<Vec<Arc<ServiceAccount>>, StoreError> {
        Ok(self.published.load().service_accounts().after(after).take(limit).cloned().collect())
    }

    async fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let tail = self.published.load().audit.clone();
        let (files, query) = (Arc::clone(&self.directory), query.clone());
        let reading = tokio::task::spawn_blocking(move || audit_log::page(&*files, &tail, &query));
        let page = reading.await.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        page.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }

    async fn commit(&self, work: UnitOfWork) -> Result<(), CommitError> {
        outcome(self.begin(work)?).await
    }

    async fn commit_all(&self, units: Vec<UnitOfWork>) -> Vec<Result<(), CommitError>> {
        let mut begun = Vec::with_capacity(units.len());
        for work in units {
            begun.push(self.begin(work));
            // Other tasks of this thread go on, and the writer may sync the first units meanwhile.
            if begun.len() % AT_ONCE == 0 {
                yield_now().await;
            }
        }
        let mut outcomes = Vec::with_capacity(begun.len());
        for begun in begun {
            outcomes.push(match begun {
                Ok(reply) => outcome(reply).await,
                Err(error) => Err(error),
            });
        }
        outcomes
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        let (state, files) = (self.published.load_full(), Arc::clone(&self.directory));
        let opening = tokio::task::spawn_blocking(move || JsonSnapshot::open(state, &*files));
        let opened = opening.await.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        Ok(Box::new(opened.map_err(|error| StoreError::Unavailable(Box::new(error)))?))
    }

    /// No other process writes to the store.
    fn is_sweeper(&self) -> bool {
        true
    }

    async fn ready(&self) -> Result<(), StoreError> {
        if !self.writer_status.is_in_doubt() {
            return Ok(());
        }
        let unavailable = |closed| StoreError::Unavailable(Box::new(closed));
        let (sender, reply) = oneshot::channel();
        self.intake.command(Command::Probe(sender)).map_err(unavailable)?;
        let room = reply.await.map_err(|_| unavailable(Closed))?;
        room.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }
}
