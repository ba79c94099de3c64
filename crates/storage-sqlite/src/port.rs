//! The port: reads go to the reader threads, commits to the writer thread.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use jiff::Timestamp;
use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, ExternalId, Login, Page, ServiceAccount, ServiceAccountId,
    ServiceAccountName, Session, SessionId, TokenDigest, User, UserId, UserQuery,
};
use roster_storage::{
    CommitError, PendingCommit, Reply, Snapshot, Store, StoreError, UnitOfWork, UserKeys, UserSession,
};
use tokio::sync::oneshot;

use crate::queue::{Commit, Outcome, Work};
use crate::readers::Closed;
use crate::snapshot::SqliteSnapshot;
use crate::store::SqliteStore;
use crate::{audit, listing, service_accounts, sessions, users};

#[async_trait]
impl Store for SqliteStore {
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.rows.read(move |connection| users::user(connection, id)).await?.map(Arc::new))
    }

    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        let ids = ids.to_vec();
        let found = self.lists.read(move |connection| users::users_by_id(connection, &ids)).await?;
        Ok(found.into_iter().map(Arc::new).collect())
    }

    async fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError> {
        let login = login.clone();
        let found = self.rows.read(move |connection| users::user_by_login(connection, &login)).await?;
        Ok(found.map(Arc::new))
    }

    async fn user_by_external_id(&self, id: &ExternalId) -> Result<Option<Arc<User>>, StoreError> {
        let id = id.clone();
        let found = self.rows.read(move |connection| users::user_by_external_id(connection, &id)).await?;
        Ok(found.map(Arc::new))
    }

    async fn users_by_keys(&self, keys: &UserKeys) -> Result<Vec<Arc<User>>, StoreError> {
        let keys = keys.clone();
        // There may be thousands, which must not delay reads of single rows.
        let found = self.lists.read(move |connection| users::users_by_keys(connection, &keys)).await?;
        Ok(found.into_iter().map(Arc::new).collect())
    }

    async fn users(&self, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError> {
        let query = query.clone();
        self.lists.read(move |connection| listing::page(connection, &query)).await
    }

    async fn has_active_admin(&self) -> Result<bool, StoreError> {
        self.rows.read(|connection| users::has_active_admin(connection, None)).await
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<Session>>, StoreError> {
        Ok(self.rows.read(move |connection| sessions::session(connection, id)).await?.map(Arc::new))
    }

    async fn user_session(&self, id: SessionId, user: UserId) -> Result<Option<UserSession>, StoreError> {
        let found = self.rows.read(move |connection| sessions::user_session(connection, id, user));
        Ok(found.await?.map(|(session, user)| (Arc::new(session), Arc::new(user))))
    }

    async fn session_by_family(&self, family: TokenDigest) -> Result<Option<Arc<Session>>, StoreError> {
        let found = self.rows.read(move |connection| sessions::session_by_family(connection, family));
        Ok(found.await?.map(Arc::new))
    }

    async fn sessions(&self, user: UserId) -> Result<Vec<Arc<Session>>, StoreError> {
        let found = self.rows.read(move |connection| sessions::sessions_of(connection, user)).await?;
        Ok(found.into_iter().map(Arc::new).collect())
    }

    async fn expired_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<SessionId>, StoreError> {
        self.lists.read(move |connection| sessions::expired(connection, now, limit)).await
    }

    async fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(self.rows.read(move |connection| service_accounts::account(connection, id)).await?.map(Arc::new))
    }

    async fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        let prefix = *prefix;
        let found =
            self.rows.read(move |rows| service_accounts::account_by_key_prefix(rows, &prefix)).await?;
        Ok(found.map(Arc::new))
    }

    async fn service_accounts(
        &self,
        after: Option<&ServiceAccountName>,
        limit: usize,
    ) -> Result<Vec<Arc<ServiceAccount>>, StoreError> {
        let after = after.cloned();
        let found = self
            .lists
            .read(move |connection| service_accounts::accounts_by_name(connection, after.as_ref(), limit))
            .await?;
        Ok(found.into_iter().map(Arc::new).collect())
    }

    async fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let query = query.clone();
        self.lists.read(move |connection| audit::page(connection, &query)).await
    }

    async fn commit(&self, work: UnitOfWork) -> Result<(), CommitError> {
        let (commit, answer) = commit_of(work, Instant::now());
        // From here on the unit belongs to the writer: dropping this future has no effect.
        self.writer.send(Work::Commit(commit)).map_err(|_| CommitError::Unavailable(Box::new(Closed)))?;
        outcome(answer).await
    }

    async fn commit_all(&self, units: Vec<UnitOfWork>) -> Vec<Outcome> {
        let now = Instant::now();
        let (series, answers): (Vec<_>, Vec<_>) = units.into_iter().map(|unit| commit_of(unit, now)).unzip();
        if self.writer.send(Work::Series(series)).is_err() {
            return answers.iter().map(|_| Err(CommitError::Unavailable(Box::new(Closed)))).collect();
        }
        let mut outcomes = Vec::with_capacity(answers.len());
        for answer in answers {
            outcomes.push(outcome(answer).await);
        }
        outcomes
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        let (place, items) = (self.place.clone(), self.totals.users() + self.totals.sessions());
        let beginning = tokio::task::spawn_blocking(move || SqliteSnapshot::begin(&place, items));
        let begun = beginning.await.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        Ok(Box::new(begun?))
    }

    /// No other process writes to the store.
    fn is_sweeper(&self) -> bool {
        true
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.status.require_progress().map_err(|stalled| StoreError::Unavailable(Box::new(stalled)))?;
        self.rows.read(|connection| users::has_active_admin(connection, None)).await?;
        if !self.status.is_in_doubt() {
            return Ok(());
        }
        let unavailable = || StoreError::Unavailable(Box::new(Closed));
        let (reply, answer) = oneshot::channel();
        self.writer.send(Work::Probe(reply)).map_err(|_| unavailable())?;
        Ok(answer.await.map_err(|_| unavailable())??)
    }
}

type Answer = oneshot::Receiver<Reply<UnitOfWork>>;

fn commit_of(unit: UnitOfWork, asked: Instant) -> (Commit, Answer) {
    let (pending, answer) = PendingCommit::new(asked);
    (Commit { unit, pending }, answer)
}

async fn outcome(answer: Answer) -> Outcome {
    answer.await.map_or_else(|_| Err(CommitError::OutcomeUnknown(Box::new(Closed))), Reply::take)
}
