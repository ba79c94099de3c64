//! Notes: what an import changed about a record.

use crate::report::location::Escaped;
use crate::report::no_password::NoPassword;
use serde::{Serialize, Serializer};
use std::fmt;

/// The attribute that holds the old id of a person who also has an external id.
pub(crate) const OLD_ID_ATTRIBUTE: &str = "imported_id";

/// Something that an import changed or left out, or that needs attention. Serializes as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The record has no username; one was generated from the email address.
    UsernameFromEmail,
    /// The generated username is taken; this one is used instead.
    UsernameAlternative(String),
    /// The original spelling of the username is the name of another record.
    AliasTaken(String),
    /// The record has no username; the key in the map is used.
    UsernameFromKey,
    /// The record has no email address; the key in the map is used.
    EmailFromKey,
    /// White space around the username was removed.
    UsernameTrimmed,
    /// These characters are not allowed in a username and were replaced. The original spelling still logs in.
    UsernameReplaced(Vec<char>),
    /// A role mapping gave the person a role.
    RoleMapped {
        /// The role, group or flag in the file.
        from: String,
        /// The role in Roster.
        to: String,
    },
    /// A role, group or flag that grants privileges in the old system grants none here.
    PrivilegeNotGranted(String),
    /// The role name was normalized.
    RoleNormalized {
        /// The name in the file.
        from: String,
        /// The name in Roster.
        to: String,
    },
    /// The role grants nothing, and its name resembles one that does.
    RoleMisspelt {
        /// The name, which was kept.
        role: String,
        /// The role that was probably meant.
        suggestion: &'static str,
    },
    /// The hash cannot be verified here, for this reason. The account is pending.
    HashNotCarriedOver(String),
    /// The password was plain text and was hashed.
    PlainTextHashed,
    /// The password is plain text or an unknown hash, and the operator did not accept plain text.
    PlainTextRefused,
    /// The password field holds something that is not a password.
    NotAPassword(NoPassword),
    /// This field marks the password in another field as locked.
    PasswordLocked(String),
    /// The record has no password. An active account becomes pending.
    NoPassword,
    /// A field was not understood.
    NotUnderstood {
        /// The field.
        field: String,
        /// What is used instead.
        instead: &'static str,
    },
    /// This field says that the account is locked.
    Locked(String),
    /// This nested value grants privileges in the old system and none here.
    NestedPrivilege(String),
    /// This field says that the account awaits confirmation.
    Waiting(String),
    /// This field says that the account is locked until a time in the future.
    LockedUntilLater(String),
    /// This field says that the account has expired.
    Expired(String),
    /// This field says that the account will expire.
    ExpiresLater(String),
    /// The number in this field does not fit a double, so it is kept as text.
    NumberAsText(String),
    /// This field has several addresses; the first one is used.
    FirstAddressUsed(String),
    /// The id in this field is kept as an attribute, because the record also has an external id.
    OldIdInAttribute(String),
    /// This id is taken.
    IdTaken(String),
    /// This field was dropped because it is a secret.
    Dropped(String),
    /// This field was dropped because the record's `attributes` have one of the same name.
    DuplicateAttribute(String),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UsernameFromEmail => f.write_str("username made from the email"),
            Self::UsernameAlternative(username) => {
                write!(f, "that username is taken: {} used instead", Escaped(username))
            }
            Self::AliasTaken(alias) => {
                write!(f, "{} is the name of another record: this person cannot log in with it", Escaped(alias))
            }
            Self::UsernameFromKey => f.write_str("username taken from the key"),
            Self::EmailFromKey => f.write_str("email taken from the key"),
            Self::UsernameTrimmed => f.write_str("white space around the username removed"),
            Self::UsernameReplaced(chars) => {
                let names: Vec<_> = chars.iter().copied().map(character).collect();
                write!(f, "{} replaced in the username", names.join(", "))
            }
            Self::RoleNormalized { from, to } => write!(f, "role {} taken as {}", Escaped(from), Escaped(to)),
            Self::RoleMisspelt { role, suggestion } => {
                write!(f, "role {} kept, but grants nothing: did you mean {suggestion}?", Escaped(role))
            }
            Self::HashNotCarriedOver(reason) => write!(f, "hash cannot be carried over: {reason}"),
            Self::PlainTextHashed => f.write_str("plain-text password hashed"),
            Self::PlainTextRefused => f.write_str(
                "password not imported: it is plain text or an unknown hash (--plain-text-passwords accepts plain text)",
            ),
            Self::NotAPassword(reason) => write!(f, "password not imported: it is {reason}"),
            Self::PasswordLocked(field) => {
                write!(f, "{} says that the password is locked: pending", Escaped(field))
            }
            Self::RoleMapped { from, to } => write!(f, "{} mapped to role {}", Escaped(from), Escaped(to)),
            Self::PrivilegeNotGranted(name) => {
                write!(f, "{0} grants nothing here (--map-role \"{0}=ROLE\" grants a role for it)", Escaped(name))
            }
            Self::Locked(field) => write!(f, "{} says that the account is locked: disabled", Escaped(field)),
            Self::LockedUntilLater(field) => {
                write!(f, "{} is in the future: disabled, and kept in attributes", Escaped(field))
            }
            Self::Expired(field) => write!(f, "{} is in the past: disabled, and kept in attributes", Escaped(field)),
            Self::ExpiresLater(field) => write!(
                f,
                "{} is in the future: kept in attributes, because accounts do not expire by themselves here",
                Escaped(field)
            ),
            Self::NumberAsText(field) => {
                write!(f, "{} kept as text: a number with this many digits would be rounded", Escaped(field))
            }
            Self::FirstAddressUsed(field) => {
                write!(f, "{} has several addresses: the first one is used, all are kept in attributes", Escaped(field))
            }
            Self::OldIdInAttribute(field) => {
                write!(f, "{} kept in the attribute {OLD_ID_ATTRIBUTE}, because the record also has an external id", Escaped(field))
            }
            Self::IdTaken(id) => write!(f, "id {} is taken: a new one is used", Escaped(id)),
            Self::NoPassword => f.write_str("no password: cannot log in until one is set"),
            Self::NestedPrivilege(path) => write!(f, "{} grants nothing here", Escaped(path)),
            Self::Waiting(field) => {
                write!(f, "{} says that the account awaits confirmation: pending", Escaped(field))
            }
            Self::NotUnderstood { field, instead } => {
                write!(f, "{} not understood: kept in attributes, {instead}", Escaped(field))
            }
            Self::Dropped(field) => write!(f, "{} dropped", Escaped(field)),
            Self::DuplicateAttribute(field) => write!(f, "{} dropped: the attributes have a field of this name", Escaped(field)),
        }
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn character(char: char) -> String {
    match char {
        ' ' => "space".to_owned(),
        _ if char.is_control() || char.is_whitespace() => format!("U+{:04X}", u32::from(char)),
        _ => format!("\"{char}\""),
    }
}
