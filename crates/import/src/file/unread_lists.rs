//! Finds lists of objects next to the container of the records.

use crate::file::cursor::{Cursor, Keep};
use crate::file::error::ReadError;
use crate::file::path::Step;
use crate::file::php_my_admin;
use crate::file::source::Input;
use crate::limits::MAX_TOKEN_BYTES;
use crate::locks::recognition::is_lock_word;
use crate::naming::words;
use crate::report::unread_list::UnreadList;

/// The report lists at most this many.
const MAX_LISTS: usize = 50;

/// The lists of objects next to the members of a path, at most 50.
///
/// # Errors
/// If the file cannot be read, or has changed.
pub(crate) fn next_to(path: &[Step], input: Input<'_>) -> Result<Vec<UnreadList>, ReadError> {
    let mut search = Search { cursor: Cursor::new(input), found: Vec::new() };
    search.walk(path, "")?;
    Ok(search.found)
}

struct Search<'a> {
    cursor: Cursor<'a>,
    found: Vec<UnreadList>,
}

/// Which items of a list are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    Objects,
    /// In a list such as `banned`, which may hold names only.
    Everything,
}

fn is_about_locks(name: &str) -> bool {
    words(name).iter().any(|word| is_lock_word(word))
}

impl Search<'_> {
    fn walk(&mut self, path: &[Step], prefix: &str) -> Result<(), ReadError> {
        match path {
            [] => self.cursor.value(Keep::No).map(drop),
            [Step::Member(wanted), rest @ ..] => self.walk_members(wanted, rest, prefix),
            [Step::Item(position), rest @ ..] => self.walk_items(*position, rest, prefix),
        }
    }

    fn walk_members(&mut self, wanted: &str, rest: &[Step], prefix: &str) -> Result<(), ReadError> {
        let mut was_entered = false;
        self.cursor.expect(b'{')?;
        while self.cursor.advance(b'}')? {
            let quoted = self.key()?;
            let is_next = quoted == wanted.as_bytes();
            let name: String =
                serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(&quoted).into());
            let name = format!("{prefix}{name}");
            if is_next && !was_entered {
                was_entered = true;
                self.walk(rest, &format!("{name}."))?;
            } else {
                let counted = if is_about_locks(&name) { Counted::Everything } else { Counted::Objects };
                let entries = self.count(counted)?;
                self.add(name, entries);
            }
        }
        self.cursor.expect(b'}')
    }

    /// Walks the items of an array. The tables of phpMyAdmin are there, with names and rows.
    fn walk_items(&mut self, position: usize, rest: &[Step], prefix: &str) -> Result<(), ReadError> {
        self.cursor.expect(b'[')?;
        let mut current = 0;
        while self.cursor.advance(b']')? {
            if current == position {
                self.walk(rest, prefix)?;
            } else if self.cursor.peek()? == Some(b'{') {
                let item = php_my_admin::item(&mut self.cursor)?;
                self.add(format!("{prefix}{}", item.name), item.rows.unwrap_or_default());
            } else {
                self.cursor.value(Keep::No)?;
            }
            current += 1;
        }
        self.cursor.expect(b']')
    }

    fn add(&mut self, name: String, entries: usize) {
        if entries > 0 && self.found.len() < MAX_LISTS {
            self.found.push(UnreadList { name, entries });
        }
    }

    /// Takes the quoted name of the next member, and moves to its value.
    fn key(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut key = self.cursor.value(Keep::Yes)?.bytes;
        key.truncate(MAX_TOKEN_BYTES);
        self.cursor.expect(b':')?;
        self.cursor.skip_space()?;
        Ok(key)
    }

    /// Skips a value, and counts what it holds if it is an array or an object. Of an object that holds other values than
    /// objects, nothing is counted.
    fn count(&mut self, counted: Counted) -> Result<usize, ReadError> {
        let end = match self.cursor.peek()? {
            Some(b'[') => b']',
            Some(b'{') => b'}',
            _ => return self.cursor.value(Keep::No).map(|_| 0),
        };
        let is_map = end == b'}';
        self.cursor.expect(if is_map { b'{' } else { b'[' })?;
        let (mut all, mut objects) = (0, 0);
        while self.cursor.advance(end)? {
            if is_map {
                self.key()?;
            }
            all += 1;
            let is_object = self.cursor.peek()? == Some(b'{');
            objects += usize::from(is_object || counted == Counted::Everything);
            self.cursor.value(Keep::No)?;
        }
        self.cursor.expect(end)?;
        Ok(if is_map && objects < all { 0 } else { objects })
    }
}
