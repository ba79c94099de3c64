//! The base64 of `crypt`: groups of three bytes in little-endian order.

use super::foreign::Rejected;
use zeroize::Zeroizing;

const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Encodes bytes.
pub(super) fn encode(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len().div_ceil(3) * 4));
    for group in bytes.chunks(3) {
        let mut value = group.iter().rev().fold(0_u32, |value, byte| (value << 8) | u32::from(*byte));
        for _ in 0..=group.len() {
            text.push(DIGITS[(value & 0x3f) as usize]);
            value >>= 6;
        }
    }
    text
}

/// The value of a digit.
pub(super) fn digit(digit: u8) -> Result<u32, Rejected> {
    let index = DIGITS.iter().position(|known| *known == digit).ok_or(Rejected::Malformed)?;
    u32::try_from(index).map_err(|_| Rejected::Malformed)
}

/// The number that digits encode, the lowest digit first.
pub(super) fn number(digits: &str) -> Result<u32, Rejected> {
    digits.bytes().rev().try_fold(0_u32, |value, byte| {
        let value = value.checked_mul(64).ok_or(Rejected::TooCostly)?;
        value.checked_add(digit(byte)?).ok_or(Rejected::TooCostly)
    })
}

/// Whether a text consists of digits.
pub(super) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| DIGITS.contains(&byte))
}

/// Whether a text encodes this many bytes: the last digit has no bits beyond them.
pub(super) fn encodes(text: &str, bytes: usize) -> bool {
    let last_bits = 8 * bytes % 6;
    let last = text.bytes().last().and_then(|byte| digit(byte).ok());
    text.len() == (8 * bytes).div_ceil(6)
        && is_digits(text)
        && last.is_some_and(|last| last_bits == 0 || last < 1 << last_bits)
}
