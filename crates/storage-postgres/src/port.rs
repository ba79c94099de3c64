//! The port: what a store is asked for, as statements.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use jiff::Timestamp;
use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, ExternalId, Login, Page, ServiceAccount, ServiceAccountId,
    ServiceAccountName, Session, SessionId, TokenDigest, User, UserId, UserQuery,
};
use roster_storage::{CommitError, Snapshot, Store, StoreError, UnitOfWork, UserKeys, UserSession};
use roster_storage_sql::{Columns, RowError, SessionRow, UserRow, Value, login_candidates, micros};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::commit::{commit, commit_all, try_write};
use crate::connection::DatabaseError;
use crate::database::Query;
use crate::listing;
use crate::parameter::Parameter;
use crate::replicas::ChosenReplica;
use crate::rows::{RowColumns, read_accounts, read_all};
use crate::snapshot::PostgresSnapshot;
use crate::sql::Sql;
use crate::store::PostgresStore;

type Parameters<'p> = &'p [Parameter<'p>];

impl PostgresStore {
    async fn user_row(&self, sql: Sql, parameters: Parameters<'_>) -> Result<Option<Arc<User>>, StoreError> {
        let row = self.database.row(sql, parameters).await?;
        let user = row.as_ref().map(|row| UserRow::read(&mut RowColumns::new(row))).transpose()?;
        Ok(user.map(Arc::new))
    }

    async fn session_rows(
        &self,
        sql: Sql,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Arc<Session>>, StoreError> {
        let rows = self.rows(sql, parameters).await?;
        Ok(read_all(&rows, SessionRow::read)?.into_iter().map(Arc::new).collect())
    }

    async fn accounts(
        &self,
        sql: Sql,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Arc<ServiceAccount>>, StoreError> {
        Ok(read_accounts(&self.rows(sql, parameters).await?)?)
    }

    /// The read replica to read a list from. Without hearing of the changes of other servers, it is unknown how far a
    /// replica has to be.
    async fn list_replica(&self) -> Option<ChosenReplica<'_>> {
        if self.hears_changes() == Some(false) { None } else { self.replicas.choose(&self.database).await }
    }

    /// Whether the database accepts writes. If it has denied one, another one is tried.
    async fn check_writes(&self) -> Result<(), DatabaseError> {
        let row = self.database.row(Sql::Ready, &[]).await?.ok_or(DatabaseError::NoRow)?;
        if !row.try_get::<_, bool>(0)? {
            return Err(DatabaseError::ReadOnly);
        }
        if let Some(missing) = row.try_get(1)? {
            return Err(DatabaseError::Privileges(missing));
        }
        if self.database.doubts_writes() {
            try_write(&self.database).await?;
            self.database.trust_writes();
        }
        Ok(())
    }

    async fn rows(&self, sql: Sql, parameters: Parameters<'_>) -> Result<Vec<Row>, DatabaseError> {
        self.database.rows(Query::Prepared(sql, parameters)).await
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        self.user_row(Sql::UserById, &[(*id.as_uuid()).into()]).await
    }

    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| *id.as_uuid()).collect();
        let rows = self.rows(Sql::UsersById, &[Parameter::Ids(ids)]).await?;
        Ok(read_all(&rows, UserRow::read)?.into_iter().map(Arc::new).collect())
    }

    async fn users_by_keys(&self, keys: &UserKeys) -> Result<Vec<Arc<User>>, StoreError> {
        let ids = keys.ids.iter().map(|id| *id.as_uuid()).collect();
        let external_ids = keys.external_ids.iter().map(|id| Cow::Borrowed(id.as_str())).collect();
        let names = keys.logins.iter().flat_map(login_candidates).map(Cow::Borrowed).collect();
        let parameters = [Parameter::Ids(ids), Parameter::Texts(external_ids), Parameter::Texts(names)];
        let rows = self.rows(Sql::UsersByKeys, &parameters).await?;
        Ok(read_all(&rows, UserRow::read)?.into_iter().map(Arc::new).collect())
    }

    async fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError> {
        let names = login_candidates(login);
        if names.is_empty() {
            return Ok(None);
        }
        self.user_row(Sql::UserByLogin, &[Parameter::Texts(names.into_iter().map(Cow::Borrowed).collect())])
            .await
    }

    async fn user_by_external_id(&self, id: &ExternalId) -> Result<Option<Arc<User>>, StoreError> {
        self.user_row(Sql::UserByExternalId, &[id.as_str().into()]).await
    }

    async fn users(&self, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError> {
        if let Some(replica) = self.list_replica().await
            && let Some(page) = replica.checked(listing::users(replica.database(), query).await)
        {
            self.database.counters().replica_lists.increment();
            return Ok(page);
        }
        listing::users(&self.database, query).await
    }

    async fn has_active_admin(&self) -> Result<bool, StoreError> {
        Ok(!self.rows(Sql::TwoActiveAdmins, &[]).await?.is_empty())
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<Session>>, StoreError> {
        Ok(self.session_rows(Sql::SessionById, &[(*id.as_uuid()).into()]).await?.pop())
    }

    async fn user_session(&self, id: SessionId, user: UserId) -> Result<Option<UserSession>, StoreError> {
        let row =
            self.database.row(Sql::UserSession, &[(*id.as_uuid()).into(), (*user.as_uuid()).into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let mut columns = RowColumns::new(&row);
        let session = SessionRow::read(&mut columns)?;
        Ok(Some((Arc::new(session), Arc::new(UserRow::read(&mut columns)?))))
    }

    async fn session_by_family(&self, family: TokenDigest) -> Result<Option<Arc<Session>>, StoreError> {
        Ok(self
            .session_rows(Sql::SessionByFamily, &[Value::Bytes(family.as_bytes().as_slice().into()).into()])
            .await?
            .pop())
    }

    async fn sessions(&self, user: UserId) -> Result<Vec<Arc<Session>>, StoreError> {
        self.session_rows(Sql::SessionsOfUser, &[(*user.as_uuid()).into()]).await
    }

    async fn expired_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<SessionId>, StoreError> {
        let rows = self.rows(Sql::ExpiredSessions, &[micros(now).into(), as_limit(limit).into()]).await?;
        let id = |row: &mut RowColumns<'_>| {
            row.id("id").map_err(|error| RowError::new(SessionRow::TABLE, "?", error))
        };
        Ok(read_all(&rows, id)?.into_iter().map(SessionId::from).collect())
    }

    async fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(self.accounts(Sql::AccountById, &[(*id.as_uuid()).into()]).await?.pop())
    }

    async fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(self.accounts(Sql::AccountByKeyPrefix, &[prefix.as_str().into()]).await?.pop())
    }

    async fn service_accounts(
        &self,
        after: Option<&ServiceAccountName>,
        limit: usize,
    ) -> Result<Vec<Arc<ServiceAccount>>, StoreError> {
        let after = after.map_or("", ServiceAccountName::as_str);
        self.accounts(Sql::AccountsAfter, &[after.into(), as_limit(limit).into()]).await
    }

    async fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        if let Some(replica) = self.list_replica().await
            && let Some(page) = replica.checked(listing::audit_records(replica.database(), query).await)
        {
            self.database.counters().replica_lists.increment();
            return Ok(page);
        }
        listing::audit_records(&self.database, query).await
    }

    async fn commit(&self, work: UnitOfWork) -> Result<(), CommitError> {
        let began = Instant::now();
        let outcome = commit(&self.database, work).await;
        if let Some(observer) = &self.settings.observer {
            observer.committed(began.elapsed());
        }
        outcome
    }

    async fn commit_all(&self, units: Vec<UnitOfWork>) -> Vec<Result<(), CommitError>> {
        let (began, count) = (Instant::now(), units.len());
        let outcomes = commit_all(&self.database, units).await;
        if let Some(observer) = &self.settings.observer {
            (0..count).for_each(|_| observer.committed(began.elapsed()));
        }
        outcomes
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        Ok(Box::new(PostgresSnapshot::open(&self.settings).await?))
    }

    fn is_sweeper(&self) -> bool {
        self.sweeper.is_this_process(&self.settings)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(self.check_writes().await?)
    }
}

fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
