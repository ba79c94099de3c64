//! Writes rows as lines of JSON.

use serde_json::Value;

use crate::cell::Cell;
use crate::plan::Field;

/// The member that names the row for the report. An import reads it from every record, and takes it for no field.
const ROW: &str = "roster_row";

/// Collects lines.
pub(crate) struct LineWriter {
    fields: Vec<(Field, String)>,
    key: Option<usize>,
    /// The values that fields must have.
    only: Vec<(usize, String)>,
    lines: Vec<u8>,
    read: u64,
    written: u64,
}

impl LineWriter {
    pub(crate) fn new(fields: Vec<Field>, key: Option<usize>, only: Vec<(usize, String)>) -> Self {
        let with_json = |field: Field| {
            let json = Value::from(field.name.as_str()).to_string();
            (field, json)
        };
        let fields = fields.into_iter().map(with_json).collect();
        Self { fields, key, only, lines: Vec::new(), read: 0, written: 0 }
    }

    /// The names of the fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(field, _)| field.name.as_str())
    }

    /// Adds a row, if it is one of those that are wanted.
    pub(crate) fn write(&mut self, cells: &[Cell]) {
        self.read += 1;
        let is_wanted =
            |(at, value): &(usize, String)| cells.get(*at).is_some_and(|cell| cell.label() == *value);
        if !self.only.iter().all(is_wanted) {
            return;
        }
        self.written += 1;
        let key = self.key.and_then(|key| cells.get(key)).map(Cell::label).filter(|key| !key.is_empty());
        let row = key.unwrap_or_else(|| format!("#{}", self.read));
        self.lines.extend_from_slice(format!("{{\"{ROW}\":{}", Value::from(row)).as_bytes());
        for ((field, json), cell) in self.fields.iter().zip(cells) {
            self.lines.push(b',');
            self.lines.extend_from_slice(json.as_bytes());
            self.lines.push(b':');
            let meaning = field.meaning.filter(|_| *cell != Cell::Null);
            match meaning.and_then(|meaning| meaning.of(&cell.label())) {
                Some(meant) => self.lines.extend_from_slice(meant.as_bytes()),
                None => cell.write(&field.name, &mut self.lines),
            }
        }
        self.lines.extend_from_slice(b"}\n");
    }

    /// The bytes that were not taken yet.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The rows that were written so far.
    pub(crate) const fn count(&self) -> u64 {
        self.written
    }

    /// Takes the lines.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.lines)
    }
}
