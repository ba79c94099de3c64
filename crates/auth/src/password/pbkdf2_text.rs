//! The forms in which other systems write PBKDF2.

use super::encoding::{adapted, hexadecimal, padded, unpadded};
use super::foreign::{Prf, Rejected, fields, parameters};
use super::pbkdf2::Pbkdf2Hash;

/// passlib's `$pbkdf2-sha256$29000$salt$digest`.
pub(super) fn passlib(text: &str) -> Result<Pbkdf2Hash, Rejected> {
    let [_, name, iterations, salt, digest] = fields(text, '$')?;
    Pbkdf2Hash::whole(prf_of_modular(name)?, iterations, adapted(salt)?, adapted(digest)?)
}

/// The PHC string format: `$pbkdf2-sha256$i=600000,l=32$salt$digest`, as Discourse and `RustCrypto` write it.
pub(super) fn phc(text: &str) -> Result<Pbkdf2Hash, Rejected> {
    let [_, name, costs, salt, digest] = fields(text, '$')?;
    let [iterations, length] = parameters(costs, ["i", "l"])?;
    let (iterations, digest) = (iterations.ok_or(Rejected::Malformed)?, unpadded(digest)?);
    require_length(length, &digest)?;
    Pbkdf2Hash::new(prf_of_modular(name)?, iterations, unpadded(salt)?, digest)
}

/// Mattermost's `$pbkdf2$f=SHA256,w=600000,l=32$salt$digest`.
pub(super) fn mattermost(text: &str) -> Result<Pbkdf2Hash, Rejected> {
    let [_, _, costs, salt, digest] = fields(text, '$')?;
    let [function, iterations, length] = parameters(costs, ["f", "w", "l"])?;
    let (Some(function), Some(iterations)) = (function, iterations) else {
        return Err(Rejected::Malformed);
    };
    let prf = Prf::by_name(&function.to_ascii_lowercase()).ok_or(Rejected::Malformed)?;
    let digest = unpadded(digest)?;
    require_length(length, &digest)?;
    Pbkdf2Hash::new(prf, iterations, unpadded(salt)?, digest)
}

/// Django's `pbkdf2_sha256$1000000$salt$digest`; the salt is its text.
pub(super) fn django(text: &str) -> Result<Pbkdf2Hash, Rejected> {
    let [name, iterations, salt, digest] = fields(text, '$')?;
    let prf = match name {
        "pbkdf2_sha1" => Prf::Sha1,
        "pbkdf2_sha256" => Prf::Sha256,
        _ => return Err(Rejected::Malformed),
    };
    Pbkdf2Hash::whole(prf, iterations, salt.as_bytes().to_vec(), padded(digest)?)
}

/// Werkzeug's `pbkdf2:sha256:260000$salt$hex`; the salt is its text.
pub(super) fn werkzeug(text: &str) -> Result<Pbkdf2Hash, Rejected> {
    let [method, salt, digest] = fields(text, '$')?;
    let [_, name, iterations] = fields(method, ':')?;
    let prf = Prf::by_name(name).ok_or(Rejected::Malformed)?;
    Pbkdf2Hash::whole(prf, iterations, salt.as_bytes().to_vec(), hexadecimal(digest)?)
}

/// `{PBKDF2-SHA256}10000$salt$digest` of `OpenLDAP` and passlib, in passlib's base64. Dovecot's `{PBKDF2}$1$…` is
/// another layout.
pub(super) fn ldap(text: &str) -> Result<Pbkdf2Hash, Rejected> {
    let (name, rest) = text.split_once('}').ok_or(Rejected::Malformed)?;
    if rest.starts_with('$') {
        return dovecot(rest);
    }
    let prf = match name.to_ascii_uppercase().as_str() {
        "{PBKDF2" | "{PBKDF2-SHA1" => Prf::Sha1,
        "{PBKDF2-SHA256" => Prf::Sha256,
        "{PBKDF2-SHA512" => Prf::Sha512,
        _ => return Err(Rejected::Malformed),
    };
    let [iterations, salt, digest] = fields(rest, '$')?;
    Pbkdf2Hash::whole(prf, iterations, adapted(salt)?, adapted(digest)?)
}

/// Dovecot's `$1$salt$rounds$hex` after `{PBKDF2}`: SHA-1; the salt is its text.
fn dovecot(rest: &str) -> Result<Pbkdf2Hash, Rejected> {
    let [_, version, salt, iterations, digest] = fields(rest, '$')?;
    if version != "1" {
        return Err(Rejected::Malformed);
    }
    Pbkdf2Hash::whole(Prf::Sha1, iterations, salt.as_bytes().to_vec(), hexadecimal(digest)?)
}

/// Atlassian's `{PKCS5S2}` and base64 of a salt of 16 bytes and a digest of 32: SHA-1, 10,000 iterations.
pub(super) fn atlassian(text: &str) -> Result<Pbkdf2Hash, Rejected> {
    let (_, encoded) = text.split_once('}').ok_or(Rejected::Malformed)?;
    let bytes = padded(encoded)?;
    if bytes.len() != 48 {
        return Err(Rejected::Malformed);
    }
    let (salt, digest) = bytes.split_at(16);
    Pbkdf2Hash::new(Prf::Sha1, "10000", salt.to_vec(), digest.to_vec())
}

