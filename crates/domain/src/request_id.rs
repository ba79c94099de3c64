//! The id of a request.

use crate::Fault;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// The id of a request: 1 to 128 of `[A-Za-z0-9._-]`, so that it is safe in a header, a log and a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RequestId(Box<str>);

/// Why a text is no request id.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a request id has 1 to {} of A-Z, a-z, 0-9 and . _ -", RequestId::MAX_LEN)]
pub struct RequestIdFault;

impl RequestId {
    /// The most characters a request id has.
    pub const MAX_LEN: usize = 128;

    /// Takes a request id.
    ///
    /// # Errors
    /// [`RequestIdFault`].
    pub fn new(text: impl Into<String>) -> Result<Self, RequestIdFault> {
        let text = text.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(RequestIdFault)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Fault for RequestIdFault {
    fn code(&self) -> &'static str {
        "request_id_invalid"
    }
}

impl TryFrom<String> for RequestId {
    type Error = RequestIdFault;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_safe_in_a_header() {
        for text in ["", "a b", "a\r\nb", "é", &"x".repeat(129)] {
            assert_eq!(RequestId::new(text), Err(RequestIdFault), "{text:?}");
        }
        assert!(RequestId::new("x".repeat(128)).is_ok());
    }
}
