//! The base64 variants of password hashes.

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD as STANDARD_ALPHABET};
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{NO_PAD, STANDARD, STANDARD_NO_PAD};
#[cfg(feature = "password-legacy")]
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

use super::foreign::Rejected;

/// passlib's base64: `.` for `+`, no padding.
const ADAPTED: GeneralPurpose = GeneralPurpose::new(
    &match Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./") {
        Ok(alphabet) => alphabet,
        Err(_) => STANDARD_ALPHABET,
    },
    NO_PAD,
);

/// Standard base64 with or without padding.
#[cfg(feature = "password-legacy")]
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD_ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes passlib's base64.
pub(super) fn adapted(text: &str) -> Result<Vec<u8>, Rejected> {
    ADAPTED.decode(text).map_err(|_| Rejected::Malformed)
}

/// Decodes standard base64 with padding.
pub(super) fn padded(text: &str) -> Result<Vec<u8>, Rejected> {
    STANDARD.decode(text).map_err(|_| Rejected::Malformed)
}

/// Decodes standard base64 without padding.
pub(super) fn unpadded(text: &str) -> Result<Vec<u8>, Rejected> {
    STANDARD_NO_PAD.decode(text).map_err(|_| Rejected::Malformed)
}

/// Decodes standard base64, padded or not.
#[cfg(feature = "password-legacy")]
pub(super) fn lenient(text: &str) -> Result<Vec<u8>, Rejected> {
    LENIENT.decode(text).map_err(|_| Rejected::Malformed)
}

/// Decodes hexadecimal digits.
pub(super) fn hexadecimal(text: &str) -> Result<Vec<u8>, Rejected> {
    hex::decode(text).map_err(|_| Rejected::Malformed)
}