/// The hash of ASP.NET Identity: base64 of a version, its parameters, a salt and a digest.
pub(super) fn asp_net(text: &str) -> Result<Pbkdf2Hash, Rejected> {
    let bytes = padded(text)?;
    match bytes.split_first() {
        Some((0, rest)) if rest.len() == 48 => {
            let (salt, digest) = rest.split_at(16);
            Pbkdf2Hash::new(Prf::Sha1, "1000", salt.to_vec(), digest.to_vec())
        }
        Some((1, rest)) => asp_net_3(rest),
        _ => Err(Rejected::Malformed),
    }
}

/// Version 3: the function, the iterations and the length of the salt as big-endian numbers, the salt, the digest.
fn asp_net_3(bytes: &[u8]) -> Result<Pbkdf2Hash, Rejected> {
    let (function, bytes) = big_endian(bytes)?;
    let (iterations, bytes) = big_endian(bytes)?;
    let (salt_len, bytes) = big_endian(bytes)?;
    let prf = match function {
        0 => Prf::Sha1,
        1 => Prf::Sha256,
        2 => Prf::Sha512,
        _ => return Err(Rejected::Malformed),
    };
    let salt_len = usize::try_from(salt_len).map_err(|_| Rejected::Malformed)?;
    let (salt, digest) = bytes.split_at_checked(salt_len).ok_or(Rejected::Malformed)?;
    Pbkdf2Hash::new(prf, &iterations.to_string(), salt.to_vec(), digest.to_vec())
}

fn big_endian(bytes: &[u8]) -> Result<(u32, &[u8]), Rejected> {
    let (number, rest) = bytes.split_first_chunk().ok_or(Rejected::Malformed)?;
    Ok((u32::from_be_bytes(*number), rest))
}

fn prf_of_modular(name: &str) -> Result<Prf, Rejected> {
    match name {
        "pbkdf2" | "pbkdf2-sha1" => Ok(Prf::Sha1),
        "pbkdf2-sha256" => Ok(Prf::Sha256),
        "pbkdf2-sha512" => Ok(Prf::Sha512),
        _ => Err(Rejected::Malformed),
    }
}

/// Checks the length of a digest against the one that the hash states, if it does.
fn require_length(stated: Option<&str>, digest: &[u8]) -> Result<(), Rejected> {
    match stated {
        Some(length) if length != digest.len().to_string() => Err(Rejected::Malformed),
        _ => Ok(()),
    }
}

/// Whether a text has the form of [`asp_net`]: base64 of a version 3 with its parameters, or of the 49 bytes of version 2.
pub(super) fn is_asp_net(text: &str) -> bool {
    let version_3 = text.starts_with("AQAAAA") && text.len() >= 48;
    let version_2 = || text.len() == 68 && text.starts_with('A') && text.ends_with("==");
    version_3 && padded(text).is_ok()
        || version_2() && padded(text).is_ok_and(|bytes| bytes.first() == Some(&0))
}

#[cfg(test)]
mod tests {
    use super::super::StoredHash;
    use crate::password::Password;
    use crate::password::{Scheme, UnsupportedHash};

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
            "pbkdf2:md4:1000$b0RU$5eebdd4b3fdc51dce11a6377eaebd514",
            "pbkdf2:sha1:1000$b0RU$zzebdd4b3fdc51dce11a6377eaebd5144c835260",
            "pbkdf2:sha1$b0RU$5eebdd4b3fdc51dce11a6377eaebd5144c835260",
            "pbkdf2:sha1:+1000$b0RU$5eebdd4b3fdc51dce11a6377eaebd5144c835260",
            "$pbkdf2-sha256$i=1000,l=31$gOVuLyS4ADn3BOioE1DgbQ$p3lxU1mSpbouA/yLs6pISr7UM9+G5lgIPIEiALo/LYQ",
            "$pbkdf2-sha256$i=1000,i=1000$gOVuLyS4ADn3BOioE1DgbQ$p3lxU1mSpbouA/yLs6pISr7UM9+G5lgIPIEiALo/LYQ",
            "$pbkdf2-sha256$i=1000$gOVuLyS4ADn3BOioE1DgbQ$p3lxU1mSpbouA",
            "$pbkdf2$w=1000$gOVuLyS4ADn3BOioE1DgbQ$p3lxU1mSpbouA/yLs6pISr7UM9+G5lgIPIEiALo/LYQ",
            "{PBKDF2}$2$xI4xna/asO0n9PLR$5000$6247e54fdfe7cb4c1bd02d54cd225a412738da53",
            "{PKCS5S2}WUspZaz1XitF6B1DyHnPGZbkp1ThsWE3ZlxuN49NTzQ9PLew1ge5",
            // A version 3 whose salt is longer than the hash, and one with an unknown function.
            "AQAAAAIAAAAyAAAA/+Mwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw",
            "AQAAAAMAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw",
        ] {
            assert!(matches!(Scheme::recognise(text), Err(UnsupportedHash::Malformed(_))), "{text}");
        }
    }
}
