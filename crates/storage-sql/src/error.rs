//! Errors of stored rows.

use std::error::Error;
use std::fmt::Display;

use roster_storage::StoreError;
use thiserror::Error;

type Cause = Box<dyn Error + Send + Sync>;

/// A column whose value is invalid.
#[derive(Debug, Error)]
#[error("{column}: {cause}")]
pub struct ColumnError {
    /// The column.
    column: &'static str,
    /// What is wrong with its value. It does not quote the value, which may be a secret.
    cause: Cause,
}

/// A row that is invalid, with the place where an operator finds it.
#[derive(Debug, Error)]
#[error("the row {key} of the table {table} is invalid, in the column {source}")]
pub struct RowError {
    /// The table.
    table: &'static str,
    /// The value of its key.
    key: String,
    /// The column and what is wrong with it.
    source: ColumnError,
}

impl ColumnError {
    /// The fault of a column.
    pub fn new(column: &'static str, cause: impl Into<Cause>) -> Self {
        Self { column, cause: cause.into() }
    }
}

impl RowError {
    /// The fault of a row.
    pub fn new(table: &'static str, key: impl Display, source: ColumnError) -> Self {
        Self { table, key: key.to_string(), source }
    }
}

impl From<RowError> for StoreError {
    fn from(error: RowError) -> Self {
        Self::Damaged(Box::new(error))
    }
}
