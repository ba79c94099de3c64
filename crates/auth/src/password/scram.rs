//! What a server stores for SCRAM (RFC 5802, RFC 7677).

use super::encoding::padded;
use super::foreign::{ForeignHash, Prf, Primitive, Rejected, Work, fields, number};
use super::pbkdf2::derive;
use super::scrypt::nfkc;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

const MAX_ITERATIONS: u32 = 5_000_000;

pub(super) struct ScramKeys {
    prf: Prf,
    iterations: u32,
    salt: Vec<u8>,
    /// H(HMAC(salted password, "Client Key")).
    stored_key: Vec<u8>,
}

/// Both keys of a stored password. The server key proves the server to a client, and is not needed here.
struct Keys {
    stored: Vec<u8>,
    server: Vec<u8>,
}

impl ScramKeys {
    /// Parses Dovecot's `{SCRAM-SHA-256}4096,salt,stored key,server key`.
    pub(super) fn parse_dovecot(text: &str) -> Result<Self, Rejected> {
        let (name, rest) = text.split_once('}').ok_or(Rejected::Malformed)?;
        let [iterations, salt, stored, server] = fields(rest, ',')?;
        let keys = Keys { stored: padded(stored)?, server: padded(server)? };
        Self::new(name.trim_start_matches('{'), iterations, padded(salt)?, keys)
    }

    /// Parses `PostgreSQL`'s `SCRAM-SHA-256$4096:salt$stored key:server key`.
    pub(super) fn parse_postgres(text: &str) -> Result<Self, Rejected> {
        let [name, salted, keys] = fields(text, '$')?;
        let [iterations, salt] = fields(salted, ':')?;
        let [stored, server] = fields(keys, ':')?;
        Self::new(name, iterations, padded(salt)?, Keys { stored: padded(stored)?, server: padded(server)? })
    }

    fn new(name: &str, iterations: &str, salt: Vec<u8>, keys: Keys) -> Result<Self, Rejected> {
        let prf = match name.to_ascii_uppercase().as_str() {
            "SCRAM-SHA-1" => Prf::Sha1,
            "SCRAM-SHA-256" => Prf::Sha256,
            "SCRAM-SHA-512" => Prf::Sha512,
            _ => return Err(Rejected::Malformed),
        };
        let iterations = number(iterations)?;
        if iterations > MAX_ITERATIONS {
            return Err(Rejected::TooCostly);
        }
        if iterations == 0
            || salt.is_empty()
            || keys.server.len() != prf.digest_len()
            || keys.stored.len() != prf.digest_len()
        {
            return Err(Rejected::Malformed);
        }
        Ok(Self { prf, iterations, salt, stored_key: keys.stored })
    }

    fn matches(&self, secret: &[u8]) -> bool {
        let mut salted = Zeroizing::new(vec![0; self.prf.digest_len()]);
        derive(self.prf, secret, &self.salt, self.iterations, &mut salted);
        stored_key(self.prf, &salted).is_some_and(|key| key.ct_eq(&self.stored_key).into())
    }
}

impl ForeignHash for ScramKeys {
    /// Tries the password as `SASLprep` prepares it, which for passwords in use is NFKC. `PostgreSQL` takes one that
    /// cannot be prepared as it is.
    fn verify(&self, secret: &[u8]) -> bool {
        let prepared = nfkc(secret);
        self.matches(&prepared) || (*prepared != secret && self.matches(secret))
    }

    fn work(&self) -> Option<Work> {
        Some(Work { primitive: Primitive::Pbkdf2(self.prf), units: self.iterations.into() })
    }
}

fn stored_key(prf: Prf, salted: &[u8]) -> Option<Vec<u8>> {
    const CLIENT_KEY: &[u8] = b"Client Key";
    Some(match prf {
        Prf::Sha1 => {
            let mac = Hmac::<Sha1>::new_from_slice(salted).ok()?.chain_update(CLIENT_KEY);
            Sha1::digest(mac.finalize().into_bytes()).to_vec()
        }
        Prf::Sha256 => {
            let mac = Hmac::<Sha256>::new_from_slice(salted).ok()?.chain_update(CLIENT_KEY);
            Sha256::digest(mac.finalize().into_bytes()).to_vec()
        }
        Prf::Sha512 => {
            let mac = Hmac::<Sha512>::new_from_slice(salted).ok()?.chain_update(CLIENT_KEY);
            Sha512::digest(mac.finalize().into_bytes()).to_vec()
        }
        _ => return None,
    })
}
