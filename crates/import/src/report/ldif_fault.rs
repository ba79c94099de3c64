//! What is wrong with an entry of LDIF.

use crate::report::location::Escaped;
use thiserror::Error;

/// Why an entry of LDIF cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LdifFault {
    /// A line has no colon.
    #[error("line {0}: expected ATTRIBUTE: VALUE, or a space before the rest of the line above")]
    NoColon(usize),
    /// A value after `::` is not base64.
    #[error("line {line}: {} is not base64, as :: says", Escaped(.attribute))]
    Base64 {
        /// The attribute.
        attribute: String,
        /// Its line.
        line: usize,
    },
    /// The entry does not begin with its name.
    #[error("line {0}: an entry begins with dn:")]
    NoName(usize),
}
