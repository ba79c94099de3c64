//! Request ids.

use crate::CodedError;
use roster_identity::text_value;
use std::sync::Arc;
use thiserror::Error;

/// The id of a request: 1 to 128 characters of `[A-Za-z0-9._-]`, so that it is safe in a header, a log and a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Arc<str>);

/// Why a text is not a request id.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a request id has 1 to {} characters of A-Z, a-z, 0-9 and . _ -", RequestId::MAX_LEN)]
pub struct RequestIdError;

impl RequestId {
    /// The maximum number of characters.
    pub const MAX_LEN: usize = 128;

    /// Checks a request id.
    ///
    /// # Errors
    /// [`RequestIdError`].
    pub fn new(text: impl AsRef<str>) -> Result<Self, RequestIdError> {
        let text = text.as_ref();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(RequestIdError)
        }
    }

    /// The id for a request that came without one: a number that identifies the process and the number of the
    /// request, both in hexadecimal.
    #[must_use]
    pub fn numbered(process: u64, number: u64) -> Self {
        let mut text = [b'-'; 33];
        let end = text.len() - (number.leading_zeros() / 4).min(15) as usize;
        write_hex(&mut text[..16], process);
        write_hex(&mut text[17..end], number);
        Self(str::from_utf8(&text[..end]).unwrap_or_default().into())
    }
}

text_value!(RequestId, 0, RequestIdError);

/// Fills `text` with the last hexadecimal digits of a number. Avoids the formatting machinery, because every request has
/// an id.
fn write_hex(text: &mut [u8], mut number: u64) {
    for digit in text.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 0xf) as usize];
        number >>= 4;
    }
}

impl CodedError for RequestIdError {
    fn code(&self) -> &'static str {
        "request_id_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_an_id_gets_its_number() {
        assert_eq!(RequestId::numbered(0x2a, 0x1f0).as_str(), "000000000000002a-1f0");
        assert_eq!(RequestId::numbered(u64::MAX, 0).as_str(), "ffffffffffffffff-0");
    }

    #[test]
    fn a_request_id_is_safe_in_a_header() {
        for text in ["", "a b", "a\r\nb", "é", &"x".repeat(129)] {
            assert_eq!(RequestId::new(text), Err(RequestIdError), "{text:?}");
        }
        assert!(RequestId::new("x".repeat(128)).is_ok());
    }
}
