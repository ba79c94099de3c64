//! Reads rows.

use std::sync::Arc;

use roster_domain::ServiceAccount;
use roster_storage_sql::{AccountRow, ColumnError, Columns, KeyRow, RowError, with_keys};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

/// The columns of a row, one after the other.
pub(crate) struct RowColumns<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> RowColumns<'r> {
    /// The columns from the first one on.
    pub(crate) const fn new(row: &'r Row) -> Self {
        Self { row, next: 0 }
    }

    /// Whether the next column has a value.
    pub(crate) fn has_value(&self) -> bool {
        !matches!(self.row.try_get::<_, Option<Uuid>>(self.next), Ok(None))
    }

    fn read<T: FromSql<'r>>(&mut self, column: &'static str) -> Result<T, ColumnError> {
        let at = self.next;
        self.next += 1;
        self.row.try_get(at).map_err(|error| ColumnError::new(column, error))
    }
}

impl Columns for RowColumns<'_> {
    fn number(&mut self, column: &'static str) -> Result<i64, ColumnError> {
        self.read(column)
    }

    fn optional_number(&mut self, column: &'static str) -> Result<Option<i64>, ColumnError> {
        self.read(column)
    }

    fn text(&mut self, column: &'static str) -> Result<String, ColumnError> {
        self.read(column)
    }

    fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, ColumnError> {
        self.read(column)
    }

    fn flag(&mut self, column: &'static str) -> Result<bool, ColumnError> {
        self.read(column)
    }

    fn id(&mut self, column: &'static str) -> Result<Uuid, ColumnError> {
        self.read(column)
    }

    fn optional_id(&mut self, column: &'static str) -> Result<Option<Uuid>, ColumnError> {
        self.read(column)
    }

    fn digest(&mut self, column: &'static str) -> Result<[u8; 32], ColumnError> {
        let bytes: &[u8] = self.read(column)?;
        bytes.try_into().map_err(|error: std::array::TryFromSliceError| ColumnError::new(column, error))
    }
}

/// Reads every row.
///
/// # Errors
/// The first [`RowError`].
pub(crate) fn read_all<'r, T>(
    rows: &'r [Row],
    mut read: impl FnMut(&mut RowColumns<'r>) -> Result<T, RowError>,
) -> Result<Vec<T>, RowError> {
    rows.iter().map(|row| read(&mut RowColumns::new(row))).collect()
}

/// Reads accounts with their keys, a row for each key, or one for an account without.
///
/// # Errors
/// The first [`RowError`].
pub(crate) fn read_accounts(rows: &[Row]) -> Result<Vec<Arc<ServiceAccount>>, RowError> {
    let mut accounts: Vec<ServiceAccount> = Vec::new();
    let mut keys = Vec::new();
    for row in rows {
        let mut columns = RowColumns::new(row);
        let account = AccountRow::read(&mut columns)?;
        if columns.has_value() {
            keys.push(KeyRow::read(&mut columns)?);
        }
        if accounts.last().is_none_or(|last| last.id != account.id) {
            accounts.push(account);
        }
    }
    Ok(with_keys(accounts, keys).into_iter().map(Arc::new).collect())
}
