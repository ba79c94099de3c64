//! Values before they are parsed.

use std::fmt;

use zeroize::Zeroizing;

use crate::{Origin, without_userinfo};

/// A value before its setting has parsed it.
#[derive(Clone)]
pub(crate) enum Value {
    /// A single one, wiped on drop since it may be a secret.
    Text(Zeroizing<String>),
    List(Vec<String>),
}

/// Hides the credentials of a URL.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{:?}", without_userinfo(text)),
            Self::List(items) => {
                f.debug_list().entries(items.iter().map(|item| without_userinfo(item))).finish()
            }
        }
    }
}

/// A value and where it was set.
pub(crate) struct Entry {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}
