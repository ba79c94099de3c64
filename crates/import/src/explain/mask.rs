//! Examples of values that show their form, but not whom they are about.

use crate::explain::field_use::FieldUse;
use crate::fields::values::as_text;
use crate::report::location::Escaped;
use roster_auth::password::StoredHash;
use serde_json::Value;

/// The longest example, in characters.
const MAX_CHARS: usize = 24;

/// An example of a value with this use.
pub(crate) fn masked(value: &Value, field_use: FieldUse) -> String {
    match (field_use, value) {
        (FieldUse::Dropped, _) => "hidden".to_owned(),
        (FieldUse::Password, value) => {
            as_text(value).map_or_else(|| "hidden".to_owned(), |text| password(&text))
        }
        (_, Value::Array(items)) => format!("a list of {}", items.len()),
        (_, Value::Object(members)) => format!("an object of {}", members.len()),
        (
            FieldUse::Status
            | FieldUse::Role
            | FieldUse::EmailVerified
            | FieldUse::CreatedAt
            | FieldUse::UpdatedAt
            | FieldUse::LastLoginAt,
            value,
        ) => shown(value),
        (_, Value::String(text)) => hidden(text),
        (_, Value::Number(number)) => hidden(&number.to_string()),
        (_, value) => shown(value),
    }
}

/// What kind of hash a password is, or how long the text.
fn password(text: &str) -> String {
    match StoredHash::parse(text.trim()) {
        Ok(hash) => format!("a hash: {}", hash.scheme()),
        Err(_) => format!("a text of {} characters", text.chars().count()),
    }
}

fn shown(value: &Value) -> String {
    let text = as_text(value).unwrap_or_else(|| value.to_string());
    let short: String = text.chars().take(MAX_CHARS).collect();
    Escaped(&short).to_string()
}

/// The first character of each word, with the rest of it masked. A domain stays, because it is not about one person.
fn hidden(text: &str) -> String {
    let mut masked = String::new();
    let (mut after_word, mut in_domain) = (false, false);
    for char in text.chars().take(MAX_CHARS) {
        let is_word = char.is_alphanumeric();
        masked.push(if is_word && after_word && !in_domain { '*' } else { char });
        after_word = is_word;
        in_domain |= char == '@';
    }
    Escaped(&masked).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_example_shows_the_form_and_not_the_person() {
        for (value, field_use, expected) in [
            (json!("Ada Lovelace"), FieldUse::DisplayName, "A** L*******"),
            (json!("ada@example.com"), FieldUse::Email, "a**@example.com"),
            (json!("2024-03-01"), FieldUse::CreatedAt, "2024-03-01"),
            (json!("disabled"), FieldUse::Status, "disabled"),
            (json!(true), FieldUse::Attribute, "true"),
            (json!(1_234), FieldUse::Id, "1***"),
            (json!({"a": 1}), FieldUse::Attribute, "an object of 1"),
            (json!("x"), FieldUse::Dropped, "hidden"),
            (json!("hunter2"), FieldUse::Password, "a text of 7 characters"),
            (
                json!("$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC"),
                FieldUse::Password,
                "a hash: bcrypt",
            ),
        ] {
            assert_eq!(masked(&value, field_use), expected, "{value}");
        }
    }
}
