//! PBKDF2 (RFC 8018, section 5.2) in the three forms that Python libraries write.

use super::scheme::{Scheme, UnsupportedHash};
use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD as STANDARD_ALPHABET};
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{NO_PAD, STANDARD};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The maximum number of iterations: a few seconds.
const MAX_ITERATIONS: u32 = 5_000_000;
const MAX_SALT_BYTES: usize = 256;

/// passlib's base64: `.` for `+`, no padding.
const ADAPTED: GeneralPurpose = GeneralPurpose::new(
    &match Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./") {
        Ok(alphabet) => alphabet,
        Err(_) => STANDARD_ALPHABET,
    },
    NO_PAD,
);

#[derive(Clone, Copy, Debug)]
enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

pub(super) struct Pbkdf2Hash {
    prf: Prf,
    iterations: u32,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

/// The text parts of a hash in any form.
struct Parts<'a> {
    scheme: Scheme,
    prf: Prf,
    iterations: &'a str,
    salt: Option<Vec<u8>>,
    digest: Option<Vec<u8>>,
}

impl Pbkdf2Hash {
    /// Parses `$pbkdf2-sha256$29000$salt$digest`.
    pub(super) fn parse_passlib(text: &str) -> Result<Self, UnsupportedHash> {
        let scheme = Scheme::PasslibPbkdf2;
        let [_, name, iterations, salt, digest] = fields(text, '$', scheme)?;
        let prf = match name {
            "pbkdf2" => Prf::Sha1,
            "pbkdf2-sha256" => Prf::Sha256,
            "pbkdf2-sha512" => Prf::Sha512,
            _ => return Err(UnsupportedHash::Malformed(scheme)),
        };
        let (salt, digest) = (ADAPTED.decode(salt).ok(), ADAPTED.decode(digest).ok());
        Self::from_parts(Parts { scheme, prf, iterations, salt, digest })
    }

    /// Parses `pbkdf2_sha256$1000000$salt$digest`; the salt is its text.
    pub(super) fn parse_django(text: &str) -> Result<Self, UnsupportedHash> {
        let scheme = Scheme::DjangoPbkdf2;
        let [name, iterations, salt, digest] = fields(text, '$', scheme)?;
        let prf = match name {
            "pbkdf2_sha1" => Prf::Sha1,
            "pbkdf2_sha256" => Prf::Sha256,
            _ => return Err(UnsupportedHash::Malformed(scheme)),
        };
        let (salt, digest) = (Some(salt.as_bytes().to_vec()), STANDARD.decode(digest).ok());
        Self::from_parts(Parts { scheme, prf, iterations, salt, digest })
    }

    /// Parses `pbkdf2:sha256:260000$salt$hex`; the salt is its text.
    pub(super) fn parse_werkzeug(text: &str) -> Result<Self, UnsupportedHash> {
        let scheme = Scheme::WerkzeugPbkdf2;
        let [method, salt, digest] = fields(text, '$', scheme)?;
        let [_, name, iterations] = fields(method, ':', scheme)?;
        let prf = match name {
            "sha1" => Prf::Sha1,
            "sha256" => Prf::Sha256,
            "sha512" => Prf::Sha512,
            _ => return Err(UnsupportedHash::Malformed(scheme)),
        };
        let (salt, digest) = (Some(salt.as_bytes().to_vec()), hex::decode(digest).ok());
        Self::from_parts(Parts { scheme, prf, iterations, salt, digest })
    }

    pub(super) fn verify(&self, secret: &[u8]) -> bool {
        let mut computed = Zeroizing::new(vec![0; self.digest.len()]);
        let (salt, rounds) = (self.salt.as_slice(), self.iterations);
        match self.prf {
            Prf::Sha1 => ::pbkdf2::pbkdf2_hmac::<Sha1>(secret, salt, rounds, &mut computed),
            Prf::Sha256 => ::pbkdf2::pbkdf2_hmac::<Sha256>(secret, salt, rounds, &mut computed),
            Prf::Sha512 => ::pbkdf2::pbkdf2_hmac::<Sha512>(secret, salt, rounds, &mut computed),
        }
        computed.ct_eq(&self.digest).into()
    }

