//! What an import changed about a record.

use super::place::Shown;
use serde::{Serialize, Serializer};
use std::fmt;

/// Something that an import changed or left out, or that needs attention. Serialises as its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// There was no username.
    UsernameFromEmail,
    /// There was no username inside the record.
    UsernameFromKey,
    /// There was no email address inside the record.
    EmailFromKey,
    /// There was white space before or after the username.
    UsernameTrimmed,
    /// These characters cannot be in a username; the old spelling still logs in.
    UsernameReplaced(Vec<char>),
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
    /// Nothing in the record can be verified: an active account is pending.
    NoPassword,
    /// A field made no sense.
    NotUnderstood {
        /// The field.
        field: String,
        /// What was used instead.
        instead: &'static str,
    },
    /// A secret that is of no use here.
    Dropped(String),
    /// This unknown field is among the record's `attributes` too, which were kept.
    Shadowed(String),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UsernameFromEmail => f.write_str("username made from the email"),
            Self::UsernameFromKey => f.write_str("username taken from the key"),
            Self::EmailFromKey => f.write_str("email taken from the key"),
            Self::UsernameTrimmed => f.write_str("white space around the username left out"),
            Self::UsernameReplaced(chars) => {
                let names: Vec<_> = chars.iter().copied().map(character).collect();
                write!(f, "{} replaced in the username", names.join(", "))
            }
            Self::RoleRespelt { from, to } => write!(f, "role {} taken as {}", Shown(from), Shown(to)),
            Self::RoleMisspelt { role, meant } => {
                write!(f, "role {} kept, and grants nothing: did you mean {meant}?", Shown(role))
            }
            Self::HashNotCarriedOver(reason) => write!(f, "hash cannot be carried over: {reason}"),
            Self::PlainTextHashed => f.write_str("plain-text password hashed"),
            Self::NoPassword => f.write_str("no password: cannot log in until one is set"),
            Self::NotUnderstood { field, instead } => {
                write!(f, "{} not understood: kept in attributes, {instead}", Shown(field))
            }
            Self::Dropped(field) => write!(f, "{} dropped", Shown(field)),
            Self::Shadowed(field) => write!(f, "{} dropped: it is among the attributes too", Shown(field)),
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
