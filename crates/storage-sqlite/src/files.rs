//! Reads of a database while another process has it open, for a caller that may block.

use std::sync::Arc;

use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, Login, ServiceAccount, ServiceAccountId, ServiceAccountName, User,
    UserId,
};
use roster_storage::StoreError;
use rusqlite::Connection;

use crate::connection::remove_log_at_the_end;
use crate::error::OpenError;
use crate::opening::{Opened, open_to_read};
use crate::settings::SqliteStoreSettings;
use crate::{audit, service_accounts as accounts, users};

/// A database that is only read. Every read sees the commits before it.
pub struct DatabaseFile {
    connection: Connection,
    /// Whether there was a log, which stays.
    has_log: bool,
}

impl DatabaseFile {
    /// Opens the database. A missing one is empty.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy.
    pub fn open(settings: &SqliteStoreSettings) -> Result<Self, OpenError> {
        let Opened { connection, has_log, .. } = open_to_read(settings)?;
        Ok(Self { connection, has_log })
    }

    /// A page of the audit log.
    ///
    /// # Errors
    /// [`StoreError`], if it cannot be read. The same applies to the other functions.
    pub fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        Ok(audit::page(&self.connection, query)?)
    }

    /// The user with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(users::user(&self.connection, id)?.map(Arc::new))
    }

    /// The user who logs in with this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError> {
        Ok(users::user_by_login(&self.connection, login)?.map(Arc::new))
    }

    /// The service account with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(accounts::account(&self.connection, id)?.map(Arc::new))
    }

    /// The id of the service account with this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn service_account_by_name(
        &self,
        name: &ServiceAccountName,
    ) -> Result<Option<ServiceAccountId>, StoreError> {
        Ok(accounts::owner_of_name(&self.connection, name)?)
    }

    /// The service account that has a key with this prefix.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(accounts::account_by_key_prefix(&self.connection, prefix)?.map(Arc::new))
    }
}

impl Drop for DatabaseFile {
    fn drop(&mut self) {
        if !self.has_log {
            remove_log_at_the_end(&self.connection);
        }
    }
}
