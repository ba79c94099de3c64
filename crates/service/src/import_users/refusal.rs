//! Why an import leaves somebody out.

use super::location::{Escaped, RecordLocation};
use roster_domain::{AttributesError, ExternalIdError, Field, RoleSetError, UsernameError, policy::Denied};
use serde::{Serialize, Serializer};
use std::fmt;
use thiserror::Error;

/// Why a record is not imported. Serialises as its sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// Something other than a JSON object.
    #[error("not a record")]
    NotARecord,
    /// More bytes than a record may have.
    #[error("more than {} MiB", super::splitter::MAX_RECORD_BYTES / (1024 * 1024))]
    TooLarge,
    /// JSON that cannot be read; line and column (in bytes) count from one.
    #[error("broken: {reason}, line {line} column {column}")]
    Broken {
        /// What is wrong.
        reason: String,
        /// On which line of the file.
        line: usize,
        /// At which byte of the line.
        column: usize,
    },
    /// More bytes than the key of a record may have.
    #[error("the key has more than {} KiB: give the record a shorter one", super::short_tokens::MAX_TOKEN_BYTES / 1024)]
    LongKey,
    /// An earlier record has the same key.
    #[error("the key is there twice, first on line {first}")]
    KeyTwice {
        /// The line of the earlier one.
        first: usize,
    },
    /// The export of a Roster that is newer than this one.
    #[error("export version {version}: a newer Roster wrote it; import it with that version, or a later one")]
    NewerExport {
        /// The version it names.
        version: u64,
    },
    /// Nothing to log in with.
    #[error("neither username nor email")]
    Nameless,
    /// An email address that is none, and no username.
    #[error("email is not an address")]
    Email,
    /// No username can be made of it.
    #[error(transparent)]
    Username(#[from] UsernameError),
    /// The old id is unusable.
    #[error(transparent)]
    ExternalId(#[from] ExternalIdError),
    /// More roles than a user may have.
    #[error(transparent)]
    Roles(#[from] RoleSetError),
    /// More attributes than a user may have.
    #[error(transparent)]
    Attributes(#[from] AttributesError),
    /// Roles that the caller may not grant.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Somebody has the username, compared mapped.
    #[error("username taken: {}", HeldUsername(.wanted, .holder))]
    UsernameTaken {
        /// The username.
        wanted: String,
        /// Who has it.
        holder: Holder,
    },
    /// Somebody has the email address, compared by key.
    #[error("email taken: {wanted} is {holder}'s")]
    EmailTaken {
        /// The address.
        wanted: String,
        /// Who has it.
        holder: Holder,
    },
    /// Somebody with another name has the external id, or an earlier record does.
    #[error("external_id taken: {} is {holder}'s{}", Escaped(.wanted), renamed(.holder))]
    ExternalIdTaken {
        /// The external id.
        wanted: String,
        /// Who has it.
        holder: Holder,
    },
    /// Somebody logs in with the old spelling.
    #[error("login taken: {} is {holder}'s", Escaped(.wanted))]
    AliasTaken {
        /// The old spelling.
        wanted: String,
        /// Who has it.
        holder: Holder,
    },
    /// Somebody took it between the look and the commit.
    #[error("{0} taken meanwhile")]
    TakenMeanwhile(Field),
}

/// Who has what a record asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Their username.
    pub username: String,
    /// The record they are, if they are in the same file.
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

/// Whose username it is: told by the other spelling, unless it is the same.
struct HeldUsername<'a>(&'a str, &'a Holder);

impl fmt::Display for HeldUsername<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(wanted, holder) = self;
        match &holder.location {
            _ if holder.username != *wanted => write!(f, "{wanted} is {}", holder.username),
            Some(location) => write!(f, "{wanted} is {location}'s"),
            None => write!(f, "{wanted} is in the store already"),
        }
    }
}

/// What to do about somebody in the store with another username: an earlier import gave them the external id.
const fn renamed(holder: &Holder) -> &'static str {
    match holder.location {
        Some(_) => "",
        None => {
            "; most likely the same person, renamed since: if so, leave the record out, they are here already; if not, \
             give it an id of its own"
        }
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
