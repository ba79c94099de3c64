//! The records of a table.

use crate::file::error::{ReadError, UnreadableFile};
use crate::file::snippet::{RawRecord, Snippet};
use crate::file::source::Input;
use crate::format::cells::{cell_value, unescaped};
use crate::format::file_format::FileFormat;
use crate::format::row_guard::{GuardError, RowGuard};
use crate::format::table_layout::TableLayout;
use crate::report::location::RecordLocation;
use crate::report::refusal::Refusal;
use csv::StringRecord;
use serde_json::{Map, Value};
use std::io;

/// Reads the rows of a table as records.
pub(crate) struct TableReader<'a> {
    rows: csv::Reader<RowGuard<Input<'a>>>,
    layout: &'a TableLayout,
    format: FileFormat,
    row: StringRecord,
}

impl<'a> TableReader<'a> {
    /// Moves to the first record.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn new(
        input: Input<'a>,
        layout: &'a TableLayout,
        format: FileFormat,
    ) -> Result<Self, ReadError> {
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(layout.delimiter);
        let rows = builder.from_reader(RowGuard::new(input, layout.delimiter));
        let mut reader = Self { rows, layout, format, row: StringRecord::new() };
        for _ in 0..layout.skipped_rows {
            reader.next_row()?;
        }
        Ok(reader)
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the rest of the file cannot be read.
    pub(crate) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        if !self.next_row()? {
            return Ok(None);
        }
        let line = self.row.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let body =
            self.record().map(|fields| Snippet { text: Value::Object(fields).to_string(), line, column: 1 });
        Ok(Some(RawRecord { location: RecordLocation::Line { line }, body }))
    }

    fn next_row(&mut self) -> Result<bool, ReadError> {
        self.rows.read_record(&mut self.row).map_err(|error| self.error(error))
    }

    /// The row as an object. Empty cells are left out.
    fn record(&self) -> Result<Map<String, Value>, Refusal> {
        let (expected, found) = (self.layout.columns.len(), self.row.len());
        let has_surplus = self.row.iter().skip(expected).any(|cell| !cell.is_empty());
        let is_short = found < expected && self.format != FileFormat::FirebaseCsv;
        if is_short || has_surplus {
            return Err(Refusal::Cells { found, expected });
        }
        if self.row.iter().any(|cell| cell.contains('\0')) {
            return Err(Refusal::ZeroByte);
        }
        let cells = self.layout.columns.iter().zip(self.row.iter());
        let value = |cell: &str| match self.format {
            FileFormat::Tsv if cell != "\\N" => cell_value(&unescaped(cell)),
            _ => cell_value(cell),
        };
        Ok(cells.filter_map(|(name, cell)| Some((name.clone(), value(cell)?))).collect())
    }

    fn error(&self, error: csv::Error) -> ReadError {
        let csv::ErrorKind::Io(error) = error.into_kind() else { return UnreadableFile::Changed.into() };
        match error.downcast::<GuardError>() {
            Ok(GuardError { line, problem }) => {
                UnreadableFile::Damaged { format: self.format, line, problem }.into()
            }
            Err(error) => io::Error::into(error),
        }
    }
}
