//! Verifies tokens.

use super::cache::{TokenCache, Verified};
use super::claims::Claims;
use super::key::VerifyingKey;
use super::key_set::KeySet;
use super::rejected::TokenRejected;
use super::rejection::{Quoted, Rejection};
use super::token_type::TokenType;
use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// Verifies access tokens of one issuer for one audience, by the rules of RFC 9068, section 4, and RFC 8725.
///
/// Its keys can be replaced at run time. Every verification, even of a cached token, uses the current keys
/// when it begins, so no token outlives its key.
pub struct TokenVerifier {
    keys: ArcSwap<KeySet>,
    settings: VerifierSettings,
    cache: TokenCache,
}

/// What a [`TokenVerifier`] accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifierSettings {
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be or contain. With `None` there must be no `aud`: a token for another audience is not meant
    /// for a service that has none (RFC 7519, section 4.1.3).
    pub audience: Option<String>,
    /// The accepted types: only `at+jwt`, or `JWT` too.
    pub token_type: TokenType,
    /// How far in the future `iat` and `nbf` may be, in case the issuer's clock is ahead of this one. There is no
    /// such tolerance for `exp`.
    pub clock_skew: Duration,
    /// The number of verified tokens to cache.
    pub cache_capacity: usize,
}

/// The only header that an access token of Roster has. Unknown parameters are rejected rather than ignored, so that
/// none with a meaning (`crit`, `b64`, `jwk`, `jku`, `x5u`, `zip`) is overlooked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    kid: Option<String>,
}

impl Header {
    fn from_json(json: &[u8]) -> Result<Self, Rejection> {
        serde_json::from_slice(json).map_err(|error| Rejection::Header(Quoted::new(&error.to_string())))
    }
}

impl VerifierSettings {
    /// The default clock skew.
    pub const DEFAULT_CLOCK_SKEW: Duration = Duration::from_secs(5);
    /// The default capacity of the cache: a few megabytes.
    pub const DEFAULT_CACHE_CAPACITY: usize = 10_000;

    /// Tokens of `issuer` for `audience`, with the default type, skew and capacity.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..Self::without_audience(issuer) }
    }

    /// Tokens of `issuer` without an audience, as Roster issues them while `auth.audience` is empty; otherwise like
    /// [`Self::new`]. Every service that trusts the issuer accepts such a token.
    #[must_use]
    pub fn without_audience(issuer: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: None,
            token_type: TokenType::AccessToken,
            clock_skew: Self::DEFAULT_CLOCK_SKEW,
            cache_capacity: Self::DEFAULT_CACHE_CAPACITY,
        }
    }
}

impl TokenVerifier {
    /// The maximum length of a token in bytes. Roster's own have some hundreds.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Accepts tokens that are signed with one of `keys`.
    #[must_use]
    pub fn new(keys: impl Into<KeySet>, settings: VerifierSettings) -> Self {
        let cache = TokenCache::new(settings.cache_capacity);
        Self { keys: ArcSwap::from_pointee(keys.into()), settings, cache }
    }

    /// The current keys.
    #[must_use]
    pub fn keys(&self) -> Arc<KeySet> {
        self.keys.load_full()
    }

    /// What `iss` must be.
    #[cfg(feature = "issue")]
    pub(super) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Replaces the keys at once: from the next verification on, tokens of keys that are gone or past their
    /// [`accept_until`](VerifyingKey::accept_until) are rejected, also cached ones. Cached tokens of the remaining
    /// keys stay cached.
    pub fn replace_keys(&self, keys: impl Into<KeySet>) {
        self.keys.store(Arc::new(keys.into()));
    }

