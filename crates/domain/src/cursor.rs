//! Cursors: opaque positions between pages.

use crate::CodedError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;

/// A query whose result comes in pages.
pub trait Paged {
    /// A position in the list.
    type Position: Clone + Serialize + DeserializeOwned;

    /// Identifies the list by everything that determines its contents and order. The limit is not part of it, because
    /// a client may change it between pages.
    fn name(&self, name: &mut ListName);

    /// Whether `place` can be a position in this list.
    fn has_place(&self, place: &Self::Position) -> bool {
        let _ = place;
        true
    }
}

/// The digest of what identifies a list.
#[derive(Default)]
pub struct ListName(Sha256);

impl ListName {
    /// Adds a part that may be absent. Adjacent parts cannot be confused.
    pub fn part(&mut self, part: Option<&str>) {
        self.0.update([u8::from(part.is_some())]);
        self.0.update(part.map_or(0, str::len).to_be_bytes());
        self.0.update(part.unwrap_or_default());
    }

    fn of(query: &impl Paged) -> String {
        let mut name = Self::default();
        query.name(&mut name);
        URL_SAFE_NO_PAD.encode(&name.0.finalize()[..12])
    }
}

/// A position in a list, bound to the filter and the order of its query.
///
/// The text form is opaque and versioned: base64url (RFC 4648, section 5) of a small JSON document with a checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor<P> {
    position: P,
    query: String,
}

/// Why a text is not a cursor for this query.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CursorError {
    /// It was altered, or made by another version.
    #[error("this cursor is damaged; start again without one")]
    Damaged,
    /// It belongs to another filter or order.
    #[error("this cursor was made with another filter or sort; start again without one")]
    OtherQuery,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<P> {
    v: u8,
    q: String,
    p: P,
    /// Detects damage. It is not a secret: a client that makes its own cursor sees no more than the list shows.
    c: u32,
}

const VERSION: u8 = 1;
/// Longer than any cursor; limits what is decoded.
const MAX_BYTES: usize = 8 * 1024;

impl<P: Clone + Serialize + DeserializeOwned> Cursor<P> {
    /// The cursor that continues the list of `query` after `position`.
    #[must_use]
    pub fn new(position: P, query: &impl Paged<Position = P>) -> Self {
        Self { position, query: ListName::of(query) }
    }

    /// Parses a cursor that was made for `query`, with any limit.
    ///
    /// # Errors
    /// [`CursorError`].
    pub fn parse(text: &str, query: &impl Paged<Position = P>) -> Result<Self, CursorError> {
        if text.len() > MAX_BYTES {
            return Err(CursorError::Damaged);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError::Damaged)?;
        let frame: Document<Value> = serde_json::from_slice(&bytes).map_err(|_| CursorError::Damaged)?;
        if frame.v != VERSION {
            return Err(CursorError::Damaged);
        }
        if frame.q != ListName::of(query) {
            return Err(CursorError::OtherQuery);
        }
        let position = P::deserialize(frame.p).map_err(|_| CursorError::Damaged)?;
        if !query.has_place(&position) || frame.c != checksum(&position)? {
            return Err(CursorError::Damaged);
        }
        Ok(Self { position, query: frame.q })
    }

    /// The position.
    #[must_use]
    pub fn into_position(self) -> P {
        self.position
    }
}

impl<P: Clone + Serialize> fmt::Display for Cursor<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p, c) = (self.position.clone(), checksum(&self.position).map_err(|_| fmt::Error)?);
        let document = Document { v: VERSION, q: self.query.clone(), p, c };
        let json = serde_json::to_vec(&document).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

impl CodedError for CursorError {
    fn code(&self) -> &'static str {
        "cursor_invalid"
    }
}

fn checksum(position: &impl Serialize) -> Result<u32, CursorError> {
    let json = serde_json::to_vec(position).map_err(|_| CursorError::Damaged)?;
    let digest = Sha256::digest(json);
    Ok(digest.iter().take(4).fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::user as a_user;
    use crate::{AuditPosition, AuditQuery, Limit, Position, Sort, StatusKind, UserFilter, UserQuery};

    fn query() -> UserQuery {
        UserQuery { sort: Sort::parse("-username,created_at").unwrap(), ..UserQuery::default() }
    }

    fn cursor() -> Cursor<Position> {
        Cursor::new(query().sort.position(&a_user(1)), &query())
    }

    #[test]
    fn a_cursor_survives_its_text_form() {
        assert_eq!(Cursor::parse(&cursor().to_string(), &query()).unwrap(), cursor());
    }

    #[test]
    fn a_cursor_works_with_another_page_size() {
        let larger = UserQuery { limit: Limit::new(500).unwrap(), ..query() };
        assert!(Cursor::parse(&cursor().to_string(), &larger).is_ok());
    }

    #[test]
    fn a_cursor_of_another_filter_or_sort_is_rejected() {
        let filter = UserFilter { status: Some(StatusKind::Active), ..UserFilter::default() };
        let others = [UserQuery { filter, ..query() }, UserQuery { sort: Sort::default(), ..query() }];
        for other in others {
            assert_eq!(Cursor::parse(&cursor().to_string(), &other), Err(CursorError::OtherQuery));
        }
    }

    #[test]
    fn a_cursor_of_another_kind_of_list_is_rejected() {
        let log = AuditQuery::default();
        let text = Cursor::new(AuditPosition::FIRST, &log).to_string();
        assert_eq!(Cursor::parse(&text, &UserQuery::default()), Err(CursorError::OtherQuery));
        assert_eq!(Cursor::parse(&cursor().to_string(), &log), Err(CursorError::OtherQuery));
    }

    #[test]
    fn a_damaged_cursor_is_rejected() {
        let whole = cursor().to_string();
        for text in ["", "x", "!!!!", &whole[1..], &format!("{whole}A"), &"A".repeat(10_000)] {
            assert_eq!(Cursor::parse(text, &query()), Err(CursorError::Damaged), "{text}");
        }
    }

    #[test]
    fn no_character_of_a_cursor_can_be_changed() {
        let whole = cursor().to_string();
        for (at, letter) in whole.char_indices() {
            let other = if letter == 'A' { 'B' } else { 'A' };
            let text = format!("{}{other}{}", &whole[..at], &whole[at + 1..]);
            assert!(Cursor::parse(&text, &query()).is_err(), "{text}");
        }
    }
}
