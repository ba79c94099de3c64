//! The fields that are left over become attributes, without secrets.

use crate::fields::field::Field;
use crate::fields::pair::pair;
use crate::fields::parser::RecordParser;
use crate::fields::values::is_empty;
use crate::report::note::{Note, OLD_ID_ATTRIBUTE};
use crate::report::refusal::Refusal;
use crate::secrets::password::looks_secret;
use crate::secrets::randomness::is_opaque;
use crate::secrets::secret_name::{is_secret_name, may_be_opaque};
use crate::secrets::secret_text::is_bare_digest;
use roster_domain::Attributes;
use serde_json::{Map, Value};

/// How a field is recognised as a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SecretCheck {
    /// By its name and its value.
    NameAndValue,
    /// By its value only. In attributes that Roster exported, the names are the users' choice.
    ValueOnly,
}

impl RecordParser<'_> {
    /// The record's own `attributes` and its remaining fields. Secrets are dropped and noted.
    pub(crate) fn attributes(&mut self) -> Result<Attributes, Refusal> {
        let mut kept = self.own_attributes();
        if self.is_export {
            // Roster counts versions itself.
            self.fields.take(&["version"]);
        }
        for Field { name, mut value, .. } in self.fields.take_rest() {
            if is_secret(&name, &value, SecretCheck::NameAndValue) {
                if !is_empty(&value) {
                    self.notes.push(Note::Dropped(name));
                }
            } else if kept.contains_key(&name) {
                self.notes.push(Note::DuplicateAttribute(name));
            } else {
                remove_secrets(&mut value, &name, SecretCheck::NameAndValue, &mut self.notes);
                large_integers_to_text(&mut value, &name, &mut self.notes);
                kept.insert(name, value);
            }
        }
        if let Some(id) = self.old_id_attribute.take() {
            keep_old_id(&mut kept, id);
        }
        Ok(Attributes::new(kept)?)
    }

    fn own_attributes(&mut self) -> Map<String, Value> {
        let check = if self.is_export { SecretCheck::ValueOnly } else { SecretCheck::NameAndValue };
        let Some(field) = self.fields.take(&["attributes"]) else { return Map::new() };
        if !field.value.is_object() {
            self.fields.put_back(field);
            return Map::new();
        }
        let Field { name, mut value, .. } = field;
        remove_secrets(&mut value, &name, check, &mut self.notes);
        match value {
            Value::Object(kept) => kept,
            _ => Map::new(),
        }
    }
}

/// Keeps the old id as an attribute, under a free name.
pub(crate) fn keep_old_id(kept: &mut Map<String, Value>, id: String) {
    let mut name = OLD_ID_ATTRIBUTE.to_owned();
    while kept.get(&name).is_some_and(|existing| *existing != id) {
        name.push('_');
    }
    kept.insert(name, id.into());
}

/// Removes the secrets inside `value`. The parser has bounded its depth.
fn remove_secrets(value: &mut Value, path: &str, check: SecretCheck, notes: &mut Vec<Note>) {
    match value {
        Value::Object(object) if pair(object).is_some_and(|(name, value)| is_secret(name, value, check)) => {
            notes.push(Note::Dropped(path.to_owned()));
            object.clear();
        }
        Value::Object(object) if pair(object).is_some() => {
            object.values_mut().for_each(|value| remove_secrets(value, path, check, notes));
        }
        Value::Object(object) => object.retain(|name, value| {
            let path = joined(path, name);
            let secret = is_secret(name, value, check);
            if secret && !is_empty(value) {
                notes.push(Note::Dropped(path));
            } else if !secret {
                remove_secrets(value, &path, check, notes);
            }
            !secret
        }),
        Value::Array(items) => {
            let before = items.len();
            items.retain(|item| !is_secret("", item, check));
            if items.len() < before {
                notes.push(Note::Dropped(format!("{path}[]")));
            }
            for item in items.iter_mut() {
                remove_secrets(item, path, check, notes);
            }
        }
        _ => {}
    }
}

/// Whether a field is a secret, by its name or its value.
fn is_secret(name: &str, value: &Value, check: SecretCheck) -> bool {
    if looks_secret(value) || contains_secret(value, check) {
        return true;
    }
    if check == SecretCheck::ValueOnly {
        return false;
    }
    let is_random = value.as_str().is_some_and(|text| is_opaque(text) || is_bare_digest(text));
    is_secret_name(name, value) || (is_random && !may_be_opaque(name))
}

/// Whether a text is JSON that contains a secret. The text is kept or dropped as a whole.
fn contains_secret(value: &Value, check: SecretCheck) -> bool {
    let text = value.as_str().map(str::trim_start).filter(|text| text.starts_with(['{', '[']));
    let Some(mut inner) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return false;
    };
    let mut found = Vec::new();
    remove_secrets(&mut inner, "", check, &mut found);
    !found.is_empty()
}

/// The path of a field inside another one. A very long path is cut, because each field inside would copy it.
fn joined(path: &str, name: &str) -> String {
    const MAX_CHARS: usize = 256;
    match path.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}….{name}", &path[..end]),
        None => format!("{path}.{name}"),
    }
}

/// Turns integers that do not fit a double into text, because a JavaScript client would round them.
fn large_integers_to_text(value: &mut Value, path: &str, notes: &mut Vec<Note>) {
    match value {
        Value::Number(number) if !fits_double(number) => {
            notes.push(Note::NumberAsText(path.to_owned()));
            *value = number.to_string().into();
        }
        Value::Object(object) => {
            object
                .iter_mut()
                .for_each(|(name, value)| large_integers_to_text(value, &joined(path, name), notes));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| large_integers_to_text(item, path, notes)),
        _ => {}
    }
}

