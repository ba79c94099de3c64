//! What a record says to prove who somebody is.

use super::fields::{Field, as_text};
use super::no_password::{NoPassword, no_password};
use super::note::Note;
use super::options::PasswordTexts;
use super::password_names::{HASH_NAMES, PASSWORD_NAMES};
use super::reading::{Reading, ToldLock};
use super::secret::{Secret, Unusable};
use super::secret_text;
use super::survey::NameKind;
use roster_auth::password::{Password, Scheme, UnsupportedHash};
use roster_domain::PasswordHash;
use serde_json::Value;

/// Whether a record of these fields holds something to log in with.
pub(super) fn is_mentioned(reading: &Reading<'_>) -> bool {
    reading.fields.mention(&HASH_NAMES) || reading.fields.mention(&PASSWORD_NAMES)
}

fn is_password_field(field: &Field) -> bool {
    HASH_NAMES.iter().chain(&PASSWORD_NAMES).any(|name| field.is_called(name))
}

impl Reading<'_> {
    /// The best secret of the record. The others are left out, and named.
    pub(super) fn secret(&mut self) -> Secret {
        let peppered = self.is_of_flask_security();
        let mut best = (String::new(), Secret::None);
        let mut others = Vec::new();
        let mut marks = Vec::new();
        for field in self.fields.take_where(is_password_field) {
            let secret = match self.read_secret(&field) {
                Secret::Hash(_) if peppered => Secret::Unusable(Unusable::Hash(FLASK_SECURITY.to_owned())),
                secret => secret,
            };
            if secret.is_mark() {
                marks.push((field.name.clone(), secret.was_locked()));
            }
            let beaten = if secret.rank() > best.1.rank() {
                std::mem::replace(&mut best, (field.name, secret)).0
            } else {
                field.name
            };
            others.push(beaten);
        }
        self.notes.extend(others.into_iter().filter(|name| !name.is_empty()).map(Note::Dropped));
        // Alone, a mark such as "!" says only that there is no password.
        marks.retain(|(name, locks)| *name != best.0 && (*locks || best.1.is_usable()));
        self.locks.extend(marks.iter().map(|_| ToldLock::Password));
        self.notes.extend(marks.into_iter().map(|(name, _)| Note::PasswordLocked(name)));
        self.note_secret(&best.1);
        best.1
    }

    fn note_secret(&mut self, secret: &Secret) {
        match secret {
            Secret::Hash(_) => {}
            Secret::PlainText(_) => self.notes.push(Note::PlainTextHashed),
            Secret::Unusable(Unusable::Hash(reason)) => {
                self.notes.push(Note::HashNotCarriedOver(reason.clone()));
            }
            Secret::Unusable(Unusable::Text) => self.notes.push(Note::PlainTextRefused),
            Secret::Unusable(Unusable::NoPassword(reason)) => self.notes.push(Note::NotAPassword(*reason)),
            Secret::None => self.notes.push(Note::NoPassword),
        }
    }

    fn read_secret(&mut self, field: &Field) -> Secret {
        let unusable = |reason: &str| Secret::Unusable(Unusable::Hash(reason.to_owned()));
        let Some(text) = as_text(&field.value) else { return unusable("not a text") };
        let unwrapped = secret_text::unwrapped(text.trim());
        let Err(reason) = Scheme::recognise(unwrapped) else {
            let hash = PasswordHash::new(unwrapped);
            return hash.map_or_else(|fault| unusable(&fault.to_string()), Secret::Hash);
        };
        if let Some(reason) = no_password(text.trim()) {
            return Secret::Unusable(Unusable::NoPassword(reason));
        }
        let foreign = secret_text::is_foreign_hash;
        let is_hash = HASH_NAMES.iter().any(|name| field.is_called(name));
        if is_hash || reason != UnsupportedHash::Unknown || foreign(text.trim()) || foreign(unwrapped) {
            return unusable(&reason.to_string());
        }
        match secret_text::bytes_literal(text.trim()) {
            Some(escaped) if escaped.contains('\\') => unusable(&reason.to_string()),
            Some(inner) => self.plain_text(inner.to_owned()),
            None => self.plain_text(text),
        }
    }

    fn plain_text(&mut self, text: String) -> Secret {
        if self.rules.options.texts == PasswordTexts::Refuse {
            return Secret::Unusable(Unusable::Text);
        }
        if self.rules.is_shared(&text) {
            return Secret::Unusable(Unusable::NoPassword(NoPassword::Shared));
        }
        self.text_hash = Some(self.rules.hasher.hash(NameKind::PasswordText, &text));
        let password = Password::new(text);
        if password.is_oversized() {
            let reason = format!("plain text of more than {} bytes", Password::MAX_BYTES);
            return Secret::Unusable(Unusable::Hash(reason));
        }
        Secret::PlainText(password)
    }

    /// Flask-Security hashes an HMAC of the password, under a salt that stands in its settings: a column tells.
    fn is_of_flask_security(&mut self) -> bool {
        let message = self.fields.mention(&["fsuniquifier"]);
        let dropped = self.fields.take(&["fsuniquifier"]).map(|field| Note::Dropped(field.name));
        self.notes.extend(dropped);
        message
    }
}

