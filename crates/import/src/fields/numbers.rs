//! Numbers that a double cannot hold, or not exactly.

use crate::file::snippet::Snippet;
use crate::report::refusal::Refusal;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The fields of a record, in which each number that a double cannot hold exactly is a text, and the paths of those numbers.
///
/// # Errors
/// If the record is not a JSON object.
pub(crate) fn fields(snippet: &Snippet) -> Result<(Map<String, Value>, Vec<String>), Refusal> {
    let (mut fields, changed) = match snippet.fields() {
        Ok(fields) => (fields, Changed::Doubles),
        Err(refusal) => {
            let text = too_large_as_texts(&snippet.text).ok_or(refusal)?;
            (Snippet { text, ..*snippet }.fields()?, Changed::DoublesAndTexts)
        }
    };
    let paths = restore(&mut fields, &snippet.text, changed);
    Ok((fields, paths))
}

/// The JSON with each number beyond the range of a double as a text; `None` if there is no such number.
fn too_large_as_texts(json: &str) -> Option<String> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.');
    let (mut quoted, mut rest) = (String::with_capacity(json.len() + 16), json);
    let mut found = false;
    while let Some(char) = rest.chars().next() {
        let len = match char {
            '"' => string_len(rest),
            '-' | '0'..='9' => rest.find(|char| !is_part(char)).unwrap_or(rest.len()),
            _ => char.len_utf8(),
        };
        let (token, after) = rest.split_at(len);
        let is_too_large = char != '"' && token.parse().is_ok_and(f64::is_infinite);
        if is_too_large {
            quoted.extend(["\"", token, "\""]);
        } else {
            quoted.push_str(token);
        }
        found |= is_too_large;
        rest = after;
    }
    found.then_some(quoted)
}

/// The length of the string in quotes at the start of the text.
fn string_len(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 2)
}

/// The values that may differ from the text of the record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Changed {
    Doubles,
    DoublesAndTexts,
}

impl Changed {
    fn is_in(self, value: &Value) -> bool {
        match value {
            Value::Number(number) => number.is_f64(),
            Value::String(_) => self == Self::DoublesAndTexts,
            Value::Object(object) => object.values().any(|value| self.is_in(value)),
            Value::Array(items) => items.iter().any(|item| self.is_in(item)),
            _ => false,
        }
    }
}

/// Replaces each number that lost digits in parsing by its text, and returns the paths of the numbers that are texts.
fn restore(record: &mut Map<String, Value>, text: &str, changed: Changed) -> Vec<String> {
    let mut paths = Vec::new();
    if record.values().any(|value| changed.is_in(value)) {
        restore_members(record, text, "", changed, &mut paths);
    }
    paths
}

fn restore_members(
    object: &mut Map<String, Value>,
    text: &str,
    path: &str,
    changed: Changed,
    paths: &mut Vec<String>,
) {
    let Ok(raw) = serde_json::from_str::<HashMap<String, &RawValue>>(text) else { return };
    for (name, value) in object.iter_mut().filter(|(_, value)| changed.is_in(value)) {
        let Some(raw) = raw.get(name) else { continue };
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        restore_value(value, raw.get(), &path, changed, paths);
    }
}

fn restore_value(value: &mut Value, text: &str, path: &str, changed: Changed, paths: &mut Vec<String>) {
    let text = text.trim();
    match value {
        Value::Object(object) => restore_members(object, text, path, changed, paths),
        Value::Array(items) => {
            let Ok(raw) = serde_json::from_str::<Vec<&RawValue>>(text) else { return };
            for (item, raw) in items.iter_mut().zip(raw).filter(|(item, _)| changed.is_in(item)) {
                restore_value(item, raw.get(), path, changed, paths);
            }
        }
        Value::Number(number) if number.as_f64().is_some_and(|double| is_inexact(text, double)) => {
            *value = text.into();
            paths.push(path.to_owned());
        }
        Value::String(_) if !text.starts_with('"') => paths.push(path.to_owned()),
        _ => {}
    }
}

/// Whether the double differs from the text. An integer that fits only a double would be written with an exponent.
fn is_inexact(text: &str, double: f64) -> bool {
    let is_integer = text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    (is_integer && text != "-0") || Decimal::read(text) != Decimal::read(&format!("{double:e}"))
}

/// A decimal number without zeros at either end.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn read(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i64 = exponent.trim_start_matches('+').parse().ok()?;
        let digits = format!("{whole}{fraction}");
        let kept = digits.trim_end_matches('0');
        let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(dropped)?;
        let digits = kept.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        Some(Self { negative, digits, exponent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> (Value, Vec<String>) {
        let snippet = Snippet { text: text.to_owned(), line: 1, column: 1 };
        let (record, paths) = fields(&snippet).unwrap();
        (Value::Object(record), paths)
    }

    #[test]
    fn a_number_that_would_lose_digits_becomes_text() {
        let (value, paths) = read(
            r#"{"a": 12345678901234567890123, "b": [1, {"c": 0.12345678901234567890123}], "d": -1000000000000000000000000000001}"#,
        );
        assert_eq!(
            value,
            json!({"a": "12345678901234567890123", "b": [1, {"c": "0.12345678901234567890123"}],
                "d": "-1000000000000000000000000000001"})
        );
        assert_eq!(paths, ["a", "b.c", "d"]);
    }

    #[test]
    fn a_number_beyond_the_range_of_a_double_becomes_text() {
        let large = "9".repeat(401);
        let (value, paths) = read(&format!(
            r#"{{"name": "1e999 \"", "credit": {large}, "b": [{{"c": -1e999, "d": 1.5, "e": "x"}}], "f": 12345678901234567890123}}"#
        ));
        assert_eq!(
            value,
            json!({"name": "1e999 \"", "credit": large, "b": [{"c": "-1e999", "d": 1.5, "e": "x"}],
                "f": "12345678901234567890123"})
        );
        assert_eq!(paths, ["b.c", "credit", "f"]);
        let broken = Snippet { text: "{\"a\": 1e999, \"b\": 1e}".to_owned(), line: 1, column: 1 };
        assert!(fields(&broken).is_err());
    }

    #[test]
    fn a_number_that_fits_a_double_stays_a_number() {
        for text in [
            "0.1",
            "45.10",
            "123456789.12345679",
            "1.5e3",
            "1E-7",
            "-0.0",
            "-0",
            "0.00",
            "123456.789",
            "18446744073709551615",
        ] {
            let (value, paths) = read(&format!("{{\"a\": {text}}}"));
            assert!(value["a"].is_number() && paths.is_empty(), "{text}: {value}");
        }
    }
}
