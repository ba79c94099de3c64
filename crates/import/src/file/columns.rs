//! Tables that pandas writes with one object for each column. To read a row, all columns have to be in memory.

use crate::file::error::{ReadError, UnreadableFile};
use crate::file::snippet::{RawRecord, Snippet};
use crate::file::source::Input;
use crate::limits::{MAX_COLUMNAR_BYTES, MAX_COLUMNS};
use crate::report::location::RecordLocation;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::Read;

/// The rows of such a table.
pub(crate) struct ColumnReader {
    columns: BTreeMap<String, BTreeMap<u64, Box<RawValue>>>,
    rows: std::vec::IntoIter<u64>,
}

impl ColumnReader {
    /// Reads the whole table.
    ///
    /// # Errors
    /// If it is too large, or no such table.
    pub(crate) fn new(input: Input<'_>) -> Result<Self, ReadError> {
        let mut text = String::new();
        input.take(MAX_COLUMNAR_BYTES + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_COLUMNAR_BYTES {
            return Err(UnreadableFile::ColumnsTooLarge.into());
        }
        let columns: BTreeMap<String, BTreeMap<u64, Box<RawValue>>> =
            serde_json::from_str(&text).map_err(|_| UnreadableFile::Columns)?;
        if columns.len() > MAX_COLUMNS {
            return Err(UnreadableFile::Columns.into());
        }
        let mut rows: Vec<u64> = columns.values().flat_map(BTreeMap::keys).copied().collect();
        rows.sort_unstable();
        rows.dedup();
        Ok(Self { columns, rows: rows.into_iter() })
    }

    /// The next row as a record; `None` after the last one.
    pub(crate) fn next_record(&mut self) -> Option<RawRecord> {
        let row = self.rows.next()?;
        let cells: BTreeMap<&str, &RawValue> = self
            .columns
            .iter()
            .filter_map(|(name, column)| Some((name.as_str(), column.get(&row)?.as_ref())))
            .collect();
        let text = serde_json::to_string(&cells).unwrap_or_default();
        let position = usize::try_from(row).map_or(usize::MAX, |row| row.saturating_add(1));
        // The file has one line, as pandas writes it.
        let location = RecordLocation::Position { position, line: 1 };
        Some(RawRecord::new(location, Ok(Snippet { text, line: 1, column: 1 })))
    }
}
