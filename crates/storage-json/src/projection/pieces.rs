//! Parses the users of a large document in several threads.
//!
//! Roster writes each user on lines of its own, so the text can be cut between two users without parsing it. Whatever the
//! text is, the result is right: pieces that are lists of users make one such list together.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use memchr::memmem;
use roster_domain::User;

const BEGIN: &[u8] = b"\n  \"users\": [\n";
const END: &[u8] = b"\n  ]";
const BETWEEN: &[u8] = b"\n    },\n    {\n";
/// Where the comma is in [`BETWEEN`].
const COMMA: usize = 6;
/// How far from its beginning a document has its users: there are only numbers before.
const HEAD: usize = 256;
/// The approximate size of a piece.
const PIECE: usize = 1 << 20;

/// A document without its users, and the users in pieces.
pub(super) struct Pieces<'a> {
    /// The document, with an empty list of users.
    pub(super) rest: Vec<u8>,
    users: Vec<&'a [u8]>,
}

impl<'a> Pieces<'a> {
    /// Cuts a document as Roster writes it. `None` if it is small or looks otherwise.
    pub(super) fn of(content: &'a [u8]) -> Option<Self> {
        let begin = memmem::find(content.get(..HEAD)?, BEGIN)? + BEGIN.len();
        let end = begin + memmem::find(&content[begin..], END)?;
        let users = &content[begin..end];
        (users.len() > PIECE)
            .then(|| Self { rest: [&content[..begin], &content[end..]].concat(), users: cut(users) })
    }

    /// The users, in order. `None` if one of the pieces is not a list of users.
    pub(super) fn parse(&self) -> Option<Vec<Arc<User>>> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut parsed = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(piece) = self.users.get(at) else { return Some(parsed) };
                parsed.push((at, parse_piece(piece)?));
            }
        };
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(self.users.len());
        let mut parsed = thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let parsed =
                threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            parsed.collect::<Option<Vec<Vec<_>>>>()
        })?;
        let mut parsed: Vec<_> = parsed.drain(..).flatten().collect();
        parsed.sort_unstable_by_key(|(at, _)| *at);
        Some(parsed.into_iter().flat_map(|(_, users)| users).collect())
    }
}

fn cut(mut users: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::with_capacity(users.len() / PIECE + 1);
    while let Some(at) = users.get(PIECE..).and_then(|rest| memmem::find(rest, BETWEEN)) {
        let (piece, rest) = users.split_at(PIECE + at + COMMA);
        pieces.push(piece);
        users = &rest[1..];
    }
    pieces.push(users);
    pieces
}

fn parse_piece(piece: &[u8]) -> Option<Vec<Arc<User>>> {
    serde_json::from_slice(&[b"[", piece, b"]"].concat()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::{parse, write_users};
    use crate::state::State;
    use crate::tests::person;

    fn document(count: u64) -> Vec<u8> {
        let mut state = State::default();
        (0..count).for_each(|number| state.put(&Arc::new(person(number))));
        let mut content = Vec::new();
        write_users(&mut content, 1, 2, &state).unwrap();
        content
    }

    #[test]
    fn a_large_document_is_parsed_in_pieces_with_the_same_result() {
        let content = document(9_000);
        let pieces = Pieces::of(&content).unwrap();
        assert!(pieces.users.len() > 2);
        let whole: serde_json::Value = serde_json::from_slice(&content).unwrap();
        let users: Vec<Arc<User>> = serde_json::from_value(whole["users"].clone()).unwrap();
        assert_eq!(pieces.parse().unwrap(), users);
        assert_eq!(parse(&content).unwrap().users, users);
    }

    #[test]
    fn an_invalid_user_is_reported_with_its_line() {
        let content = String::from_utf8(document(9_000)).unwrap().replacen("person8999", "", 1);
        assert!(Pieces::of(content.as_bytes()).unwrap().parse().is_none());
        assert!(parse(content.as_bytes()).unwrap_err().to_string().contains("line"));
    }
}
