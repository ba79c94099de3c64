//! Refusals: why a record is not imported.

use crate::report::ldif_fault::LdifFault;
use crate::report::location::{Escaped, RecordLocation};
use roster_domain::{
    AttributesError, ExternalIdError, RoleSetError, UniqueField, UsernameError, policy::Denied,
};
use serde::{Serialize, Serializer};
use std::fmt;
use thiserror::Error;

/// Why a record is not imported. Serializes as a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The record is not a JSON object.
    #[error("its value is not an object")]
    NotARecord,
    /// The record has more bytes than the limit.
    #[error("more than {} MiB", crate::limits::MAX_RECORD_BYTES / (1024 * 1024))]
    TooLarge,
    /// The JSON cannot be parsed. Line and column (in bytes) count from one.
    #[error("invalid JSON: {reason}, line {line} column {column}")]
    InvalidJson {
        /// The parser's message.
        reason: String,
        /// The line of the file.
        line: usize,
        /// The byte of the line.
        column: usize,
    },
    /// A row of a table has another number of cells than the header.
    #[error("{found} cells under {expected} columns: quote values that contain the separator")]
    Cells {
        /// The cells of the row.
        found: usize,
        /// The columns of the table.
        expected: usize,
    },
    /// A line is not one of an account.
    #[error("expected {expected}")]
    AccountLine {
        /// What such a line has.
        expected: &'static str,
    },
    /// An entry of LDIF is damaged.
    #[error(transparent)]
    Ldif(#[from] LdifFault),
    /// The text contains a zero byte.
    #[error("it contains a zero byte: the file is damaged, or not text")]
    ZeroByte,
    /// The key has more bytes than the limit.
    #[error("the key has more than {} KiB: give the record a shorter one", crate::limits::MAX_TOKEN_BYTES / 1024)]
    KeyTooLong,
    /// An earlier record has the same key.
    #[error("duplicate key, first on line {first}")]
    DuplicateKey {
        /// The line of the earlier record.
        first: usize,
    },
    /// A newer version of Roster exported the record.
    #[error("export version {version} is too new: import it with the Roster that wrote it, or a later one")]
    NewerExport {
        /// The version of the record.
        version: u64,
    },
    /// The record has neither a username nor an email address.
    #[error("neither username nor email")]
    NoName,
    /// The email address is invalid, and there is no username.
    #[error("email is not a valid address")]
    Email,
    /// The username is invalid and cannot be made valid.
    #[error(transparent)]
    Username(#[from] UsernameError),
    /// The old id is invalid as an external id.
    #[error(transparent)]
    ExternalId(#[from] ExternalIdError),
    /// The person would have too many roles.
    #[error(transparent)]
    Roles(#[from] RoleSetError),
    /// The person would have too many attributes.
    #[error(transparent)]
    Attributes(#[from] AttributesError),
    /// The caller may not grant one of the roles.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Another person has the username, compared by its normalized form.
    #[error("username taken: {}", HeldUsername(.wanted, .holder))]
    UsernameTaken {
        /// The username.
        wanted: String,
        /// Who has it.
        holder: Holder,
    },
    /// Another person has the email address, compared by its key.
    #[error("email taken: {wanted} is {holder}'s")]
    EmailTaken {
        /// The address.
        wanted: String,
        /// Who has it.
        holder: Holder,
    },
    /// Another person has the external id.
    #[error("external_id taken: {} is {holder}'s{}", Escaped(.wanted), renamed(.holder))]
    ExternalIdTaken {
        /// The external id.
        wanted: String,
        /// Who has it.
        holder: Holder,
    },
    /// Another person logs in with the original spelling.
    #[error("login taken: {} is {holder}'s", Escaped(.wanted))]
    AliasTaken {
        /// The original spelling.
        wanted: String,
        /// Who has it.
        holder: Holder,
    },
    /// Another person took the name while the import ran.
    #[error("{0} was taken during the import")]
    TakenMeanwhile(UniqueField),
}

/// Who has a name that a record asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Their username.
    pub username: String,
    /// Their record, if it is in the same file.
    pub location: Option<RecordLocation>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => location.fmt(f),
            None => f.write_str(&self.username),
        }
    }
}

/// Describes who has a username. The holder's spelling is shown if it differs.
struct HeldUsername<'a>(&'a str, &'a Holder);

impl fmt::Display for HeldUsername<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(wanted, holder) = self;
        match &holder.location {
            _ if holder.username != *wanted => write!(f, "{wanted} is {}", holder.username),
            Some(location) => write!(f, "{wanted} is {location}'s"),
            None => write!(f, "{wanted} belongs to a user already"),
        }
    }
}

/// Advice about a user whom an earlier import gave the external id, under another username.
const fn renamed(holder: &Holder) -> &'static str {
    match holder.location {
        Some(_) => "",
        None => {
            "; if it is the same person under a new username, leave the record out, because the user exists already; \
             if not, give the record another id"
        }
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
