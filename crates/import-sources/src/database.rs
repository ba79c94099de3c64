//! A database that is open for reading.

use crate::catalog::Catalog;
use crate::cell::Cell;
use crate::dialect::Dialect;
use crate::error::SourceError;

/// Takes the values of a row, in the order of the columns of the statement.
pub(crate) type TakeRow<'a> = &'a mut dyn FnMut(&[Cell]) -> Result<(), SourceError>;

/// A database that is open for reading, in one transaction: what it reads is of one moment.
pub(crate) trait Database {
    fn dialect(&self) -> &dyn Dialect;

    /// The tables that may be read.
    fn catalog(&mut self) -> Result<Catalog, SourceError>;

    /// Whether the table, whose name is quoted, has columns that may not be read and that the catalog does not list.
    fn hides_columns(&mut self, table: &str) -> Result<bool, SourceError> {
        let _ = table;
        Ok(false)
    }

    /// Passes each row of the statement to `take` while it arrives. The values from `json_from` on are JSON as text. The
    /// names are for messages.
    fn read(&mut self, query: &Query<'_>, take: TakeRow<'_>) -> Result<(), SourceError>;
}

/// A statement and what is known about its columns.
pub(crate) struct Query<'a> {
    pub(crate) statement: &'a str,
    pub(crate) names: &'a [String],
    /// Which of them are JSON as text.
    pub(crate) json: &'a [bool],
    /// Which of them identifies the row.
    pub(crate) key: Option<usize>,
}