/// Why a hash of Flask-Security's can never be right here.
const FLASK_SECURITY: &str = "Flask-Security made it with SECURITY_PASSWORD_SALT, which Roster cannot take yet: \
                              the person needs a new password";

/// Whether an unknown text is a secret by its looks: a hash, a token, a key.
pub(super) fn looks_secret(value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    secret_text::is_token(text) || secret_text::is_any_hash(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::options::ImportOptions;
    use crate::import_users::reading::tests::{reading, reading_with};
    use serde_json::json;

    const BCRYPT: &str = "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";

    fn describe(secret: Secret) -> String {
        match secret {
            Secret::Hash(hash) => hash.as_str().to_owned(),
            Secret::PlainText(_) => "plain".to_owned(),
            Secret::Unusable(reason) => reason.reason(),
            Secret::None => "none".to_owned(),
        }
    }

    fn read(record: &Value) -> (String, Vec<String>) {
        reading(record, |reading| describe(reading.secret()))
    }

    fn read_with_texts(record: &Value) -> (String, Vec<String>) {
        let options = ImportOptions { texts: PasswordTexts::Accept, ..ImportOptions::default() };
        reading_with(&options, record, |reading| describe(reading.secret()))
    }

    #[test]
    fn a_known_hash_is_carried_over_under_every_name() {
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
    fn a_text_is_a_password_only_if_the_operator_says_so() {
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
    fn what_looks_like_a_hash_never_becomes_a_password() {
        for text in [
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "$6$salt$digest",
            "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "{noop}secret",
            "sha1$abc$0123",
            "$2b$10$cut",
            "$P$BexampleexampleexampleexampleX.",
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
    fn a_mask_a_placeholder_or_a_marker_is_no_password() {
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
            assert!(notes[0].starts_with("password not taken over: "), "{text}: {notes:?}");
        }
    }

    #[test]
    fn a_hash_of_flask_security_is_not_carried_over() {
        let (secret, notes) = read(&json!({"password": BCRYPT, "fs_uniquifier": "a3f0c2d1"}));
        assert!(secret.starts_with("Flask-Security"), "{secret}");
        assert_eq!(notes[0], "fs_uniquifier dropped");
        assert!(notes[1].contains("SECURITY_PASSWORD_SALT"), "{notes:?}");
    }

    #[test]
    fn the_best_secret_counts_and_the_others_are_named() {
        let record = json!({"password": "hunter2", "password_hash": BCRYPT, "hash": "5f4dcc3b"});
        let (secret, notes) = read(&record);
        assert_eq!((&*secret, notes.join("; ")), (BCRYPT, "password dropped; hash dropped".to_owned()));
        assert_eq!(read(&json!({"password": "", "password_hash": null})).0, "none");
    }
}
