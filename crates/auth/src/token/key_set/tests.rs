use super::*;

const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const ED_ID: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
const EC: &str = r#"{"kty":"EC","crv":"P-256","kid":"ec","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
const SECRET: &str = r#"{"kty":"oct","k":"YSBzZWNyZXQgb2YgYXQgbGVhc3QgdGhpcnR5LXR3byBieXRlcw"}"#;
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn key(jwk: &str) -> VerifyingKey {
    VerifyingKey::from_jwk(jwk).unwrap()
}

fn of_keys(keys: &[&str]) -> Result<KeySet, KeySetError> {
    KeySet::from_jwks(&format!(r#"{{"keys":[{}],"more":1}}"#, keys.join(",")))
}

#[test]
fn a_written_set_can_be_read_back_and_names_use_and_algorithm() {
    let set = KeySet::new([key(ED), key(EC)]).unwrap();
    let written = set.to_jwks(NOW);
    let expected = format!(
        r#"{{"keys":[{{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"{ED_ID}","alg":"EdDSA","use":"sig"}},"#
    );
    assert!(written.starts_with(&expected), "{written}");
    let read = KeySet::from_jwks(&written).unwrap();
    assert_eq!(read.iter().map(|key| key.id().unwrap().as_str()).collect::<Vec<_>>(), [ED_ID, "ec"]);
    assert_eq!(read.to_jwks(NOW), written);
}

#[test]
fn a_shared_secret_is_never_written() {
    let secret = key(SECRET);
    assert_eq!(KeySet::from(secret.clone()).to_jwks(NOW), r#"{"keys":[]}"#);
    let written = KeySet::new([secret, key(ED)]).unwrap().to_jwks(NOW);
    assert!(!written.contains("oct") && written.contains(ED_ID), "{written}");
}

#[test]
fn unsuitable_keys_are_skipped() {
    let enc = r#"{"kty":"RSA","use":"enc","kid":"ec","n":"AQAB","e":"AQAB"}"#;
    let private = ED.replace('}', r#","kid":"p","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#);
    let set = of_keys(&[enc, SECRET, &private, r#"{"kty":"LMS"}"#, r#"{"kty":7}"#, "null", ED, EC]).unwrap();
    assert_eq!(set.len(), 2);
    assert!(set.get(Some(ED_ID)).is_some() && set.get(Some("ec")).is_some() && set.get(None).is_none());
    assert!(of_keys(&[]).unwrap().is_empty());
}

#[test]
fn two_keys_cannot_have_the_same_name() {
    let twice = of_keys(&[EC, &ED.replace('}', r#","kid":"ec"}"#)]).unwrap_err();
    assert_eq!(twice.to_string(), "two keys have the same kid: ec");
    assert!(matches!(KeySet::new([key(SECRET), key(SECRET)]), Err(KeySetError::Duplicate(None))));
}

#[test]
fn a_text_that_is_not_a_set_is_rejected() {
    for json in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#, ED] {
        assert!(matches!(KeySet::from_jwks(json), Err(KeySetError::NoSet(_))), "{json}");
    }
}

#[test]
fn a_key_is_published_while_its_tokens_are_accepted() {
    let set = KeySet::from(key(ED).accepted_until(Timestamp::from_second(10).unwrap()));
    assert!(set.to_jwks(Timestamp::from_second(9).unwrap()).contains(ED_ID));
    assert!(!set.to_jwks(Timestamp::from_second(10).unwrap()).contains(ED_ID));
}
