//! A value of a row, and how it is written as JSON.

use std::io::Write as _;

use serde_json::Value;

/// A value as the database gives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text.
    Text(String),
    /// A value that is JSON already.
    Json(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Bytes that are not text are written up to this length. A picture is not.
const MAX_BYTES: usize = 4096;

const UUID_LEN: usize = 16;

impl Cell {
    /// Appends the value of `field` as JSON.
    pub(crate) fn write(&self, field: &str, line: &mut Vec<u8>) {
        match self {
            Self::Null => line.extend_from_slice(b"null"),
            Self::Integer(number) => append(line, format_args!("{number}")),
            // A line break is allowed between the values of JSON only. Here it would begin another record.
            Self::Json(json) => {
                line.extend(json.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
            }
            Self::Real(number) => append(line, format_args!("{}", real(*number))),
            Self::Text(text) => append(line, format_args!("{}", Value::from(text.as_str()))),
            Self::Bytes(bytes) => append(line, format_args!("{}", Value::from(bytes_text(field, bytes)))),
        }
    }

    /// The value as an operator reads it in a report.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Json(json) => match serde_json::from_str(json) {
                Ok(Value::String(text)) => text,
                _ => json.clone(),
            },
            Self::Bytes(bytes) => bytes_text("id", bytes),
        }
    }
}

fn append(line: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a vector does not fail.
    let _ = line.write_fmt(text);
}

fn real(number: f64) -> Value {
    // A whole number in a column of reals is a time or a count.
    let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
    let whole = is_whole.then_some(number as i64).map(Value::from);
    whole
        .or_else(|| serde_json::Number::from_f64(number).map(Value::Number))
        .unwrap_or_else(|| number.to_string().into())
}

fn readable(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_text = text.chars().all(|char| !char.is_control() || matches!(char, '\n' | '\r' | '\t'));
    is_text.then_some(text)
}

/// Bytes as text: as they are, as a UUID where an id is expected, or as hexadecimal digits.
fn bytes_text(field: &str, bytes: &[u8]) -> String {
    if let Some(text) = readable(bytes) {
        return text.to_owned();
    }
    if bytes.len() == UUID_LEN && is_id(field) {
        let digits = hex::encode(bytes);
        return [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-");
    }
    if bytes.len() > MAX_BYTES {
        return format!("({} bytes)", bytes.len());
    }
    format!("\\x{}", hex::encode(bytes))
}

fn is_id(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    ["id", "uuid", "guid"].contains(&field.as_str()) || field.ends_with("_id") || field.ends_with("uuid")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(field: &str, cell: &Cell) -> String {
        let mut line = Vec::new();
        cell.write(field, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn json_with_line_breaks_stays_on_one_line() {
        let mut line = Vec::new();
        Cell::Json("{\"a\":\n1,\r\n\"b\": \"x\\ny\"}".to_owned()).write("settings", &mut line);
        assert_eq!(line, b"{\"a\": 1,  \"b\": \"x\\ny\"}");
    }

    #[test]
    fn values_are_written_as_json_without_loss() {
        let text = |text: &str| Cell::Text(text.to_owned());
        for (cell, expected) in [
            (Cell::Null, "null"),
            (Cell::Integer(i64::MIN), "-9223372036854775808"),
            (Cell::Real(1.5), "1.5"),
            (Cell::Real(1_709_284_522_000.0), "1709284522000"),
            (Cell::Real(f64::INFINITY), "\"inf\""),
            (text("a\"\n\u{0}"), "\"a\\\"\\n\\u0000\""),
            (Cell::Json("12345678901234567890123".to_owned()), "12345678901234567890123"),
        ] {
            assert_eq!(written("x", &cell), expected);
        }
    }

    #[test]
    fn bytes_become_text_an_id_or_digits() {
        let bytes = |bytes: &[u8]| Cell::Bytes(bytes.to_vec());
        assert_eq!(written("password", &bytes(b"$2b$04$abc")), "\"$2b$04$abc\"");
        let id =
            [0x82, 0x81, 0xce, 0xc3, 0x58, 0xf5, 0x4d, 0x0e, 0x9a, 0x51, 0x5a, 0x1f, 0x3b, 0x0c, 0x7d, 0x11];
        assert_eq!(written("id", &bytes(&id)), "\"8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11\"");
        assert_eq!(written("key", &bytes(&id[..2])), "\"\\\\x8281\"");
        assert_eq!(written("avatar", &bytes(&[0; 5000])), "\"(5000 bytes)\"");
    }
}
