//! What an import changed about a record.

use super::attributes::SECOND_ID;
use super::location::Escaped;
use super::no_password::NoPassword;
use serde::{Serialize, Serializer};
use std::fmt;

/// Something that an import changed or left out, or that needs attention. Serialises as its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// There was no username.
    UsernameFromEmail,
    /// The username that was made is somebody else's: this one is used instead.
    UsernameGaveWay(String),
    /// The old spelling of the username is the name of another record.
    AliasGaveWay(String),
    /// There was no username inside the record.
    UsernameFromKey,
    /// There was no email address inside the record.
    EmailFromKey,
    /// There was white space before or after the username.
    UsernameTrimmed,
    /// These characters cannot be in a username; the old spelling still logs in.
    UsernameReplaced(Vec<char>),
    /// A role, a group or a flag of this name was given a role by the operator.
    RoleMapped {
        /// The name in the file.
        from: String,
        /// The role.
        to: String,
    },
    /// A role, a group or a flag that grants power elsewhere, and nothing here.
    PowerNotGranted(String),
    /// This role name has another spelling here.
    RoleRespelt {
        /// The name in the file.
        from: String,
        /// The name here.
        to: String,
    },
    /// A role of this name grants nothing, and is nearly one that does.
    RoleMisspelt {
        /// The name, which was kept.
        role: String,
        /// The one that was most likely meant.
        meant: &'static str,
    },
    /// The hash cannot be verified here, and why: the account is pending.
    HashNotCarriedOver(String),
    /// The password was in the file as plain text.
    PlainTextHashed,
    /// What stands for the password is plain text, or an unknown hash, and the operator did not say which.
    PlainTextRefused,
    /// What stands for the password is nobody's password.
    NotAPassword(NoPassword),
    /// A field beside the password marks it as locked.
    PasswordLocked(String),
    /// Nothing in the record can be verified: an active account is pending.
    NoPassword,
    /// A field made no sense.
    NotUnderstood {
        /// The field.
        field: String,
        /// What was used instead.
        instead: &'static str,
    },
    /// A field says that the account was shut.
    Locked(String),
    /// A field says that the account is shut until a time that lies ahead.
    LockedUntilLater(String),
    /// A field says that the account has ended.
    Ended(String),
    /// A field says that the account will end.
    EndsLater(String),
    /// A number that a double cannot hold exactly is kept as text.
    NumberAsText(String),
    /// A field has several addresses.
    FirstAddress(String),
    /// The id in this field stands beside an external id.
    SecondId(String),
    /// The id is somebody else's.
    IdTaken(String),
    /// A secret that is of no use here.
    Dropped(String),
    /// This unknown field is among the record's `attributes` too, which were kept.
    Shadowed(String),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UsernameFromEmail => f.write_str("username made from the email"),
            Self::UsernameGaveWay(username) => {
                write!(f, "somebody else has that username: {} used", Escaped(username))
            }
            Self::AliasGaveWay(alias) => {
                write!(f, "another record has the name {}: it does not log this person in", Escaped(alias))
            }
            Self::UsernameFromKey => f.write_str("username taken from the key"),
            Self::EmailFromKey => f.write_str("email taken from the key"),
            Self::UsernameTrimmed => f.write_str("white space around the username left out"),
            Self::UsernameReplaced(chars) => {
                let names: Vec<_> = chars.iter().copied().map(character).collect();
                write!(f, "{} replaced in the username", names.join(", "))
            }
            Self::RoleRespelt { from, to } => write!(f, "role {} taken as {}", Escaped(from), Escaped(to)),
            Self::RoleMisspelt { role, meant } => {
                write!(f, "role {} kept, and grants nothing: did you mean {meant}?", Escaped(role))
            }
            Self::HashNotCarriedOver(reason) => write!(f, "hash cannot be carried over: {reason}"),
            Self::PlainTextHashed => f.write_str("plain-text password hashed"),
            Self::PlainTextRefused => f.write_str(
                "password not taken over: it is plain text or an unknown hash (--plain-text-passwords takes plain text)",
            ),
            Self::NotAPassword(reason) => write!(f, "password not taken over: it is {reason}"),
            Self::PasswordLocked(field) => {
                write!(f, "{} says that the password was locked: taken as pending", Escaped(field))
            }
            Self::RoleMapped { from, to } => write!(f, "{} taken as role {}", Escaped(from), Escaped(to)),
            Self::PowerNotGranted(name) => {
                write!(f, "{0} grants nothing here (--map-role \"{0}=ROLE\" grants a role for it)", Escaped(name))
            }
            Self::Locked(field) => write!(f, "{} says that the account was shut: disabled", Escaped(field)),
            Self::LockedUntilLater(field) => {
                write!(f, "{} lies ahead: disabled, and kept in attributes", Escaped(field))
            }
            Self::Ended(field) => write!(f, "{} has passed: disabled, and kept in attributes", Escaped(field)),
            Self::EndsLater(field) => write!(
                f,
                "{} lies ahead: kept in attributes, no account ends here by itself",
                Escaped(field)
            ),
            Self::NumberAsText(field) => {
                write!(f, "{} kept as text: a number of so many digits would be rounded", Escaped(field))
            }
            Self::FirstAddress(field) => {
                write!(f, "{} has several addresses: the first one used, all kept in attributes", Escaped(field))
            }
            Self::SecondId(field) => {
                write!(f, "{} kept in the attribute {SECOND_ID}, beside the external id", Escaped(field))
            }
            Self::IdTaken(id) => write!(f, "id {} is somebody else's: a new one made", Escaped(id)),
            Self::NoPassword => f.write_str("no password: cannot log in until one is set"),
            Self::NotUnderstood { field, instead } => {
                write!(f, "{} not understood: kept in attributes, {instead}", Escaped(field))
            }
            Self::Dropped(field) => write!(f, "{} dropped", Escaped(field)),
            Self::Shadowed(field) => write!(f, "{} dropped: it is among the attributes too", Escaped(field)),
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
