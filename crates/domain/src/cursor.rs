//! Where the next page starts, as an opaque text.

use crate::{ExternalId, Fault, Position, RoleName, StatusKind, UserQuery};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;

/// A place in a list, bound to the filter and the order of the query that made it.
///
/// The text form is opaque and versioned: base64url (RFC 4648, section 5) of a small JSON document with a checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    position: Position,
    query: String,
}

/// Why a text is no cursor for this query.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CursorFault {
    /// It was changed on the way, or made by another version.
    #[error("this cursor is damaged; start again without one")]
    Damaged,
    /// It belongs to another filter or order.
    #[error("this cursor was made with another filter or sort; start again without one")]
    OtherQuery,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    v: u8,
    q: String,
    p: Position,
    /// Tells a cursor that was damaged from one that leads elsewhere. It is no secret: whoever makes a cursor of
    /// their own sees no more than the list shows them.
    c: u32,
}

impl Cursor {
    const VERSION: u8 = 1;
    /// Longer than any cursor made here; bounds what is decoded.
    const MAX_BYTES: usize = 8 * 1024;

    /// The cursor that leads from `position` on in the list of `query`.
    #[must_use]
    pub fn new(position: Position, query: &UserQuery) -> Self {
        Self { position, query: digest(query) }
    }

    /// Reads a cursor that was made for `query`, whatever its limit.
    ///
    /// # Errors
    /// [`CursorFault`].
    pub fn parse(text: &str, query: &UserQuery) -> Result<Self, CursorFault> {
        if text.len() > Self::MAX_BYTES {
            return Err(CursorFault::Damaged);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorFault::Damaged)?;
        let document: Document = serde_json::from_slice(&bytes).map_err(|_| CursorFault::Damaged)?;
        if document.v != Self::VERSION {
            return Err(CursorFault::Damaged);
        }
        if document.q != digest(query) {
            return Err(CursorFault::OtherQuery);
        }
        if document.p.values.len() != query.sort.keys().len() || document.c != checksum(&document.p)? {
            return Err(CursorFault::Damaged);
        }
        Ok(Self { position: document.p, query: document.q })
    }

    /// The place it names.
    #[must_use]
    pub fn into_position(self) -> Position {
        self.position
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p, c) = (self.position.clone(), checksum(&self.position).map_err(|_| fmt::Error)?);
        let document = Document { v: Self::VERSION, q: self.query.clone(), p, c };
        let json = serde_json::to_vec(&document).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

impl Fault for CursorFault {
    fn code(&self) -> &'static str {
        "cursor_invalid"
    }
}

fn checksum(position: &Position) -> Result<u32, CursorFault> {
    let json = serde_json::to_vec(position).map_err(|_| CursorFault::Damaged)?;
    let digest = Sha256::digest(json);
    Ok(digest.iter().take(4).fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// Names the filter and the order, not the limit: a client may change the page size on the way.
fn digest(query: &UserQuery) -> String {
    let filter = &query.filter;
    let parts = [
        filter.status.map(StatusKind::as_str),
        filter.role.as_ref().map(RoleName::as_str),
        filter.email.as_ref().map(|email| email.key().as_str()),
        filter.username.as_ref().map(|name| name.key().as_str()),
        filter.external_id.as_ref().map(ExternalId::as_str),
        filter.text.as_deref(),
    ];
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update([u8::from(part.is_some())]);
        hasher.update(part.map_or(0, str::len).to_be_bytes());
        hasher.update(part.unwrap_or_default());
    }
    for key in query.sort.keys() {
        hasher.update(format!("{key:?}"));
    }
    URL_SAFE_NO_PAD.encode(&hasher.finalize()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::tests::a_user;
    use crate::{Limit, Sort, UserFilter};

    fn query() -> UserQuery {
        UserQuery { sort: Sort::parse("-username,created_at").unwrap(), ..UserQuery::default() }
    }

    fn cursor() -> Cursor {
        Cursor::new(query().sort.position(&a_user(1)), &query())
    }

    #[test]
    fn a_cursor_survives_its_text_form() {
        assert_eq!(Cursor::parse(&cursor().to_string(), &query()).unwrap(), cursor());
    }

    #[test]
    fn a_cursor_goes_on_with_another_page_size() {
        let larger = UserQuery { limit: Limit::new(500).unwrap(), ..query() };
        assert!(Cursor::parse(&cursor().to_string(), &larger).is_ok());
    }

    #[test]
    fn a_cursor_of_another_filter_or_sort_is_refused() {
        let filter = UserFilter { status: Some(StatusKind::Active), ..UserFilter::default() };
        let others = [UserQuery { filter, ..query() }, UserQuery { sort: Sort::default(), ..query() }];
        for other in others {
            assert_eq!(Cursor::parse(&cursor().to_string(), &other), Err(CursorFault::OtherQuery));
        }
    }

    #[test]
    fn a_damaged_cursor_is_refused() {
        let whole = cursor().to_string();
        for text in ["", "x", "!!!!", &whole[1..], &format!("{whole}A"), &"A".repeat(10_000)] {
            assert_eq!(Cursor::parse(text, &query()), Err(CursorFault::Damaged), "{text}");
        }
    }

    #[test]
    fn no_letter_of_a_cursor_can_be_changed() {
        let whole = cursor().to_string();
        for (at, letter) in whole.char_indices() {
            let other = if letter == 'A' { 'B' } else { 'A' };
            let text = format!("{}{other}{}", &whole[..at], &whole[at + 1..]);
            assert!(Cursor::parse(&text, &query()).is_err(), "{text}");
        }
    }
}
