//! The records of a table.

use crate::file::error::{ReadError, UnreadableFile};
use crate::file::snippet::{RawRecord, Snippet};
use crate::file::source::Input;
use crate::format::cells::{cell_value, exported_value, unescaped};
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
            if reader.next_row()? {
                reader.rows.get_mut().next_row_line();
            }
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
        let line = self.rows.get_mut().next_row_line();
        let body =
            self.record().map(|fields| Snippet { text: Value::Object(fields).to_string(), line, column: 1 });
        Ok(Some(RawRecord::new(RecordLocation::Line { line }, body)))
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
        let value = |name: &str, cell: &str| match self.format {
            _ if self.layout.is_export => exported_value(name, cell),
            FileFormat::Tsv if cell != "\\N" => cell_value(&unescaped(cell)),
            _ => cell_value(cell),
        };
        Ok(cells.filter_map(|(name, cell)| Some((name.clone(), value(name, cell)?))).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::record_file::RecordFile;
    use std::io::Cursor;

    /// The line of a record, and its fields or why it is refused.
    type Read = (usize, Result<Value, String>);

    fn read(text: &str) -> Result<Vec<Read>, String> {
        let mut file = RecordFile::open(Box::new(Cursor::new(text.to_owned().into_bytes())), None)
            .map_err(|error| error.to_string())?;
        let mut records = file.records().map_err(|error| error.to_string())?;
        let mut read = Vec::new();
        while let Some(record) = records.next_record().map_err(|error| error.to_string())? {
            let fields = record.body.and_then(|snippet| snippet.fields()).map(Value::Object);
            read.push((record.location.line(), fields.map_err(|refusal| refusal.to_string())));
        }
        Ok(read)
    }

    #[test]
    fn the_line_of_a_record_is_the_one_on_which_it_begins() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "id,name\n\n1,\"a\nb\"\n2,c\n".replace('\n', end);
            let lines: Vec<_> = read(&text).unwrap().iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [3, 5], "{end:?}");
        }
    }

    #[test]
    fn a_row_with_another_number_of_cells_is_refused_alone() {
        let records = read("id,name\n1,a,b\n2\n3,c\n4,d,,\n5,\0\n").unwrap();
        let refused: Vec<_> = records.iter().map(|(line, fields)| (*line, fields.is_err())).collect();
        assert_eq!(refused, [(2, true), (3, true), (4, false), (5, false), (6, true)]);
    }

    #[test]
    fn a_value_that_nothing_closes_is_located() {
        assert_eq!(
            read("id,name\n1,a\n2,\"b\n3,c\n").unwrap_err(),
            "the file cannot be read as CSV: line 3: a quotation mark opens a value that nothing closes; close it, or double \
             a mark that is part of a value"
        );
        assert_eq!(read("id,size\n1,5\" disk\n").unwrap()[0].1.as_ref().unwrap()["size"], "5\" disk");
    }

    #[test]
    fn a_row_that_is_too_long_is_located() {
        let text = format!("id,name\n1,a\n2,{}\n", "x".repeat(crate::limits::MAX_RECORD_BYTES));
        assert!(read(&text).unwrap_err().contains("line 3: a record of more than 16 MiB"));
    }
}
