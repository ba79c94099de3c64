//! The forms in which other systems write scrypt.

use super::encoding::{hexadecimal, padded, unpadded};
use super::foreign::{Rejected, fields, number, parameters};
use super::scrypt::{Costs, NfkcScrypt, ScryptHash};

/// Werkzeug's `scrypt:32768:8:1$salt$hex`; the salt is its text.
pub(super) fn werkzeug(text: &str) -> Result<ScryptHash, Rejected> {
    let [method, salt, digest] = fields(text, '$')?;
    let [_, n, r, p] = fields(method, ':')?;
    ScryptHash::new(costs(n, r, p)?, salt.as_bytes().to_vec(), hexadecimal(digest)?, 64)
}

/// Django's `scrypt$16384$salt$8$5$digest`; the salt is its text.
pub(super) fn django(text: &str) -> Result<ScryptHash, Rejected> {
    let [_, n, salt, r, p, digest] = fields(text, '$')?;
    ScryptHash::new(costs(n, r, p)?, salt.as_bytes().to_vec(), padded(digest)?, 64)
}

/// `$scrypt$ln=16,r=8,p=1$salt$digest` of passlib, and `$scrypt$n=16384,…` of `AdonisJS`, where `n` is N itself and the
/// digest has 64 bytes.
pub(super) fn modular(text: &str) -> Result<ScryptHash, Rejected> {
    let [_, _, values, salt, digest] = fields(text, '$')?;
    let [log_n, n, r, p] = parameters(values, ["ln", "n", "r", "p"])?;
    let (Some(r), Some(p)) = (r, p) else { return Err(Rejected::Malformed) };
    let n = match (log_n, n) {
        (Some(log_n), None) => {
            let log_n = number(log_n)?;
            1_u64.checked_shl(log_n).filter(|_| log_n < 64).ok_or(Rejected::TooCostly)?
        }
        (None, Some(n)) => number(n)?.into(),
        _ => return Err(Rejected::Malformed),
    };
    let (salt, digest) = (unpadded(salt)?, unpadded(digest)?);
    let digest_len = if digest.len() == 64 { 64 } else { 32 };
    ScryptHash::new(Costs { n, r: number(r)?, p: number(p)? }, salt, digest, digest_len)
}

/// `salt:key` in hexadecimal of better-auth, lucia and oslo, and lucia's older `s2:salt:key`. The salt is the text of
/// its digits. lucia's oldest hashes have two parts as well, and smaller blocks.
pub(super) fn hexadecimal_pair(text: &str) -> Result<NfkcScrypt, Rejected> {
    const COSTS: Costs = Costs { n: 16_384, r: 16, p: 1 };
    const OLDEST: Costs = Costs { n: 16_384, r: 8, p: 1 };
    let (pair, possible) = match text.strip_prefix("s2:") {
        Some(pair) => (pair, &[COSTS][..]),
        None => (text, &[COSTS, OLDEST][..]),
    };
    let [salt, key] = fields(pair, ':')?;
    let hash = |costs: &Costs| ScryptHash::new(*costs, salt.as_bytes().to_vec(), hexadecimal(key)?, 64);
    Ok(NfkcScrypt(possible.iter().map(hash).collect::<Result<_, _>>()?))
}

/// Whether a text has the form of [`hexadecimal_pair`]: 32 digits, a colon, 128 digits.
pub(super) fn is_hexadecimal_pair(text: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pair = text.strip_prefix("s2:").unwrap_or(text).split_once(':');
    pair.is_some_and(|(salt, key)| salt.len() == 32 && key.len() == 128 && is_hex(salt) && is_hex(key))
}

fn costs(n: &str, r: &str, p: &str) -> Result<Costs, Rejected> {
    Ok(Costs { n: number(n)?.into(), r: number(r)?, p: number(p)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::foreign::ForeignHash as _;

    const REST: &str = "$uGrbyOGgDVw3YBqL$4dfdcc94dad0406d00d7c05ccf75114256c8a8c1fa952dc9a8a0893f3bf68f12\
                        ccb1948753f7e246c829724d97d3d3b31017fe4d57f2577b612ace401f3c9290";

    #[test]
    fn hashes_from_werkzeug_verify() {
        let hash = werkzeug(&format!("scrypt:1024:8:1{REST}")).unwrap();
        assert!(hash.verify(b"wz-pass"));
        assert!(!hash.verify(b"wz-pasS"));
    }

    #[test]
    fn parameters_over_the_limit_are_rejected_before_any_memory_is_allocated() {
        for costs in ["524288:8:1", "32768:4294967295:1", "2:1:4294967295", "32768:8:64"] {
            let rejected = werkzeug(&format!("scrypt:{costs}{REST}")).err();
            assert_eq!(rejected, Some(Rejected::TooCostly), "{costs}");
        }
    }

    #[test]
    fn damaged_parameters_are_rejected() {
        for costs in ["1000:8:1", "1:8:1", "0:8:1", "1024:0:1", "1024:8:0", "1024:8", "1024:8:1:1", "a:8:1"] {
            let rejected = werkzeug(&format!("scrypt:{costs}{REST}")).err();
            assert_eq!(rejected, Some(Rejected::Malformed), "{costs}");
        }
    }

    #[test]
    fn other_forms_are_limited_too() {
        let digest = "A".repeat(43);
        for (costs, reason) in [
            ("ln=19,r=8,p=1", Rejected::TooCostly),
            ("ln=64,r=8,p=1", Rejected::TooCostly),
            ("ln=4294967295,r=8,p=1", Rejected::TooCostly),
            ("n=524288,r=8,p=1", Rejected::TooCostly),
            ("n=1000,r=8,p=1", Rejected::Malformed),
            ("ln=10,n=1024,r=8,p=1", Rejected::Malformed),
            ("r=8,p=1", Rejected::Malformed),
        ] {
            assert_eq!(modular(&format!("$scrypt${costs}$AAAA${digest}")).err(), Some(reason), "{costs}");
        }
        assert_eq!(django("scrypt$524288$salt$8$1$AAAA").err(), Some(Rejected::Malformed));
    }

    #[test]
    fn a_pair_of_hexadecimal_texts_is_told_from_others_by_its_lengths() {
        let pair = format!("{}:{}", "0a".repeat(16), "B1".repeat(64));
        assert!(is_hexadecimal_pair(&pair) && is_hexadecimal_pair(&format!("s2:{pair}")));
        for text in [&pair[1..], &pair[..160], &format!("s3:{pair}"), &pair.replace("0a", "0g")] {
            assert!(!is_hexadecimal_pair(text), "{text}");
        }
    }
}
