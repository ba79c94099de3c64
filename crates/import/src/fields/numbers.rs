//! Numbers that a double cannot hold exactly.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Replaces each number that lost digits in parsing by its text, and returns the paths of those numbers.
pub(crate) fn restore(record: &mut Map<String, Value>, text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    if record.values().any(has_double) {
        restore_members(record, text, "", &mut paths);
    }
    paths
}

fn restore_members(object: &mut Map<String, Value>, text: &str, path: &str, paths: &mut Vec<String>) {
    let Ok(raw) = serde_json::from_str::<HashMap<String, &RawValue>>(text) else { return };
    for (name, value) in object.iter_mut().filter(|(_, value)| has_double(value)) {
        let Some(raw) = raw.get(name) else { continue };
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        restore_value(value, raw.get(), &path, paths);
    }
}

fn restore_value(value: &mut Value, text: &str, path: &str, paths: &mut Vec<String>) {
    match value {
        Value::Object(object) => restore_members(object, text, path, paths),
        Value::Array(items) => {
            let Ok(raw) = serde_json::from_str::<Vec<&RawValue>>(text) else { return };
            for (item, raw) in items.iter_mut().zip(raw).filter(|(item, _)| has_double(item)) {
                restore_value(item, raw.get(), path, paths);
            }
        }
        Value::Number(number) => {
            let text = text.trim();
            if number.as_f64().is_some_and(|double| is_inexact(text, double)) {
                *value = text.into();
                paths.push(path.to_owned());
            }
        }
        _ => {}
    }
}

fn has_double(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Object(object) => object.values().any(has_double),
        Value::Array(items) => items.iter().any(has_double),
        _ => false,
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
        let mut record = serde_json::from_str::<Map<_, _>>(text).unwrap();
        let paths = restore(&mut record, text);
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
