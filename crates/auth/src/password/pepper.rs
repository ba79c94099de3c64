//! Secrets of other systems that went into their hashes together with the password.

use super::foreign::Prf;
use super::pbkdf2::derive;
use super::pepper_id::{PepperId, PepperScheme};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use roster_domain::PasswordHash;
use sha2::Sha512;
use std::sync::Arc;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The secret of another system. Wiped on drop.
pub struct Pepper {
    id: PepperId,
    secret: Zeroizing<String>,
}

/// The peppers that the server has, one of each scheme at most.
#[derive(Clone, Default)]
pub struct Peppers(Vec<Arc<Pepper>>);

/// Why a hash with a pepper cannot be verified.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PepperError {
    /// There is no pepper of this scheme.
    #[error("it needs {0}, which is not in the settings")]
    Missing(PepperScheme),
    /// There is another one.
    #[error("{0} in the settings is not the one that it needs")]
    Other(PepperScheme),
}

impl Pepper {
    /// The pepper with this text. Takes some tenths of a second, to derive the id.
    #[must_use]
    pub fn new(scheme: PepperScheme, secret: &str) -> Self {
        const ROUNDS: u32 = 600_000;
        let mut check = [0; 4];
        let salt = format!("roster pepper {}", scheme.name());
        derive(Prf::Sha256, secret.as_bytes(), salt.as_bytes(), ROUNDS, &mut check);
        Self { id: PepperId { scheme, check }, secret: Zeroizing::new(secret.to_owned()) }
    }

    /// The pepper in the text of a file, which may end with a line break; `None` if there is nothing else. Takes as long.
    #[must_use]
    pub fn in_text(scheme: PepperScheme, text: &str) -> Option<Self> {
        let secret = text.trim_end_matches(['\r', '\n']);
        (!secret.is_empty()).then(|| Self::new(scheme, secret))
    }

    /// Identifies it.
    #[must_use]
    pub const fn id(&self) -> PepperId {
        self.id
    }

    /// The text form of a hash that the system made with this pepper, for storing.
    #[must_use]
    pub fn mark(&self, hash: &str) -> String {
        format!("{}{}${hash}", PasswordHash::PEPPERED, self.id)
    }

    /// What the system hashes, for each spelling of the password that it may have hashed. Flask-Security normalises to NFKD.
    pub(super) fn keys(&self, secret: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
        match self.id.scheme {
            PepperScheme::Devise => vec![Zeroizing::new([secret, self.secret.as_bytes()].concat())],
            PepperScheme::FlaskSecurity => {
                let normalized = nfkd(secret);
                let other = (*normalized != secret).then(|| self.mac(secret));
                std::iter::once(self.mac(&normalized)).chain(other).collect()
            }
        }
    }

    fn mac(&self, secret: &[u8]) -> Zeroizing<Vec<u8>> {
        // HMAC accepts keys of any length.
        let mac = Hmac::<Sha512>::new_from_slice(self.secret.as_bytes());
        let digest = mac.map(|mac| Zeroizing::new(mac.chain_update(secret).finalize().into_bytes().to_vec()));
        Zeroizing::new(STANDARD.encode(digest.unwrap_or_default().as_slice()).into_bytes())
    }
}