    /// Verifies a token: the signature, with the key that `kid` names and that key's algorithm; the type, issuer and
    /// audience; and the time. A token that was verified before costs a fingerprint and a look-up.
    ///
    /// The claims are as of the token's issue. If you have the user's record, decide by that instead.
    ///
    /// Why a token is rejected is logged at the level `debug`, never the token itself.
    ///
    /// # Errors
    /// The first reason to reject the token.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, TokenRejected> {
        self.check(token, now).map_err(|reason| {
            tracing::debug!(%reason, "an access token is rejected");
            TokenRejected::from(&reason)
        })
    }

    fn check(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, Rejection> {
        if token.len() > Self::MAX_BYTES {
            return Err(Rejection::TooLong { bytes: token.len() });
        }
        let keys = self.keys.load();
        let fingerprint = self.cache.fingerprint(token);
        if let Some(verified) = self.cache.get(&fingerprint) {
            return self.check_again(&keys, &verified, now).inspect_err(|_| self.cache.forget(&fingerprint));
        }
        let verified = self.decode(&keys, token, now)?;
        self.check_time(&verified.claims, now)?;
        let claims = Arc::clone(&verified.claims);
        self.cache.keep(fingerprint, verified);
        Ok(claims)
    }

    /// Whether `token` names a key that is missing here: the issuer may have made it since.
    #[cfg(feature = "fetch")]
    pub(crate) fn lacks_key_of(&self, token: &str) -> bool {
        let header = token.split_once('.').and_then(|(header, _)| decode_object(header).ok());
        let header = header.and_then(|json| serde_json::from_slice::<Header>(&json).ok());
        let kid = header.and_then(|header| header.kid);
        kid.is_some_and(|kid| self.keys.load().get(Some(&kid)).is_none())
    }

    fn check_again(
        &self,
        keys: &KeySet,
        verified: &Verified,
        now: Timestamp,
    ) -> Result<Arc<Claims>, Rejection> {
        if !keys.accepts(verified.key, now) {
            return Err(Rejection::KeyEnded);
        }
        self.check_time(&verified.claims, now)?;
        Ok(Arc::clone(&verified.claims))
    }

    fn decode(&self, keys: &KeySet, token: &str, now: Timestamp) -> Result<Verified, Rejection> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Rejection::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Rejection::Malformed)?;
        let (header, claims) = (Header::from_json(&decode_object(header)?)?, decode_object(claims)?);
        if !self.settings.token_type.accepts(&header.typ) {
            return Err(Rejection::Type(Quoted::new(&header.typ)));
        }
        let key = key_of(&header, keys, now)?;
        if !key.verifies(signed, signature) {
            return Err(Rejection::Signature);
        }
        let claims = Claims::from_json(&claims)?;
        self.check_parties(&claims)?;
        Ok(Verified { claims: Arc::new(claims), key: key.fingerprint() })
    }

    fn check_parties(&self, claims: &Claims) -> Result<(), Rejection> {
        let issuer = &self.settings.issuer;
        if claims.iss != *issuer {
            return Err(Rejection::Issuer { found: Quoted::new(&claims.iss), expected: Quoted::new(issuer) });
        }
        let found = || Quoted::new(&claims.aud.join(", "));
        match &self.settings.audience {
            Some(audience) if !claims.aud.contains(audience) => {
                Err(Rejection::Audience { found: found(), expected: Quoted::new(audience) })
            }
            None if !claims.aud.is_empty() => Err(Rejection::UnexpectedAudience { found: found() }),
            Some(_) | None => Ok(()),
        }
    }

    fn check_time(&self, claims: &Claims, now: Timestamp) -> Result<(), Rejection> {
        if now >= claims.exp {
            return Err(Rejection::Expired { ago: now.duration_since(claims.exp) });
        }
        let latest = now.saturating_add(self.settings.clock_skew).unwrap_or(now);
        let begin = claims.nbf.map_or(claims.iat, |nbf| nbf.max(claims.iat));
        if begin > latest {
            return Err(Rejection::NotYetValid { wait: begin.duration_since(now) });
        }
        Ok(())
    }
}

/// The key with the header's `kid`, or the one without a name if the header has no `kid`.
fn key_of<'a>(header: &Header, keys: &'a KeySet, now: Timestamp) -> Result<&'a VerifyingKey, Rejection> {
    let kid = header.kid.as_deref();
    let key = keys.get(kid).ok_or_else(|| {
        kid.map_or(Rejection::KidMissing, |kid| Rejection::UnknownKey { kid: Quoted::new(kid) })
    })?;
    let expected = key.algorithm().as_str();
    if header.alg != expected {
        return Err(Rejection::Algorithm { alg: Quoted::new(&header.alg), expected });
    }
    if key.is_accepted(now) { Ok(key) } else { Err(Rejection::KeyEnded) }
}

/// Decodes base64url in its only accepted spelling: no padding, no stray bits, no other alphabet. Serde would
/// read a list as a struct, so only objects pass.
fn decode_object(part: &str) -> Result<Vec<u8>, Rejection> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejection::Malformed)?;
    if json.first() == Some(&b'{') { Ok(json) } else { Err(Rejection::Malformed) }
}

#[cfg(test)]
mod tests;
