//! Fast digests: a single round, salted or not. They protect a password so little that the caller decides whether to
//! accept them; see [`Scheme::is_weak`](super::Scheme::is_weak).

use super::encoding::{hexadecimal, lenient};
use super::foreign::{ForeignHash, Rejected, Work, fields};
use hmac::{Hmac, KeyInit as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

pub(super) const MAX_SALT_BYTES: usize = 256;

/// A fast hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// Where the salt goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Salted {
    /// After the password, as LDAP servers do.
    Suffix,
    /// Before the password, as Django does, or as the key of an HMAC, as Werkzeug did until version 2.
    PrefixOrKey,
}

pub(super) struct SaltedDigest {
    function: Function,
    salted: Salted,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl SaltedDigest {
    /// Parses `{SSHA}base64`, `{SHA256.HEX}digits` and the like (RFC 2307, `OpenLDAP`, Dovecot).
    pub(super) fn parse_ldap(text: &str) -> Result<Self, Rejected> {
        let (name, encoded) = text.split_once('}').ok_or(Rejected::Malformed)?;
        let name = name.to_ascii_uppercase();
        let (name, encoding) = name.split_once('.').unwrap_or((&name, ""));
        let mut bytes = match (name, encoding) {
            (_, "HEX") | ("{PLAIN-MD5", "") => hexadecimal(encoded)?,
            (_, "" | "B64" | "BASE64") => lenient(encoded)?,
            _ => return Err(Rejected::Malformed),
        };
        let (function, has_salt) = match name {
            "{MD5" | "{LDAP-MD5" | "{PLAIN-MD5" => (Function::Md5, false),
            "{SMD5" => (Function::Md5, true),
            "{SHA" | "{SHA1" => (Function::Sha1, false),
            "{SSHA" => (Function::Sha1, true),
            "{SHA256" => (Function::Sha256, false),
            "{SSHA256" => (Function::Sha256, true),
            "{SHA384" => (Function::Sha384, false),
            "{SSHA384" => (Function::Sha384, true),
            "{SHA512" => (Function::Sha512, false),
            "{SSHA512" => (Function::Sha512, true),
            _ => return Err(Rejected::Malformed),
        };
        let digest_len = function.digest_len();
        let has_salt_bytes = bytes.len() > digest_len;
        if bytes.len() < digest_len || has_salt != has_salt_bytes || bytes.len() > digest_len + MAX_SALT_BYTES
        {
            return Err(Rejected::Malformed);
        }
        let salt = bytes.split_off(digest_len);
        Ok(Self { function, salted: Salted::Suffix, salt, digest: bytes })
    }

    /// Parses `sha1$salt$digits`; the salt is its text.
    pub(super) fn parse_dollar(text: &str) -> Result<Self, Rejected> {
        let [name, salt, digest] = fields(text, '$')?;
        let function = Function::by_name(name).ok_or(Rejected::Malformed)?;
        let digest = hexadecimal(digest)?;
        if digest.len() != function.digest_len() || salt.len() > MAX_SALT_BYTES {
            return Err(Rejected::Malformed);
        }
        Ok(Self { function, salted: Salted::PrefixOrKey, salt: salt.as_bytes().to_vec(), digest })
    }
}

impl ForeignHash for SaltedDigest {
    fn verify(&self, secret: &[u8]) -> bool {
        let is_right = |computed: &[u8]| bool::from(computed.ct_eq(&self.digest));
        match self.salted {
            Salted::Suffix => is_right(&self.function.digest(&[secret, &self.salt])),
            Salted::PrefixOrKey => {
                let prefixed = is_right(&self.function.digest(&[&self.salt, secret]));
                let keyed = is_right(&self.function.mac(&self.salt, secret));
                prefixed | keyed
            }
        }
    }

    fn work(&self) -> Option<Work> {
        None
    }
}

impl Function {
    const ALL: [Self; 6] = [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The function with this name.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    /// Its name, as Python's hashlib writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// The length of a digest in bytes.
    pub(super) const fn digest_len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of these parts, one after the other.
    pub(super) fn digest(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Md5 => digest::<Md5>(parts),
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha224 => digest::<Sha224>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }

    /// The HMAC of a secret. Empty if there is none, which no digest equals; HMAC accepts keys of any length.
    fn mac(self, key: &[u8], secret: &[u8]) -> Zeroizing<Vec<u8>> {
        let mac = match self {
            Self::Md5 => Hmac::<Md5>::new_from_slice(key).map(|mac| finish(mac, secret)),
            Self::Sha1 => Hmac::<Sha1>::new_from_slice(key).map(|mac| finish(mac, secret)),
            Self::Sha224 => Hmac::<Sha224>::new_from_slice(key).map(|mac| finish(mac, secret)),
            Self::Sha256 => Hmac::<Sha256>::new_from_slice(key).map(|mac| finish(mac, secret)),
            Self::Sha384 => Hmac::<Sha384>::new_from_slice(key).map(|mac| finish(mac, secret)),
            Self::Sha512 => Hmac::<Sha512>::new_from_slice(key).map(|mac| finish(mac, secret)),
        };
        mac.unwrap_or_default()
    }
}

fn digest<H: Digest>(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let hash = parts.iter().fold(H::new(), H::chain_update);
    Zeroizing::new(hash.finalize().to_vec())
}

fn finish<M: hmac::Mac>(mac: M, secret: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(mac.chain_update(secret).finalize().into_bytes().to_vec())
}
