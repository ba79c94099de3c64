//! Stored refresh tokens: their digests, and what leads a slow client to the live token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;

/// The refresh tokens of one session: each is used once and then replaced by another of the same family.
///
/// Only digests are stored. For a short grace period, a replaced token keeps its successor, sealed so that only a
/// client that presents that very token can open it: two tabs that refresh at once both get the live token. A token
/// of the family that is neither live nor within its grace period was used twice, which only an attacker or its
/// victim does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshChain {
    /// Identifies the family.
    pub family: TokenDigest,
    /// Identifies the live token.
    pub current: TokenDigest,
    /// Replaced tokens within their grace period, latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<SupersededToken>,
}

/// A refresh token that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupersededToken {
    /// Identifies the token.
    pub digest: TokenDigest,
    /// When it was used.
    pub at: Timestamp,
    /// The token that replaced it.
    pub successor: SealedToken,
}

/// The status of a refresh token of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStatus {
    /// The token is live.
    Live,
    /// The token was replaced moments ago; the index leads to it in [`RefreshChain::superseded`].
    Superseded(usize),
    /// The token was used before.
    Reused,
}

/// The SHA-256 of a secret that has enough entropy to need no salt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenDigest([u8; 32]);

/// A refresh token that is encrypted with a key derived from its predecessor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SealedToken(Box<[u8]>);

/// Why a text is neither a digest nor a sealed token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not the stored form of a token")]
pub struct StoredTokenError;

impl RefreshChain {
    /// The maximum number of tokens within their grace period. When there are more, the oldest lose the rest of
    /// theirs.
    pub const MAX_SUPERSEDED: usize = 8;

    /// A new family with this token.
    #[must_use]
    pub const fn new(family: TokenDigest, current: TokenDigest) -> Self {
        Self { family, current, superseded: Vec::new() }
    }

    /// The status of the token with this digest. A grace period that began before `since` starts at `since`.
    #[must_use]
    pub fn token_status(&self, digest: TokenDigest, now: Timestamp, grace: Grace) -> TokenStatus {
        if digest == self.current {
            return TokenStatus::Live;
        }
        let found = self.superseded.iter().position(|token| token.digest == digest);
        found
            .filter(|index| grace.holds(self.superseded[*index].at, now))
            .map_or(TokenStatus::Reused, TokenStatus::Superseded)
    }

    /// The family after `next` replaced the live token. `sealed` is `next`, encrypted for the holder of the previous
    /// one.
    #[must_use]
    pub fn rotated(self, next: TokenDigest, sealed: SealedToken, now: Timestamp, grace: Grace) -> Self {
        let followed = SupersededToken { digest: self.current, at: now, successor: sealed };
        // Keeps all tokens up to the oldest that still leads on: it leads through those after it, whose own grace
        // period may end before that of a token that was cut off by a stop of the server.
        let row =
            self.superseded.iter().rposition(|token| grace.holds(token.at, now)).map_or(0, |last| last + 1);
        let earlier = self.superseded.into_iter().take(row);
        let superseded = std::iter::once(followed).chain(earlier).take(Self::MAX_SUPERSEDED).collect();
        Self { current: next, superseded, ..self }
    }
}

/// How long a replaced token still leads to the live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grace {
    /// The duration.
    pub length: SignedDuration,
    /// When the server started. A response that was cut off by a stop can be requested again for [`Self::RESTART`].
    pub since: Timestamp,
}

impl Grace {
    /// The time for a restart, and for a client to retry after it.
    pub const RESTART: SignedDuration = SignedDuration::from_mins(5);

    fn holds(self, from: Timestamp, now: Timestamp) -> bool {
        if self.length.is_zero() {
            return false;
        }
        let stopped_meanwhile = from < self.since && self.since.duration_since(from) <= Self::RESTART;
        let (from, length) = if stopped_meanwhile {
            (self.since, Self::RESTART.max(self.length))
        } else {
            (from, self.length)
        };
        now.duration_since(from) <= length
    }
}

impl TokenDigest {
    /// The digest of a secret.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// The digest with these bytes.
    #[must_use]
    pub const fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The bytes, to be compared in constant time.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl SealedToken {
    /// Wraps an encrypted token.
    #[must_use]
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The encrypted token.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for TokenDigest {
    type Error = StoredTokenError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| StoredTokenError)?;
        bytes.try_into().map(Self).map_err(|_| StoredTokenError)
    }
}

