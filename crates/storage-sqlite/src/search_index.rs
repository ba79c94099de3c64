//! Keeps the search index up to date.

use std::collections::BTreeMap;

use roster_storage_sql::{Value, statements};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::rows::execute;

statements! {
    INSERT = "INSERT INTO user_search (rowid, search) VALUES ($1, $2)";
    DELETE = "INSERT INTO user_search (user_search, rowid, search) VALUES ('delete', $1, $2)";
    MERGE = "INSERT INTO user_search (user_search) VALUES ('optimize')";
}

/// The length of the sequences in the index, in characters.
const SEQUENCE: usize = 3;

/// Changes of searched texts, by the row. They are written at the end of the transaction, in the order of the rows: FTS5
/// writes a new part of the index whenever a row comes before the last one.
#[derive(Clone, Debug, Default)]
pub(crate) struct SearchChanges(BTreeMap<i64, SearchChange>);

#[derive(Clone, Debug)]
struct SearchChange {
    /// What the index contains, if anything.
    before: Option<String>,
    /// What it has to contain.
    after: Option<String>,
}

impl SearchChanges {
    /// Adds a row. New rows come after all others, so they are written at once, unless the row had another text before.
    pub(crate) fn insert(&mut self, connection: &Connection, row: i64, text: String) -> Result<(), Failure> {
        if let Some(change) = self.0.get_mut(&row) {
            change.after = Some(text);
            return Ok(());
        }
        execute(connection, INSERT.text(), &[Value::Number(row), Value::text(text)]).map(drop)
    }

    /// Replaces the text of a row.
    pub(crate) fn replace(&mut self, row: i64, before: String, after: String) {
        self.change(row, before, Some(after));
    }

    /// Removes a row.
    pub(crate) fn remove(&mut self, row: i64, before: String) {
        self.change(row, before, None);
    }

    fn change(&mut self, row: i64, before: String, after: Option<String>) {
        let change = self.0.entry(row).or_insert(SearchChange { before: Some(before), after: None });
        change.after = after;
    }

    /// Writes the changes.
    pub(crate) fn write(&self, connection: &Connection) -> Result<(), Failure> {
        for (row, SearchChange { before, after }) in &self.0 {
            let (before, after) = match (before, after) {
                (Some(before), Some(after)) if before == after => continue,
                (Some(before), Some(after)) => {
                    let (before, after) = changed_parts(before, after);
                    (Some(before), Some(after))
                }
                (before, after) => (before.as_deref(), after.as_deref()),
            };
            for (sql, text) in [(&DELETE, before), (&INSERT, after)] {
                if let Some(text) = text {
                    execute(connection, sql.text(), &[Value::Number(*row), Value::text(text)])?;
                }
            }
        }
        Ok(())
    }
}

/// Merges the parts of the index into one. Adding many rows leaves large parts, and later commits would have to merge them.
pub(crate) fn merge_parts(connection: &Connection) -> Result<(), Failure> {
    execute(connection, MERGE.text(), &[]).map(drop)
}

/// The parts in which two texts differ, with the characters beside them that belong to the same sequences. The whole texts
/// if the unchanged rest has a sequence of the part that goes: removing the part would remove that too.
fn changed_parts<'t>(before: &'t str, after: &'t str) -> (&'t str, &'t str) {
    let start = shared_start(before, after);
    let (old, new) = (&before[start..], &after[start..]);
    let end = shared_end(old, new);
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let is_elsewhere = |sequence: &str| !new.contains(sequence) && after.contains(sequence);
    if sequences(old).any(is_elsewhere) { (before, after) } else { (old, new) }
}

/// The bytes of the beginning that both texts have, apart from its last characters.
fn shared_start(one: &str, other: &str) -> usize {
    let shared = one.char_indices().zip(other.chars()).take_while(|((_, one), other)| one == other);
    let ends: Vec<_> = shared.map(|((at, _), _)| at).collect();
    ends.len().checked_sub(SEQUENCE - 1).map_or(0, |kept| ends[kept])
}

/// The bytes of the end that both texts have, apart from its first characters.
fn shared_end(one: &str, other: &str) -> usize {
    let shared = one.chars().rev().zip(other.chars().rev()).take_while(|(one, other)| one == other);
    let lengths: Vec<_> = shared.map(|(char, _)| char.len_utf8()).collect();
    lengths[..lengths.len().saturating_sub(SEQUENCE - 1)].iter().sum()
}

fn sequences(text: &str) -> impl Iterator<Item = &str> {
    let starts = || text.char_indices().map(|(at, _)| at);
    let ends = starts().skip(SEQUENCE).chain([text.len()]);
    starts().zip(ends).map(|(start, end)| &text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_that_differs_is_replaced() {
        let parts = changed_parts("ada\nada@x.y\nname 17\n\n", "ada\nada@x.y\nname 2017\n\n");
        assert_eq!(parts, ("e 17", "e 2017"));
        assert_eq!(changed_parts("ada\n\n", "ada\n李\n\n"), ("a\n\n", "a\n李\n\n"));
        assert_eq!(changed_parts("é\n\n", "ü\n\n"), ("é\n\n", "ü\n\n"));
    }

    #[test]
    fn the_whole_text_is_replaced_if_the_part_occurs_elsewhere_too() {
        let texts = ("ada.king\nking\n\n", "ada.king\nada\n\n");
        assert_eq!(changed_parts(texts.0, texts.1), texts);
    }
}
