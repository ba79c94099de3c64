//! Passwords as `WordPress` hashes them: with a backslash before quotes.

use zeroize::Zeroizing;

/// What PHP's `addslashes` makes of a password; `None` if it changes nothing. `WordPress` escapes all form data, and does not
/// undo it for passwords.
pub(super) fn escaped(secret: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let is_escaped = |byte: &u8| b"'\"\\\0".contains(byte);
    if !secret.iter().any(is_escaped) {
        return None;
    }
    // Never grown, so that no copy is left in memory.
    let mut text = Zeroizing::new(Vec::with_capacity(2 * secret.len()));
    for byte in secret {
        if is_escaped(byte) {
            text.push(b'\\');
        }
        text.push(if *byte == 0 { b'0' } else { *byte });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_backslashes_and_nul_get_a_backslash() {
        let text = |secret: &[u8]| escaped(secret).map(|text| String::from_utf8(text.to_vec()).unwrap());
        assert_eq!(text(b"a'b\"c\\d\0"), Some("a\\'b\\\"c\\\\d\\0".to_owned()));
        assert_eq!(text(b"plain"), None);
    }
}
