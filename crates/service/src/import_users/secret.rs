//! What somebody will log in with.

use super::no_password::NoPassword;
use roster_auth::password::Password;
use roster_domain::PasswordHash;

/// What a person will log in with.
pub(super) enum Secret {
    /// A hash that can be verified here.
    Hash(PasswordHash),
    /// The password itself.
    PlainText(Password),
    /// Something that cannot be verified.
    Unusable(Unusable),
    /// Nothing.
    None,
}

/// Why something is no password here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// A hash of a scheme that is not known, or one that is broken.
    Hash(String),
    /// A text that no scheme recognises, and that the operator did not declare to be a password.
    Text,
    /// A text that is nobody's password.
    NoPassword(NoPassword),
}

impl Unusable {
    /// What the store keeps as the reason.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Hash(reason) => reason.clone(),
            Self::Text => "plain text or an unknown hash".to_owned(),
            Self::NoPassword(reason) => reason.to_string(),
        }
    }
}

impl Secret {
    /// The larger, the better to have.
    pub(super) const fn rank(&self) -> u8 {
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

    /// Whether it is a mark in the place of a password, which beside a password locks it.
    pub(super) const fn is_mark(&self) -> bool {
        matches!(self, Self::Unusable(Unusable::NoPassword(NoPassword::Marker | NoPassword::Locked)))
    }

    /// Whether the old system marked the password as locked.
    pub(super) const fn was_locked(&self) -> bool {
        matches!(self, Self::Unusable(Unusable::NoPassword(NoPassword::Locked)))
    }
}

#[cfg(test)]
mod tests {
    use crate::import_users::reading::tests::reading;
    use serde_json::{Value, json};

    const BCRYPT: &str = "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";

    fn was_locked(record: &Value) -> bool {
        reading(record, |reading| reading.secret().was_locked() || !reading.locks.is_empty()).0
    }

    #[test]
    fn a_password_that_was_marked_as_locked_is_known_as_such() {
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
            let beside = json!({"password": text, "password_hash": BCRYPT});
            assert!(was_locked(&beside), "{text}");
            let (_, notes) = reading(&beside, |reading| reading.secret().rank());
            assert_eq!(notes[1], "password says that the password was locked: taken as pending");
        }
    }
}
