use super::*;

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../../tests/keys/", $name, ".pem"))
    };
}

fn id(key: Result<VerifyingKey, KeyError>) -> String {
    key.unwrap().id().unwrap().to_string()
}

#[test]
fn the_key_id_is_the_thumbprint() {
    // RFC 8037, appendices A.2 and A.3; RFC 7638, section 3.1; the key of RFC 7517, appendix A.1.
    for (jwk, thumbprint) in [
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        ),
        (
            r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256"}"#,
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
        ),
        (
            r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#,
            "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
        ),
    ] {
        assert_eq!(id(VerifyingKey::from_jwk(jwk)), thumbprint);
    }
}

#[test]
fn a_jwk_may_name_its_key() {
    let jwk =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"mine"}"#;
    assert_eq!(id(VerifyingKey::from_jwk(jwk)), "mine");
}

#[test]
fn the_algorithm_follows_from_the_key() {
    for (pem, algorithm) in [
        (pem!("ed25519.pub"), KeyAlgorithm::EdDsa),
        (pem!("p256.pub"), KeyAlgorithm::Es256),
        (pem!("rsa2048.pub"), KeyAlgorithm::Rs256),
        (pem!("rsa2048.pkcs1.pub"), KeyAlgorithm::Rs256),
    ] {
        let key = VerifyingKey::from_pem(pem).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.id().unwrap().as_str().len(), 43);
    }
    assert_eq!(
        id(VerifyingKey::from_pem(pem!("rsa2048.pub"))),
        id(VerifyingKey::from_pem(pem!("rsa2048.pkcs1.pub")))
    );
}

#[test]
fn unsuitable_pem_is_rejected_with_the_reason() {
    for (pem, fault) in [
        (pem!("secp256k1.pub"), KeyError::Curve),
        (pem!("p384.pub"), KeyError::Curve),
        (pem!("p521.pub"), KeyError::Curve),
        (pem!("ed448.pub"), KeyError::NoKey),
        (pem!("rsa1024.pub"), KeyError::RsaSize { bits: 1024 }),
        (pem!("ed25519"), KeyError::Private),
        (pem!("p256.sec1"), KeyError::Private),
        (pem!("rsa2048.pkcs1"), KeyError::Private),
        (pem!("encrypted"), KeyError::Private),
        (pem!("certificate"), KeyError::Certificate),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", KeyError::NoKey),
        ("-----BEGIN PUBLIC KEY-----\n", KeyError::NoKey),
        ("", KeyError::NoKey),
    ] {
        assert_eq!(VerifyingKey::from_pem(pem).err(), Some(fault), "{pem}");
    }
}

#[test]
fn an_unsuitable_jwk_is_rejected_with_the_reason() {
    let ed = |more: &str| {
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"{more}}}"#)
    };
    for (jwk, fault) in [
        (ed(&format!(r#","kid":"{}""#, "k".repeat(257))), KeyError::IdTooLong),
        (ed(r#","use":"enc""#), KeyError::OtherUse),
        (ed(r#","key_ops":["sign"]"#), KeyError::OtherUse),
        (ed(r#","alg":"ES256""#), KeyError::OtherUse),
        (ed(r#","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A""#), KeyError::Private),
        (ed(r#","kty":"OKP""#), KeyError::NoKey),
        (
            r#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#.into(),
            KeyError::Curve,
        ),
        (r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg"}"#.into(), KeyError::NoKey),
        (r#"{"kty":"OKP","crv":"Ed25519"}"#.into(), KeyError::NoKey),
        (r#"{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}"#.into(), KeyError::Curve),
        (r#"{"kty":"RSA","n":"AAEB","e":"AQAB"}"#.into(), KeyError::RsaSize { bits: 9 }),
        (r#"{"kty":"oct","k":"c2hvcnQ"}"#.into(), KeyError::SecretTooShort { bytes: 5 }),
        (r#"{"kty":"EXTRA"}"#.into(), KeyError::NoKey),
        ("[]".into(), KeyError::NoKey),
    ] {
        assert_eq!(VerifyingKey::from_jwk(&jwk).err(), Some(fault), "{jwk}");
    }
}

#[test]
fn a_point_off_its_curve_is_rejected() {
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"5Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
    assert_eq!(VerifyingKey::from_jwk(jwk).err(), Some(KeyError::Curve));
}

#[test]
fn an_unsound_rsa_key_is_rejected() {
    let n = |last: u8| [vec![0xff; 255], vec![last]].concat();
    for (modulus, exponent) in
        [(n(0), &[1, 0, 1][..]), (n(1), &[1]), (n(1), &[2]), (n(1), &[]), (n(1), &[1, 0, 0, 0, 1])]
    {
        assert_eq!(PublicKey::rsa(&modulus, exponent).err(), Some(KeyError::RsaUnsound), "{exponent:?}");
    }
    assert_eq!(PublicKey::rsa(&[0xff; 1025], &[3]).err(), Some(KeyError::RsaSize { bits: 8200 }));
}

#[test]
fn a_short_secret_is_rejected_with_the_remedy() {
    let fault = VerifyingKey::from_secret(&[b'x'; 31]).unwrap_err();
    assert_eq!(fault, KeyError::SecretTooShort { bytes: 31 });
    assert!(fault.to_string().contains("openssl rand"));
    assert!(VerifyingKey::from_secret(&[b'x'; 32]).is_ok());
}

#[test]
fn debug_hides_a_secret() {
    let key = VerifyingKey::from_secret(b"a secret of at least thirty-two bytes").unwrap();
    assert_eq!(
        format!("{key:?}"),
        r#"VerifyingKey { algorithm: "HS256", id: None, accept_until: None, .. }"#
    );
}
