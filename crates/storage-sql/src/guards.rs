//! Guards that are about one row, judged by the columns that they need.

use jiff::Timestamp;
use roster_domain::{AuthEpoch, Credential, Version};
use roster_storage::Guard;

use crate::error::{ColumnError, RowError};
use crate::rows::UserRow;
use crate::rows::read_credential;
use crate::sort_values::last_login;
use crate::value::Columns;

/// What guards ask about a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserGuardRow {
    version: Version,
    auth_epoch: AuthEpoch,
    last_login_at: Option<Timestamp>,
    credential: Credential,
}

impl UserGuardRow {
    /// The columns of `users`, in the order in which [`read`](Self::read) expects them.
    pub const COLUMNS: [&'static str; 5] =
        ["version", "auth_epoch", "last_login_at", "password_hash", "unusable_credential"];

    /// Reads a row.
    ///
    /// # Errors
    /// [`RowError`] names the column; `key` names the user.
    pub fn read(key: impl std::fmt::Display, columns: &mut impl Columns) -> Result<Self, RowError> {
        Self::read_columns(columns).map_err(|error| RowError::new(UserRow::TABLE, key, error))
    }

    fn read_columns(columns: &mut impl Columns) -> Result<Self, ColumnError> {
        Ok(Self {
            version: columns.counter("version")?.into(),
            auth_epoch: columns.counter("auth_epoch")?.into(),
            last_login_at: last_login("last_login_at", columns.number("last_login_at")?)?,
            credential: read_credential(columns)?,
        })
    }

    /// Whether the guard, which must be about this user, holds; `None` if it needs more than this row.
    #[must_use]
    pub fn meets(&self, guard: &Guard) -> Option<bool> {
        match guard {
            Guard::UserAbsent(_) => Some(false),
            Guard::UserVersion(_, version) => Some(self.version == *version),
            Guard::CredentialIs(_, credential) => Some(self.credential == *credential),
            Guard::LastLoginIs(_, at) => Some(self.last_login_at == *at),
            Guard::AuthEpoch(_, epoch) => Some(self.auth_epoch == *epoch),
            Guard::UsernameFree(..)
            | Guard::EmailFree(..)
            | Guard::ExternalIdFree(..)
            | Guard::AliasFree(..)
            | Guard::AnotherAdminRemains(_)
            | Guard::NoActiveAdmin
            | Guard::RefreshTokenLive(..)
            | Guard::SessionExists(_)
            | Guard::SessionOver(..)
            | Guard::SessionCount(..)
            | Guard::ServiceAccountVersion(..)
            | Guard::ServiceAccountNameFree(..)
            | Guard::ApiKeyPrefixFree(..)
            | Guard::ApiKeyGood(..)
            | Guard::LastKeyUseIs(..) => None,
        }
    }
}
