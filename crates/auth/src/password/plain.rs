//! A password in plain text.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use zeroize::{Zeroize, Zeroizing};

/// A password as a user typed it, in Unicode normalisation form C (NIST SP 800-63B, section 3.1.1.2).
///
/// It is wiped when dropped, and cannot be shown, compared or copied.
pub struct Password {
    text: Zeroizing<String>,
    /// The text as typed, if it was in another form: another system may have hashed that.
    as_typed: Option<Zeroizing<String>>,
}

impl Password {
    /// The maximum length of a new password in bytes. OWASP recommends a limit of this order, against denial of
    /// service.
    pub const MAX_BYTES: usize = 1024;

    /// Takes ownership of a password, and leaves no unwiped copy.
    #[must_use]
    pub fn new(typed: String) -> Self {
        if is_nfc_quick(typed.chars()) == IsNormalized::Yes {
            return Self { text: Zeroizing::new(typed), as_typed: None };
        }
        // NFC is at most three times as long in UTF-8 (UAX 15): with that capacity the text never moves.
        let mut text = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(3)));
        text.extend(typed.nfc());
        let mut typed = typed;
        if *text == typed {
            typed.zeroize();
            return Self { text, as_typed: None };
        }
        Self { text, as_typed: Some(Zeroizing::new(typed)) }
    }

    /// The length in bytes of UTF-8.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.text.len()
    }

    /// The length in code points, as NIST counts.
    #[must_use]
    pub fn code_points(&self) -> usize {
        self.text.chars().count()
    }

    /// Whether it is longer than any password that Roster accepts.
    #[must_use]
    pub fn is_oversized(&self) -> bool {
        self.byte_len() > Self::MAX_BYTES
    }

    /// The number of spellings that a verification may try: one, or two if the password was not typed in NFC.
    #[must_use]
    pub fn spellings(&self) -> u32 {
        if self.as_typed.is_some() { 2 } else { 1 }
    }

    /// The text exactly as it was typed, for another system that verifies it. A copy must be wiped after use.
    #[must_use]
    pub fn expose_as_typed(&self) -> &str {
        self.as_typed.as_ref().unwrap_or(&self.text)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    pub(super) fn as_typed(&self) -> Option<&[u8]> {
        self.as_typed.as_ref().map(|typed| typed.as_bytes())
    }
}

impl From<String> for Password {
    fn from(typed: String) -> Self {
        Self::new(typed)
    }
}

impl From<Zeroizing<String>> for Password {
    fn from(mut typed: Zeroizing<String>) -> Self {
        Self::new(std::mem::take(&mut *typed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_normalised_to_nfc() {
        let typed = Password::new("cafe\u{301}".into());
        assert_eq!(typed.text(), "café");
        assert_eq!((typed.code_points(), typed.byte_len()), (4, 5));
        assert_eq!(typed.as_typed(), Some("cafe\u{301}".as_bytes()));
    }

    #[test]
    fn a_password_in_nfc_has_one_spelling() {
        // The second is already NFC, although the quick check cannot tell.
        for text in ["さくら-2024", "x\u{301}", "\0a b"] {
            let password = Password::new(text.into());
            assert_eq!(password.text(), text);
            assert_eq!(password.spellings(), 1);
        }
    }
}
