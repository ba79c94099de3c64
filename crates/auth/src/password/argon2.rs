//! argon2 in the PHC string format (RFC 9106).
//!
//! Parsed here, because the `phc` crate rejects salts of more than 48 bytes, and this accepts 64.

use super::encoding::unpadded;
use super::foreign::{ForeignHash, Primitive, Rejected, Work, number, parameters};
use argon2::{Algorithm, Argon2, AssociatedData, KeyId, Params, ParamsBuilder, Version};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The maximum memory of a verification, in KiB.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;

const MALFORMED: Rejected = Rejected::Malformed;

pub(super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl Argon2Hash {
    /// Parses `$argon2id$v=19$m=65536,t=3,p=4$salt$digest`. Without `v`, the version is 16, the first one.
    pub(super) fn parse(text: &str) -> Result<Self, Rejected> {
        let mut parts = text.strip_prefix('$').ok_or(MALFORMED)?.split('$').peekable();
        let algorithm = match parts.next() {
            Some("argon2d") => Algorithm::Argon2d,
            Some("argon2i") => Algorithm::Argon2i,
            Some("argon2id") => Algorithm::Argon2id,
            _ => return Err(MALFORMED),
        };
        let version = match parts.next_if(|part| part.starts_with("v=")) {
            Some("v=19") => Version::V0x13,
            Some("v=16") | None => Version::V0x10,
            Some(_) => return Err(MALFORMED),
        };
        let (Some(costs), Some(salt), Some(digest), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(MALFORMED);
        };
        let salt = unpadded(salt)?;
        let digest = unpadded(digest)?;
        if !(8..=64).contains(&salt.len()) || !(16..=128).contains(&digest.len()) {
            return Err(MALFORMED);
        }
        let params = params(costs, digest.len())?;
        Ok(Self { algorithm, version, params, salt, digest })
    }
}

impl ForeignHash for Argon2Hash {
    fn verify(&self, secret: &[u8]) -> bool {
        let mut computed = Zeroizing::new(vec![0; self.digest.len()]);
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        argon2.hash_password_into(secret, &self.salt, &mut computed).is_ok()
            && bool::from(computed.ct_eq(&self.digest))
    }

    fn work(&self) -> Option<Work> {
        let units = u64::from(self.params.m_cost()).saturating_mul(self.params.t_cost().into());
        Some(Work { primitive: Primitive::Argon2, units })
    }
}

/// Parses `m=65536,t=3,p=4` in any order, with `keyid` and the associated data (`data`) if the hash has them.
fn params(costs: &str, digest_len: usize) -> Result<Params, Rejected> {
    let [memory, passes, lanes, key_id, data] = parameters(costs, ["m", "t", "p", "keyid", "data"])?;
    let (Some(memory), Some(passes), Some(lanes)) = (memory, passes, lanes) else {
        return Err(MALFORMED);
    };
    let (memory, passes, lanes) = (number(memory)?, number(passes)?, number(lanes)?);
    if memory > MAX_MEMORY_KIB || passes > MAX_PASSES || lanes > MAX_LANES {
        return Err(Rejected::TooCostly);
    }
    let mut params = ParamsBuilder::new();
    params.m_cost(memory).t_cost(passes).p_cost(lanes).output_len(digest_len);
    if let Some(key_id) = key_id {
        params.keyid(KeyId::new(&unpadded(key_id)?).map_err(|_| MALFORMED)?);
    }
    if let Some(data) = data {
        params.data(AssociatedData::new(&unpadded(data)?).map_err(|_| MALFORMED)?);
    }
    params.build().map_err(|_| MALFORMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_version_verifies() {
        for hash in [
            "$argon2d$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0$C1hONaNemjvbes2JjmC2ctlv1rw+JViE6M0qjprPKv0",
            "$argon2i$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0$QwteI7aFGbMYqQM2NKK0k4HTBZpsKGCz2TewJovYf6s",
            "$argon2id$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0$nPt40bkSU1QK5dhPAEXyzzzpSAaaSWTA85AJBRbSbVY",
            "$argon2i$v=16$m=256,t=2,p=2$c2FsdHNhbHRzYWx0$yPDhSWGrNDI2OY6x+BY/WA8iTiHGyIxQIX0NPbhkh08",
            "$argon2i$m=256,t=2,p=2$c2FsdHNhbHRzYWx0$yPDhSWGrNDI2OY6x+BY/WA8iTiHGyIxQIX0NPbhkh08",
        ] {
            let parsed = Argon2Hash::parse(hash).unwrap();
            assert!(parsed.verify(b"argon-pass"), "{hash}");
            assert!(!parsed.verify(b"argon-pasS"), "{hash}");
        }
    }

    /// Made by the npm package argon2 0.45.0, which sorts the parameters by name.
    #[test]
    fn parameters_are_read_in_any_order() {
        let hash = "$argon2id$v=19$m=8192,p=1,t=2$U7f0hWU64YK5onFqoaVdTg$7IV7JF2h5P3Tm0gSHSGEUGE0gFCiiE991CZ2DdQLGPQ";
        assert!(Argon2Hash::parse(hash).unwrap().verify(b"correct horse"));
    }

    #[test]
    fn parameters_over_the_limit_are_rejected_before_any_memory_is_allocated() {
        for costs in ["m=262145,t=2,p=1", "m=4294967295,t=1,p=1", "m=256,t=17,p=1", "m=256,t=1,p=17"] {
            let text = format!("$argon2id$v=19${costs}$c2FsdHNhbHRzYWx0$C1hONaNemjvbes2JjmC2ctlv1rw");
            let rejected = Argon2Hash::parse(&text).err();
            assert_eq!(rejected, Some(Rejected::TooCostly), "{text}");
        }
    }

    #[test]
    fn damaged_parameters_are_rejected() {
        for costs in
            ["", "m=256,t=2", "m=256,t=2,p=1,p=1", "m=1,t=2,p=1", "m=256,t=0,p=1", "m=256,t=2,p=1,x=1"]
        {
            let text = format!("$argon2id$v=19${costs}$c2FsdHNhbHRzYWx0$C1hONaNemjvbes2JjmC2ctlv1rw");
            assert_eq!(Argon2Hash::parse(&text).err(), Some(MALFORMED), "{text}");
        }
        assert!(Argon2Hash::parse("$argon2id$v=20$m=256,t=2,p=1$c2FsdHNhbHRzYWx0$AAAA").is_err());
        assert!(Argon2Hash::parse("$argon2id$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0").is_err());
    }
}
