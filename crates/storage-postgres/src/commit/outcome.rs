//! What became of an attempt.

use roster_storage::Conflict;
use roster_storage_sql::RowError;
use thiserror::Error;

use crate::connection::DatabaseError;

/// An attempt that did not commit, as far as is known.
#[derive(Debug)]
pub(super) enum Failure {
    /// A guard did not hold.
    Conflict(Conflict),
    /// A row that a guard is about cannot be read, or is missing.
    Damaged(Damage),
    /// A concurrent unit got in the way. Nothing was changed; try again.
    Contended(DatabaseError),
    /// The connection broke before the commit, or is of no use. Nothing was changed; try again.
    Lost(DatabaseError),
    /// Nothing was changed.
    Rejected(DatabaseError),
    /// The answer to the commit was lost.
    Unknown(DatabaseError),
}

/// What a guard depends on is damaged. No repetition helps.
#[derive(Debug, Error)]
pub(super) enum Damage {
    /// A row has an invalid value.
    #[error(transparent)]
    Row(#[from] RowError),
    /// Without this row, units about administrators do not exclude each other.
    #[error(
        "the table admin_gate has no row, so nothing keeps the last administrator; add it with: INSERT INTO admin_gate \
         VALUES (true)"
    )]
    NoAdminGate,
}

/// The server has become a standby, or was told to be read-only; another host may accept writes.
const READ_ONLY: &str = "25006";

/// The index that finds a unit by its audit record.
const AUDIT_ID: &str = "audit_id";

/// What concurrent units cause: serialization failure, deadlock, a value or row that came or went in between.
const CONTENTION_STATES: [&str; 4] = ["40001", "40P01", "23505", "23503"];

/// The server itself does not know: statement completion unknown, transaction resolution unknown. PostgreSQL always knows,
/// but databases that are spread over several machines may not.
const UNKNOWN: [&str; 2] = ["40003", "08007"];

impl Failure {
    /// The failure of the first trip, before anything was written.
    pub(super) fn before_commit(error: DatabaseError) -> Self {
        if error.is_lost_connection() { Self::Lost(error) } else { Self::after_rollback(error) }
    }

    /// The failure of the trip with the commit. Any other answer of the server means that it has rolled back.
    pub(super) fn of_commit(error: DatabaseError) -> Self {
        if error.is_lost_connection() || error.code().is_none_or(|code| UNKNOWN.contains(&code)) {
            Self::Unknown(error)
        } else {
            Self::after_rollback(error)
        }
    }

    fn after_rollback(error: DatabaseError) -> Self {
        match error.code() {
            Some(READ_ONLY) => Self::Lost(error),
            _ if is_contention(&error) => Self::Contended(error),
            _ => Self::Rejected(error),
        }
    }
}

/// A second unit with the same audit record is a mistake of its caller; it will not get better.
fn is_contention(error: &DatabaseError) -> bool {
    error.code().is_some_and(|code| CONTENTION_STATES.contains(&code)) && error.constraint() != Some(AUDIT_ID)
}