    fn from_parts(parts: Parts<'_>) -> Result<Self, UnsupportedHash> {
        let Parts { scheme, prf, iterations, salt, digest } = parts;
        let malformed = UnsupportedHash::Malformed(scheme);
        let (Some(salt), Some(digest)) = (salt, digest) else { return Err(malformed) };
        let iterations: u32 = iterations.parse().map_err(|_| malformed)?;
        if iterations > MAX_ITERATIONS {
            return Err(UnsupportedHash::TooCostly(scheme));
        }
        if iterations == 0 || salt.len() > MAX_SALT_BYTES || digest.len() != prf.digest_len() {
            return Err(malformed);
        }
        Ok(Self { prf, iterations, salt, digest })
    }
}

impl Prf {
    /// The length that every Python library stores: the whole digest.
    const fn digest_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// The parts of `text` between separators, if there are exactly `N`.
pub(super) fn fields<const N: usize>(
    text: &str,
    separator: char,
    scheme: Scheme,
) -> Result<[&str; N], UnsupportedHash> {
    let parts: Vec<&str> = text.splitn(N + 1, separator).collect();
    parts.try_into().map_err(|_| UnsupportedHash::Malformed(scheme))
}

#[cfg(test)]
mod tests {
    use super::super::StoredHash;
    use super::*;
    use crate::password::Password;

    #[test]
    fn hashes_from_python_verify() {
        for (secret, hash) in [
            (
                "pass-512",
                "$pbkdf2-sha512$1000$EGJMaS3lnNM6pzTmfC8FIA$jCmQ7OmXLn.XYiI3yfBvYdqNDoorpJBpc3hAI4e8amz0I.hlVu7qZTgdNEXUDru.X51S0fEL1b0NveohZtg2XQ",
            ),
            ("pass-sha1", "$pbkdf2$1000$kZLSGgPgPEcIgfAew7j33g$uT5GHF3H.JXjOjDIKip1Y28pdME"),
            (
                "wz-pass",
                "pbkdf2:sha512:1000$DGoL2qL1KZbNJ4UA$07050f491e9fe190891c40dbe87c715530a870ccea92ffa76ab22d6b93dfbe1645d86a83b4362b1ed498ddc02cc85d25a040aa1ebc1b501494b1747697f9c36a",
            ),
            ("wz-pass", "pbkdf2:sha1:1000$b0RU91MFSgUkoCht$5eebdd4b3fdc51dce11a6377eaebd5144c835260"),
            ("dj-pass", "pbkdf2_sha1$1000$djsalt$RFqH1lkgDqh+yaHL7U5WiSUrWZ4="),
        ] {
            let parsed = StoredHash::parse(hash).unwrap();
            assert!(parsed.verify(&Password::new(secret.into())), "{hash}");
            assert!(!parsed.verify(&Password::new(format!("{secret}!"))), "{hash}");
        }
    }

    #[test]
    fn iterations_over_the_limit_are_rejected() {
        for (text, scheme) in [
            ("pbkdf2_sha1$5000001$djsalt$RFqH1lkgDqh+yaHL7U5WiSUrWZ4=", Scheme::DjangoPbkdf2),
            ("$pbkdf2$4294967295$kZLSGgPgPEcIgfAew7j33g$uT5GHF3H.JXjOjDIKip1Y28pdME", Scheme::PasslibPbkdf2),
            ("pbkdf2:sha1:99999999$b0RU$5eebdd4b3fdc51dce11a6377eaebd5144c835260", Scheme::WerkzeugPbkdf2),
        ] {
            assert_eq!(Scheme::recognise(text), Err(UnsupportedHash::TooCostly(scheme)), "{text}");
        }
    }

    #[test]
    fn damaged_hashes_are_rejected() {
        for text in [
            "pbkdf2_sha1$0$djsalt$RFqH1lkgDqh+yaHL7U5WiSUrWZ4=",
            "pbkdf2_sha1$-1$djsalt$RFqH1lkgDqh+yaHL7U5WiSUrWZ4=",
            "pbkdf2_sha256$1000$djsalt$RFqH1lkgDqh+yaHL7U5WiSUrWZ4=",
            "pbkdf2_sha1$1000$djsalt$RFqH1lkgDqh+yaHL7U5WiSUrWZ4=$",
            "$pbkdf2$1000$kZLSGgPgPEcIgfAew7j33g",
            "pbkdf2:md5:1000$b0RU$5eebdd4b3fdc51dce11a6377eaebd514",
            "pbkdf2:sha1:1000$b0RU$zzebdd4b3fdc51dce11a6377eaebd5144c835260",
            "pbkdf2:sha1$b0RU$5eebdd4b3fdc51dce11a6377eaebd5144c835260",
        ] {
            assert!(matches!(Scheme::recognise(text), Err(UnsupportedHash::Malformed(_))), "{text}");
        }
    }
}
