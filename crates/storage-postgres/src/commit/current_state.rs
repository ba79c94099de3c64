//! The rows that a unit has locked and read.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{ApiKeyId, ServiceAccountId, SessionId, StatusKind, TokenDigest, User, UserId, Version};
use roster_storage_sql::{AccountRow, ColumnError, Columns, KeyRow, RowError, SessionRow, UserRow};
use tokio_postgres::Row;
use uuid::Uuid;

use super::outcome::Damage;
use crate::rows::RowColumns;
use crate::sql::Sql;

/// The current values that guards and changes depend on; only what [`RequiredRows`](super::required_rows::RequiredRows)
/// asked for.
#[derive(Default)]
pub(super) struct CurrentState {
    /// Two active administrators, if there are so many.
    pub(super) admins: Vec<UserId>,
    pub(super) users: HashMap<UserId, Arc<User>>,
    pub(super) sessions: HashMap<SessionId, SessionState>,
    /// Other sessions that exist.
    pub(super) other_sessions: HashSet<SessionId>,
    pub(super) session_counts: HashMap<UserId, usize>,
    pub(super) accounts: HashMap<ServiceAccountId, AccountState>,
    pub(super) login_names: HashMap<String, UserId>,
    pub(super) external_ids: HashMap<String, UserId>,
    pub(super) account_names: HashMap<String, ServiceAccountId>,
    pub(super) prefixes: HashMap<String, ServiceAccountId>,
}

/// A session.
pub(super) struct SessionState {
    pub(super) current: TokenDigest,
    pub(super) expires_at: Timestamp,
}

/// A service account.
pub(super) struct AccountState {
    pub(super) version: Version,
    pub(super) is_active: bool,
    /// Its keys, with their last uses.
    pub(super) keys: HashMap<ApiKeyId, Option<Timestamp>>,
}

impl CurrentState {
    /// Takes the rows of a statement.
    ///
    /// # Errors
    /// [`Damage`], if a row cannot be read, or the one is missing that is locked for guards of administrators.
    pub(super) fn take(&mut self, sql: Sql, rows: &[Row]) -> Result<(), Damage> {
        if sql == Sql::LockAdminGate && rows.is_empty() {
            return Err(Damage::NoAdminGate);
        }
        Ok(rows.iter().try_for_each(|row| self.take_row(sql, &mut RowColumns::new(row)))?)
    }

    fn take_row(&mut self, sql: Sql, row: &mut RowColumns<'_>) -> Result<(), RowError> {
        match sql {
            Sql::TwoActiveAdmins => self.admins.push(in_table(UserRow::TABLE, row.id("id"))?.into()),
            Sql::LockUsers | Sql::ShareUsers => {
                let user = UserRow::read(row)?;
                self.users.insert(user.id, Arc::new(user));
            }
            Sql::LockSessions => {
                let (id, session) = keyed(SessionRow::TABLE, row, session)?;
                self.sessions.insert(id.into(), session);
            }
            Sql::ShareSessions => {
                self.other_sessions.insert(in_table(SessionRow::TABLE, row.id("id"))?.into());
            }
            Sql::LockAccounts | Sql::ShareAccounts => {
                let (id, account) = keyed(AccountRow::TABLE, row, account)?;
                self.accounts.insert(id.into(), account);
            }
            Sql::CountSessions => {
                let (id, count) = keyed(SessionRow::TABLE, row, |row| row.number("count"))?;
                self.session_counts.insert(id.into(), usize::try_from(count).unwrap_or(usize::MAX));
            }
            Sql::KeysOfAccounts => self.take_key(row)?,
            Sql::LoginNameOwners => own(&mut self.login_names, "login_names", row)?,
            Sql::ExternalIdOwners => own(&mut self.external_ids, UserRow::TABLE, row)?,
            Sql::AccountNameOwners => own(&mut self.account_names, AccountRow::TABLE, row)?,
            Sql::KeyPrefixOwners => own(&mut self.prefixes, KeyRow::TABLE, row)?,
            // The others are not asked for state.
            _ => {}
        }
        Ok(())
    }

    fn take_key(&mut self, row: &mut RowColumns<'_>) -> Result<(), RowError> {
        let account: ServiceAccountId = in_table(KeyRow::TABLE, row.id("account_id"))?.into();
        let (key, last_use) = keyed(KeyRow::TABLE, row, |row| row.optional_time("last_used_at"))?;
        if let Some(account) = self.accounts.get_mut(&account) {
            account.keys.insert(key.into(), last_use);
        }
        Ok(())
    }
}

fn session(row: &mut RowColumns<'_>) -> Result<SessionState, ColumnError> {
    let current = TokenDigest::from_bytes(row.digest("current_token")?);
    Ok(SessionState { current, expires_at: row.time("expires_at")? })
}

fn account(row: &mut RowColumns<'_>) -> Result<AccountState, ColumnError> {
    let version = row.counter("version")?.into();
    let status =
        StatusKind::from_str(&row.text("status")?).map_err(|error| ColumnError::new("status", error))?;
    let is_active = status == StatusKind::Active;
    Ok(AccountState { version, is_active, keys: HashMap::new() })
}

fn own<T: From<Uuid>>(
    owners: &mut HashMap<String, T>,
    table: &'static str,
    row: &mut RowColumns<'_>,
) -> Result<(), RowError> {
    let value = in_table(table, row.text("value"))?;
    owners.insert(value, in_table(table, row.id("owner"))?.into());
    Ok(())
}

/// The id of a row, and what follows it.
fn keyed<T>(
    table: &'static str,
    row: &mut RowColumns<'_>,
    read: impl FnOnce(&mut RowColumns<'_>) -> Result<T, ColumnError>,
) -> Result<(Uuid, T), RowError> {
    let id = in_table(table, row.id("id"))?;
    let rest = read(row).map_err(|error| RowError::new(table, id, error))?;
    Ok((id, rest))
}

fn in_table<T>(table: &'static str, read: Result<T, ColumnError>) -> Result<T, RowError> {
    read.map_err(|error| RowError::new(table, "?", error))
}
