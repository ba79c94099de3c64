//! Finds the password of a record.

use crate::fields::field::Field;
use crate::fields::parser::{LockHint, RecordParser};
use crate::fields::values::as_text;
use crate::options::{PasswordTexts, WeakHashes};
use crate::report::no_password::NoPassword;
use crate::report::note::Note;
use crate::secrets::composed;
use crate::secrets::credential::{ImportedCredential, UnusableReason};
use crate::secrets::markers::marker;
use crate::secrets::password_names::{HASH_NAMES, PASSWORD_NAMES};
use crate::secrets::placeholders::no_password;
use crate::secrets::secret_text;
use crate::secrets::token::is_token;
use crate::survey::NameKind;
use roster_auth::password::{Password, StoredHash, UnsupportedHash};
use roster_domain::PasswordHash;
use serde_json::Value;

/// Whether the record has a password field.
pub(crate) fn has_password_field(parser: &RecordParser<'_>) -> bool {
    parser.fields.has_any(&HASH_NAMES) || parser.fields.has_any(&PASSWORD_NAMES)
}

fn is_password_field(field: &Field) -> bool {
    HASH_NAMES.iter().chain(&PASSWORD_NAMES).any(|name| field.is_called(name))
}

impl RecordParser<'_> {
    /// The best credential of the record. The other password fields are dropped and noted.
    pub(crate) fn credential(&mut self) -> ImportedCredential {
        let peppered = self.is_from_flask_security();
        let mut best = (String::new(), ImportedCredential::None);
        let mut others = Vec::new();
        let mut markers = Vec::new();
        let mut fields = self.fields.take_where(is_password_field);
        fields.extend(self.nested_passwords());
        for field in fields {
            let credential = match self.read_credential(&field) {
                ImportedCredential::Hash(_) if peppered => {
                    ImportedCredential::Unusable(UnusableReason::Hash(FLASK_SECURITY.to_owned()))
                }
                credential => credential,
            };
            if credential.is_marker() {
                markers.push((field.name.clone(), credential.was_locked()));
            }
            let rejected = if credential.rank() > best.1.rank() {
                std::mem::replace(&mut best, (field.name, credential)).0
            } else {
                field.name
            };
            others.push(rejected);
        }
        markers.extend(self.fields.iter().filter_map(marker));
        self.notes.extend(others.into_iter().filter(|name| !name.is_empty()).map(Note::Dropped));
        // A marker such as "!" in the only password field says just that there is no password.
        markers.retain(|(name, is_lock)| *name != best.0 && (*is_lock || best.1.is_usable()));
        self.lock_hints.extend(markers.iter().map(|_| LockHint::Password));
        self.notes.extend(markers.into_iter().map(|(name, _)| Note::PasswordLocked(name)));
        self.note_credential(&best.1);
        best.1
    }

    fn note_credential(&mut self, credential: &ImportedCredential) {
        match credential {
            ImportedCredential::Hash(_) => {}
            ImportedCredential::PlainText(_) => self.notes.push(Note::PlainTextHashed),
            ImportedCredential::Unusable(UnusableReason::Hash(reason)) => {
                self.notes.push(Note::HashNotCarriedOver(reason.clone()));
            }
            ImportedCredential::Unusable(UnusableReason::Text) => self.notes.push(Note::PlainTextRefused),
            ImportedCredential::Unusable(UnusableReason::NoPassword(reason)) => {
                self.notes.push(Note::NotAPassword(*reason));
            }
            ImportedCredential::None => self.notes.push(Note::NoPassword),
        }
    }

    fn read_credential(&mut self, field: &Field) -> ImportedCredential {
        let unusable = |reason: &str| ImportedCredential::Unusable(UnusableReason::Hash(reason.to_owned()));
        let Some(text) = as_text(&field.value) else { return unusable("not a text") };
        let text = self.with_salt(text);
        let unwrapped = secret_text::unwrapped(text.trim());
        let reason = match StoredHash::parse(unwrapped) {
            Ok(stored) => return self.hash(unwrapped, &stored),
            Err(reason) => reason,
        };
        if let Some(reason) = no_password(text.trim()) {
            return ImportedCredential::Unusable(UnusableReason::NoPassword(reason));
        }
        let is_foreign = secret_text::is_foreign_hash;
        let is_hash = HASH_NAMES.iter().any(|name| field.is_called(name));
        if is_hash || reason != UnsupportedHash::Unknown || is_foreign(text.trim()) || is_foreign(unwrapped) {
            return unusable(&reason.to_string());
        }
        match secret_text::bytes_literal(text.trim()) {
            Some(escaped) if escaped.contains('\\') => unusable(&reason.to_string()),
            Some(inner) => self.plain_text(inner.to_owned()),
            None => self.plain_text(text),
        }
    }

    /// The passwords inside Keycloak's `credentials` and Meteor's `services`.
    fn nested_passwords(&mut self) -> Vec<Field> {
        let mut found = Vec::new();
        if let Some(hash) = self.fields.value("credentials").and_then(composed::keycloak) {
            for field in self.fields.take_each(&["credentials"]) {
                if composed::has_other_credentials(&field.value) {
                    self.notes.push(Note::Dropped(format!("{} other than the password", field.name)));
                }
            }
            found.push(Field::new("credentials", hash.into()));
        }
        if let Some(hash) = self.fields.value("services").and_then(composed::meteor) {
            for mut field in self.fields.take_each(&["services"]) {
                if let Some(services) = field.value.as_object_mut() {
                    services.remove("password");
                }
                self.fields.put_back(field);
            }
            found.push(Field::new("services.password.bcrypt", hash.into()));
        }
        found
    }

    /// A hash with the salt in the field `salt`, if it is one of Payload or of Firebase; another text as it is.
    fn with_salt(&self, text: String) -> String {
        let Some(salt) = self.fields.text("salt") else { return text };
        let firebase = || self.rules.firebase?.hash(text.trim(), salt).ok();
        composed::payload(text.trim(), salt).or_else(firebase).unwrap_or(text)
    }

    /// A hash that can be verified, unless it is too weak or takes too long.
    fn hash(&self, text: &str, stored: &StoredHash) -> ImportedCredential {
        let unusable = |reason: String| ImportedCredential::Unusable(UnusableReason::Hash(reason));
        let scheme = stored.scheme();
        if scheme.is_weak() && self.rules.options.weak_hashes == WeakHashes::Refuse {
            return unusable(format!("{scheme}, a weak hash (--allow-weak-hashes accepts it)"));
        }
        if let Err(too_slow) = self.rules.cost_cap.check(stored) {
            return unusable(too_slow.to_string());
        }
        PasswordHash::new(text).map_or_else(|error| unusable(error.to_string()), ImportedCredential::Hash)
    }

    fn plain_text(&mut self, text: String) -> ImportedCredential {
        if self.rules.options.texts == PasswordTexts::Refuse {
            return ImportedCredential::Unusable(UnusableReason::Text);
        }
        if self.rules.is_shared(&text) {
            return ImportedCredential::Unusable(UnusableReason::NoPassword(NoPassword::Shared));
        }
        self.text_hash = Some(self.rules.hasher.hash(NameKind::PasswordText, &text));
        let password = Password::new(text);
        if password.is_oversized() {
            let reason = format!("plain text of more than {} bytes", Password::MAX_BYTES);
            return ImportedCredential::Unusable(UnusableReason::Hash(reason));
        }
        ImportedCredential::PlainText(password)
    }

    /// Flask-Security hashes an HMAC of the password under a salt from its settings. This column gives it away.
    fn is_from_flask_security(&mut self) -> bool {
        let is_from_flask_security = self.fields.has_any(&["fsuniquifier"]);
        let dropped = self.fields.take(&["fsuniquifier"]).map(|field| Note::Dropped(field.name));
        self.notes.extend(dropped);
        is_from_flask_security
    }
}