impl From<TokenDigest> for String {
    fn from(digest: TokenDigest) -> Self {
        URL_SAFE_NO_PAD.encode(digest.0)
    }
}

impl TryFrom<String> for SealedToken {
    type Error = StoredTokenError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        URL_SAFE_NO_PAD.decode(text).map(Self::new).map_err(|_| StoredTokenError)
    }
}

impl From<SealedToken> for String {
    fn from(sealed: SealedToken) -> Self {
        URL_SAFE_NO_PAD.encode(sealed.0)
    }
}

/// A few letters are enough to distinguish tokens.
impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenDigest({}…)", URL_SAFE_NO_PAD.encode(&self.0[..6]))
    }
}

impl fmt::Debug for SealedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn grace(since: i64) -> Grace {
        Grace { length: SignedDuration::from_secs(10), since: at(since) }
    }

    fn token(number: u8) -> TokenDigest {
        TokenDigest::of(&[number])
    }

    fn sealed() -> SealedToken {
        SealedToken::new([7; 4])
    }

    fn chain() -> RefreshChain {
        RefreshChain::new(TokenDigest::of(b"family"), token(1)).rotated(
            token(2),
            sealed(),
            at(0),
            grace(-900),
        )
    }

    #[test]
    fn a_replaced_token_leads_on_during_its_grace_period_and_is_reused_after() {
        assert_eq!(chain().token_status(token(2), at(99), grace(-900)), TokenStatus::Live);
        assert_eq!(chain().token_status(token(1), at(10), grace(-900)), TokenStatus::Superseded(0));
        assert_eq!(chain().token_status(token(1), at(11), grace(-900)), TokenStatus::Reused);
        assert_eq!(chain().token_status(token(9), at(0), grace(-900)), TokenStatus::Reused);
    }

    #[test]
    fn a_response_that_was_cut_off_by_a_stop_can_be_requested_again() {
        assert_eq!(chain().token_status(token(1), at(400), grace(100)), TokenStatus::Superseded(0));
        assert_eq!(chain().token_status(token(1), at(401), grace(100)), TokenStatus::Reused);
        assert_eq!(
            chain().token_status(token(1), at(402), grace(400)),
            TokenStatus::Reused,
            "a stop of hours"
        );
        assert_eq!(chain().token_status(token(1), at(11), grace(0)), TokenStatus::Reused, "after the stop");
    }

    #[test]
    fn a_token_cut_off_by_a_stop_leads_on_through_tokens_after_their_grace_period() {
        let restarted = grace(10);
        let chain = chain().rotated(token(3), sealed(), at(20), restarted);
        let chain = chain.rotated(token(4), sealed(), at(40), restarted);
        assert_eq!(chain.token_status(token(1), at(41), restarted), TokenStatus::Superseded(2));
        assert_eq!(chain.token_status(token(2), at(41), restarted), TokenStatus::Reused);
    }

    #[test]
    fn each_token_of_a_quick_succession_still_leads_to_the_live_token() {
        let chain = chain().rotated(token(3), sealed(), at(5), grace(-900));
        assert_eq!(chain.token_status(token(1), at(6), grace(-900)), TokenStatus::Superseded(1));
        assert_eq!(chain.token_status(token(2), at(6), grace(-900)), TokenStatus::Superseded(0));
        let later = chain.rotated(token(4), sealed(), at(60), grace(-900));
        assert_eq!(later.superseded.len(), 1, "what is past its grace is forgotten");
    }

    #[test]
    fn a_hasty_client_cannot_make_a_session_grow() {
        let long =
            (2..100).fold(chain(), |chain, number| chain.rotated(token(number), sealed(), at(0), grace(-9)));
        assert_eq!(long.superseded.len(), RefreshChain::MAX_SUPERSEDED);
    }

    #[test]
    fn a_log_shows_enough_of_digests_to_distinguish_them() {
        assert_eq!(sealed().as_bytes(), [7; 4]);
        assert_eq!(format!("{:?} {:?}", sealed(), token(1)), "SealedToken(…) TokenDigest(S_USLzRF…)");
    }

    #[test]
    fn the_stored_form_reads_back() {
        let json = serde_json::to_string(&chain()).unwrap();
        assert_eq!(serde_json::from_str::<RefreshChain>(&json).unwrap(), chain());
        assert!(serde_json::from_str::<TokenDigest>(r#""AAAA""#).is_err());
    }
}
