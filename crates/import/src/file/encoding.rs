//! Checks the encoding of a file.

use crate::file::error::{ReadError, UnreadableFile};
use std::io::{self, BufRead};

/// The UTF-8 byte order mark, which some editors write.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Checks that a file is UTF-8 and not blank.
///
/// # Errors
/// [`UnreadableFile::Empty`], [`UnreadableFile::Utf16`] or [`UnreadableFile::Encoding`].
pub(crate) fn check(mut input: impl BufRead) -> Result<(), ReadError> {
    let mut check = Utf8Check { line: 1, column: 1, tail: Vec::new(), blank: true };
    let mut first = true;
    loop {
        let chunk = input.fill_buf()?;
        let len = chunk.len();
        if len == 0 {
            return check.end();
        }
        if let Some(kind) = binary_kind(chunk).filter(|_| first) {
            return Err(UnreadableFile::Binary(kind).into());
        }
        if first && let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] = chunk {
            return Err(UnreadableFile::Utf16.into());
        }
        check.chunk(if first { chunk.strip_prefix(BYTE_ORDER_MARK).unwrap_or(chunk) } else { chunk })?;
        first = false;
        input.consume(len);
    }
}

/// What a file that is not text is, by its first bytes, with advice.
fn binary_kind(start: &[u8]) -> Option<&'static str> {
    const TAR: &[u8] = b"ustar";
    if start.get(257..262) == Some(TAR) {
        return Some("an archive; unpack it (tar xf FILE) and import the file of users in it");
    }
    let kinds: [(&[u8], &str); 4] = [
        (b"PK\x03\x04", "a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV in UTF-8"),
        (b"BZh", "compressed with bzip2; expand it (bunzip2 FILE)"),
        (b"\xfd7zXZ", "compressed with xz; expand it (unxz FILE)"),
        (
            b"SQLite format 3\0",
            "a database of SQLite; name it as one (roster import sqlite:FILE --table users)",
        ),
    ];
    kinds.into_iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, advice)| advice)
}

/// Skips a byte order mark.
///
/// # Errors
/// If the input cannot be read.
pub(crate) fn skip_mark(input: &mut impl BufRead) -> io::Result<()> {
    if input.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
        input.consume(BYTE_ORDER_MARK.len());
    }
    Ok(())
}

struct Utf8Check {
    line: usize,
    column: usize,
    /// The first bytes of a character that continues in the next chunk.
    tail: Vec<u8>,
    blank: bool,
}

impl Utf8Check {
    fn chunk(&mut self, bytes: &[u8]) -> Result<(), UnreadableFile> {
        let joined;
        let bytes = if self.tail.is_empty() {
            bytes
        } else {
            joined = [&std::mem::take(&mut self.tail), bytes].concat();
            &joined
        };
        let (valid, rest) = match str::from_utf8(bytes) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                let valid = str::from_utf8(valid).unwrap_or_default();
                if error.error_len().is_some() {
                    self.advance(valid);
                    return Err(self.error());
                }
                (valid, rest)
            }
        };
        self.advance(valid);
        self.tail.extend_from_slice(rest);
        Ok(())
    }

    fn advance(&mut self, text: &str) {
        self.blank &= text.trim().is_empty();
        let newlines = text.bytes().filter(|byte| *byte == b'\n').count();
        let after = text.rfind('\n').map_or(text.len() + self.column, |at| text.len() - at);
        self.line += newlines;
        self.column = after;
    }

    fn end(&self) -> Result<(), ReadError> {
        if !self.tail.is_empty() {
            return Err(self.error().into());
        }
        if self.blank { Err(UnreadableFile::Empty.into()) } else { Ok(()) }
    }

    const fn error(&self) -> UnreadableFile {
        UnreadableFile::Encoding { line: self.line, column: self.column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn check_error(bytes: &[u8], capacity: usize) -> Option<String> {
        check(BufReader::with_capacity(capacity, bytes)).err().map(|error| error.to_string())
    }

    fn not_utf_8(column: usize) -> String {
        UnreadableFile::Encoding { line: 2, column }.to_string()
    }

    #[test]
    fn a_character_may_span_two_reads() {
        for capacity in 2..9 {
            assert_eq!(check_error("\u{feff}{\"é\": \"佐藤\"}".as_bytes(), capacity), None, "{capacity}");
        }
    }

    #[test]
    fn invalid_utf_8_is_located_by_line_and_column() {
        for capacity in [2, 3, 5, 64] {
            let message = check_error(b"{\n\"a\": \"\xe9\"}", capacity);
            assert_eq!(message.as_deref(), Some(&*not_utf_8(7)), "{capacity}");
            let cut = check_error(b"{}\n\xc3", capacity);
            assert_eq!(cut.as_deref(), Some(&*not_utf_8(1)), "{capacity}");
        }
    }

    #[test]
    fn blank_files_and_utf_16_are_refused() {
        assert_eq!(check_error(b" \n", 64).as_deref(), Some("the file is empty"));
        assert_eq!(check_error(b"", 64).as_deref(), Some("the file is empty"));
        assert!(check_error(b"\xff\xfe{\0", 64).unwrap().starts_with("the file is UTF-16"));
        assert!(check_error(b"PK\x03\x04\x14\0", 64).unwrap().contains("save the sheet as CSV"));
        assert!(check_error(b"SQLite format 3\0", 64).unwrap().contains("sqlite:FILE"));
        assert!(check_error(b"{\0}\0", 64).unwrap().starts_with("the file is UTF-16"));
    }
}
