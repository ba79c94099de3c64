//! Text inside a JSON string.

use std::fmt::{self, Write};

/// Appends what is written to it as the inside of a JSON string (RFC 8259, section 7).
pub(super) struct Escaped<'a>(pub(super) &'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Almost no text has such a byte. This passes over all of it without a branch, many bytes at a time.
        if !text.bytes().fold(false, |found, byte| found | is_escaped(byte)) {
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
