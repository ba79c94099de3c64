//! What a JSON value means, in the spellings of other systems.

use serde_json::Value;

/// Whether a value is blank or a date of zeros, which some databases write for "no date".
pub(crate) fn is_empty(value: &Value) -> bool {
    is_blank(value) || is_zero_date(value)
}

/// Whether a value is null or a text of white space.
pub(crate) fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Whether a value is `MySQL`'s date of zeros.
pub(crate) fn is_zero_date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with("0000-00-00"))
}

/// Whether a text is a spelling of null, in a database, a language or a form.
pub(crate) fn is_null_word(value: &Value) -> bool {
    const WORDS: [&str; 10] = ["\\n", "null", "(null)", "none", "nil", "nan", "nat", "undefined", "n/a", "-"];
    value.as_str().is_some_and(|text| WORDS.contains(&&*text.trim().to_ascii_lowercase()))
}

/// The number in `MongoDB`'s extended JSON, such as `{"$numberInt": "1"}`.
fn mongodb_number(value: &Value) -> Option<&Value> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    ["$numberInt", "$numberLong", "$numberDouble"].iter().find_map(|name| object.get(*name))
}

/// A text, or a number in its usual spelling.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    match mongodb_number(value).unwrap_or(value) {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A boolean, in the spellings of databases and forms.
pub(crate) fn as_flag(value: &Value) -> Option<bool> {
    match mongodb_number(value).unwrap_or(value) {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) if number.as_f64() == Some(0.0) => Some(false),
        Value::Number(number) if number.as_f64() == Some(1.0) => Some(true),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_flag_has_many_spellings() {
        for yes in [json!(true), json!(1), json!("Yes"), json!(" on "), json!({"$numberInt": "1"})] {
            assert_eq!(as_flag(&yes), Some(true), "{yes}");
        }
        for no in [json!(false), json!(0), json!("0"), json!("FALSE"), json!("n")] {
            assert_eq!(as_flag(&no), Some(false), "{no}");
        }
        assert_eq!(as_flag(&json!("maybe")), None);
    }
}
