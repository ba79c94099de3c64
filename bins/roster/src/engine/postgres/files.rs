//! What is read without the open store of a command: the database itself.

use std::sync::Arc;

use roster_domain::{ApiKeyPrefix, AuditPage, AuditQuery, AuditRecord, Login, ServiceAccountName};
use roster_service::PartyNames;
use roster_storage::Store as _;
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings};
use uuid::Uuid;

use super::super::open_error::OpenError;
use super::super::port::StoreFiles;
use super::opening::open;
use super::runtime::wait;

/// The database, which is opened for each question.
pub(super) struct PostgresFiles(Result<PostgresStoreSettings, Arc<OpenError>>);

impl PostgresFiles {
    pub(super) fn new(settings: Result<PostgresStoreSettings, OpenError>) -> Self {
        Self(settings.map_err(Arc::new))
    }

    fn open(&self) -> anyhow::Result<PostgresStore> {
        Ok(open(self.0.clone()?)?)
    }
}

impl StoreFiles for PostgresFiles {
    fn audit_records(&self, query: &AuditQuery) -> anyhow::Result<AuditPage> {
        let (store, query) = (self.open()?, query.clone());
        Ok(wait(async move { store.audit_records(&query).await })??)
    }

    fn is_behind(&self) -> anyhow::Result<bool> {
        Ok(false)
    }

    /// A party that cannot be read has no name here; the record is shown all the same.
    fn party_names(&self, records: &[Arc<AuditRecord>]) -> anyhow::Result<PartyNames> {
        let store = Arc::new(self.open()?);
        Ok(PartyNames::of(
            records,
            |id| {
                let store = Arc::clone(&store);
                wait(async move { store.user(id).await }).ok()?.ok()?
            },
            |id| {
                let store = Arc::clone(&store);
                wait(async move { store.service_account(id).await }).ok()?.ok()?
            },
        ))
    }

    fn find_id(
        &self,
        login: &Login,
        account: Option<&ServiceAccountName>,
        key: Option<&ApiKeyPrefix>,
    ) -> anyhow::Result<Option<Uuid>> {
        let (store, login) = (self.open()?, login.clone());
        let (account, key) = (account.cloned(), key.copied());
        wait(async move {
            if let Some(user) = store.user_by_login(&login).await? {
                return Ok(Some(*user.id.as_uuid()));
            }
            if let Some(name) = account
                && let Some(found) = account_by_name(&store, &name).await?
            {
                return Ok(Some(found));
            }
            let Some(prefix) = key else { return Ok(None) };
            let account = store.service_account_by_key_prefix(&prefix).await?;
            Ok(account.and_then(|account| Some(*account.key_by_prefix(&prefix)?.id.as_uuid())))
        })?
    }
}

/// The accounts come in the order of their names.
async fn account_by_name(store: &PostgresStore, name: &ServiceAccountName) -> anyhow::Result<Option<Uuid>> {
    const PAGE: usize = 100;
    let mut after: Option<ServiceAccountName> = None;
    loop {
        let page = store.service_accounts(after.as_ref(), PAGE).await?;
        if let Some(found) = page.iter().find(|account| account.name == *name) {
            return Ok(Some(*found.id.as_uuid()));
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.name.clone()),
            _ => return Ok(None),
        }
    }
}
