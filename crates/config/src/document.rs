//! Reads a TOML file into dotted keys, each with its line.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use crate::value::Value;

/// A key of a document with its value.
pub(crate) struct Line {
    pub(crate) key: String,
    pub(crate) value: DocumentValue,
    pub(crate) number: usize,
}

/// The value of a key.
pub(crate) enum DocumentValue {
    Value(Value),
    /// A TOML type that no setting has, such as a table in a list.
    Unsupported(&'static str),
}

impl DocumentValue {
    /// Whether it is anything but an empty string.
    pub(crate) fn is_set(&self) -> bool {
        !matches!(self, Self::Value(Value::Text(text)) if text.is_empty())
    }
}

/// A syntax error: its line and the parser's message.
pub(crate) struct SyntaxError {
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Reads all keys of `text`, in the order of their names.
pub(crate) fn lines(text: &str) -> Result<Vec<Line>, SyntaxError> {
    let table = DeTable::parse(text).map_err(|error| SyntaxError {
        line: error.span().map_or(1, |span| line_of(text, &span)),
        message: error.message().to_owned(),
    })?;
    let mut lines = Vec::new();
    flatten(text, "", table.get_ref(), &mut lines);
    Ok(lines)
}

fn flatten(text: &str, prefix: &str, table: &DeTable<'_>, lines: &mut Vec<Line>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(text, &key, inner, lines),
            other => {
                lines.push(Line { key, value: written(other), number: line_of(text, &name.span()) });
            }
        }
    }
}

fn written(value: &DeValue<'_>) -> DocumentValue {
    match value {
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| scalar(item.get_ref())).collect();
            texts.map_or(DocumentValue::Unsupported("a list of lists or tables"), |texts| {
                DocumentValue::Value(Value::List(texts))
            })
        }
        other => scalar(other).map_or_else(
            || DocumentValue::Unsupported(other.type_str()),
            |text| DocumentValue::Value(Value::Text(Zeroizing::new(text))),
        ),
    }
}

/// A value as it would be written in a variable. TOML's types are not needed, since each setting parses text.
fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let decimal = i128::from_str_radix(number.as_str(), number.radix());
            Some(decimal.map_or_else(|_| number.to_string(), |decimal| decimal.to_string()))
        }
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1
}
