//! The format of sessions.json, version 1.

use std::io::{self, Write};
use std::sync::Arc;

use roster_domain::Session;
use serde::Deserialize;

use super::document::{self, DocumentWriter, Format, ParseError};
use crate::state::State;

/// The name of the file in the data folder.
pub(crate) const SESSIONS_FILE: &str = "sessions.json";

const FORMAT: Format = Format { name: "roster-sessions", version: 1 };

/// Writes the document.
pub(crate) fn write(out: &mut dyn Write, sequence: u64, state: &State) -> io::Result<()> {
    let mut document = DocumentWriter::begin(out, FORMAT)?;
    document.number("sequence", sequence)?;
    document.list("sessions", state.sessions().iter())?;
    document.finish()
}

/// A valid sessions file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParsedSessions {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u64,
    /// The last number that it includes.
    pub(crate) sequence: u64,
    pub(crate) sessions: Vec<Arc<Session>>,
    #[serde(default, rename = "digest")]
    _digest: String,
}

/// Parses a sessions file, edited or not.
pub(crate) fn parse_sessions(content: &[u8]) -> Result<ParsedSessions, ParseError> {
    document::parse(content, FORMAT)
}
