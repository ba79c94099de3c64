//! The lines of a backup.

use crate::keys::PrivateKey;
use jiff::Timestamp;
use roster_domain::{AuditRecord, ServiceAccount, Session, User};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The version that is written. Every version from 1 on can be read.
pub const FORMAT_VERSION: u64 = 1;

/// The beginning of a backup, uncompressed. The version and a line break follow.
pub(crate) const MAGIC: &str = "roster-backup ";
/// The name of the format in the header.
const FORMAT: &str = "roster-backup";

/// A compressed line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// The first line.
    Header(Header),
    /// The key ring.
    KeyRing(RingLine),
    /// A private signing key.
    PrivateKey(PrivateKey),
    User(Arc<User>),
    ServiceAccount(Arc<ServiceAccount>),
    Session(Arc<Session>),
    Audit(AuditLine),
    /// The last line.
    Trailer(Trailer),
}

/// The first line.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Header {
    format: String,
    pub(crate) version: u64,
    #[serde(flatten)]
    pub(crate) about: BackupDetails,
}

/// When and by which version a backup was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupDetails {
    /// When it was started.
    pub made_at: Timestamp,
    /// The version of Roster that made it.
    pub roster: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RingLine {
    pub(crate) ring: String,
    pub(crate) audited: u64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct AuditLine {
    pub(crate) sequence: u64,
    #[serde(flatten)]
    pub(crate) record: Arc<AuditRecord>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
pub(crate) struct Trailer {
    pub(crate) contents: Contents,
    /// The SHA-256 of all uncompressed bytes before this line, including the first line of the file.
    pub(crate) sha256: String,
}

/// The number of items in a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Users.
    pub users: u64,
    /// Service accounts.
    pub service_accounts: u64,
    /// Sessions.
    pub sessions: u64,
    /// Audit records.
    pub audit_records: u64,
    /// Private signing keys.
    pub private_keys: u64,
    /// The number of the last audit record; 0 if there is none.
    pub last_audit: u64,
}

impl Header {
    pub(crate) fn new(about: BackupDetails) -> Self {
        Self { format: FORMAT.to_owned(), version: FORMAT_VERSION, about }
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.format == FORMAT && self.version == FORMAT_VERSION
    }
}

impl Contents {
    /// Counts a line.
    pub(crate) fn count(&mut self, line: &Line) {
        match line {
            Line::User(_) => self.users += 1,
            Line::ServiceAccount(_) => self.service_accounts += 1,
            Line::Session(_) => self.sessions += 1,
            Line::PrivateKey(_) => self.private_keys += 1,
            Line::Audit(audit) => {
                self.audit_records += 1;
                self.last_audit = audit.sequence;
            }
            Line::Header(_) | Line::KeyRing(_) | Line::Trailer(_) => {}
        }
    }
}
