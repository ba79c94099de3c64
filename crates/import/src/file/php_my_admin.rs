//! The tables in an export of phpMyAdmin: objects in an array, each with the rows of a table under `data`.

use crate::file::cursor::{Cursor, Keep};
use crate::file::error::{ReadError, UnreadableFile};
use crate::file::path::{DATA, Path, Step, WRAPPERS};
use crate::file::source::Input;
use crate::limits::MAX_TOKEN_BYTES;
use crate::naming::words;

/// A member of the array.
#[derive(Default)]
pub(crate) struct ExportItem {
    /// What `type` says.
    kind: String,
    /// What `name` says.
    pub(crate) name: String,
    /// The number of rows under `data`.
    pub(crate) rows: Option<usize>,
}

/// The path to the rows of the table of users; `None` if the array is something else.
///
/// # Errors
/// If the file cannot be read, or no table is called like one of users.
pub(crate) fn table_of_users(input: Input<'_>) -> Result<Option<Path>, ReadError> {
    let mut cursor = Cursor::new(input);
    cursor.expect(b'[')?;
    let mut tables = Vec::new();
    let mut position = 0;
    while cursor.advance(b']')? {
        let item = if cursor.peek()? == Some(b'{') { item(&mut cursor)? } else { ExportItem::default() };
        if position == 0 && item.kind != "header" {
            return Ok(None);
        }
        if item.kind == "table" && item.rows.is_some() {
            tables.push((position, item.name));
        }
        position += 1;
    }
    if position == 0 {
        return Ok(None);
    }
    let only = tables.len() == 1;
    let names = tables.iter().map(|(_, name)| name.clone()).collect();
    let table = tables.into_iter().find(|(_, name)| only || is_about_users(name));
    let (position, _) = table.ok_or(UnreadableFile::NoTable { tables: names })?;
    Ok(Some(vec![Step::Item(position), Step::Member(WRAPPERS[DATA])]))
}

/// Whether the name of a table ends like one of users: `users`, `wp_users`.
fn is_about_users(name: &str) -> bool {
    const NAMES: [&str; 8] =
        ["users", "user", "members", "member", "accounts", "account", "people", "customers"];
    words(name).last().is_some_and(|word| NAMES.contains(&word.as_str()))
}

/// Takes an object of the array, and counts its rows.
///
/// # Errors
/// If the file cannot be read, or has changed.
pub(crate) fn item(cursor: &mut Cursor<'_>) -> Result<ExportItem, ReadError> {
    let mut item = ExportItem::default();
    cursor.expect(b'{')?;
    while cursor.advance(b'}')? {
        let key = cursor.value(Keep::Yes)?.bytes;
        cursor.expect(b':')?;
        cursor.skip_space()?;
        match (key.as_slice(), cursor.peek()?) {
            (b"\"data\"", Some(b'[')) => item.rows = Some(count_items(cursor)?),
            (b"\"type\"", Some(b'"')) => item.kind = text(cursor)?,
            (b"\"name\"", Some(b'"')) => item.name = text(cursor)?,
            _ => drop(cursor.value(Keep::No)?),
        }
    }
    cursor.expect(b'}')?;
    Ok(item)
}

fn count_items(cursor: &mut Cursor<'_>) -> Result<usize, ReadError> {
    let mut count = 0;
    cursor.expect(b'[')?;
    while cursor.advance(b']')? {
        count += 1;
        cursor.value(Keep::No)?;
    }
    cursor.expect(b']')?;
    Ok(count)
}

fn text(cursor: &mut Cursor<'_>) -> Result<String, ReadError> {
    let mut bytes = cursor.value(Keep::Yes)?.bytes;
    bytes.truncate(MAX_TOKEN_BYTES);
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}
