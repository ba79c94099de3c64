//! What is left of a record.

use super::fields::{Field, Fields, is_empty};
use super::note::Note;
use super::password::looks_secret;
use super::refusal::Refusal;
use roster_domain::Attributes;
use serde_json::{Map, Value};

/// Words that make a name one of a secret.
const SECRETS: [&str; 28] = [
    "token",
    "tokens",
    "secret",
    "secrets",
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "otp",
    "totp",
    "hotp",
    "jwt",
    "credential",
    "credentials",
    "salt",
    "cookie",
    "cookies",
    "session",
    "sessions",
    "pin",
    "cvv",
    "apikey",
    "apikeys",
    "hash",
    "nonce",
    "hashes",
    "webauthn",
];

/// Words that end the name of something said about a secret.
const ABOUT: [&str; 18] = [
    "at",
    "on",
    "date",
    "time",
    "expires",
    "expiry",
    "expiration",
    "count",
    "attempts",
    "enabled",
    "required",
    "changed",
    "updated",
    "type",
    "policy",
    "timeout",
    "version",
    "used",
];

/// Words that make a code or a key harmless.
const PLAIN: [&str; 22] = [
    "country",
    "postal",
    "post",
    "zip",
    "area",
    "dial",
    "phone",
    "lang",
    "language",
    "locale",
    "currency",
    "region",
    "state",
    "city",
    "color",
    "department",
    "dept",
    "cost",
    "product",
    "public",
    "primary",
    "job",
];

/// Keeps the fields that nobody understood, without secrets, beside the record's own `attributes`. Those are
/// taken as they are: somebody chose to keep them there.
pub(super) fn of_rest(mut fields: Fields, notes: &mut Vec<Note>) -> Result<Attributes, Refusal> {
    let mut kept = Map::new();
    if let Some(field) = fields.take(&["attributes"]) {
        match field.value {
            Value::Object(map) => kept = map,
            _ => fields.give_back(field),
        }
    }
    // Roster's own counter, which starts anew.
    if let Some(field) = fields.take(&["version"]).filter(|field| !field.value.is_u64()) {
        fields.give_back(field);
    }
    for Field { name, mut value, .. } in fields.into_rest() {
        if is_secret(&name, &value) {
            if !is_empty(&value) {
                notes.push(Note::Dropped(name));
            }
        } else if kept.contains_key(&name) {
            notes.push(Note::Shadowed(name));
        } else {
            without_secrets(&mut value, &name, notes);
            kept.insert(name, value);
        }
    }
    Ok(Attributes::new(kept)?)
}

/// Removes the secrets inside `value`. The depth is bounded by the parser that made it.
fn without_secrets(value: &mut Value, path: &str, notes: &mut Vec<Note>) {
    match value {
        Value::Object(object) => object.retain(|name, value| {
            let path = format!("{path}.{name}");
            let secret = is_secret(name, value);
            if secret && !is_empty(value) {
                notes.push(Note::Dropped(path));
            } else if !secret {
                without_secrets(value, &path, notes);
            }
            !secret
        }),
        Value::Array(items) => {
            for item in items {
                without_secrets(item, path, notes);
            }
        }
        _ => {}
    }
}

/// Whether a field opens a door: by the words of its name, or by the looks of its value.
fn is_secret(name: &str, value: &Value) -> bool {
    looks_secret(value) || is_secret_name(&words(name))
}

fn is_secret_name(words: &[String]) -> bool {
    let is_in = |list: &[&str], word: &String| list.contains(&word.as_str());
    let Some(last) = words.last() else { return false };
    if is_in(&ABOUT, last) {
        return false;
    }
    let opens =
        is_in(&["code", "codes", "key", "keys"], last) && !words.iter().any(|word| is_in(&PLAIN, word));
    opens || words.iter().any(|word| is_in(&SECRETS, word))
}

/// The words of a name in snake, kebab or camel case, lower-cased.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for char in name.chars() {
        let begins = !char.is_alphanumeric() || (char.is_uppercase() && after_lower);
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            word.extend(char.to_lowercase());
        }
        after_lower = !char.is_uppercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(record: &Value) -> (Value, Vec<String>) {
        let mut notes = Vec::new();
        let kept = of_rest(Fields::new(record.as_object().unwrap().clone()), &mut notes).unwrap();
        (Value::Object(kept.as_map().clone()), notes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn secrets_are_dropped_and_named_at_any_depth() {
        let record = json!({
            "reset_token": "x", "apiKey": "x", "backup_codes": [1], "mfaSecret": "x", "sessions": [], "access_token": null,
            "old": "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC",
            "sso": {"google": {"refreshToken": "x", "id": 7}},
        });
        let (kept, notes) = read(&record);
        assert_eq!(kept, json!({"sso": {"google": {"id": 7}}}));
        let names = [
            "apiKey",
            "backup_codes",
            "mfaSecret",
            "old",
            "reset_token",
            "sessions",
            "sso.google.refreshToken",
        ];
        assert_eq!(notes, names.map(|name| format!("{name} dropped")));
    }

    #[test]
    fn what_only_sounds_like_a_secret_is_kept() {
        let record = json!({
            "reset_expires": "2022", "failed_attempts": 3, "country_code": "PT", "password_changed_at": 1,
            "keyboard": "qwertz", "otpEnabled": true, "zipCode": "1", "spinning": 1, "login_count": "41",
        });
        assert_eq!(read(&record), (record, vec![]));
    }

    #[test]
    fn its_own_attributes_are_kept_as_they_are() {
        let (kept, notes) = read(&json!({"attributes": {"badge_code": "x", "a": 1}, "a": 2, "version": 4}));
        assert_eq!(kept, json!({"badge_code": "x", "a": 1}));
        assert_eq!(notes, ["a dropped: it is among the attributes too"]);
    }

    #[test]
    fn attributes_over_the_limit_refuse_the_record() {
        let mut map = Map::new();
        map.insert("bio".to_owned(), "x".repeat(17_000).into());
        let refusal = of_rest(Fields::new(map), &mut Vec::new()).unwrap_err();
        assert!(refusal.to_string().contains("16384 bytes"), "{refusal}");
    }
}
