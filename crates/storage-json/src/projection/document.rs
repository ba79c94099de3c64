//! The common format of the documents in the data folder.
//!
//! ```text
//! {
//!   "format": "roster-users",
//!   "version": 1,
//!   "sequence": 12,
//!   …
//!   "users": [
//!     { … },
//!     { … }
//!   ],
//!   "digest": "sha256:…"
//! }
//! ```
//!
//! `digest` covers every byte before its own line, so an edit can be recognised without another file.

use std::io::{self, Write};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

const DIGEST_LINE: &str = "  \"digest\": \"sha256:";
/// How much is collected before it is hashed and written.
const CHUNK: usize = 1 << 16;
/// The largest accepted number of a unit: every JSON parser keeps it exactly, and it will never be reached. A larger
/// one is a mistake of an editor.
pub(crate) const LAST_NUMBER: u64 = (1 << 53) - 1;
/// Within how many bytes an edited file names its format.
const HEAD: usize = 1024;

/// The name and the version of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) name: &'static str,
    /// The version that is written. Every version from 1 on can be read.
    pub(super) version: u64,
}

/// Writes a document, member by member.
pub(super) struct DocumentWriter<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    hasher: Sha256,
}

impl<'a> DocumentWriter<'a> {
    pub(super) fn begin(out: &'a mut dyn Write, format: Format) -> io::Result<Self> {
        let mut document = Self { out, buffer: Vec::with_capacity(CHUNK), hasher: Sha256::new() };
        write!(document, "{{\n  \"format\": \"{}\",\n  \"version\": {},\n", format.name, format.version)?;
        Ok(document)
    }

    pub(super) fn number(&mut self, name: &str, number: u64) -> io::Result<()> {
        writeln!(self, "  \"{name}\": {number},")
    }

    pub(super) fn list<'i, T: Serialize + 'i>(
        &mut self,
        name: &str,
        items: impl Iterator<Item = &'i Arc<T>>,
    ) -> io::Result<()> {
        write!(self, "  \"{name}\": [")?;
        let indented = indented_twice()?;
        let mut separator = "\n    ";
        for item in items {
            self.write_all(separator.as_bytes())?;
            item.serialize(&mut Serializer::with_formatter(&mut *self, indented.clone()))?;
            separator = ",\n    ";
        }
        let close = if separator.starts_with(',') { "\n  ],\n" } else { "],\n" };
        self.write_all(close.as_bytes())
    }

    /// Adds the digest of everything before.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.pass_on()?;
        let digest = hex::encode(self.hasher.clone().finalize());
        write!(self, "{DIGEST_LINE}{digest}\"\n}}\n")?;
        self.pass_on()
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.hasher.update(&self.buffer);
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

impl Write for DocumentWriter<'_> {
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

/// A formatter that starts as if inside an array inside an object.
fn indented_twice() -> io::Result<PrettyFormatter<'static>> {
    let mut formatter = PrettyFormatter::new();
    formatter.begin_object(&mut io::sink())?;
    formatter.begin_array(&mut io::sink())?;
    Ok(formatter)
}

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ParseError {
    #[error("not a file of Roster's")]
    Foreign,
    #[error("format version {version} is unknown; the latest known version is {known}")]
    Newer { version: u64, known: u64 },
    #[error("\"sequence\" is {0}, a number that Roster never assigns")]
    Sequence(u64),
    #[error(transparent)]
    Bad(serde_json::Error),
}

/// The first members of every document.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
    #[serde(default)]
    sequence: u64,
}

/// Parses a document of this format, edited or not.
pub(super) fn parse<T: DeserializeOwned>(content: &[u8], format: Format) -> Result<T, ParseError> {
    let document = serde_json::from_slice::<T>(content);
    match (serde_json::from_slice::<Head>(content), document) {
        (Ok(head), _) if head.format != format.name => Err(ParseError::Foreign),
        (Ok(Head { version, .. }), _) if !(1..=format.version).contains(&version) => {
            Err(ParseError::Newer { version, known: format.version })
        }
        (Ok(head), _) if head.sequence > LAST_NUMBER => Err(ParseError::Sequence(head.sequence)),
        (Ok(_), Ok(document)) => Ok(document),
        (Ok(_), Err(error)) => Err(ParseError::Bad(error)),
        // It still looks like ours, so it is a mistake of an editor.
        (Err(error), _) if names(content, format) => Err(ParseError::Bad(error)),
        (Err(_), _) => Err(ParseError::Foreign),
    }
}

fn names(content: &[u8], format: Format) -> bool {
    let head = &content[..content.len().min(HEAD)];
    head.windows(format.name.len()).any(|window| window == format.name.as_bytes())
}

/// The version in the first lines of a document of this format, whatever its white space.
pub(super) fn version_in(head: &[u8], format: Format) -> Option<u64> {
    let mut text = String::from_utf8_lossy(head).into_owned();
    text.retain(|letter| !letter.is_ascii_whitespace());
    let rest = text.strip_prefix(&format!("{{\"format\":\"{}\",\"version\":", format.name))?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
    rest[..end].parse().ok()
}

/// Whether the content is exactly what Roster wrote when it included everything up to `sequence`.
pub(super) fn is_written_at(content: &[u8], sequence: u64) -> bool {
    is_genuine(content) && serde_json::from_slice::<Head>(content).is_ok_and(|head| head.sequence == sequence)
}

/// Whether the last line of the file is the digest of everything before it.
pub(crate) fn is_genuine(content: &[u8]) -> bool {
    let tail = DIGEST_LINE.len() + 64 + "\"\n}\n".len();
    let Some((covered, last)) = content.len().checked_sub(tail).map(|at| content.split_at(at)) else {
        return false;
    };
    last == format!("{DIGEST_LINE}{}\"\n}}\n", hex::encode(Sha256::digest(covered))).as_bytes()
}
