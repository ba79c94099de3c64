//! Text inside a JSON string.

use std::fmt::{self, Write};

use tracing_subscriber::fmt::format::Writer;

/// Writes text as the inside of a JSON string (RFC 8259, section 7).
pub(super) struct Escaped<'a, 'b>(pub(super) &'a mut Writer<'b>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        // Only ASCII is escaped, so both sides are whole characters.
        while let Some((plain, byte, after)) = first_escaped(rest) {
            self.0.write_str(plain)?;
            match byte {
                b'"' => self.0.write_str("\\\"")?,
                b'\\' => self.0.write_str("\\\\")?,
                b'\n' => self.0.write_str("\\n")?,
                b'\r' => self.0.write_str("\\r")?,
                b'\t' => self.0.write_str("\\t")?,
                other => write!(self.0, "\\u{other:04x}")?,
            }
            rest = after;
        }
        self.0.write_str(rest)
    }
}

/// Splits at the first byte that a JSON string must escape: the text before it, the byte, and the rest.
fn first_escaped(text: &str) -> Option<(&str, u8, &str)> {
    let at = text.bytes().position(|byte| ESCAPED[usize::from(byte)])?;
    Some((text.get(..at)?, *text.as_bytes().get(at)?, text.get(at + 1..)?))
}

const ESCAPED: [bool; 256] = {
    let mut escaped = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        escaped[control] = true;
        control += 1;
    }
    escaped[b'"' as usize] = true;
    escaped[b'\\' as usize] = true;
    escaped
};
