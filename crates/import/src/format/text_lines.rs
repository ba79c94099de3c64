//! The lines of a text, with their numbers, in bounded memory.

use crate::file::error::ReadError;
use crate::file::lines::read_line;
use crate::file::source::Input;
use crate::limits::MAX_RECORD_BYTES;
use crate::report::refusal::Refusal;

/// Reads the lines of a text.
pub(crate) struct TextLines<'a> {
    input: Input<'a>,
    number: usize,
    bytes: Vec<u8>,
}

/// A line without its end.
pub(crate) struct TextLine {
    pub(crate) number: usize,
    /// Its text; why it cannot be a part of a record, if it is too long or damaged.
    pub(crate) text: Result<String, Refusal>,
}

/// A line with the continuations that follow it.
pub(crate) struct FoldedLine {
    pub(crate) number: usize,
    pub(crate) text: String,
}

impl<'a> TextLines<'a> {
    pub(crate) const fn new(input: Input<'a>) -> Self {
        Self { input, number: 0, bytes: Vec::new() }
    }

    /// The next line; `None` at the end.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn next_line(&mut self) -> Result<Option<TextLine>, ReadError> {
        if !read_line(&mut self.input, &mut self.bytes)? {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some(TextLine { number: self.number, text: self.text() }))
    }

    fn text(&mut self) -> Result<String, Refusal> {
        if self.bytes.len() > MAX_RECORD_BYTES {
            return Err(Refusal::TooLarge);
        }
        if self.bytes.contains(&0) {
            return Err(Refusal::ZeroByte);
        }
        let text = String::from_utf8(std::mem::take(&mut self.bytes)).map_err(|_| Refusal::NotARecord)?;
        Ok(text.strip_suffix('\r').map(str::to_owned).unwrap_or(text))
    }
}
