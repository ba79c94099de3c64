//! The shape of users.json, version 1.
//!
//! ```text
//! {
//!   "format": "roster-users",
//!   "version": 1,
//!   "sequence": 12,
//!   "audit_bytes": 3456,
//!   "users": [
//!     { … },
//!     { … }
//!   ],
//!   "digest": "sha256:…"
//! }
//! ```
//!
//! `digest` covers every byte before its own line, so an edit shows without any other file to compare with.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use roster_domain::User;
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

const FORMAT: &str = "roster-users";
const VERSION: u64 = 1;
const DIGEST_LINE: &str = "  \"digest\": \"sha256:";
/// How much is gathered before it is hashed and written.
const CHUNK: usize = 1 << 16;
/// Where a file that was only edited names its format.
const HEAD: usize = 1024;

/// Writes the document and says how many bytes it has.
pub(crate) fn write<'a>(
    out: &mut dyn Write,
    sequence: u64,
    audit_bytes: u64,
    users: impl Iterator<Item = &'a Arc<User>>,
) -> io::Result<u64> {
    let mut out = Hashing { out, buffer: Vec::with_capacity(CHUNK), hasher: Sha256::new(), len: 0 };
    write!(
        out,
        "{{\n  \"format\": \"{FORMAT}\",\n  \"version\": {VERSION},\n  \"sequence\": {sequence},\n  \
         \"audit_bytes\": {audit_bytes},\n  \"users\": ["
    )?;
    let indented = indented_twice()?;
    let mut separator = "\n    ";
    for user in users {
        out.write_all(separator.as_bytes())?;
        user.serialize(&mut Serializer::with_formatter(&mut out, indented.clone()))?;
        separator = ",\n    ";
    }
    let close = if separator.starts_with(',') { "\n  ],\n" } else { "],\n" };
    out.write_all(close.as_bytes())?;
    out.pass_on()?;
    let digest = hex(&out.hasher.clone().finalize());
    write!(out, "{DIGEST_LINE}{digest}\"\n}}\n")?;
    out.pass_on()?;
    Ok(out.len)
}

/// A formatter that believes itself inside an array inside an object.
fn indented_twice() -> io::Result<PrettyFormatter<'static>> {
    let mut formatter = PrettyFormatter::new();
    formatter.begin_object(&mut io::sink())?;
    formatter.begin_array(&mut io::sink())?;
    Ok(formatter)
}

/// Hashes what it writes.
struct Hashing<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    hasher: Sha256,
    /// Bytes written.
    len: u64,
}

impl Hashing<'_> {
    fn pass_on(&mut self) -> io::Result<()> {
        self.hasher.update(&self.buffer);
        self.out.write_all(&self.buffer)?;
        self.len += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > CHUNK {
            self.pass_on()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()
    }
}

/// A users file that makes sense.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The last number that it has taken in.
    pub(crate) sequence: u64,
    /// How long the audit log was when it had taken in as much.
    pub(crate) audit_bytes: u64,
    pub(crate) users: Vec<Arc<User>>,
    /// Whether it is byte for byte as Roster wrote it.
    pub(crate) is_genuine: bool,
}

/// Why a file is not one to start with.
#[derive(Debug, Error)]
pub(crate) enum ParseError {
    #[error("not a file of Roster's")]
    Foreign,
    #[error("format version {0} is not known")]
    Newer(u64),
    #[error(transparent)]
    Bad(serde_json::Error),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    sequence: u64,
    #[serde(default)]
    audit_bytes: u64,
    users: Vec<Arc<User>>,
    #[serde(default, rename = "digest")]
    _digest: String,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

/// Reads a users file, edited or not.
pub(crate) fn parse(content: &[u8]) -> Result<Parsed, ParseError> {
    match serde_json::from_slice::<Document>(content) {
        Ok(document) if document.format == FORMAT && document.version == VERSION => Ok(Parsed {
            sequence: document.sequence,
            audit_bytes: document.audit_bytes,
            users: document.users,
            is_genuine: is_genuine(content),
        }),
        Ok(document) if document.format == FORMAT => Err(ParseError::Newer(document.version)),
        Ok(_) => Err(ParseError::Foreign),
        Err(error) => Err(refusal(content, error)),
    }
}

fn refusal(content: &[u8], error: serde_json::Error) -> ParseError {
    match serde_json::from_slice::<Head>(content) {
        Ok(head) if head.format != FORMAT => ParseError::Foreign,
        Ok(head) if head.version != VERSION => ParseError::Newer(head.version),
        Ok(_) => ParseError::Bad(error),
        // An editor's slip, if it still looks like ours.
        Err(_) if names_format(content) => ParseError::Bad(error),
        Err(_) => ParseError::Foreign,
    }
}

fn names_format(content: &[u8]) -> bool {
    let head = &content[..content.len().min(HEAD)];
    head.windows(FORMAT.len()).any(|window| window == FORMAT.as_bytes())
}

/// Whether the file's last line is the digest of all before it.
pub(crate) fn is_genuine(content: &[u8]) -> bool {
    let tail = DIGEST_LINE.len() + 64 + "\"\n}\n".len();
    let Some((covered, last)) = content.len().checked_sub(tail).map(|at| content.split_at(at)) else {
        return false;
    };
    last == format!("{DIGEST_LINE}{}\"\n}}\n", hex(&Sha256::digest(covered))).as_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
