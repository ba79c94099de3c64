//! What is left of a record.

use super::fields::{Field, is_empty};
use super::note::Note;
use super::password::looks_secret;
use super::reading::Reading;
use super::refusal::Refusal;
use super::secret_name::{is_secret_name, may_be_opaque};
use super::secret_text::{is_bare_digest, is_opaque};
use roster_domain::Attributes;
use serde_json::{Map, Value};

/// The attribute that keeps the old id of somebody who has an external id besides.
pub(super) const SECOND_ID: &str = "imported_id";

/// By what a field is told to be a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    /// By its name and by its looks.
    NameAndLooks,
    /// By its looks: in attributes that Roster itself exported, somebody chose the names.
    Looks,
}

impl Reading<'_> {
    /// Keeps the fields that were not understood beside the record's own `attributes`, without secrets, and names those
    /// that were left out.
    pub(super) fn attributes(&mut self) -> Result<Attributes, Refusal> {
        let mut kept = self.own_attributes();
        // Roster's own counter, which starts anew.
        if let Some(field) = self.fields.take(&["version"]).filter(|field| !field.value.is_u64()) {
            self.fields.give_back(field);
        }
        for Field { name, mut value, .. } in self.fields.take_rest() {
            if is_secret(&name, &value, Suspicion::NameAndLooks) {
                if !is_empty(&value) {
                    self.notes.push(Note::Dropped(name));
                }
            } else if kept.contains_key(&name) {
                self.notes.push(Note::Shadowed(name));
            } else {
                without_secrets(&mut value, &name, Suspicion::NameAndLooks, &mut self.notes);
                exact(&mut value, &name, &mut self.notes);
                kept.insert(name, value);
            }
        }
        if let Some(id) = self.second_id.take() {
            keep_second_id(&mut kept, id);
        }
        Ok(Attributes::new(kept)?)
    }

    fn own_attributes(&mut self) -> Map<String, Value> {
        let suspicion = if self.is_export { Suspicion::Looks } else { Suspicion::NameAndLooks };
        let Some(field) = self.fields.take(&["attributes"]) else { return Map::new() };
        if !field.value.is_object() {
            self.fields.give_back(field);
            return Map::new();
        }
        let Field { name, mut value, .. } = field;
        without_secrets(&mut value, &name, suspicion, &mut self.notes);
        match value {
            Value::Object(kept) => kept,
            _ => Map::new(),
        }
    }
}

/// Keeps the old id under a name that is free.
pub(super) fn keep_second_id(kept: &mut Map<String, Value>, id: String) {
    let mut name = SECOND_ID.to_owned();
    while kept.get(&name).is_some_and(|there| *there != id) {
        name.push('_');
    }
    kept.insert(name, id.into());
}

/// Removes the secrets inside `value`. The depth is bounded by the parser that made it.
fn without_secrets(value: &mut Value, path: &str, suspicion: Suspicion, notes: &mut Vec<Note>) {
    match value {
        Value::Object(object) => object.retain(|name, value| {
            let path = joined(path, name);
            let secret = is_secret(name, value, suspicion);
            if secret && !is_empty(value) {
                notes.push(Note::Dropped(path));
            } else if !secret {
                without_secrets(value, &path, suspicion, notes);
            }
            !secret
        }),
        Value::Array(items) => {
            let before = items.len();
            items.retain(|item| !is_secret("", item, suspicion));
            if items.len() < before {
                notes.push(Note::Dropped(format!("{path}[]")));
            }
            for item in items {
                without_secrets(item, path, suspicion, notes);
            }
        }
        _ => {}
    }
}

/// Whether a field opens a door: by the words of its name, or by the looks of its value.
fn is_secret(name: &str, value: &Value, suspicion: Suspicion) -> bool {
    if looks_secret(value) || holds_secret(value, suspicion) {
        return true;
    }
    if suspicion == Suspicion::Looks {
        return false;
    }
    let opaque = value.as_str().is_some_and(|text| is_opaque(text) || is_bare_digest(text));
    is_secret_name(name, value) || (opaque && !may_be_opaque(name))
}

/// Whether a text is JSON that holds a secret. It stays whole or goes whole.
fn holds_secret(value: &Value, suspicion: Suspicion) -> bool {
    let text = value.as_str().map(str::trim_start).filter(|text| text.starts_with(['{', '[']));
    let Some(mut inner) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return false;
    };
    let mut found = Vec::new();
    without_secrets(&mut inner, "", suspicion, &mut found);
    !found.is_empty()
}

/// The path of a field inside another one. Of a name too long for somebody to have chosen it only the beginning is
/// there: each field inside would copy it.
fn joined(path: &str, name: &str) -> String {
    const MOST_CHARS: usize = 256;
    match path.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}….{name}", &path[..end]),
        None => format!("{path}.{name}"),
    }
}

/// Turns integers that a double cannot hold exactly into text: a reader in JavaScript would see others.
fn exact(value: &mut Value, path: &str, notes: &mut Vec<Note>) {
    match value {
        Value::Number(number) if !fits_a_double(number) => {
            notes.push(Note::NumberAsText(path.to_owned()));
            *value = number.to_string().into();
        }
        Value::Object(object) => {
            object.iter_mut().for_each(|(name, value)| exact(value, &joined(path, name), notes));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| exact(item, path, notes)),
        _ => {}
    }
}

fn fits_a_double(number: &serde_json::Number) -> bool {
    const LARGEST: u64 = 1 << 53;
    let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    size.is_none_or(|size| size <= LARGEST || size.trailing_zeros() + 53 >= 64 - size.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::reading::tests::reading;
    use serde_json::json;

    fn read(record: &Value) -> (Value, Vec<String>) {
        let (kept, notes) = reading(record, |reading| reading.attributes().unwrap());
        (Value::Object(kept.as_map().clone()), notes)
    }

    #[test]
    fn secrets_are_dropped_and_named_at_any_depth() {
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
    fn a_secret_is_known_by_its_looks_under_any_name() {
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
    fn what_only_sounds_or_looks_like_a_secret_is_kept() {
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
    fn attributes_of_another_system_lose_their_secrets_too() {
        let (kept, notes) = read(&json!({"attributes": {"badge_code": "x", "a": 1}, "a": 2, "version": 4}));
        assert_eq!(kept, json!({"a": 1}));
        assert_eq!(notes, ["attributes.badge_code dropped", "a dropped: it is among the attributes too"]);
    }

    #[test]
    fn attributes_that_roster_exported_keep_their_names_and_lose_what_looks_like_a_secret() {
        let own = json!({"badge_code": "x", "n": 9_007_199_254_740_993_u64, "h": "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="});
        let record = json!({
            "id": "0190c7a4-95c5-7f2e-9a63-5d1f0f3b9a11", "username": "a", "email": null, "email_verified": false,
            "display_name": null, "status": "active", "roles": [], "attributes": own, "external_id": null,
            "created_at": null, "updated_at": null, "last_login_at": null, "version": 1,
        });
        let (own, notes) = reading(&record, |reading| Value::Object(reading.own_attributes()));
        assert_eq!(own, json!({"badge_code": "x", "n": 9_007_199_254_740_993_u64}));
        assert_eq!(notes, ["attributes.h dropped"]);
    }

    #[test]
    fn an_integer_that_a_double_cannot_hold_becomes_text() {
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
        let refusal = reading(&record, |reading| reading.attributes().unwrap_err()).0;
        assert!(refusal.to_string().contains("16384 bytes"), "{refusal}");
    }
}
