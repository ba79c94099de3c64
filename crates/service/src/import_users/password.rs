//! What a record says to prove who somebody is.

use super::fields::as_text;
use super::note::Note;
use super::person::Reading;
use roster_auth::password::{Password, Scheme, UnsupportedHash};
use roster_domain::PasswordHash;
use serde_json::Value;

/// Names under which a hash is expected, then those under which it may be plain text.
pub(super) const SECRET_NAMES: [&str; 9] = [
    "passwordhash",
    "hashedpassword",
    "encryptedpassword",
    "passworddigest",
    "passhash",
    "hash",
    "password",
    "passwd",
    "pwd",
];

/// What a person will log in with.
pub(super) enum Secret {
    /// A hash that can be verified here.
    Hash(PasswordHash),
    /// The password itself.
    PlainText(Password),
    /// A hash that cannot be verified, and why.
    Unusable(String),
    /// Nothing.
    None,
}

/// What a value under a name of a secret is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Hash,
    HashOrPlainText,
}

impl Secret {
    fn read(value: &Value, expected: Expected) -> Self {
        let Some(text) = as_text(value) else { return Self::Unusable("not a text".to_owned()) };
        let Err(reason) = Scheme::recognise(text.trim()) else {
            let hash = PasswordHash::new(text.trim());
            return hash.map_or_else(|fault| Self::Unusable(fault.to_string()), Self::Hash);
        };
        if expected == Expected::Hash || reason != UnsupportedHash::Unknown || is_foreign_hash(text.trim()) {
            return Self::Unusable(reason.to_string());
        }
        let password = Password::new(text);
        if password.is_oversized() {
            return Self::Unusable(format!("plain text of more than {} bytes", Password::MAX_BYTES));
        }
        Self::PlainText(password)
    }

    /// The larger, the better to have.
    const fn rank(&self) -> u8 {
        match self {
            Self::Hash(_) => 3,
            Self::PlainText(_) => 2,
            Self::Unusable(_) => 1,
            Self::None => 0,
        }
    }

    /// Whether a password can ever be right.
    pub(super) const fn is_usable(&self) -> bool {
        matches!(self, Self::Hash(_) | Self::PlainText(_))
    }
}

impl Reading {
    /// The best secret of the record. The others are left out, and named.
    pub(super) fn secret(&mut self) -> Secret {
        let mut best = (String::new(), Secret::None);
        let mut others = Vec::new();
        for field in self.fields.take_each(&SECRET_NAMES) {
            let plain = ["password", "passwd", "pwd"].iter().any(|name| field.is_called(name));
            let expected = if plain { Expected::HashOrPlainText } else { Expected::Hash };
            let secret = Secret::read(&field.value, expected);
            let beaten = if secret.rank() > best.1.rank() {
                std::mem::replace(&mut best, (field.name, secret)).0
            } else {
                field.name
            };
            others.push(beaten);
        }
        self.notes.extend(others.into_iter().filter(|name| !name.is_empty()).map(Note::Dropped));
        match &best.1 {
            Secret::Hash(_) => {}
            Secret::PlainText(_) => self.notes.push(Note::PlainTextHashed),
            Secret::Unusable(reason) => self.notes.push(Note::HashNotCarriedOver(reason.clone())),
            Secret::None => self.notes.push(Note::NoPassword),
        }
        best.1
    }
}

/// Whether a text is the hash of a scheme that is not known here: `$6$…`, `{SSHA}…`, `sha1$…$…`, or a long
/// run of hexadecimal digits. Taken for plain text, it would itself become the password.
fn is_foreign_hash(text: &str) -> bool {
    let modular =
        text.strip_prefix('$').and_then(|rest| rest.split_once('$')).is_some_and(|(id, _)| is_scheme(id));
    let ldap =
        text.strip_prefix('{').and_then(|rest| rest.split_once('}')).is_some_and(|(id, _)| is_scheme(id));
    let django = text.matches('$').count() >= 2 && text.split('$').next().is_some_and(is_scheme);
    let hex = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    modular || ldap || django || hex
}

fn is_scheme(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte))
}

/// Whether an unknown text is a secret by its looks: a hash, a token, a key.
pub(super) fn looks_secret(value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    let token = text.starts_with("eyJ") && text.matches('.').count() == 2;
    token
        || (text.starts_with("-----BEGIN ") && text.contains("PRIVATE KEY"))
        || Scheme::recognise(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::fields::Fields;
    use jiff::Timestamp;
    use serde_json::json;

    const BCRYPT: &str = "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";

    fn read(record: &Value) -> (String, Vec<String>) {
        let fields = Fields::new(record.as_object().unwrap().clone());
        let mut reading = Reading { fields, notes: Vec::new(), now: Timestamp::UNIX_EPOCH };
        let secret = match reading.secret() {
            Secret::Hash(hash) => hash.as_str().to_owned(),
            Secret::PlainText(_) => "plain".to_owned(),
            Secret::Unusable(reason) => reason,
            Secret::None => "none".to_owned(),
        };
        (secret, reading.notes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_known_hash_is_carried_over_under_every_name() {
        for name in ["password_hash", "hashedPassword", "hashed_password", "passwordHash", "password"] {
            assert_eq!(read(&json!({name: format!("{BCRYPT}\n")})), (BCRYPT.to_owned(), vec![]), "{name}");
        }
    }

    #[test]
    fn what_looks_like_a_hash_never_becomes_a_password() {
        for text in [
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "$6$salt$digest",
            "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
            "sha1$abc$0123",
            "$2b$10$cut",
            &"ab".repeat(20),
        ] {
            let (secret, notes) = read(&json!({"password": text}));
            assert_eq!(notes, [format!("hash cannot be carried over: {secret}")], "{text}");
        }
        assert_eq!(read(&json!({"password": 12_345_678})).0, "plain");
        assert_eq!(read(&json!({"password": "correct $ horse $ battery"})).0, "plain");
        assert_eq!(read(&json!({"password_hash": "hunter2"})).0, "unknown format");
        assert!(read(&json!({"password": "x".repeat(1_025)})).0.starts_with("plain text of more"));
    }

    #[test]
    fn the_best_secret_counts_and_the_others_are_named() {
        let record = json!({"password": "hunter2", "password_hash": BCRYPT, "hash": "5f4dcc3b"});
        let (secret, notes) = read(&record);
        assert_eq!((&*secret, notes.join("; ")), (BCRYPT, "hash dropped; password dropped".to_owned()));
        assert_eq!(read(&json!({"password": "", "password_hash": null})).0, "none");
    }
}
