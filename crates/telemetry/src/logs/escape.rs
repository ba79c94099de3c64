//! Text inside a JSON string.

use std::fmt::{self, Write};

/// Appends what is written to it as the inside of a JSON string (RFC 8259, section 7).
pub(super) struct Escaped<'a>(pub(super) &'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Almost no text has such a byte.
        if !has_escaped(text.as_bytes()) {
            self.0.push_str(text);
            return Ok(());
        }
        let mut rest = text;
        // Only ASCII is escaped, so both sides are whole characters.
        while let Some((plain, byte, after)) = first_escaped(rest) {
            self.0.push_str(plain);
            match byte {
                b'"' => self.0.push_str("\\\""),
                b'\\' => self.0.push_str("\\\\"),
                b'\n' => self.0.push_str("\\n"),
                b'\r' => self.0.push_str("\\r"),
                b'\t' => self.0.push_str("\\t"),
                other => write!(self.0, "\\u{other:04x}")?,
            }
            rest = after;
        }
        self.0.push_str(rest);
        Ok(())
    }
}

/// Splits at the first byte that a JSON string must escape: the text before it, the byte, and the rest.
fn first_escaped(text: &str) -> Option<(&str, u8, &str)> {
    let at = text.bytes().position(is_escaped)?;
    Some((text.get(..at)?, *text.as_bytes().get(at)?, text.get(at + 1..)?))
}

const fn is_escaped(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\')
}

/// Whether any of the bytes must be escaped. Looks at eight at a time, since most texts are short.
fn has_escaped(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    words.iter().chain([&last]).any(|word| any_escaped(u64::from_ne_bytes(*word)))
}

/// [`is_escaped`] for any of eight bytes: a subtraction sets the highest bit of each byte that is less, and the first byte
/// where it does so wrongly follows one where it is right.
const fn any_escaped(word: u64) -> bool {
    let controls = word.wrapping_sub(each(0x20));
    let quotes = (word ^ each(b'"')).wrapping_sub(each(1));
    let backslashes = (word ^ each(b'\\')).wrapping_sub(each(1));
    (controls | quotes | backslashes) & !word & each(0x80) != 0
}

/// Eight times the same byte.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_wherever_it_is() {
        for other in [b'a', b' ', 0x7f, 0x80, 0xff] {
            for byte in 0..=u8::MAX {
                for place in 0..20 {
                    let mut bytes = [other; 20];
                    bytes[place] = byte;
                    assert_eq!(has_escaped(&bytes), is_escaped(byte), "{byte} at {place} among {other}");
                }
            }
        }
    }
}
