//! Where a JSON value ends.

/// Finds the end of a value whose syntax is known to be right.
#[derive(Default)]
pub(super) struct Scan {
    depth: usize,
    state: State,
}

/// Where in a value the scan is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Before a value, or between those inside of it.
    #[default]
    Between,
    /// In a number or a word that is the whole value: the file may end here.
    InScalar,
    InString,
    /// After a backslash.
    Escaped,
    /// The last byte of the value was taken, or the first one after it was seen.
    Over,
}

impl Scan {
    /// Whether the end was found.
    pub(super) fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// Whether the file may end here: after a number or a word.
    pub(super) fn may_end(&self) -> bool {
        self.state == State::InScalar
    }

    /// Whether the byte belongs to the value.
    pub(super) fn takes(&mut self, byte: u8) -> bool {
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
