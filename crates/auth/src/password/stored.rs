//! Parsed password hashes.

use super::Password;
use super::argon2::Argon2Hash;
use super::bcrypt::{Bcrypt, BcryptCost, Variant};
use super::bcrypt_sha256::{BcryptSha256, Prehash};
use super::pbkdf2::Pbkdf2Hash;
use super::scheme::{Scheme, UnsupportedHash};
use super::scrypt::ScryptHash;

/// A password hash whose format and parameters are known and within limits: verifying takes at most a few seconds and
/// 256 MiB.
pub struct StoredHash {
    scheme: Scheme,
    form: Form,
}

enum Form {
    Bcrypt(Bcrypt),
    BcryptSha256(BcryptSha256),
    Argon2(Argon2Hash),
    Pbkdf2(Pbkdf2Hash),
    Scrypt(ScryptHash),
}

impl Scheme {
    /// Recognises the format of `text`, if it is a complete hash that can be verified.
    ///
    /// # Errors
    /// The reason why it is not, for an import's report.
    pub fn recognise(text: &str) -> Result<Self, UnsupportedHash> {
        StoredHash::parse(text).map(|hash| hash.scheme())
    }
}

impl StoredHash {
    /// Parses a hash in any supported format.
    ///
    /// # Errors
    /// [`UnsupportedHash`] if it cannot be verified.
    pub fn parse(text: &str) -> Result<Self, UnsupportedHash> {
        let scheme = Scheme::by_prefix(text)?;
        let form = match scheme {
            Scheme::Bcrypt => Form::Bcrypt(Bcrypt::parse(text)?),
            Scheme::BcryptSha256 => Form::BcryptSha256(BcryptSha256::parse(text)?),
            Scheme::Argon2 => Form::Argon2(Argon2Hash::parse(text)?),
            Scheme::PasslibPbkdf2 => Form::Pbkdf2(Pbkdf2Hash::parse_passlib(text)?),
            Scheme::DjangoPbkdf2 => Form::Pbkdf2(Pbkdf2Hash::parse_django(text)?),
            Scheme::WerkzeugPbkdf2 => Form::Pbkdf2(Pbkdf2Hash::parse_werkzeug(text)?),
            Scheme::WerkzeugScrypt => Form::Scrypt(ScryptHash::parse(text)?),
        };
        Ok(Self { scheme, form })
    }

    /// The format.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether `password` is the one that was hashed, in NFC or as it was typed: another system may not have
    /// normalised it. Digests are compared in constant time.
    ///
    /// Takes as long as the hash costs, and twice that for a wrong password that was not typed in NFC: call it on a
    /// [`HashPool`](super::HashPool).
    #[must_use]
    pub fn verify(&self, password: &Password) -> bool {
        self.verify_bytes(password.as_bytes()) || self.verify_as_typed(password)
    }

    pub(super) fn verify_bytes(&self, secret: &[u8]) -> bool {
        match &self.form {
            Form::Bcrypt(hash) => hash.verify(secret),
            Form::BcryptSha256(hash) => hash.verify(secret),
            Form::Argon2(hash) => hash.verify(secret),
            Form::Pbkdf2(hash) => hash.verify(secret),
            Form::Scrypt(hash) => hash.verify(secret),
        }
    }

    /// Whether verifying takes as long as a new hash at `cost`.
    pub(super) fn costs_like(&self, cost: BcryptCost) -> bool {
        match &self.form {
            Form::Bcrypt(hash) => hash.cost() == cost,
            Form::BcryptSha256(hash) => hash.cost() == cost,
            Form::Argon2(_) | Form::Pbkdf2(_) | Form::Scrypt(_) => false,
        }
    }

    fn verify_as_typed(&self, password: &Password) -> bool {
        password.as_typed().is_some_and(|typed| self.verify_bytes(typed))
    }

    /// The cost of a hash in plain `$2b$` form.
    pub(super) fn plain_cost(&self) -> Option<BcryptCost> {
        match &self.form {
            Form::Bcrypt(hash) if hash.variant() == Variant::B => Some(hash.cost()),
            _ => None,
        }
    }

    /// The cost of a hash in the current `$bcrypt-sha256$v=2` form.
    pub(super) fn prehashed_cost(&self) -> Option<BcryptCost> {
        match &self.form {
            Form::BcryptSha256(hash) if hash.prehash() == Prehash::Keyed => Some(hash.cost()),
            _ => None,
        }
    }
}
