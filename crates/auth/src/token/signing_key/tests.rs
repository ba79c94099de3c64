use super::*;
use crate::SystemEntropy;

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../../../tests/keys/", $name))
    };
}

struct Counting;
impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        (0..).zip(bytes).for_each(|(number, byte)| *byte = number);
    }
}

/// Returns only numbers that are not valid keys on the curve.
struct Zeros;
impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn id(key: &VerifyingKey) -> &str {
    key.id().unwrap().as_str()
}

fn signs(key: &SigningKey) -> bool {
    let token = key.sign(TokenType::AccessToken, b"{}").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    key.verifying.verifies(signed, signature) && !key.verifying.verifies("signed", signature)
}

#[test]
fn a_generated_key_can_be_parsed_and_signs() {
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256, KeyAlgorithm::Rs256] {
        let key =
            SigningKey::from_pem(&SigningKey::generate_pem(algorithm, &SystemEntropy).unwrap()).unwrap();
        assert_eq!((key.verifying.algorithm(), id(&key.verifying).len()), (algorithm, 43));
        assert!(signs(&key), "{algorithm}");
    }
}

#[test]
fn a_token_begins_with_a_header_that_names_type_algorithm_and_key() {
    let key =
        SigningKey::from_pem(&SigningKey::generate_pem(KeyAlgorithm::EdDsa, &Counting).unwrap()).unwrap();
    let token = key.sign(TokenType::AccessToken, br#"{"sub":"x"}"#).unwrap();
    let part = |number| URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&part(0)).unwrap();
    assert_eq!(header, json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": id(&key.verifying) }));
    assert_eq!((part(1).as_slice(), part(2).len()), (&br#"{"sub":"x"}"#[..], 64));
}

#[test]
fn a_token_is_written_without_reallocation() {
    let made =
        |algorithm| SigningKey::from_pem(&SigningKey::generate_pem(algorithm, &SystemEntropy).unwrap());
    let own = [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256, KeyAlgorithm::Rs256].map(made);
    for key in own.into_iter().chain([SigningKey::from_secret(&[7; 32])]).map(Result::unwrap) {
        let token = key.sign(TokenType::AccessToken, &[b' '; 1000]).unwrap();
        assert!(token.capacity() < token.len() + 8, "{:?}: it grew", key.verifying.algorithm());
    }
}

#[test]
fn a_key_is_made_from_the_given_randomness() {
    let made = |algorithm| SigningKey::generate_pem(algorithm, &Counting).unwrap();
    // As OpenSSL writes the key of the bytes 0 to 31.
    let private = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n\
                   -----END PRIVATE KEY-----\n";
    assert_eq!(*made(KeyAlgorithm::EdDsa), private);
    assert_eq!(made(KeyAlgorithm::Es256), made(KeyAlgorithm::Es256));
}

#[test]
fn randomness_without_a_valid_key_is_an_error() {
    assert_eq!(SigningKey::generate_pem(KeyAlgorithm::Es256, &Zeros), Err(NotGenerated::Failed));
    assert_eq!(SigningKey::generate_pem(KeyAlgorithm::Hs256, &SystemEntropy), Err(NotGenerated::Secret));
}

#[test]
fn both_halves_match_in_every_form() {
    for (private, public) in [
        (file!("ed25519.pem"), file!("ed25519.pub.pem")),
        (file!("p256.pem"), file!("p256.pub.pem")),
        (file!("rsa2048.pem"), file!("rsa2048.pub.pem")),
        (file!("rsa2048.pkcs1.pem"), file!("rsa2048.pkcs1.pub.pem")),
    ] {
        let key = SigningKey::from_pem(private).unwrap();
        assert_eq!(id(&key.verifying), id(&VerifyingKey::from_pem(public).unwrap()), "{public}");
        assert!(signs(&key));
    }
    assert!(signs(&SigningKey::from_pem(file!("p256.sec1.pem")).unwrap()));
}

#[test]
fn a_jwk_of_pyjwt_is_the_same_key_as_its_pem() {
    for (private, public, pem) in [
        (file!("ed25519.jwk.json"), file!("ed25519.pub.jwk.json"), file!("ed25519.pem")),
        (file!("p256.jwk.json"), file!("p256.pub.jwk.json"), file!("p256.pem")),
        (file!("rsa2048.jwk.json"), file!("rsa2048.pub.jwk.json"), file!("rsa2048.pem")),
    ] {
        let key = SigningKey::from_jwk(private).unwrap();
        let expected = SigningKey::from_pem(pem).unwrap();
        assert_eq!(id(&key.verifying), id(&expected.verifying));
        assert_eq!(id(&VerifyingKey::from_jwk(public).unwrap()), id(&expected.verifying));
        assert!(signs(&key));
        assert_eq!(VerifyingKey::from_jwk(private).err(), Some(KeyError::Private));
        assert_eq!(SigningKey::from_jwk(public).err(), Some(error_of_public(public)));
    }
}

/// `PyJWT` writes `key_ops` that restrict a public key to verifying.
fn error_of_public(jwk: &str) -> KeyError {
    if jwk.contains("key_ops") { KeyError::OtherUse } else { KeyError::Public }
}

#[test]
fn a_jwk_can_be_a_secret_with_or_without_a_name() {
    let jwk =
        |more| format!(r#"{{"kty":"oct","k":"YSBzZWNyZXQgb2YgYXQgbGVhc3QgdGhpcnR5LXR3byBieXRlcw"{more}}}"#);
    let key = SigningKey::from_jwk(&jwk("")).unwrap();
    assert!(signs(&key) && key.verifying.id().is_none());
    assert_eq!(id(SigningKey::from_jwk(&jwk(r#","kid":"shared""#)).unwrap().verifying_key()), "shared");
}

#[test]
fn halves_of_different_keys_are_rejected() {
    let mixed = |private: &str, member: &str, public: &str| {
        let mut jwk: serde_json::Value = serde_json::from_str(private).unwrap();
        jwk[member] = public.into();
        SigningKey::from_jwk(&jwk.to_string()).err()
    };
    let other = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    assert_eq!(mixed(file!("ed25519.jwk.json"), "x", other), Some(KeyError::Halves));
    assert_eq!(mixed(file!("p256.jwk.json"), "d", other), Some(KeyError::Halves));
    assert_eq!(mixed(file!("rsa2048.jwk.json"), "d", other), Some(KeyError::Halves));
    assert_eq!(mixed(file!("rsa2048.jwk.json"), "p", ""), Some(KeyError::Halves));
}

#[test]
fn unsuitable_keys_are_rejected_with_the_reason() {
    for (pem, fault) in [
        (file!("ed25519.pub.pem"), KeyError::Public),
        (file!("rsa2048.pkcs1.pub.pem"), KeyError::Public),
        (file!("encrypted.pem"), KeyError::Encrypted),
        (file!("certificate.pem"), KeyError::Certificate),
        (file!("rsa1024.pem"), KeyError::RsaUnsound),
        (file!("p384.pem"), KeyError::Curve),
        (file!("p384.sec1.pem"), KeyError::Curve),
        (file!("ed448.pem"), KeyError::NoKey),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
            KeyError::Encrypted,
        ),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", KeyError::NoKey),
        ("-----BEGIN PRIVATE KEY-----\nMC4CAQ", KeyError::NoKey),
        ("secret", KeyError::NoKey),
        ("", KeyError::NoKey),
    ] {
        assert_eq!(SigningKey::from_pem(pem).err(), Some(fault), "{pem}");
    }
}
