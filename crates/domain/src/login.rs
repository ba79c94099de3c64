//! Login names.

use crate::lookup_key::lookup_key;
use crate::{CodedError, EmailAddress, EmailKey, Username, UsernameKey};
use roster_identity::text_value;
use serde::Deserialize as _;
use std::sync::Arc;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// A name given at login: an email address if it contains `@`, otherwise a username. Either may also be an old
/// spelling that an import kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    name: Option<LoginKey>,
    alias: AliasKey,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum LoginKey {
    Email(EmailKey),
    Username(UsernameKey),
}

/// A name from another system that is not a valid username here, and that its owner can still log in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginAlias {
    typed: Arc<str>,
    key: AliasKey,
}

lookup_key! {
    /// The key by which aliases are compared: in lower case and NFKC.
    AliasKey
}

/// Why a text is not a login alias.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AliasError {
    /// The text is empty.
    #[error("a login alias must not be empty")]
    Empty,
    /// More than [`LoginAlias::MAX_LEN`] code points.
    #[error("a login alias has at most {} characters", LoginAlias::MAX_LEN)]
    TooLong,
    /// The character NUL.
    #[error("a login alias must not contain NUL")]
    Nul,
}

impl Login {
    /// Parses what was typed. Any text is accepted: a name that nobody has is not found.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        let name = if typed.contains('@') {
            EmailAddress::new(typed).ok().map(|address| LoginKey::Email(address.key().clone()))
        } else {
            Username::new(typed).ok().map(|name| LoginKey::Username(name.key().clone()))
        };
        let short: String = typed.chars().take(LoginAlias::MAX_LEN + 1).collect();
        Self { name, alias: AliasKey::new(&short) }
    }

    /// The key that all spellings of the name share, whether anyone has the name or not.
    #[must_use]
    pub fn key(&self) -> &str {
        match &self.name {
            Some(LoginKey::Email(key)) => key.as_str(),
            Some(LoginKey::Username(key)) => key.as_str(),
            None => self.alias.as_str(),
        }
    }

    /// The email address, if it can be one.
    #[must_use]
    pub const fn email(&self) -> Option<&EmailKey> {
        match &self.name {
            Some(LoginKey::Email(key)) => Some(key),
            Some(LoginKey::Username(_)) | None => None,
        }
    }

    /// The username, if it can be one.
    #[must_use]
    pub const fn username(&self) -> Option<&UsernameKey> {
        match &self.name {
            Some(LoginKey::Username(key)) => Some(key),
            Some(LoginKey::Email(_)) | None => None,
        }
    }

    /// The alias that it may be, looked up last.
    #[must_use]
    pub const fn alias(&self) -> &AliasKey {
        &self.alias
    }
}

impl LoginAlias {
    /// The maximum number of code points.
    pub const MAX_LEN: usize = 255;

    /// Checks an old name, which is kept as it was.
    ///
    /// # Errors
    /// [`AliasError`] if it is empty or too long, or contains NUL, which not every store can keep.
    pub fn new(text: impl Into<String>) -> Result<Self, AliasError> {
        let text = text.into();
        if text.is_empty() {
            return Err(AliasError::Empty);
        }
        if text.chars().count() > Self::MAX_LEN {
            return Err(AliasError::TooLong);
        }
        if text.contains('\0') {
            return Err(AliasError::Nul);
        }
        let key = AliasKey::new(&text);
        Ok(Self { typed: text.into(), key })
    }

    /// Checks an old name in a stored form. Earlier versions accepted NUL; such a name counts as none, so that a store
    /// with one still opens. Nobody can type it, and its owner logs in with their username.
    ///
    /// # Errors
    /// [`AliasError`] as from [`Self::new`].
    pub fn stored(text: String) -> Result<Option<Self>, AliasError> {
        match Self::new(text) {
            Err(AliasError::Nul) => Ok(None),
            checked => checked.map(Some),
        }
    }

    /// Reads [`Self::stored`].
    pub(crate) fn deserialize_stored<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let stored = text.map_or(Ok(None), Self::stored);
        stored.map_err(serde::de::Error::custom)
    }

    /// The key by which it is compared.
    #[must_use]
    pub const fn key(&self) -> &AliasKey {
        &self.key
    }
}

text_value!(LoginAlias, typed, AliasError);

impl AliasKey {
    fn new(text: &str) -> Self {
        // NFKC keeps ASCII as it is, and looking takes a fraction of the time of mapping.
        if text.is_ascii() {
            return Self(text.to_ascii_lowercase().into());
        }
        Self(text.nfkc().flat_map(char::to_lowercase).collect::<String>().into())
    }
}

impl CodedError for AliasError {
    fn code(&self) -> &'static str {
        "login_alias_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_with_an_at_sign_is_an_email_address() {
        let login = Login::new("Yann@Example.com");
        assert_eq!(login.email().unwrap().as_str(), "yann@example.com");
        assert!(login.username().is_none());
    }

    #[test]
    fn a_login_without_an_at_sign_is_a_username() {
        let login = Login::new("ZOE");
        assert_eq!(login.username().unwrap().as_str(), "zoe");
        assert!(login.email().is_none());
    }

    proptest::proptest! {
        #[test]
        fn the_alias_key_of_ascii_is_its_lower_case(text in r"[\x00-\x7f]{0,40}") {
            let mapped: String = text.nfkc().flat_map(char::to_lowercase).collect();
            let key = AliasKey::new(&text);
            proptest::prop_assert_eq!(key.as_str(), mapped);
        }
    }

    #[test]
    fn spellings_of_one_name_share_a_key() {
        let key = |typed: &str| Login::new(typed).key().to_owned();
        assert_eq!(key("Zoe"), key("ＺＯＥ"));
        assert_eq!(key("Yann@Example.com"), key("yann@EXAMPLE.COM"));
        assert_eq!(key("Xiu 李"), key("XIU 李"), "no username, and yet a name");
        assert_ne!(key("zoe"), key("zoë"));
    }

    #[test]
    fn an_old_name_is_found_by_its_alias() {
        assert_eq!(Login::new("Xiu 李").alias(), LoginAlias::new("xiu 李").unwrap().key());
    }

    #[test]
    fn an_alias_with_nul_is_rejected_and_a_stored_one_counts_as_none() {
        assert_eq!(LoginAlias::new("ad\0a"), Err(AliasError::Nul));
        assert_eq!(LoginAlias::stored("ad\0a".to_owned()), Ok(None));
        assert_eq!(LoginAlias::stored(String::new()), Err(AliasError::Empty));
        let user = crate::fixtures::user(1).with(|user| user.login_alias = LoginAlias::new("old name").ok());
        let mut stored = serde_json::to_value(&user).unwrap();
        stored["login_alias"] = "old\0name".into();
        let read: crate::User = serde_json::from_value(stored).unwrap();
        assert_eq!(read, user.with(|user| user.login_alias = None));
    }

    #[test]
    fn a_login_longer_than_any_alias_matches_none() {
        let longest = LoginAlias::new("x".repeat(LoginAlias::MAX_LEN)).unwrap();
        assert_ne!(Login::new(&"x".repeat(10_000)).alias(), longest.key());
    }
}
