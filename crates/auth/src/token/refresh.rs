//! Refresh tokens: opaque, used once, each replaced by another of its family.

use crate::Entropy;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roster_domain::{RefreshChain, SealedToken, TokenDigest};
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A refresh token: `rt_` and 64 characters of base64url. Its bearer can continue the session, so `Debug` hides it
/// and it is wiped when dropped. The store keeps digests only.
///
/// It has 128 bits that all tokens of a session share, so that an old token is recognised however long ago it was
/// used, and 256 bits of its own.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RefreshToken {
    family: [u8; FAMILY],
    secret: [u8; SECRET],
}

/// A text that cannot be a refresh token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not a refresh token")]
pub struct NotARefreshToken;

const FAMILY: usize = 16;
const SECRET: usize = 32;
/// Lets people and secret scanners distinguish it from access tokens and API keys.
const PREFIX: &str = "rt_";
const PURPOSE: &[u8] = b"roster refresh token successor v1";

impl RefreshToken {
    /// Generates the first token of a new family.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut family = [0; FAMILY];
        entropy.fill(&mut family);
        Self::of_family(family, entropy)
    }

    /// Generates the token that replaces this one.
    #[must_use]
    pub fn successor(&self, entropy: &dyn Entropy) -> Self {
        Self::of_family(self.family, entropy)
    }

    fn of_family(family: [u8; FAMILY], entropy: &dyn Entropy) -> Self {
        let mut secret = [0; SECRET];
        entropy.fill(&mut secret);
        Self { family, secret }
    }

    /// Parses a token. It has one spelling.
    ///
    /// # Errors
    /// [`NotARefreshToken`].
    pub fn parse(text: &str) -> Result<Self, NotARefreshToken> {
        let encoded = text.strip_prefix(PREFIX).ok_or(NotARefreshToken)?;
        let mut bytes = Zeroizing::new([0; FAMILY + SECRET]);
        match URL_SAFE_NO_PAD.decode_slice(encoded, &mut *bytes) {
            Ok(len) if len == bytes.len() => Ok(Self::from_bytes(&bytes)),
            _ => Err(NotARefreshToken),
        }
    }

    fn from_bytes(bytes: &[u8; FAMILY + SECRET]) -> Self {
        let mut token = Self { family: [0; FAMILY], secret: [0; SECRET] };
        token.family.copy_from_slice(&bytes[..FAMILY]);
        token.secret.copy_from_slice(&bytes[FAMILY..]);
        token
    }

    /// The token, to be given to its owner only.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + 4 * (FAMILY + SECRET) / 3));
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(self.bytes(), &mut text);
        text
    }

    /// The digest of its family, for the store.
    #[must_use]
    pub fn family_digest(&self) -> TokenDigest {
        TokenDigest::of(&self.family)
    }

    /// The digest of this token, for the store.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(&*self.bytes())
    }

    /// What the store keeps of a family that begins with this token.
    #[must_use]
    pub fn begin_chain(&self) -> RefreshChain {
        RefreshChain::new(self.family_digest(), self.digest())
    }

    /// Encrypts the successor so that only the holder of this token can read it. The key encrypts only successors of
    /// this token, so the nonce may be fixed: when parallel requests encrypt several successors, one is stored and
    /// the others are discarded unseen.
    ///
    /// # Errors
    /// None in practice: the library rejects only keys and lengths of other sizes.
    pub fn seal(&self, successor: &Self) -> Result<SealedToken, SealingFailed> {
        let mut bytes = successor.bytes().to_vec();
        let sealed = self.sealing_key()?.seal_in_place_append_tag(nonce(), Aad::empty(), &mut bytes);
        sealed.map(|()| SealedToken::new(bytes)).map_err(|_| SealingFailed)
    }

    /// Decrypts the successor; `None` if it was encrypted under another token.
    #[must_use]
    pub fn open(&self, sealed: &SealedToken) -> Option<Self> {
        let mut bytes = Zeroizing::new(sealed.as_bytes().to_vec());
        let key = self.sealing_key().ok()?;
        let opened = key.open_in_place(nonce(), Aad::empty(), &mut bytes).ok()?;
        let opened: &[u8; FAMILY + SECRET] = (&*opened).try_into().ok()?;
        Some(Self::from_bytes(opened))
    }

    /// HKDF (RFC 5869) of the token; AES-256-GCM.
    fn sealing_key(&self) -> Result<LessSafeKey, SealingFailed> {
        let secret = Salt::new(HKDF_SHA256, &self.family).extract(&self.secret);
        let material = secret.expand(&[PURPOSE], &AES_256_GCM).map_err(|_| SealingFailed)?;
        Ok(LessSafeKey::new(UnboundKey::from(material)))
    }

    fn bytes(&self) -> Zeroizing<[u8; FAMILY + SECRET]> {
        let mut bytes = Zeroizing::new([0; FAMILY + SECRET]);
        bytes[..FAMILY].copy_from_slice(&self.family);
        bytes[FAMILY..].copy_from_slice(&self.secret);
        bytes
    }
}

/// The library failed to encrypt.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the token cannot be sealed")]
pub struct SealingFailed;

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn a_token_survives_its_text_form() {
        let token = RefreshToken::generate(&SystemEntropy);
        let text = token.text();
        assert_eq!(text.len(), 67);
        assert_eq!(RefreshToken::parse(&text).unwrap().digest(), token.digest());
    }

    #[test]
    fn text_that_is_not_a_token_is_rejected() {
        let text = RefreshToken::generate(&SystemEntropy).text();
        let others =
            ["", "rt_", "rt_AAAA", &text[3..], &text[..66], &format!("{}A", *text), &format!("{}=", *text)];
        for other in others {
            assert_eq!(RefreshToken::parse(other).err(), Some(NotARefreshToken), "{other}");
        }
    }

    #[test]
    fn a_successor_is_another_token_of_the_same_family() {
        let token = RefreshToken::generate(&SystemEntropy);
        let next = token.successor(&SystemEntropy);
        assert_eq!(next.family_digest(), token.family_digest());
        assert_ne!(next.digest(), token.digest());
        assert_ne!(RefreshToken::generate(&SystemEntropy).family_digest(), token.family_digest());
    }

    #[test]
    fn only_the_holder_of_a_token_can_open_its_successor() {
        let token = RefreshToken::generate(&SystemEntropy);
        let next = token.successor(&SystemEntropy);
        let sealed = token.seal(&next).unwrap();
        assert_eq!(token.open(&sealed).unwrap().digest(), next.digest());
        assert!(next.open(&sealed).is_none());
        assert!(token.successor(&SystemEntropy).open(&sealed).is_none());
        assert!(token.open(&SealedToken::new([])).is_none());
    }

    #[test]
    fn debug_hides_the_token() {
        assert_eq!(format!("{:?}", RefreshToken::generate(&SystemEntropy)), "RefreshToken(…)");
    }
}
