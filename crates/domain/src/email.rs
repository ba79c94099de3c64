//! Email addresses.

use crate::CodedError;
use crate::lookup_key::lookup_key;
use roster_identity::text_value;
use std::sync::Arc;
use thiserror::Error;

/// An email address: a dot-atom (RFC 5322, section 3.2.3) at a dotted domain, with at most 254 bytes (RFC 5321,
/// section 4.5.3.1.3 with erratum 1690).
///
/// Kept as typed, because mail is sent to exactly that spelling. Quoted local parts, comments and address literals
/// are rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    typed: Arc<str>,
    key: EmailKey,
}

lookup_key! {
    /// The key by which addresses are compared: in lower case, the domain as A-labels. Dots and plus signs are
    /// significant.
    EmailKey
}

/// Why a text is not an email address.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EmailError {
    /// More than [`EmailAddress::MAX_BYTES`] bytes.
    #[error("an email address has at most {} bytes", EmailAddress::MAX_BYTES)]
    TooLong,
    /// Not `local@domain.tld`.
    #[error("not an email address")]
    Invalid,
}

impl EmailAddress {
    /// The maximum length of an address in bytes, as typed and as compared.
    pub const MAX_BYTES: usize = 254;
    /// The maximum length of the part before the `@` in bytes (RFC 5321, section 4.5.3.1.1).
    pub const MAX_LOCAL_BYTES: usize = 64;

    /// Checks an address, which is kept as typed.
    ///
    /// # Errors
    /// [`EmailError::TooLong`], or [`EmailError::Invalid`] for any other reason.
    pub fn new(text: impl Into<String>) -> Result<Self, EmailError> {
        let text = text.into();
        if text.len() > Self::MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Invalid)?;
        if !is_dot_atom(local) || local.len() > Self::MAX_LOCAL_BYTES {
            return Err(EmailError::Invalid);
        }
        let domain = a_labels(domain).ok_or(EmailError::Invalid)?;
        let key = format!("{}@{domain}", local.to_ascii_lowercase());
        if key.len() > Self::MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        let typed = Arc::<str>::from(text);
        let key = if *key == *typed { Arc::clone(&typed) } else { key.into() };
        Ok(Self { typed, key: EmailKey(key) })
    }

    /// The key by which it is compared.
    #[must_use]
    pub const fn key(&self) -> &EmailKey {
        &self.key
    }

    /// The part before the `@`, as typed.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.typed.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

text_value!(EmailAddress, typed, EmailError);

fn is_dot_atom(local: &str) -> bool {
    let atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext))
}

/// The domain as lower-case A-labels, if it is a host name with at least two labels.
fn a_labels(domain: &str) -> Option<String> {
    let ascii =
        if is_plain(domain) { domain.to_owned() } else { idna::domain_to_ascii_strict(domain).ok()? };
    let mut labels = ascii.split('.');
    let whole = labels.clone().count() >= 2 && labels.clone().all(|label| !label.is_empty());
    // A top-level domain is never all digits (RFC 3696, section 2), but an IPv4 address ends in digits.
    let named = labels.next_back().is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()));
    (whole && named).then_some(ascii)
}

/// Whether the domain is a host name in lower case, which is its own A-label form. Most are, and looking takes a fraction of
/// the time of mapping.
fn is_plain(domain: &str) -> bool {
    let is_plain = |label: &str| {
        let bytes = label.as_bytes();
        bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
            && (1..=63).contains(&bytes.len())
            && !(label.starts_with('-') || label.ends_with('-') || bytes.get(2..4) == Some(b"--"))
    };
    domain.len() <= 253 && domain.split('.').all(is_plain)
}

impl CodedError for EmailError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "email_too_long",
            Self::Invalid => "email_invalid",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_typed_and_compared_in_lower_case() {
        let address = EmailAddress::new("Sean.OBrien@Example.COM").unwrap();
        assert_eq!(address.as_str(), "Sean.OBrien@Example.COM");
        assert_eq!(address.key().as_str(), "sean.obrien@example.com");
        assert_eq!(address.local_part(), "Sean.OBrien");
    }

    #[test]
    fn an_international_domain_is_compared_as_a_labels() {
        let unicode = EmailAddress::new("a@Bücher.example").unwrap();
        assert_eq!(unicode.key(), EmailAddress::new("a@xn--bcher-kva.example").unwrap().key());
    }

    proptest::proptest! {
        #[test]
        fn a_plain_domain_is_its_own_a_label_form(domain in r"[a-z0-9.-]{1,20}") {
            if is_plain(&domain) {
                proptest::prop_assert_eq!(idna::domain_to_ascii_strict(&domain).ok(), Some(domain));
            }
        }
    }

    #[test]
    fn a_label_of_another_form_is_not_plain() {
        let long = format!("{}.de", "a".repeat(64));
        for domain in
            ["xn--bcher-kva.de", "-a.de", "a-.de", "a..de", "", "A.de", "ü.de", "a_b.de", "ab--c.de", &long]
        {
            assert!(!is_plain(domain), "{domain}");
        }
    }

    #[test]
    fn dots_and_plus_signs_are_significant() {
        let plain = EmailAddress::new("ab@example.com").unwrap();
        for other in ["a.b@example.com", "ab+x@example.com"] {
            assert_ne!(EmailAddress::new(other).unwrap().key(), plain.key());
        }
    }

    #[test]
    fn addresses_that_mail_servers_reject_are_rejected() {
        for text in [
            "",
            "@",
            "a@",
            "@b.c",
            "a",
            "a@localhost",
            ".a@x.com",
            "a.@x.com",
            "a..b@x.com",
            "a@x..com",
            "a@.x.com",
            "a@x.com.",
            "a@-x.com",
            "a@x_y.com",
            "a b@x.com",
            "\"a\"@x.com",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@x.com\n",
            "a@b@c.com",
            "ä@x.com",
            "a@x.c om",
            "<a@x.com>",
            "a\0@x.com",
        ] {
            assert_eq!(EmailAddress::new(text), Err(EmailError::Invalid), "{text:?}");
        }
    }

    #[test]
    fn length_is_counted_in_bytes() {
        let domain = format!("{}.{}.{}.com", "d".repeat(62), "d".repeat(62), "d".repeat(59));
        assert!(EmailAddress::new(format!("{}@{domain}", "a".repeat(64))).is_ok());
        assert_eq!(EmailAddress::new(format!("{}@{domain}", "a".repeat(65))), Err(EmailError::TooLong));
    }
}
