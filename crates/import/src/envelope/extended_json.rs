//! `MongoDB`'s extended JSON, canonical and relaxed, as plain JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

/// Replaces the values of extended JSON in an object. The parser has bounded its depth.
pub(crate) fn simplify(object: &mut Map<String, Value>) {
    object.values_mut().for_each(simplify_value);
}

fn simplify_value(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(simplify_value),
        Value::Object(object) => {
            if let Some(plain) = plain(object) {
                *value = plain;
            } else {
                simplify(object);
            }
        }
        _ => {}
    }
}

/// The value that an object of one member stands for. Dates stay, because their numbers are always milliseconds.
fn plain(object: &Map<String, Value>) -> Option<Value> {
    let (name, value) = object.iter().next().filter(|_| object.len() == 1)?;
    let text = value.as_str();
    match name.as_str() {
        "$oid" | "$uuid" | "$symbol" | "$numberDecimal" => text.map(Value::from),
        "$numberInt" | "$numberLong" => text?.parse::<i64>().ok().map(Value::from),
        "$numberDouble" => text?.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number),
        "$undefined" => Some(Value::Null),
        "$binary" => binary(value.as_object()?),
        _ => None,
    }
}

/// A UUID as text; other bytes stay in base64.
fn binary(object: &Map<String, Value>) -> Option<Value> {
    let encoded = object.get("base64")?.as_str()?;
    let kind = object.get("subType")?.as_str()?;
    let bytes = STANDARD.decode(encoded).ok().filter(|bytes| matches!(kind, "04" | "4") && bytes.len() == 16);
    let Some(bytes) = bytes else { return Some(encoded.into()) };
    let digits = hex::encode(bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Some(parts.join("-").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_become_plain() {
        let mut record = json!({
            "_id": {"$oid": "65f0"}, "n": {"$numberInt": "-1"}, "l": [{"$numberLong": "1099511627776"}],
            "d": {"$numberDouble": "1.5"}, "i": {"$numberDouble": "Infinity"}, "t": {"$date": {"$numberLong": "1709284522000"}},
            "u": {"$binary": {"base64": "goHOw1j1TQ6aUVofOwx9EQ==", "subType": "04"}},
            "b": {"$binary": {"base64": "AAE=", "subType": "00"}}, "o": {"a": 1},
        });
        simplify(record.as_object_mut().unwrap());
        assert_eq!(
            record,
            json!({
                "_id": "65f0", "n": -1, "l": [1_099_511_627_776_i64], "d": 1.5, "i": {"$numberDouble": "Infinity"},
                "t": {"$date": 1_709_284_522_000_i64}, "u": "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11", "b": "AAE=", "o": {"a": 1},
            })
        );
    }
}
