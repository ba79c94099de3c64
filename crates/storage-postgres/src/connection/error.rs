//! Why the database did not do what was asked.

use std::error::Error as StdError;
use std::time::Duration;

use roster_storage::StoreError;
use thiserror::Error;
use tokio_postgres::error::{Severity, SqlState};

/// Why the database did not do what was asked. Nothing was changed, unless a commit was under way.
#[derive(Debug, Error)]
pub(crate) enum DatabaseError {
    /// No host of the URL could be used.
    #[error("cannot connect to PostgreSQL{}", listed(.0))]
    Connect(Vec<(String, HostError)>),
    /// Every connection was in use for too long.
    #[error("no connection to PostgreSQL was free within {} s", .0.as_secs_f32())]
    Busy(Duration),
    /// The server did not answer.
    #[error("PostgreSQL did not answer within {} s", .0.as_secs_f32())]
    NoAnswer(Duration),
    /// The server rejected a statement, or the connection broke.
    #[error("PostgreSQL: {}{}", reason(.0), advice(.0))]
    Statement(#[from] tokio_postgres::Error),
    /// A pooler is between, and the settings name none.
    #[error(
        "a connection pooler such as PgBouncer is between Roster and PostgreSQL; set storage.pooler to \"transaction\" or \
         \"session\", whichever is its mode, or connect to PostgreSQL directly"
    )]
    Pooler,
    /// A pooler is in transaction mode, and the settings say session mode.
    #[error(
        "storage.pooler is \"session\", but the connection pooler lends its connections for one transaction at a time; set \
         storage.pooler to \"transaction\", or set the pooler to session mode"
    )]
    TransactionMode,
    /// The server is a standby, or was told to be read-only.
    #[error("PostgreSQL accepts no writes")]
    ReadOnly,
    /// The role may not do what a server has to do.
    #[error(
        "the role of storage.url lacks privileges in PostgreSQL: {0}; grant them, or use the owner of the tables"
    )]
    Privileges(String),
    /// A statement that always returns a row returned none.
    #[error("PostgreSQL returned no row")]
    NoRow,
    /// A connection has ended by itself.
    #[error("the connection to PostgreSQL ended: {0}")]
    Ended(String),
    /// The store was closed.
    #[error("the store was closed")]
    Closed,
}

/// Codes, or their beginnings: the server is read-only, a privilege is missing, the disk or another resource is used up,
/// the operating system reports an error.
const DENIALS: [&str; 4] = ["25006", "42501", "53", "58"];

/// Why a host could not be used.
#[derive(Debug, Error)]
pub(crate) enum HostError {
    #[error("no answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("{}", reason(.0))]
    Rejected(#[source] tokio_postgres::Error),
}

impl HostError {
    /// Whether the server process of this connection was terminated. A server that stops reports something else.
    fn is_ended_backend(&self) -> bool {
        self.code() == Some(&SqlState::ADMIN_SHUTDOWN)
    }

    fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Rejected(error) => error.code(),
            Self::Timeout(_) => None,
        }
    }
}

fn listed(hosts: &[(String, HostError)]) -> String {
    let reasons: Vec<_> = hosts.iter().map(|(host, error)| format!("; {host}: {error}")).collect();
    reasons.concat()
}

/// The innermost cause, which is what an operator can act on, with the code of the server.
pub(crate) fn reason(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} ({})", error.message(), error.code().code());
    }
    let mut innermost: &dyn StdError = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// What to do about an error that a pooler causes: it runs statements on a connection on which others were prepared.
fn advice(error: &tokio_postgres::Error) -> &'static str {
    let code = error.code();
    let is_about_prepared =
        code == Some(&SqlState::INVALID_SQL_STATEMENT_NAME) || code == Some(&SqlState::DUPLICATE_PSTATEMENT);
    if is_about_prepared {
        "; if a connection pooler is between Roster and PostgreSQL, set storage.pooler to \"transaction\", or set the pooler to \
         session mode"
    } else {
        ""
    }
}

impl DatabaseError {
    /// The SQLSTATE, if the server sent one.
    pub(crate) fn code(&self) -> Option<&str> {
        self.statement()?.code().map(tokio_postgres::error::SqlState::code)
    }

    /// The constraint that a statement has violated.
    pub(crate) fn constraint(&self) -> Option<&str> {
        self.statement()?.as_db_error()?.constraint()
    }

    /// Whether the server allows no further connection of this role, to this database or at all.
    pub(super) fn is_connection_limit(&self) -> bool {
        let Self::Connect(hosts) = self else { return false };
        hosts.iter().any(|(_, error)| error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS))
    }

    /// Whether the connection is gone, so that another one may do better.
    pub(crate) fn is_lost_connection(&self) -> bool {
        if let Self::Connect(hosts) = self {
            return hosts.iter().any(|(_, error)| error.is_ended_backend());
        }
        self.statement().is_some_and(|error| {
            error.as_db_error().map_or_else(
                || error.is_closed() || is_io(error),
                |error| matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic)),
            )
        })
    }

    /// Whether the server has rejected a write for a reason that will meet other writes, too.
    pub(crate) fn denies_writes(&self) -> bool {
        self.code().is_some_and(|code| DENIALS.iter().any(|denial| code.starts_with(denial)))
    }

    /// The driver's error about a statement.
    const fn statement(&self) -> Option<&tokio_postgres::Error> {
        match self {
            Self::Statement(error) => Some(error),
            Self::Connect(_)
            | Self::Busy(_)
            | Self::NoAnswer(_)
            | Self::Pooler
            | Self::TransactionMode
            | Self::ReadOnly
            | Self::Privileges(_)
            | Self::NoRow
            | Self::Ended(_)
            | Self::Closed => None,
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(<dyn StdError>::is::<std::io::Error>)
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
