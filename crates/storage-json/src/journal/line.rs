//! One line of the journal: checksummed, numbered JSON.
//!
//! ```text
//! {"crc":"1c291ca3","number":12,"durable":10,"unit":{…}}
//! ```
//!
//! `crc` is the CRC-32 (IEEE 802.3) of everything after its comma. `durable` is the last number that was known to be
//! on disk when the line was written. A damaged line that a later line calls durable had been acknowledged; any
//! other damaged line is the tail of an unfinished write.

/// The beginning of a line, up to the checksum.
const OPEN: &[u8] = b"{\"crc\":\"";
const DIGITS: usize = 8;
/// The bytes between the checksum and what it covers.
const AFTER_CRC: &[u8] = b"\",";
const COVERED_FROM: usize = OPEN.len() + DIGITS + AFTER_CRC.len();
/// The bytes of a line without its body, at most.
pub(super) const AROUND_BODY: usize =
    COVERED_FROM + "\"number\":18446744073709551615,\"durable\":18446744073709551615,\"segment\":}\n".len();

/// The kind of a line, which is the key of its last member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The first line of a segment.
    Segment,
    /// A unit of work.
    Unit,
}

impl Kind {
    /// The bytes between the numbers and the body.
    const fn opening(self) -> &'static [u8] {
        match self {
            Self::Segment => b",\"segment\":",
            Self::Unit => b",\"unit\":",
        }
    }
}

/// A line with a valid checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    pub(crate) durable: u64,
    /// JSON.
    pub(crate) body: &'a [u8],
}

impl<'a> Line<'a> {
    /// Adds the line, with its newline, to `buffer`.
    pub(crate) fn encode(&self, buffer: &mut Vec<u8>) {
        let start = buffer.len();
        buffer.extend_from_slice(OPEN);
        buffer.extend_from_slice(&[b'0'; DIGITS]);
        buffer.extend_from_slice(AFTER_CRC);
        let mut digits = itoa::Buffer::new();
        for (key, number) in [("\"number\":", self.number), (",\"durable\":", self.durable)] {
            buffer.extend_from_slice(key.as_bytes());
            buffer.extend_from_slice(digits.format(number).as_bytes());
        }
        buffer.extend_from_slice(self.kind.opening());
        buffer.extend_from_slice(self.body);
        buffer.push(b'}');
        let checksum = crc32fast::hash(&buffer[start + COVERED_FROM..]);
        let digits = start + OPEN.len();
        // The length fits, so this does not fail.
        let _ = hex::encode_to_slice(checksum.to_be_bytes(), &mut buffer[digits..digits + DIGITS]);
        buffer.push(b'\n');
    }

    /// Parses a line including its newline. `None` if anything about it is invalid.
    pub(crate) fn decode(line: &'a [u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\n")?;
        let (digits, covered) = line.strip_prefix(OPEN)?.split_at_checked(DIGITS)?;
        let covered = covered.strip_prefix(AFTER_CRC)?;
        let mut checksum = [0; DIGITS / 2];
        hex::decode_to_slice(digits, &mut checksum).ok()?;
        if crc32fast::hash(covered) != u32::from_be_bytes(checksum) {
            return None;
        }
        let (number, rest) = leading_number(covered.strip_prefix(b"\"number\":")?)?;
        let (durable, rest) = leading_number(rest.strip_prefix(b",\"durable\":")?)?;
        let of = |kind: Kind| Some((kind, rest.strip_prefix(kind.opening())?));
        let (kind, rest) = of(Kind::Unit).or_else(|| of(Kind::Segment))?;
        Some(Self { kind, number, durable, body: rest.strip_suffix(b"}")? })
    }
}

fn leading_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = bytes.split_at(digits);
    Some((std::str::from_utf8(number).ok()?.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Line<'_> = Line { kind: Kind::Unit, number: 12, durable: 10, body: b"{\"a\":1}" };

    #[test]
    fn a_line_is_json_and_reads_back_as_written() {
        let mut buffer = b"before\n".to_vec();
        LINE.encode(&mut buffer);
        let text = &buffer[7..];
        assert_eq!(Line::decode(text), Some(LINE));
        let json: serde_json::Value = serde_json::from_slice(text).unwrap();
        assert_eq!(json["number"], 12);
        assert_eq!(json["unit"]["a"], 1);
    }

    #[test]
    fn a_line_with_any_changed_or_missing_byte_is_rejected() {
        let mut whole = Vec::new();
        LINE.encode(&mut whole);
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert_eq!(Line::decode(&changed), None, "byte {at} changed");
            assert_eq!(Line::decode(&whole[..at]), None, "cut to {at} bytes");
        }
    }
}
