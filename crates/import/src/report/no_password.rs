//! Reasons why a text is not a password.

use std::fmt;

/// Why a text cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPassword {
    /// A mask, such as a row of asterisks.
    Mask,
    /// A word that stands for "no password".
    Placeholder,
    /// A marker of an account without a password.
    Marker,
    /// A marker of an account whose password was locked.
    Locked,
    /// An encrypted text, or a reference to a vault.
    Encrypted,
    /// A text that more than three records share.
    Shared,
}

impl fmt::Display for NoPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mask => "a mask",
            Self::Placeholder => "a placeholder",
            Self::Marker => "a marker for \"no password\"",
            Self::Locked => "a marker for a locked password",
            Self::Encrypted => "an encrypted text or a reference to a vault",
            Self::Shared => "a text that more than three records share",
        })
    }
}
