//! Shortens long strings and numbers, so that the syntax of any document can be checked in constant memory.

use crate::limits::MAX_TOKEN_BYTES;
use std::io::{self, BufRead, Read};

/// Passes a JSON document on, without the ends of its long strings and numbers, which a parser would hold in memory.
/// The omitted bytes are checked: where they are invalid, an invalid byte is passed on for the parser to report.
pub(crate) struct ShortTokens<R> {
    input: R,
    scan: TokenScan,
}

#[derive(Default)]
struct TokenScan {
    state: State,
    /// The length of the string or the run of digits so far.
    len: usize,
    /// Whether the rest of the string is omitted.
    cut: bool,
    /// Whether the first half of a surrogate pair was just passed on, so that the second half must follow.
    half: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Outside,
    InText,
    Escaped,
    /// After `\u` and `seen` digits; `half` says whether they can still be the first half of a surrogate pair.
    Digits {
        seen: u8,
        half: bool,
    },
}

/// A byte that is invalid in every string.
const INVALID: u8 = 1;

impl<R: BufRead> ShortTokens<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, scan: TokenScan::default() }
    }
}

impl<R: BufRead> Read for ShortTokens<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let chunk = self.input.fill_buf()?;
            let (mut used, mut written) = (0, 0);
            let mut slots = buffer.iter_mut();
            for byte in chunk {
                if slots.len() == 0 {
                    break;
                }
                used += 1;
                if let Some(passed) = self.scan.pass(*byte)
                    && let Some(slot) = slots.next()
                {
                    *slot = passed;
                    written += 1;
                }
            }
            self.input.consume(used);
            if written > 0 || used == 0 {
                return Ok(written);
            }
        }
    }
}

impl TokenScan {
    /// The byte to pass on in the place of this one, if any.
    fn pass(&mut self, byte: u8) -> Option<u8> {
        match self.state {
            State::Outside => self.outside(byte),
            State::InText => self.in_text(byte),
            State::Escaped => {
                let half = false;
                self.state = if byte == b'u' { State::Digits { seen: 0, half } } else { State::InText };
                self.checked(byte, b"\"\\/bfnrtu".contains(&byte))
            }
            State::Digits { seen, half } => {
                let half = match seen {
                    0 => matches!(byte, b'd' | b'D'),
                    1 => half && matches!(byte, b'8' | b'9' | b'a' | b'A' | b'b' | b'B'),
                    _ => half,
                };
                self.half = half && seen == 3;
                self.state = if seen == 3 { State::InText } else { State::Digits { seen: seen + 1, half } };
                self.checked(byte, byte.is_ascii_hexdigit())
            }
        }
    }

    fn outside(&mut self, byte: u8) -> Option<u8> {
        if byte == b'"' {
            *self = Self { state: State::InText, ..Self::default() };
            return Some(byte);
        }
        self.len = if byte.is_ascii_digit() { self.len + 1 } else { 0 };
        (self.len <= MAX_TOKEN_BYTES).then_some(byte)
    }

    fn in_text(&mut self, byte: u8) -> Option<u8> {
        if byte == b'"' {
            *self = Self::default();
            return Some(byte);
        }
        let within_a_character = byte & 0b1100_0000 == 0b1000_0000;
        let within = within_a_character || (self.half && self.len < 2 * MAX_TOKEN_BYTES);
        self.cut |= self.len >= MAX_TOKEN_BYTES && !within;
        self.half = false;
        if byte == b'\\' {
            self.state = State::Escaped;
        }
        self.checked(byte, byte >= b' ')
    }

    fn checked(&mut self, byte: u8, valid: bool) -> Option<u8> {
        self.len += 1;
        if self.cut { (!valid).then_some(INVALID) } else { Some(byte) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortened(text: &str) -> String {
        let mut short = String::new();
        ShortTokens::new(text.as_bytes()).read_to_string(&mut short).unwrap();
        short
    }

    #[test]
    fn short_tokens_are_passed_on_unchanged() {
        let text = r#" {"a\"\\":[1.5e3,"\ud83d\ude00é"],"b":null} "#;
        assert_eq!(shortened(text), text);
    }

    #[test]
    fn a_long_string_or_number_is_cut_and_stays_valid() {
        for unit in ["x", "é", "\\n", "\\u00e9", "\\ud83d\\ude00", "x\\ud83d\\ude00"] {
            let text = format!("{{\"{0}\":\"{0}\",\"n\":{1}}}", unit.repeat(200_000), "7".repeat(300_000));
            let short = shortened(&text);
            assert!(short.len() < 4 * MAX_TOKEN_BYTES, "{unit}: {}", short.len());
            let cut: serde_json::Map<String, serde_json::value::Value> =
                serde_json::from_str(&short.replace(&"7".repeat(MAX_TOKEN_BYTES), "7")).unwrap();
            assert_eq!(cut.len(), 2, "{unit}");
        }
    }

    #[test]
    fn an_error_in_the_omitted_part_is_still_an_error() {
        for error in ["\n", "\\x", "\\u00g0"] {
            let text = format!("[\"{}{error}\"]", "x".repeat(100_000));
            assert!(serde_json::from_str::<serde_json::Value>(&shortened(&text)).is_err(), "{error:?}");
        }
    }
}
