//! The credential that a person will log in with.

use crate::report::no_password::NoPassword;
use roster_auth::password::Password;
use roster_domain::PasswordHash;

/// What a person will log in with.
pub enum ImportedCredential {
    /// A hash that Roster can verify.
    Hash(PasswordHash),
    /// A password in plain text, to be hashed.
    PlainText(Password),
    /// Something that cannot be verified.
    Unusable(UnusableReason),
    /// Nothing.
    None,
}

/// Why a credential cannot be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnusableReason {
    /// It is a hash of an unknown scheme, or an invalid one.
    Hash(String),
    /// It is no known hash, and the operator did not accept plain text.
    Text,
    /// It is not a password.
    NoPassword(NoPassword),
}

impl UnusableReason {
    /// The reason, as the store keeps it.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Hash(reason) => reason.clone(),
            Self::Text => "plain text or an unknown hash".to_owned(),
            Self::NoPassword(reason) => reason.to_string(),
        }
    }
}

impl ImportedCredential {
    /// The credential with the highest rank is used.
    pub(crate) const fn rank(&self) -> u8 {
        match self {
            Self::Hash(_) => 3,
            Self::PlainText(_) => 2,
            Self::Unusable(_) => 1,
            Self::None => 0,
        }
    }

    /// Whether the person can log in with it.
    pub(crate) const fn is_usable(&self) -> bool {
        matches!(self, Self::Hash(_) | Self::PlainText(_))
    }

    /// Whether it is a marker. A marker next to a password locks the password.
    pub(crate) const fn is_marker(&self) -> bool {
        matches!(self, Self::Unusable(UnusableReason::NoPassword(NoPassword::Marker | NoPassword::Locked)))
    }

    /// Whether the old system marked the password as locked.
    pub(crate) const fn was_locked(&self) -> bool {
        matches!(self, Self::Unusable(UnusableReason::NoPassword(NoPassword::Locked)))
    }
}

#[cfg(test)]
mod tests {
    use crate::fields::parser::tests::parse_with_defaults;
    use serde_json::{Value, json};

    const BCRYPT: &str = "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";

    fn was_locked(record: &Value) -> bool {
        parse_with_defaults(record, |parser| {
            parser.credential().was_locked() || !parser.lock_hints.is_empty()
        })
        .0
    }

    #[test]
    fn a_password_with_a_lock_marker_counts_as_locked() {
        for text in [
            format!("!{BCRYPT}"),
            format!("'!{BCRYPT}'"),
            format!("{{crypt}}!{BCRYPT}"),
            format!("!{{bcrypt}}{BCRYPT}"),
            format!("*LK*{BCRYPT}"),
            format!("LOCKED:{BCRYPT}"),
            "!!$6$salt$digest".to_owned(),
            "*LK*".to_owned(),
            "locked".to_owned(),
            "Disabled".to_owned(),
        ] {
            assert!(was_locked(&json!({"password": text})), "{text}");
            assert!(was_locked(&json!({"password": text, "password_hash": BCRYPT})), "{text}");
        }
        for text in ["!", "*", "x", "*NP*"] {
            assert!(!was_locked(&json!({"password": text})), "{text} alone");
            let record = json!({"password": text, "password_hash": BCRYPT});
            assert!(was_locked(&record), "{text}");
            let (_, notes) = parse_with_defaults(&record, |parser| parser.credential().rank());
            assert_eq!(notes[1], "password says that the password is locked: pending");
        }
    }

    #[test]
    fn a_marker_in_a_field_beside_the_hash_locks_the_password() {
        for name in ["shadow", "unix_password", "cryptPassword", "shadow_passwd"] {
            for marker in ["!", "*", "x", "*LK*", "locked", "!!"] {
                assert!(was_locked(&json!({"password_hash": BCRYPT, name: marker})), "{name}: {marker}");
            }
            assert!(was_locked(&json!({name: "*LK*"})), "{name} without a hash");
            assert!(!was_locked(&json!({name: "!"})), "{name} without a hash");
        }
    }

    #[test]
    fn a_marker_in_a_field_about_something_else_locks_nothing() {
        for name in ["note", "comment", "old_password", "password_hint", "gecos"] {
            for text in ["!", "*", "x", "*LK*"] {
                assert!(!was_locked(&json!({"password_hash": BCRYPT, name: text})), "{name}: {text}");
            }
        }
        assert!(!was_locked(&json!({"password_hash": BCRYPT, "shadow": "a text"})));
    }
}
