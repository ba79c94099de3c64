//! scrypt (RFC 7914) in werkzeug's form.

use super::pbkdf2::fields;
use super::scheme::{Scheme, UnsupportedHash};
use ::scrypt::Params;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The maximum memory of a verification, in bytes: 128·N·r.
const MAX_MEMORY_BYTES: u64 = 256 * 1024 * 1024;
/// The maximum work of a verification, in bytes: 128·N·r·p.
const MAX_WORK_BYTES: u64 = 1024 * 1024 * 1024;

const MALFORMED: UnsupportedHash = UnsupportedHash::Malformed(Scheme::WerkzeugScrypt);

pub(super) struct ScryptHash {
    params: Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl ScryptHash {
    /// Parses `scrypt:32768:8:1$salt$hex`; the salt is its text.
    pub(super) fn parse(text: &str) -> Result<Self, UnsupportedHash> {
        let [method, salt, digest] = fields(text, '$', Scheme::WerkzeugScrypt)?;
        let [_, n, r, p] = fields(method, ':', Scheme::WerkzeugScrypt)?;
        let digest = hex::decode(digest).ok().filter(|digest| digest.len() == 64).ok_or(MALFORMED)?;
        let params = params(number(n)?, number(r)?, number(p)?)?;
        Ok(Self { params, salt: salt.as_bytes().to_vec(), digest })
    }

    pub(super) fn verify(&self, secret: &[u8]) -> bool {
        let mut computed = Zeroizing::new(vec![0; self.digest.len()]);
        ::scrypt::scrypt(secret, &self.salt, &self.params, &mut computed).is_ok()
            && bool::from(computed.ct_eq(&self.digest))
    }
}

fn params(n: u32, r: u32, p: u32) -> Result<Params, UnsupportedHash> {
    if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 {
        return Err(MALFORMED);
    }
    let memory = 128_u64.saturating_mul(n.into()).saturating_mul(r.into());
    if memory > MAX_MEMORY_BYTES || memory.saturating_mul(p.into()) > MAX_WORK_BYTES {
        return Err(UnsupportedHash::TooCostly(Scheme::WerkzeugScrypt));
    }
    let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| MALFORMED)?;
    Params::new(log_n, r, p).map_err(|_| MALFORMED)
}

fn number(text: &str) -> Result<u32, UnsupportedHash> {
    text.parse().map_err(|_| MALFORMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "$uGrbyOGgDVw3YBqL$4dfdcc94dad0406d00d7c05ccf75114256c8a8c1fa952dc9a8a0893f3bf68f12\
                        ccb1948753f7e246c829724d97d3d3b31017fe4d57f2577b612ace401f3c9290";

    #[test]
    fn hashes_from_werkzeug_verify() {
        let hash = ScryptHash::parse(&format!("scrypt:1024:8:1{REST}")).unwrap();
        assert!(hash.verify(b"wz-pass"));
        assert!(!hash.verify(b"wz-pasS"));
    }

    #[test]
    fn parameters_over_the_limit_are_rejected_before_any_memory_is_allocated() {
        for costs in ["524288:8:1", "32768:4294967295:1", "2:1:4294967295", "32768:8:64"] {
            let rejected = ScryptHash::parse(&format!("scrypt:{costs}{REST}")).err();
            assert_eq!(rejected, Some(UnsupportedHash::TooCostly(Scheme::WerkzeugScrypt)), "{costs}");
        }
    }

    #[test]
    fn damaged_parameters_are_rejected() {
        for costs in ["1000:8:1", "1:8:1", "0:8:1", "1024:0:1", "1024:8:0", "1024:8", "1024:8:1:1", "a:8:1"] {
            let rejected = ScryptHash::parse(&format!("scrypt:{costs}{REST}")).err();
            assert_eq!(rejected, Some(MALFORMED), "{costs}");
        }
    }
}
