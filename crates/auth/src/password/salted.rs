//! Digests of a password and a salt that another system keeps in two columns, in the order that the operator names.

use super::digests::{Function, MAX_SALT_BYTES};
use super::encoding::{hexadecimal, lenient, unpadded};
use super::foreign::{ForeignHash, Rejected, Work, fields};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq as _;
use thiserror::Error;

/// How a stored [`SaltedHash`] begins.
pub(super) const PREFIX: &str = "$salted$";

/// How a system makes a digest of a password and a salt. Written `sha256:salt+password`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SaltedForm {
    function: Function,
    parts: Vec<Part>,
}

/// A text is not a [`SaltedForm`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "expected md5, sha1, sha224, sha256, sha384 or sha512, a colon, and `salt` and `password` in their order, such as \
     sha256:salt+password"
)]
pub struct InvalidSaltedForm;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Salt,
    Password,
}

/// A digest with its salt.
pub(super) struct SaltedHash {
    form: SaltedForm,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl SaltedForm {
    /// The text form of a hash, from a digest in hexadecimal digits or base64 and the text of its salt. `None` if they are
    /// not of this form.
    #[must_use]
    pub fn hash(&self, digest: &str, salt: &str) -> Option<String> {
        let bytes = match digest.len() {
            digits if digits == 2 * self.function.digest_len() => hexadecimal(digest),
            _ => lenient(digest),
        };
        let bytes = bytes.ok().filter(|bytes| bytes.len() == self.function.digest_len())?;
        if salt.len() > MAX_SALT_BYTES || (salt.is_empty() && self.parts.contains(&Part::Salt)) {
            return None;
        }
        let (salt, digest) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(bytes));
        Some(format!("{PREFIX}{self}${salt}${digest}"))
    }
}

impl SaltedHash {
    /// Parses what [`SaltedForm::hash`] writes.
    pub(super) fn parse(text: &str) -> Result<Self, Rejected> {
        let [_, _, form, salt, digest] = fields(text, '$')?;
        let form: SaltedForm = form.parse().map_err(|_| Rejected::Malformed)?;
        let (salt, digest) = (unpadded(salt)?, unpadded(digest)?);
        if digest.len() != form.function.digest_len() || salt.len() > MAX_SALT_BYTES {
            return Err(Rejected::Malformed);
        }
        Ok(Self { form, salt, digest })
    }
}

impl ForeignHash for SaltedHash {
    fn verify(&self, secret: &[u8]) -> bool {
        let bytes = |part: &Part| match part {
            Part::Salt => self.salt.as_slice(),
            Part::Password => secret,
        };
        let parts: Vec<&[u8]> = self.form.parts.iter().map(bytes).collect();
        self.form.function.digest(&parts).ct_eq(&self.digest).into()
    }

    fn work(&self) -> Option<Work> {
        None
    }
}

impl FromStr for SaltedForm {
    type Err = InvalidSaltedForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const MAX_PARTS: usize = 4;
        let (name, parts) = text.split_once(':').ok_or(InvalidSaltedForm)?;
        let function = Function::by_name(name).ok_or(InvalidSaltedForm)?;
        let part = |name| match name {
            "salt" => Ok(Part::Salt),
            "password" => Ok(Part::Password),
            _ => Err(InvalidSaltedForm),
        };
        let parts: Vec<Part> = parts.split('+').take(MAX_PARTS + 1).map(part).collect::<Result<_, _>>()?;
        if parts.len() > MAX_PARTS || !parts.contains(&Part::Password) {
            return Err(InvalidSaltedForm);
        }
        Ok(Self { function, parts })
    }
}

impl fmt::Display for SaltedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function.name())?;
        for (index, part) in self.parts.iter().enumerate() {
            f.write_str(if index == 0 { ":" } else { "+" })?;
            f.write_str(match part {
                Part::Salt => "salt",
                Part::Password => "password",
            })?;
        }
        Ok(())
    }
}

impl TryFrom<String> for SaltedForm {
    type Error = InvalidSaltedForm;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SaltedForm> for String {
    fn from(form: SaltedForm) -> Self {
        form.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verifies(form: &str, digest: &str, salt: &str, password: &str) -> bool {
        let hash = form.parse::<SaltedForm>().unwrap().hash(digest, salt).unwrap();
        SaltedHash::parse(&hash).unwrap().verify(password.as_bytes())
    }

    /// Made by GNU coreutils 9.1: `printf %s … | sha256sum` and the like; the last one by OpenSSL 3.0 in base64.
    #[test]
    fn digests_verify_in_the_order_that_the_form_names() {
        for (form, digest) in [
            ("sha256:salt+password", "6bfd9d4b160e3bf39b84c84d60bd69dd6a1d74c52bfd01c2fc0a07423eb43942"),
            ("md5:password+salt", "a3762d1df1d5d27015b5950713904e9c"),
            ("sha1:salt+password+salt", "73AD133DE545A44FC7BF6B5A46EF06CA4C0663A3"),
            (
                "sha512:salt+password",
                "3efe36f63be24a23000b4159ea0aa0b28be35076c6bf395a5dcfc26f4725bacc327227eda0f42bc34f5c42e06339af968aab0968f42d969663ff82283ddc33b3",
            ),
            ("md5:password", "ab5fc82b0bfc935904bb77a4602d78b4"),
            ("sha384:password+salt", "u57k1/33dV9WJkaRBjGx8lVO0O6ipwW3f2NYiwLEwYnb+2xNKMNH3SXRKhmwCAui"),
        ] {
            assert!(verifies(form, digest, "Na7Cl", "sd-correct-horse"), "{form}");
            assert!(!verifies(form, digest, "Na7Cl", "sd-correct-hors"), "{form}");
            assert!(!verifies(form, digest, "Na7Cm", "sd-correct-horse") || !form.contains("salt"), "{form}");
        }
    }

    #[test]
    fn a_form_names_a_function_and_an_order_with_the_password() {
        for form in ["sha256:salt+password", "md5:password", "sha1:salt+password+salt"] {
            assert_eq!(form.parse::<SaltedForm>().unwrap().to_string(), form);
        }
        for wrong in [
            "",
            "sha256",
            "sha256:",
            "sha256:salt",
            "sha3:password",
            "md5:password+pepper",
            "md5:password+salt+salt+salt+salt",
        ] {
            assert_eq!(wrong.parse::<SaltedForm>(), Err(InvalidSaltedForm), "{wrong}");
        }
    }

    #[test]
    fn a_digest_of_another_length_or_without_its_salt_is_not_of_the_form() {
        let form: SaltedForm = "md5:salt+password".parse().unwrap();
        assert_eq!(form.hash(&"0".repeat(40), "salt"), None);
        assert_eq!(form.hash(&"0".repeat(32), ""), None);
        assert_eq!(form.hash(&"0".repeat(32), &"s".repeat(257)), None);
    }
}