/// Why a hash from Flask-Security can never be verified here.
const FLASK_SECURITY: &str = "Flask-Security made it with SECURITY_PASSWORD_SALT, which Roster cannot take yet: \
                              the person needs a new password";

/// Whether a value is recognisably a secret: a hash, a token or a key.
pub(crate) fn looks_secret(value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    is_token(text) || secret_text::is_any_hash(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::parser::tests::{parse_with, parse_with_defaults};
    use crate::options::ImportOptions;
    use serde_json::json;

    const BCRYPT: &str = "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";

    fn describe(secret: ImportedCredential) -> String {
        match secret {
            ImportedCredential::Hash(hash) => hash.as_str().to_owned(),
            ImportedCredential::PlainText(_) => "plain".to_owned(),
            ImportedCredential::Unusable(reason) => reason.reason(),
            ImportedCredential::None => "none".to_owned(),
        }
    }

    fn read(record: &Value) -> (String, Vec<String>) {
        parse_with_defaults(record, |parser| describe(parser.credential()))
    }

    fn read_with_texts(record: &Value) -> (String, Vec<String>) {
        let options = ImportOptions { texts: PasswordTexts::Accept, ..ImportOptions::default() };
        parse_with(&options, record, |parser| describe(parser.credential()))
    }

    #[test]
    fn a_known_hash_is_imported_from_every_field() {
        for name in
            ["password_hash", "hashedPassword", "hashed_password", "passwordHash", "password", "user_pass"]
        {
            assert_eq!(read(&json!({name: format!("{BCRYPT}\n")})), (BCRYPT.to_owned(), vec![]), "{name}");
        }
    }

    #[test]
    fn a_wrapped_hash_is_unwrapped() {
        for text in [
            format!("b'{BCRYPT}'"),
            format!("b\"{BCRYPT}\""),
            format!("'{BCRYPT}'"),
            format!("\"{BCRYPT}\""),
            format!("{{bcrypt}}{BCRYPT}"),
            format!("\"{{BLF-CRYPT}}{BCRYPT}\""),
        ] {
            assert_eq!(read(&json!({"password": text})), (BCRYPT.to_owned(), vec![]), "{text}");
        }
    }

    #[test]
    fn plain_text_is_a_password_only_if_the_operator_accepts_it() {
        let record = json!({"password": "correct horse battery staple"});
        let (secret, notes) = read(&record);
        assert_eq!(secret, "plain text or an unknown hash");
        assert!(notes[0].contains("--plain-text-passwords"), "{notes:?}");
        assert_eq!(
            read_with_texts(&record),
            ("plain".to_owned(), vec!["plain-text password hashed".to_owned()])
        );
        assert_eq!(read_with_texts(&json!({"password": 12_345_678})).0, "plain");
        assert_eq!(read_with_texts(&json!({"password": "correct $ horse $ battery"})).0, "plain");
        for text in [
            "!Summer in 2024",
            "b'hunter2'",
            "password",
            "CorrectHorse1",
            "1234567890123456",
            "My pass (old)",
        ] {
            assert_eq!(read_with_texts(&json!({"password": text})).0, "plain", "{text}");
        }
        assert!(read_with_texts(&json!({"password": "xy".repeat(513)})).0.starts_with("plain text of more"));
    }

    #[test]
    fn a_text_that_resembles_a_hash_is_never_a_password() {
        for text in [
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "$6$salt$digest",
            "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "{noop}secret",
            "sha1$abc$0123",
            "$2b$10$cut",
            "$P$BexampleexampleexampleexampleX",
            "3|$argon2id$v=19$m=65536,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "md5b25f750cabc890658becde1882fd450f",
            "AQAAAAIAAYagAAAAEA==",
            "*3F5A0132EA909629C2BA08732FF7597CDB29071A",
            "0123456789abcdef0123456789abcdef:abababababababababababababababababababab",
            &"ab".repeat(20),
            "'5f4dcc3b5aa765d61d8327deb882cf99'",
            "\\x24326224",
            "0x0100AB12CD34EF",
            "aaQSqAReePlq6",
            "_J9..rasmBYk8r9AiWNc",
            "5F4DCC3B5AA765D6",
            "b'hunter\\x00'",
        ] {
            let (secret, notes) = read_with_texts(&json!({"password": text}));
            assert_eq!(notes.len(), 1, "{text}");
            assert!(notes[0].contains(&secret) && secret != "plain", "{text}: {notes:?}");
        }
        assert_eq!(read_with_texts(&json!({"password_hash": "hunter2"})).0, "unknown format");
    }

    #[test]
    fn a_mask_a_placeholder_or_a_marker_is_not_a_password() {
        for text in [
            "**********",
            "••••••••",
            "xxxxxxxx",
            "ab****yz",
            "not cached",
            "NULL",
            "\\N",
            "n/a",
            "[REDACTED]",
            "!",
            "!!",
            "*",
            "*LK*",
            "x",
            "disabled",
            "!tVzHrZymM61dr3GRJEeki0vEfgBEHez4I53Kk60z",
            "1",
            "true",
            "set",
            "[object Object]",
            "<encrypted>",
            "(hidden)",
            "${PASSWORD}",
            "no longer valid",
            "RESET_REQUIRED",
            "auth_ldap",
            "ENC(b2xkIHNlY3JldA)",
            "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==",
            "Buffer<24 32>",
            "<Buffer 24 32>",
            "b'true'",
        ] {
            let (secret, notes) = read_with_texts(&json!({"password": text}));
            assert!(secret != "plain", "{text}");
            assert!(notes[0].starts_with("password not imported: "), "{text}: {notes:?}");
        }
    }

    #[test]
    fn a_hash_from_flask_security_is_not_imported() {
        let (secret, notes) = read(&json!({"password": BCRYPT, "fs_uniquifier": "a3f0c2d1"}));
        assert!(secret.starts_with("Flask-Security"), "{secret}");
        assert_eq!(notes[0], "fs_uniquifier dropped");
        assert!(notes[1].contains("SECURITY_PASSWORD_SALT"), "{notes:?}");
    }

    #[test]
    fn the_best_credential_is_used_and_the_others_are_reported() {
        let record = json!({"password": "hunter2", "password_hash": BCRYPT, "hash": "5f4dcc3b"});
        let (secret, notes) = read(&record);
        assert_eq!((&*secret, notes.join("; ")), (BCRYPT, "password dropped; hash dropped".to_owned()));
        assert_eq!(read(&json!({"password": "", "password_hash": null})).0, "none");
    }
}
