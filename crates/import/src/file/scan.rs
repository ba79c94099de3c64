//! Finds the end of a JSON value.

/// Finds the end of a value, byte by byte. The syntax has been checked.
#[derive(Default)]
pub(crate) struct Scan {
    depth: usize,
    state: State,
}

/// Where in a value the scan is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Before the value, or between the values inside it.
    #[default]
    Between,
    /// In a top-level number or word, which may end with the file.
    InScalar,
    InString,
    /// After a backslash in a string.
    Escaped,
    /// The last byte was taken, or the first byte after the value was seen.
    Over,
}

impl Scan {
    /// Whether the value has ended.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Over
    }

    /// Whether the file may end here: after a top-level number or word.
    pub(crate) fn may_end(&self) -> bool {
        self.state == State::InScalar
    }

    /// Whether the byte belongs to the value.
    pub(crate) fn takes(&mut self, byte: u8) -> bool {
        let closed = if self.depth == 0 { State::Over } else { State::Between };
        self.state = match (self.state, byte) {
            (State::Over, _) => return false,
            (State::InString, b'\\') => State::Escaped,
            (State::InString, b'"') => closed,
            (State::Escaped | State::InString, _) | (_, b'"') => State::InString,
            (_, b'{' | b'[') => {
                self.depth += 1;
                State::Between
            }
            (_, b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n') if self.depth == 0 => {
                self.state = State::Over;
                return false;
            }
            (_, b'}' | b']') => {
                self.depth -= 1;
                if self.depth == 0 { State::Over } else { State::Between }
            }
            _ if self.depth == 0 => State::InScalar,
            _ => State::Between,
        };
        true
    }
}
