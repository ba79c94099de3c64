//! The type in a token's header.

/// The `typ` in the header of an access token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenType {
    /// `at+jwt`: an access token and nothing else (RFC 9068, section 2.1).
    #[default]
    AccessToken,
    /// `JWT`: for resource servers that reject `at+jwt`.
    Jwt,
}

impl TokenType {
    /// The value in a header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "at+jwt",
            Self::Jwt => "JWT",
        }
    }

    /// Whether a verifier that expects this type accepts `typ`, in any case. `at+jwt` is always accepted, with or
    /// without the prefix of a media type (RFC 9068, section 4).
    pub(super) fn accepts(self, typ: &str) -> bool {
        let is_any_of = |names: &[&str]| names.iter().any(|name| typ.eq_ignore_ascii_case(name));
        is_any_of(&["at+jwt", "application/at+jwt"]) || (self == Self::Jwt && is_any_of(&["JWT"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_jwt_is_always_accepted_and_jwt_where_it_is_expected() {
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
            assert!(TokenType::AccessToken.accepts(typ) && TokenType::Jwt.accepts(typ), "{typ}");
        }
        for typ in ["JWT", "jwt"] {
            assert!(!TokenType::AccessToken.accepts(typ) && TokenType::Jwt.accepts(typ), "{typ}");
        }
        for typ in ["", "dpop+jwt", "application/jwt", "JWT ", "secevent+jwt"] {
            assert!(!TokenType::AccessToken.accepts(typ) && !TokenType::Jwt.accepts(typ), "{typ}");
        }
    }
}
