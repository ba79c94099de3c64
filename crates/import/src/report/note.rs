//! Notes: what an import changed about a record.

use crate::report::location::Escaped;
use crate::report::no_password::NoPassword;
use roster_domain::{AliasError, PendingReasons};
use serde::{Serialize, Serializer};
use thiserror::Error;

/// The attribute that holds the old id of a person who also has an external id.
pub(crate) const OLD_ID_ATTRIBUTE: &str = "imported_id";

/// Something that an import changed or left out, or that needs attention. Displays and serializes as a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Note {
    /// The record has no username; one was generated from the email address.
    #[error("username made from the email")]
    UsernameFromEmail,
    /// The generated username is taken; this one is used instead.
    #[error("that username is taken: {} used instead", Escaped(.0))]
    UsernameAlternative(String),
    /// The original spelling of the username is the name of another record.
    #[error("{} is the name of another record: this person cannot log in with it", Escaped(.0))]
    AliasTaken(String),
    /// The original spelling of the username cannot be kept.
    #[error("the original spelling of the username does not log in: {0}")]
    AliasInvalid(AliasError),
    /// The record has no username; the key in the map is used.
    #[error("the key became the username")]
    UsernameFromKey,
    /// The record has no email address; the key in the map is used.
    #[error("the key became the email address")]
    EmailFromKey,
    /// White space around the username was removed.
    #[error("white space around the username removed")]
    UsernameTrimmed,
    /// These characters are not allowed in a username and were replaced. The original spelling still logs in.
    #[error("{} replaced in the username", characters(.0))]
    UsernameReplaced(Vec<char>),
    /// A role mapping gave the person a role.
    #[error("{} mapped to role {}", Escaped(.from), Escaped(.to))]
    RoleMapped {
        /// The role, group or flag in the file.
        from: String,
        /// The role in Roster.
        to: String,
    },
    /// The person has a role that grants privileges, and no mapping gave it to them.
    #[error("role {} granted", Escaped(.0))]
    RoleGranted(String),
    /// A role, group or flag that grants privileges in the old system grants none here.
    #[error(
        "{escaped} grants nothing here (--map-role \"{escaped}=ROLE\" grants a role for it)",
        escaped = Escaped(.0)
    )]
    PrivilegeNotGranted(String),
    /// The role name was normalized.
    #[error("role {} taken as {}", Escaped(.from), Escaped(.to))]
    RoleNormalized {
        /// The name in the file.
        from: String,
        /// The name in Roster.
        to: String,
    },
    /// The role grants nothing, and its name resembles one that does.
    #[error("role {} kept, but grants nothing: did you mean {suggestion}?", Escaped(.role))]
    RoleMisspelt {
        /// The name, which was kept.
        role: String,
        /// The role that was probably meant.
        suggestion: &'static str,
    },
    /// The hash cannot be verified here, for this reason. The account is pending.
    #[error("hash cannot be carried over: {0}")]
    HashNotCarriedOver(String),
    /// The password was plain text and was hashed.
    #[error("plain-text password hashed")]
    PlainTextHashed,
    /// The password is plain text or an unknown hash, and the operator did not accept plain text.
    #[error(
        "password not imported: it is plain text or an unknown hash (--plain-text-passwords accepts plain text)"
    )]
    PlainTextRefused,
    /// The password field holds something that is not a password.
    #[error("password not imported: it is {0}")]
    NotAPassword(NoPassword),
    /// This field marks the password in another field as locked.
    #[error("{} says that the password is locked: pending", Escaped(.0))]
    PasswordLocked(String),
    /// The record has no password. An active account becomes pending.
    #[error("no password: cannot log in until one is set")]
    NoPassword,
    /// A field was not understood.
    #[error("{} not understood: kept in attributes, {instead}", Escaped(.field))]
    NotUnderstood {
        /// The field.
        field: String,
        /// What is used instead.
        instead: &'static str,
    },
    /// This field says that the account is locked.
    #[error("{} says that the account is locked: disabled", Escaped(.0))]
    Locked(String),
    /// This nested value grants privileges in the old system and none here.
    #[error("{} grants nothing here", Escaped(.0))]
    NestedPrivilege(String),
    /// This field says that the account awaits confirmation.
    #[error("{} says that the account awaits confirmation: pending", Escaped(.0))]
    Waiting(String),
    /// This field of an export says that the account is pending, for these reasons.
    #[error("{} says that the account is pending: {}", Escaped(.field), named(*.reasons))]
    PendingFor {
        /// The field.
        field: String,
        /// The reasons in the export.
        reasons: PendingReasons,
    },
    /// This field says that the account is locked until a time in the future.
    #[error("{} is in the future: disabled, and kept in attributes", Escaped(.0))]
    LockedUntilLater(String),
    /// This field says that the account has expired.
    #[error("{} is in the past: disabled, and kept in attributes", Escaped(.0))]
    Expired(String),
    /// This field says that the account will expire.
    #[error(
        "{} is in the future: kept in attributes, because accounts do not expire by themselves here",
        Escaped(.0)
    )]
    ExpiresLater(String),
    /// The number in this field does not fit a double, so it is kept as text.
    #[error("{} kept as text: a number with this many digits would be rounded", Escaped(.0))]
    NumberAsText(String),
    /// This field has several addresses; the first one is used.
    #[error("{} has several addresses: the first one is used, all are kept in attributes", Escaped(.0))]
    FirstAddressUsed(String),
    /// The id in this field is kept as an attribute, because the record also has an external id.
    #[error(
        "{} kept in the attribute {OLD_ID_ATTRIBUTE}, because the record also has an external id",
        Escaped(.0)
    )]
    OldIdInAttribute(String),
    /// This id is taken.
    #[error("id {} is taken: a new one is used", Escaped(.0))]
    IdTaken(String),
    /// This field was dropped because it is a secret.
    #[error("{} dropped", Escaped(.0))]
    Dropped(String),
    /// This field was dropped because the record's `attributes` have one of the same name.
    #[error("{} dropped: the attributes have a field of this name", Escaped(.0))]
    DuplicateAttribute(String),
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn named(reasons: PendingReasons) -> String {
    reasons.iter().map(|reason| reason.to_string()).collect::<Vec<_>>().join(", ")
}

fn characters(chars: &[char]) -> String {
    chars.iter().copied().map(character).collect::<Vec<_>>().join(", ")
}

fn character(char: char) -> String {
    match char {
        ' ' => "space".to_owned(),
        _ if char.is_control() || char.is_whitespace() => format!("U+{:04X}", u32::from(char)),
        _ => format!("\"{char}\""),
    }
}