fn fits_double(number: &serde_json::Number) -> bool {
    const LARGEST: u64 = 1 << 53;
    let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    size.is_none_or(|size| size <= LARGEST || size.trailing_zeros() + 53 >= 64 - size.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::parser::tests::parse_with_defaults;
    use serde_json::json;

    fn read(record: &Value) -> (Value, Vec<String>) {
        let (kept, notes) = parse_with_defaults(record, |parser| parser.attributes().unwrap());
        (Value::Object(kept.as_map().clone()), notes)
    }

    #[test]
    fn secrets_are_dropped_and_reported_at_any_depth() {
        let record = json!({
            "reset_token": "x", "apiKey": "x", "backup_codes": [1], "mfaSecret": "x", "sessions": [], "access_token": null,
            "old": "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC",
            "sso": {"google": {"refreshToken": "x", "id": 7}}, "mfa": {"seed": "JBSWY3DP", "enabled": true},
            "history": ["$P$BexampleexampleexampleexampleX.", "kept"],
        });
        let (kept, notes) = read(&record);
        assert_eq!(
            kept,
            json!({"sso": {"google": {"id": 7}}, "mfa": {"enabled": true}, "history": ["kept"]})
        );
        let names = [
            "apiKey",
            "backup_codes",
            "history[]",
            "mfa.seed",
            "mfaSecret",
            "old",
            "reset_token",
            "sessions",
            "sso.google.refreshToken",
        ];
        assert_eq!(notes, names.map(|name| format!("{name} dropped")));
    }

    #[test]
    fn a_secret_is_recognised_by_its_value_under_any_name() {
        for text in [
            "$P$BexampleexampleexampleexampleX.",
            "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "$6$rounds=5000$salt$digestdigest",
            "*3F5A0132EA909629C2BA08732FF7597CDB29071A",
            "md5b25f750cabc890658becde1882fd450f",
            "pbkdf2_sha256$600000$salt$c2FsdA==",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "-----BEGIN RSA PRIVATE KEY-----\nMII",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "otpauth://totp/x?secret=JBSWY3DP",
            "{\"hash\":\"$2b$04$YTUT1WQ5\"}",
            "{\"user\":{\"password\":\"hunter2\"}}",
            "[\"$P$BexampleexampleexampleexampleX.\"]",
            "old: $6$rounds=5000$salt$digestdigest",
            "was $2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC before",
            "md5 5f4dcc3b5aa765d61d8327deb882cf99",
        ] {
            let (kept, notes) = read(&json!({"misc": text, "deep": {"misc": text}}));
            assert_eq!(kept, json!({"deep": {}}), "{text}");
            assert_eq!(notes, ["deep.misc dropped", "misc dropped"], "{text}");
        }
    }

    #[test]
    fn harmless_values_that_resemble_secrets_are_kept() {
        let record = json!({
            "reset_expires": "2022", "failed_attempts": 3, "country_code": "PT", "password_changed_at": 1,
            "keyboard": "qwertz", "otpEnabled": true, "zipCode": "1", "spinning": 1, "login_count": "41",
            "bio": "I like $5 and $10 notes, and {curly} braces; my motto is never$give$up",
            "stripe_customer_id": "cus_NffrFeUfNV2Hibcus_NffrFeUfNV2Hib", "tenant_id": "5f4dcc3b5aa765d61d8327deb882cf99",
            "theme": "{\"color\":\"red\"}", "site": "https://example.com/a/very/long/path/that/goes/On1",
        });
        assert_eq!(read(&record), (record, vec![]));
    }

    #[test]
    fn secrets_are_dropped_from_attributes_of_another_system() {
        let (kept, notes) = read(&json!({"attributes": {"badge_code": "x", "a": 1}, "a": 2, "version": 4}));
        assert_eq!(kept, json!({"a": 1, "version": 4}));
        assert_eq!(
            notes,
            ["attributes.badge_code dropped", "a dropped: the attributes have a field of this name"]
        );
    }

    #[test]
    fn attributes_of_an_export_are_checked_by_value_only() {
        let own = json!({"badge_code": "x", "n": 9_007_199_254_740_993_u64, "h": "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="});
        let record = json!({
            "id": "0190c7a4-95c5-7f2e-9a63-5d1f0f3b9a11", "username": "a", "email": null, "email_verified": false,
            "display_name": null, "status": "active", "roles": [], "attributes": own, "external_id": null,
            "created_at": null, "updated_at": null, "last_login_at": null, "version": 1,
        });
        let (own, notes) = parse_with_defaults(&record, |parser| Value::Object(parser.own_attributes()));
        assert_eq!(own, json!({"badge_code": "x", "n": 9_007_199_254_740_993_u64}));
        assert_eq!(notes, ["attributes.h dropped"]);
    }

    #[test]
    fn an_integer_that_does_not_fit_a_double_becomes_text() {
        let record =
            json!({"a": 9_007_199_254_740_993_u64, "b": 9_007_199_254_740_992_u64, "c": {"d": i64::MAX}});
        let (kept, notes) = read(&record);
        assert_eq!(
            kept,
            json!({"a": "9007199254740993", "b": 9_007_199_254_740_992_u64, "c": {"d": i64::MAX.to_string()}})
        );
        assert_eq!(notes.len(), 2, "{notes:?}");
    }

    #[test]
    fn attributes_over_the_limit_refuse_the_record() {
        let record = json!({"bio": "x".repeat(17_000)});
        let refusal = parse_with_defaults(&record, |parser| parser.attributes().unwrap_err()).0;
        assert!(refusal.to_string().contains("16384 bytes"), "{refusal}");
    }
}
