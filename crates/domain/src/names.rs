//! Enums whose variants have names.

use crate::CodedError;
use thiserror::Error;

/// A text that is not a name in a closed list, such as the statuses of an account.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("there is no such {noun}; it is one of: {}", known.join(", "))]
pub struct UnknownName {
    pub(crate) noun: &'static str,
    pub(crate) code: &'static str,
    pub(crate) known: &'static [&'static str],
}

impl CodedError for UnknownName {
    fn code(&self) -> &'static str {
        self.code
    }
}

/// Defines an enum whose variants have names: in requests, responses and files, and on the command line.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident, $noun:literal, $code:literal {
        $($(#[$doc:meta])* $variant:ident => $text:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            const NAMES: &'static [&'static str] = &[$($text),+];

            /// All variants.
            pub const ALL: [Self; Self::NAMES.len()] = [$(Self::$variant),+];

            /// The name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownName { noun: $noun, code: $code, known: Self::NAMES }),
                }
            }
        }

        impl $crate::Vocabulary for $name {
            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use named;
