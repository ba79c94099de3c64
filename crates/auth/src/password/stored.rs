//! Parsed password hashes.

use super::Password;
use super::bcrypt::{Bcrypt, BcryptCost, Variant};
use super::bcrypt_foreign::work;
use super::bcrypt_sha256::{BcryptSha256, Prehash};
use super::foreign::{ForeignHash, Work};
use super::formats;
use super::pepper::{Pepper, Peppers, unmarked};
use super::scheme::{Scheme, UnsupportedHash};
use super::wrapper::unwrapped;
use std::sync::Arc;

/// A password hash whose format and parameters are known and within limits: verifying takes at most a few seconds and
/// 256 MiB. [`CostCap`](super::CostCap) sets a stricter limit by measured time.
pub struct StoredHash {
    scheme: Scheme,
    form: Form,
}

enum Form {
    Bcrypt(Bcrypt),
    BcryptSha256(BcryptSha256),
    Foreign(Box<dyn ForeignHash>),
    /// A hash of what a pepper makes of the password.
    Peppered(Arc<Pepper>, Box<StoredHash>),
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
    /// Parses a hash in any supported format, also in a wrapper; see [`unwrapped`].
    ///
    /// # Errors
    /// [`UnsupportedHash`] if it cannot be verified.
    pub fn parse(text: &str) -> Result<Self, UnsupportedHash> {
        Self::parse_with(text, &Peppers::default())
    }

    /// Like [`Self::parse`], also for a hash that [`Pepper::mark`](super::Pepper::mark) wrote, if its pepper is here.
    ///
    /// # Errors
    /// [`UnsupportedHash`] if it cannot be verified.
    pub fn parse_with(text: &str, peppers: &Peppers) -> Result<Self, UnsupportedHash> {
        let Some((id, text)) = unmarked(text) else { return Self::parse_bare(text) };
        let (inner, pepper) = (Self::parse_bare(text)?, Arc::clone(peppers.shared(id)?));
        Ok(Self { scheme: inner.scheme, form: Form::Peppered(pepper, Box::new(inner)) })
    }

    fn parse_bare(text: &str) -> Result<Self, UnsupportedHash> {
        let text = unwrapped(text);
        let (scheme, form) = if ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|id| text.starts_with(id)) {
            (Scheme::Bcrypt, Form::Bcrypt(Bcrypt::parse(text)?))
        } else if text.starts_with("$bcrypt-sha256$") {
            (Scheme::BcryptSha256, Form::BcryptSha256(BcryptSha256::parse(text)?))
        } else {
            let (scheme, hash) = formats::parse(text)?;
            (scheme, Form::Foreign(hash))
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
            Form::Foreign(hash) => hash.verify(secret),
            Form::Peppered(pepper, hash) => pepper.keys(secret).iter().any(|key| hash.verify_bytes(key)),
        }
    }

    /// What a verification computes.
    pub(super) fn work(&self) -> Option<Work> {
        match &self.form {
            Form::Bcrypt(hash) => Some(work(hash.cost())),
            Form::BcryptSha256(hash) => Some(work(hash.cost())),
            Form::Foreign(hash) => hash.work(),
            Form::Peppered(_, hash) => hash.work(),
        }
    }

    /// Whether verifying takes as long as a new hash at `cost`.
    pub(super) fn costs_like(&self, cost: BcryptCost) -> bool {
        self.work() == Some(work(cost))
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
