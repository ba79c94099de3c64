//! API keys of service accounts.

use crate::{Actor, ApiKeyId, ApiKeyName, GrantedPermissions, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// An API key of a service account, as it is stored: everything but the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Never changes, and is never reused.
    pub id: ApiKeyId,
    /// The public part of the key's text, which identifies the key.
    pub prefix: ApiKeyPrefix,
    /// The name that people give it.
    pub name: ApiKeyName,
    /// The digest of the key, to verify it.
    pub digest: ApiKeyDigest,
    /// The most that it may do.
    pub permissions: GrantedPermissions,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it: the key never grants more than its creator holds.
    pub created_by: KeyCreator,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// The key that replaces it. Until this key expires, both are valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<ApiKeyId>,
}

/// Who created an API key. A service account cannot create keys, so that every key has an accountable user or the
/// operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyCreator {
    /// A user: the key never grants more than the user currently holds.
    User(UserId),
    /// The operator at the command line, who holds every permission.
    Operator,
}

/// The public part of an API key's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiKeyPrefix([u8; ApiKeyPrefix::LEN]);

/// The SHA-256 of an API key's whole text. The key is random, so it cannot be found from its digest.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiKeyDigest([u8; 32]);

/// A text that is not the prefix of an API key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the prefix of an API key has {} of A-Z, a-z and 0-9", ApiKeyPrefix::LEN)]
pub struct ApiKeyPrefixError;

/// A text that is not the digest of an API key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the digest of an API key is \"sha256:\" and 64 hexadecimal digits in lower case")]
pub struct ApiKeyDigestError;

impl ApiKey {
    /// Whether it is valid at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// The key after a use.
    #[must_use]
    pub fn used(self, now: Timestamp) -> Self {
        Self { last_used_at: self.last_used_at.max(Some(now)), ..self }
    }

    /// The key after `successor` replaced it: it ends at `end`, or earlier if it would have expired before.
    #[must_use]
    pub fn replaced(self, successor: ApiKeyId, end: Timestamp) -> Self {
        let end = self.expires_at.map_or(end, |own| own.min(end));
        Self { expires_at: Some(end), replaced_by: Some(successor), ..self }
    }
}

impl KeyCreator {
    /// The creator as an actor of the audit log.
    #[must_use]
    pub const fn actor(self) -> Actor {
        match self {
            Self::User(id) => Actor::User(id),
            Self::Operator => Actor::Operator,
        }
    }
}

impl ApiKeyPrefix {
    /// The length in characters.
    pub const LEN: usize = 12;
    /// The rule as a regular expression.
    pub const PATTERN: &'static str = "^[A-Za-z0-9]{12}$";

    /// The allowed characters.
    pub const ALPHABET: &'static [u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// Makes a prefix from random bytes. It is public, so the distribution need not be perfectly even.
    #[must_use]
    pub fn from_random(random: [u8; Self::LEN]) -> Self {
        Self(random.map(|byte| Self::ALPHABET[usize::from(byte % 62)]))
    }

    /// Checks a prefix.
    ///
    /// # Errors
    /// [`ApiKeyPrefixError`].
    pub fn new(text: &str) -> Result<Self, ApiKeyPrefixError> {
        let bytes = <[u8; Self::LEN]>::try_from(text.as_bytes()).map_err(|_| ApiKeyPrefixError)?;
        if bytes.iter().all(u8::is_ascii_alphanumeric) { Ok(Self(bytes)) } else { Err(ApiKeyPrefixError) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The constructor accepts ASCII only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl ApiKeyDigest {
    const LABEL: &'static str = "sha256:";

    /// The digest, to be compared in constant time.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for ApiKeyDigest {
    fn from(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl TryFrom<String> for ApiKeyDigest {
    type Error = ApiKeyDigestError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix(Self::LABEL).ok_or(ApiKeyDigestError)?;
        if digits.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(ApiKeyDigestError);
        }
        let mut digest = [0; 32];
        hex::decode_to_slice(digits, &mut digest).map_err(|_| ApiKeyDigestError)?;
        Ok(Self(digest))
    }
}

impl From<ApiKeyDigest> for String {
    fn from(digest: ApiKeyDigest) -> Self {
        format!("{}{}", ApiKeyDigest::LABEL, hex::encode(digest.0))
    }
}

impl fmt::Debug for ApiKeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeyDigest(…)")
    }
}

impl FromStr for ApiKeyPrefix {
    type Err = ApiKeyPrefixError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for ApiKeyPrefix {
    type Error = ApiKeyPrefixError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<ApiKeyPrefix> for String {
    fn from(prefix: ApiKeyPrefix) -> Self {
        prefix.as_str().to_owned()
    }
}

impl fmt::Display for ApiKeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ApiKeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeyPrefix({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_one_length_and_alphabet() {
        assert_eq!(ApiKeyPrefix::new("Ab3dEf6hIj9k").unwrap().as_str(), "Ab3dEf6hIj9k");
        assert_eq!(ApiKeyPrefix::from_random([61; 12]).as_str(), "zzzzzzzzzzzz");
        for text in ["", "short", "Ab3dEf6hIj9kX", "Ab3d_f6hIj9k", "Ab3dEf6hIjé"] {
            assert_eq!(ApiKeyPrefix::new(text), Err(ApiKeyPrefixError), "{text}");
        }
    }

    #[test]
    fn a_digest_has_one_spelling_and_is_hidden_by_debug() {
        let digest = ApiKeyDigest::from([0xa5; 32]);
        let text = String::from(digest);
        assert_eq!(text, format!("sha256:{}", "a5".repeat(32)));
        assert_eq!(ApiKeyDigest::try_from(text.clone()), Ok(digest));
        for text in [text.to_uppercase(), text[7..].to_owned(), format!("{text}0"), text.replace('5', "g")] {
            assert_eq!(ApiKeyDigest::try_from(text), Err(ApiKeyDigestError));
        }
        assert!(!format!("{digest:?}").contains("a5"));
    }
}
