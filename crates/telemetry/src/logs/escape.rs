//! Text inside a JSON string.

use std::fmt::{self, Write};

use tracing_subscriber::fmt::format::Writer;

/// Writes text as the inside of a JSON string (RFC 8259, section 7).
pub(super) struct Escaped<'a, 'b>(pub(super) &'a mut Writer<'b>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut plain_from = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            // Only ASCII is escaped, so both ends are boundaries of characters.
            self.0.write_str(text.get(plain_from..at).unwrap_or_default())?;
            match byte {
                b'"' => self.0.write_str("\\\"")?,
                b'\\' => self.0.write_str("\\\\")?,
                b'\n' => self.0.write_str("\\n")?,
                b'\r' => self.0.write_str("\\r")?,
                b'\t' => self.0.write_str("\\t")?,
                other => write!(self.0, "\\u{other:04x}")?,
            }
            plain_from = at + 1;
        }
        self.0.write_str(text.get(plain_from..).unwrap_or_default())
    }
}
