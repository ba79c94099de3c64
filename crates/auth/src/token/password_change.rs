//! Password-change tokens: the result of a login with a temporary password.

use super::issuer::{SigningFailed, TokenIssuer};
use super::verifier::TokenVerifier;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use roster_domain::{AuthEpoch, User, UserId};
use std::fmt;
use std::time::Duration;
use thiserror::Error;
use zeroize::Zeroizing;

/// The beginning of every password-change token, so that people and secret scanners can recognise it.
pub const PASSWORD_CHANGE_START: &str = "pc_";

/// A token that lets a user replace a temporary password and do nothing else: `pc_` and two parts in base64url with a
/// dot between them. `Debug` hides it, and it is wiped when dropped.
///
/// It is not a JWT: it has two parts and no header, and the signed text does not parse as a JWT, so no verifier of
/// access tokens accepts it, however little it checks. The signature covers the user's epoch and current credential,
/// which the token does not contain, so nothing has to be stored to end it: a changed password, status or role does.
pub struct PasswordChangeToken {
    user: UserId,
    epoch: AuthEpoch,
    /// In whole seconds.
    expires_at: Timestamp,
    signature: Zeroizing<String>,
}

/// A text that cannot be a password-change token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not a password-change token")]
pub struct NotAPasswordChangeToken;

/// No JWT header starts like this, because a colon is not in the base64url alphabet.
const PURPOSE: &str = "roster:password-change:1";
const ID: usize = 16;
const NUMBER: usize = 8;
const PAYLOAD: usize = ID + 2 * NUMBER;

impl PasswordChangeToken {
    /// The lifetime.
    pub const TTL: Duration = Duration::from_mins(10);
    /// Longer than any token with the largest key.
    const MAX_BYTES: usize = 2 * 1024;

    /// Parses a token without verifying it.
    ///
    /// # Errors
    /// [`NotAPasswordChangeToken`].
    pub fn parse(text: &str) -> Result<Self, NotAPasswordChangeToken> {
        if text.len() > Self::MAX_BYTES {
            return Err(NotAPasswordChangeToken);
        }
        let parts = text.strip_prefix(PASSWORD_CHANGE_START).and_then(|rest| rest.split_once('.'));
        let (payload, signature) = parts.ok_or(NotAPasswordChangeToken)?;
        let mut bytes = [0; PAYLOAD];
        match URL_SAFE_NO_PAD.decode_slice(payload, &mut bytes) {
            Ok(PAYLOAD) => Self::from_bytes(&bytes, signature).ok_or(NotAPasswordChangeToken),
            _ => Err(NotAPasswordChangeToken),
        }
    }

    fn from_bytes(bytes: &[u8; PAYLOAD], signature: &str) -> Option<Self> {
        let (id, numbers) = bytes.split_first_chunk::<ID>()?;
        let (epoch, end) = numbers.split_first_chunk::<NUMBER>()?;
        let end = i64::from_be_bytes(end.try_into().ok()?);
        Some(Self {
            user: UserId::from_bytes(*id),
            epoch: u64::from_be_bytes(*epoch).into(),
            expires_at: Timestamp::from_second(end).ok()?,
            signature: Zeroizing::new(signature.to_owned()),
        })
    }

    /// The user whose password it changes.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The token, to be given to its owner only.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let payload = self.payload();
        let room = PASSWORD_CHANGE_START.len() + payload.len() + 1 + self.signature.len();
        let mut text = Zeroizing::new(String::with_capacity(room));
        text.push_str(PASSWORD_CHANGE_START);
        text.push_str(&payload);
        text.push('.');
        text.push_str(&self.signature);
        text
    }

    fn payload(&self) -> String {
        let mut bytes = [0; PAYLOAD];
        bytes[..ID].copy_from_slice(self.user.as_uuid().as_bytes());
        bytes[ID..ID + NUMBER].copy_from_slice(&self.epoch.get().to_be_bytes());
        bytes[ID + NUMBER..].copy_from_slice(&self.expires_at.as_second().to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The signed text: the purpose, the issuer, the contents, and the credential that may be replaced.
    fn signed(&self, issuer: &str, user: &User) -> Zeroizing<String> {
        let credential = Zeroizing::new(URL_SAFE_NO_PAD.encode(user.credential.digest().as_bytes()));
        Zeroizing::new(format!("{PURPOSE}\n{issuer}\n{}\n{}", self.payload(), *credential))
    }
}

impl TokenIssuer {
    /// Issues a token that lets `user` replace the current password, from `now` for [`PasswordChangeToken::TTL`].
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn issue_password_change(
        &self,
        user: &User,
        now: Timestamp,
    ) -> Result<PasswordChangeToken, SigningFailed> {
        let end = now.checked_add(PasswordChangeToken::TTL)?.as_second();
        let unsigned = PasswordChangeToken {
            user: user.id,
            epoch: user.auth_epoch,
            expires_at: Timestamp::from_second(end)?,
            signature: Zeroizing::default(),
        };
        let signed = unsigned.signed(&self.settings().issuer, user);
        let signature = self.key().sign_text(&signed).map_err(|error| SigningFailed::Key(error.into()))?;
        Ok(PasswordChangeToken { signature, ..unsigned })
    }
}

impl TokenVerifier {
    /// Whether `token` lets `user` replace the current password: it is not expired, belongs to the user, was issued
    /// in the user's current epoch and for the current credential, and is signed with an accepted key. Whether the
    /// user has to change the password is for the caller to check.
    #[must_use]
    pub fn accepts_password_change(&self, token: &PasswordChangeToken, user: &User, now: Timestamp) -> bool {
        if now >= token.expires_at || token.user != user.id || token.epoch != user.auth_epoch {
            return false;
        }
        let (keys, signed) = (self.keys(), token.signed(self.issuer(), user));
        keys.iter().any(|key| key.is_accepted(now) && key.verifies(&signed, &token.signature))
    }
}

impl fmt::Debug for PasswordChangeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordChangeToken(…)")
    }
}

#[cfg(test)]
mod tests;