impl Peppers {
    /// These peppers. Of several with the same scheme, the first one counts.
    #[must_use]
    pub fn new(peppers: impl IntoIterator<Item = Pepper>) -> Self {
        Self(peppers.into_iter().map(Arc::new).collect())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pepper of a scheme.
    #[must_use]
    pub fn of(&self, scheme: PepperScheme) -> Option<&Pepper> {
        self.0.iter().map(AsRef::as_ref).find(|pepper| pepper.id.scheme == scheme)
    }

    /// The pepper with this id.
    ///
    /// # Errors
    /// [`PepperError`] if there is none or another one.
    pub fn find(&self, id: PepperId) -> Result<&Pepper, PepperError> {
        self.shared(id).map(AsRef::as_ref)
    }

    pub(super) fn shared(&self, id: PepperId) -> Result<&Arc<Pepper>, PepperError> {
        let of_scheme = self.0.iter().find(|pepper| pepper.id.scheme == id.scheme);
        let pepper = of_scheme.ok_or(PepperError::Missing(id.scheme))?;
        if pepper.id == id { Ok(pepper) } else { Err(PepperError::Other(id.scheme)) }
    }
}

/// The id and the hash in what [`Pepper::mark`] writes.
pub(super) fn unmarked(text: &str) -> Option<(PepperId, &str)> {
    let (id, hash) = text.strip_prefix(PasswordHash::PEPPERED)?.split_once('$')?;
    // One mark at most.
    id.parse().ok().map(|id| (id, hash)).filter(|(_, hash)| !hash.starts_with(PasswordHash::PEPPERED))
}

/// A text in normalisation form NFKD; other bytes as they are.
fn nfkd(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let Ok(text) = str::from_utf8(secret) else { return Zeroizing::new(secret.to_vec()) };
    // One code point has at most 18 code points and 33 bytes in NFKD: with that capacity the text never moves.
    let mut normalized = Zeroizing::new(Vec::with_capacity(text.len().saturating_mul(11)));
    for char in text.nfkd() {
        normalized.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }
    normalized
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::{Password, StoredHash, UnsupportedHash};

    const DEVISE: &str = "$2a$05$zoY665BSSk9KZAwA2KHpbeW/RF7rOFX77EHXuchMMxXiHzT4Aveqe";

    fn devise() -> Pepper {
        Pepper::new(PepperScheme::Devise, "0b71c0f3a9e2d75446f01c")
    }

    fn flask() -> Pepper {
        Pepper::new(PepperScheme::FlaskSecurity, "146585145368132386173505678016728509634")
    }

    fn verifies(pepper: Pepper, hash: &str, password: &str) -> bool {
        assert!(pepper.id().scheme().is_in(hash));
        let marked = pepper.mark(hash);
        let stored = StoredHash::parse_with(&marked, &Peppers::new([pepper])).unwrap();
        let right = stored.verify(&Password::new(password.to_owned()));
        assert!(!stored.verify(&Password::new(format!("{password}!"))) || password.len() > 72);
        right
    }

    /// Made by Debian's ruby-devise 4.8.1 with ruby-bcrypt 3.1.18 (`Devise::Encryptor.digest`). bcrypt cuts the second one.
    #[test]
    fn hashes_of_devise_with_its_pepper_verify() {
        assert!(verifies(devise(), DEVISE, "dv-correct-horse"));
        let long = "$2a$05$1QtLyabmnDDoTWT6r69dsuauLL1WyqDYV3qEQnszEKCWM7SfLX2W.";
        assert!(verifies(devise(), long, &"tail beyond ".repeat(8)));
    }

    /// Made by flask-security-too 5.9.2 with passlib 1.7.4 and libpass 1.9.4 (`hash_password`, after `normalize`).
    #[test]
    fn hashes_of_flask_security_with_its_salt_verify() {
        for hash in [
            "$argon2id$v=19$m=256,t=2,p=1$M+acE0JICcH43ztnDAHgvA$ICOxFh5GCf8U/UCeYjNLS2TEn+qw/NFDUpi0D5jfaGQ",
            "$2b$05$uw6Ybf4nhDncxLWQ9z.mNuR/ZgUvxfWJcfzh65L67BjImPM3y9kfu",
            "$pbkdf2-sha512$1000$IiQEQGjtnbN2zllLSSmltA$9N9wPx4NqYPIKmMdVedxzOxhqIzglGtxWy7R3NPBVokWlIBtmJD/v5Yn27q8HsuZQxXEfmJknuQ0659oh1Dv.g",
        ] {
            assert!(verifies(flask(), hash, "fs-correct-horse"), "{hash}");
        }
        let composed =
            "$argon2id$v=19$m=256,t=2,p=1$mbPW2lsLAeB8zzlHCGGs9Q$fJReAznRYhu2y07lyn0o5S4NvyZ6T1YZwqbqL8lJqwo";
        assert!(verifies(flask(), composed, "na\u{ef}ve \u{fb01}sh caf\u{e9}"));
    }

    /// Made by flask-security-too 5.9.2 with `SECURITY_PASSWORD_HASH = "django_pbkdf2_sha256"`.
    #[test]
    fn flask_security_hashes_the_password_itself_in_schemes_of_django() {
        let hash = "pbkdf2_sha256$1000$2NZ4dFNeRU9M$h+71r6y/VRymW3ikiNZXfVlVglQkEzkvfQVZBXONXOQ=";
        assert!(!PepperScheme::FlaskSecurity.is_in(hash));
        assert!(StoredHash::parse(hash).unwrap().verify(&Password::new("fs-correct-horse".to_owned())));
    }

    #[test]
    fn a_missing_or_another_pepper_is_told_from_a_wrong_password() {
        let marked = devise().mark(DEVISE);
        let missing = StoredHash::parse(&marked).err();
        assert_eq!(missing, Some(UnsupportedHash::Pepper(PepperError::Missing(PepperScheme::Devise))));
        let others = Peppers::new([Pepper::new(PepperScheme::Devise, "another"), flask()]);
        let other = StoredHash::parse_with(&marked, &others).err();
        assert_eq!(other, Some(UnsupportedHash::Pepper(PepperError::Other(PepperScheme::Devise))));
        assert!(!marked.contains("0b71c0f3"), "{marked}");
    }

    #[test]
    fn a_hash_has_one_mark_at_most() {
        let twice = devise().mark(&devise().mark(DEVISE));
        let stored = StoredHash::parse_with(&twice, &Peppers::new([devise()]));
        assert_eq!(stored.err(), Some(UnsupportedHash::Unknown));
    }
}
