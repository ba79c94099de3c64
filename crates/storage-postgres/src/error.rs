//! Errors of opening a store.

use std::error::Error as StdError;

use roster_storage_sql::NewerSchema;
use thiserror::Error;

use crate::connection::{DatabaseError, TlsError};

/// Why a store was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The database does not answer, or rejects what Roster needs.
    #[error("the database cannot be opened")]
    Database(#[source] Box<dyn StdError + Send + Sync>),
    /// A copy to this database was not completed.
    #[error(
        "the copy to this database is not complete; if that `roster copy` no longer runs, run it again to go on, or give it up \
         with: DROP SCHEMA {schema} CASCADE"
    )]
    Incomplete {
        /// What has been copied.
        schema: String,
    },
    /// A copy needs a database without a store.
    #[error("there is a store in this database already; name a database without one")]
    Occupied,
    /// The schema is too new for this Roster.
    #[error(transparent)]
    NewerSchema(#[from] NewerSchema),
    /// A migration failed, and changed nothing.
    #[error("migration {version} ({name}) failed and changed nothing")]
    Migration {
        /// Its version.
        version: u32,
        /// What it does.
        name: &'static str,
        /// The reason.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl From<DatabaseError> for OpenError {
    fn from(error: DatabaseError) -> Self {
        Self::Database(Box::new(error))
    }
}
