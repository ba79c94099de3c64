//! The format of users.json. Version 2 gives pending users reasons and marks temporary passwords.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use roster_domain::{ServiceAccount, User};
use serde::Deserialize;

use super::document::{self, DocumentWriter, Format, ParseError, is_genuine};
use super::pieces::Pieces;
use crate::state::State;

const FORMAT: Format = Format { name: "roster-users", version: 2 };

/// Writes the document.
pub(crate) fn write(out: &mut dyn Write, sequence: u64, audit_bytes: u64, state: &State) -> io::Result<()> {
    let mut document = DocumentWriter::begin(out, FORMAT)?;
    document.number("sequence", sequence)?;
    document.number("audit_bytes", audit_bytes)?;
    document.list("users", state.iter())?;
    // Omitted if empty, so that an older version can still read the file.
    if state.service_accounts().len() > 0 {
        document.list("service_accounts", state.service_accounts().iter())?;
    }
    document.finish()
}

/// The version at the beginning of a users file and the latest known version, if the file is newer. An edited file
/// may have its version further on, which only parsing it finds.
pub(crate) fn newer_version(head: &[u8]) -> Option<(u64, u64)> {
    let version = document::version_in(head, FORMAT)?;
    (version > FORMAT.version).then_some((version, FORMAT.version))
}

/// A valid users file.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The format version, at most the current one.
    pub(crate) version: u64,
    /// The last number that it includes.
    pub(crate) sequence: u64,
    /// The length of the audit log at that number.
    pub(crate) audit_bytes: u64,
    pub(crate) users: Vec<Arc<User>>,
    pub(crate) service_accounts: Vec<Arc<ServiceAccount>>,
    /// Whether it is exactly as Roster wrote it.
    pub(crate) is_genuine: bool,
}

impl Parsed {
    /// Whether an older Roster wrote it.
    pub(crate) const fn is_older(&self) -> bool {
        self.version < FORMAT.version
    }

    /// The content before anything is stored.
    pub(crate) const NOTHING: Self = Self {
        version: FORMAT.version,
        sequence: 0,
        audit_bytes: 0,
        users: Vec::new(),
        service_accounts: Vec::new(),
        is_genuine: true,
    };
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "format")]
    _format: String,
    version: u64,
    sequence: u64,
    #[serde(default)]
    audit_bytes: u64,
    users: Vec<Arc<User>>,
    #[serde(default)]
    service_accounts: Vec<Arc<ServiceAccount>>,
    #[serde(default, rename = "digest")]
    _digest: String,
}

/// Parses a users file, edited or not.
pub(crate) fn parse(content: &[u8]) -> Result<Parsed, ParseError> {
    let (is_genuine, in_pieces) = thread::scope(|scope| {
        let digest = scope.spawn(|| is_genuine(content));
        let document = parse_in_pieces(content);
        (digest.join().unwrap_or_else(|panic| resume_unwind(panic)), document)
    });
    // An edited document may have another form, and its errors have lines.
    let document = match in_pieces.filter(|_| is_genuine) {
        Some(document) => document,
        None => document::parse(content, FORMAT)?,
    };
    let Document { version, sequence, audit_bytes, users, service_accounts, .. } = document;
    Ok(Parsed { version, sequence, audit_bytes, users, service_accounts, is_genuine })
}

fn parse_in_pieces(content: &[u8]) -> Option<Document> {
    let pieces = Pieces::of(content)?;
    let rest: Document = document::parse(&pieces.rest, FORMAT).ok()?;
    Some(Document { users: pieces.parse()?, ..rest })
}
