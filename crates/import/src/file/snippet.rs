//! A piece of the file with its position, and the record in it.

use crate::file::error::split_position;
use crate::file::strict::StrictJson;
use crate::report::location::RecordLocation;
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A record that is not parsed yet.
pub(crate) struct RawRecord {
    pub(crate) location: RecordLocation,
    pub(crate) body: Result<Snippet, Refusal>,
    /// What was left out of it.
    pub(crate) notes: Vec<Note>,
}

impl RawRecord {
    pub(crate) const fn new(location: RecordLocation, body: Result<Snippet, Refusal>) -> Self {
        Self { location, body, notes: Vec::new() }
    }
}

/// A piece of the file, with the line and the column (in bytes) where it begins.
#[derive(Clone)]
pub(crate) struct Snippet {
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Snippet {
    /// The fields of a record.
    ///
    /// # Errors
    /// If it is not a JSON object.
    pub(crate) fn fields(&self) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_str(&self.text) {
            Ok(StrictJson(Value::Object(fields))) => Ok(fields),
            Ok(_) => Err(Refusal::NotARecord),
            Err(error) => Err(self.refusal(&error)),
        }
    }

    /// The object that an array of values is below these names. An object stays as it is.
    ///
    /// # Errors
    /// If it has another number of values.
    pub(crate) fn with_names(self, names: &[String]) -> Result<Self, Refusal> {
        let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(&self.text) else { return Ok(self) };
        if values.len() != names.len() {
            return Err(Refusal::Cells { found: values.len(), expected: names.len() });
        }
        let fields: Vec<String> = names
            .iter()
            .zip(values)
            .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), value.get()))
            .collect();
        Ok(Self { text: format!("{{{}}}", fields.join(",")), ..self })
    }

    /// The refusal for a syntax error, with its position in the file.
    pub(crate) fn refusal(&self, error: &serde_json::Error) -> Refusal {
        let (reason, line, column) = split_position(error);
        let column = if line <= 1 { self.column + column.saturating_sub(1) } else { column };
        Refusal::InvalidJson { reason, line: self.line + line.saturating_sub(1), column }
    }
}
