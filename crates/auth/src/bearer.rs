//! Parsing `Authorization: Bearer`.

/// The beginning of the header's value.
const SCHEME: &[u8] = b"bearer ";

/// The token in the value of an `Authorization` header, if its scheme is `Bearer` (RFC 6750, section 2.1).
///
/// Does not allocate, and does not verify the token. A token that is not text is returned as an empty one, so that
/// the request is rejected rather than treated as one without a token.
///
/// ```
/// use roster_auth::bearer_token;
///
/// assert_eq!(bearer_token(b"Bearer a.b.c"), Some("a.b.c"));
/// assert_eq!(bearer_token(b"Basic YTpi"), None);
/// ```
#[must_use]
pub fn bearer_token(authorization: &[u8]) -> Option<&str> {
    let (scheme, token) = authorization.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| str::from_utf8(token).unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_read_in_any_case_and_spaces_around_the_token_are_dropped() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c "] {
            assert_eq!(bearer_token(value.as_bytes()), Some("a.b.c"), "{value}");
        }
    }

    #[test]
    fn another_scheme_has_no_token() {
        for value in ["", "Bearer", "Bearera.b.c", "Basic YTpi", "a.b.c", "Token bearer a.b.c"] {
            assert_eq!(bearer_token(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn a_token_that_is_not_text_is_a_bad_token() {
        assert_eq!(bearer_token(b"Bearer \xff\xfe"), Some(""));
    }
}
