//! Why a text is not the URL of a database.

use thiserror::Error;

/// Why a text is not the URL of a PostgreSQL database. No variant contains the text, which may have a password in it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UrlError {
    /// Another scheme.
    #[error("the URL of a PostgreSQL database begins with postgres:// or postgresql://")]
    Scheme,
    /// An `@` that may be part of a password.
    #[error(
        "write every @ in the user name, the password and the parameters of the URL of the database as %40"
    )]
    UnescapedAt,
    /// No host.
    #[error("the URL of the database names no host")]
    NoHost,
    /// A parameter that is unknown, or whose value is not understood.
    #[error("the URL of the database is not understood: {0}")]
    Parameter(String),
    /// The value of a parameter is not UTF-8.
    #[error("the value of {0} in the URL of the database is not UTF-8")]
    Value(String),
    /// An unknown `sslmode`.
    #[error("sslmode is one of disable, allow, prefer, require, verify-ca and verify-full")]
    Mode,
    /// `sslrootcert=system` with a mode that does not check the host.
    #[error("sslrootcert=system needs sslmode=verify-full: anybody can get a certificate for some host")]
    WeakMode,
    /// `verify-ca` or `verify-full` without `sslrootcert`.
    #[error("sslmode=verify-ca and verify-full need sslrootcert: a PEM file, or \"system\" for verify-full")]
    NoRoots,
    /// A target that Roster has no use for.
    #[error("target_session_attrs is one of any, read-write, read-only and primary")]
    Target,
}
