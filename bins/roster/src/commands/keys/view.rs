//! The command-line view of the keys.

use jiff::Timestamp;
use roster_auth::token::{KeyRing, KeyState, RingKey};
use serde::Serialize;

use super::request::ListFormat;
use crate::terminal;

/// Formats all keys.
///
/// # Errors
/// None in practice: every field can be serialized.
pub(super) fn format_keys(ring: &KeyRing, format: ListFormat) -> anyhow::Result<String> {
    match format {
        ListFormat::Json => {
            let keys: Vec<_> = ring.keys().iter().map(KeyLine::of).collect();
            Ok(serde_json::to_string_pretty(&keys)? + "\n")
        }
        ListFormat::Table => {
            let rows: Vec<_> = ring.keys().iter().map(row).collect();
            Ok(terminal::table(["KID", "ALGORITHM", "STATE", "SINCE", "ACCEPTED UNTIL"], &rows))
        }
    }
}

/// A key as JSON.
#[derive(Serialize)]
struct KeyLine<'a> {
    kid: &'a str,
    algorithm: &'static str,
    state: &'static str,
    created_at: Timestamp,
    since: Timestamp,
    accept_until: Option<Timestamp>,
}

impl<'a> KeyLine<'a> {
    fn of(key: &'a RingKey) -> Self {
        Self {
            kid: key.id(),
            algorithm: key.key.algorithm().as_str(),
            state: key.state.as_str(),
            created_at: key.created_at,
            since: key.since,
            accept_until: accept_until(key),
        }
    }
}

fn row(key: &RingKey) -> [String; 5] {
    [
        key.id().to_owned(),
        key.key.algorithm().to_string(),
        key.state.to_string(),
        terminal::to_the_second(key.since),
        accept_until(key).map(terminal::to_the_second).unwrap_or_default(),
    ]
}

/// The end of a retired key's acceptance, as a suffix for its line.
pub(super) fn accepted_until(ring: &KeyRing, kid: &str) -> String {
    let key = ring.keys().iter().find(|key| key.id() == kid);
    key.and_then(accept_until)
        .map(|end| format!(", accepted until {}", terminal::to_the_second(end)))
        .unwrap_or_default()
}

const fn accept_until(key: &RingKey) -> Option<Timestamp> {
    match key.state {
        KeyState::Retired { accept_until } => Some(accept_until),
        KeyState::Next | KeyState::Active | KeyState::Revoked => None,
    }
}
