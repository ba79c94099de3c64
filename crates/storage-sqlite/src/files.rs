//! Reads of a database while another process has it open, for a caller that may block.

use std::sync::Arc;

use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, Login, ServiceAccount, ServiceAccountId, ServiceAccountName, User,
    UserId,
};
use roster_storage::StoreError;
use rusqlite::Connection;

use crate::error::OpenError;
use crate::opening::open_to_read;
use crate::settings::SqliteStoreSettings;
use crate::{audit, service_accounts as accounts, users};

/// A database that is only read. Every read sees the commits before it.
pub struct DatabaseFile(Connection);

impl DatabaseFile {
    /// Opens the database. A missing one is empty.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy.
    pub fn open(settings: &SqliteStoreSettings) -> Result<Self, OpenError> {
        Ok(Self(open_to_read(settings)?.connection))
    }

    /// A page of the audit log.
    ///
    /// # Errors
    /// [`StoreError`], if it cannot be read. The same applies to the other functions.
    pub fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        Ok(audit::page(&self.0, query)?)
    }

    /// The user with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(users::user(&self.0, id)?.map(Arc::new))
    }

    /// The user who logs in with this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError> {
        Ok(users::user_by_login(&self.0, login)?.map(Arc::new))
    }

    /// The service account with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(accounts::account(&self.0, id)?.map(Arc::new))
    }

    /// The id of the service account with this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn service_account_by_name(
        &self,
        name: &ServiceAccountName,
    ) -> Result<Option<ServiceAccountId>, StoreError> {
        Ok(accounts::owner_of_name(&self.0, name)?)
    }

    /// The service account that has a key with this prefix.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(accounts::account_by_key_prefix(&self.0, prefix)?.map(Arc::new))
    }
}
