//! Cached tokens, and keys that come and go.

use super::*;

#[cfg(feature = "fetch")]
#[test]
fn a_key_is_missing_only_if_the_token_names_one_that_is_unknown() {
    let (key, other) = (ed25519(), ed25519());
    let verifier = verifier(&key);
    let token = |key| issuer(key).issue(&user(), &session(), now(), [0; 16]).unwrap();
    let (known, unknown) = (token(key), token(other));
    assert!(!verifier.lacks_key_of(known.as_str()));
    assert!(verifier.lacks_key_of(unknown.as_str()));
    assert!(!verifier.lacks_key_of("no token"));
}

#[test]
fn an_expired_token_leaves_the_cache() {
    let verifier = hs256();
    let token = forge(HEADER, CLAIMS);
    verifier.verify(&token, now()).unwrap();
    assert_eq!(verifier.cache.len(), 1);
    assert!(verifier.verify(&token, at(2_000_000)).is_err());
    assert_eq!(verifier.cache.len(), 0);
}

#[test]
fn a_rejected_token_is_not_cached() {
    let verifier = hs256();
    assert!(verifier.verify(&forge(HEADER, "{}"), now()).is_err());
    assert_eq!(verifier.cache.len(), 0);
}

#[test]
fn a_removed_key_ends_its_tokens_at_once_and_others_stay_cached() {
    let (old, new) = (ed25519(), ed25519());
    let keys =
        |keys: &[&SigningKey]| KeySet::new(keys.iter().map(|key| key.verifying_key().clone())).unwrap();
    let (both, rest) = (keys(&[&old, &new]), keys(&[&new]));
    let verifier = TokenVerifier::new(both.clone(), VerifierSettings::new(ISSUER, AUDIENCE));
    let token = |key| issuer(key).issue(&user(), &session(), now(), [1; 16]).unwrap();
    let (dies, lives) = (token(old), token(new));
    let kept = verifier.verify(lives.as_str(), now()).unwrap();
    verifier.verify(dies.as_str(), now()).unwrap();

    verifier.replace_keys(rest);
    assert_eq!(verifier.verify(dies.as_str(), now()).err(), Some(TokenRejected::Key));
    assert!(Arc::ptr_eq(&kept, &verifier.verify(lives.as_str(), now()).unwrap()));
    assert_eq!((verifier.cache.len(), verifier.keys().len()), (1, 1));

    verifier.replace_keys(both);
    assert!(verifier.verify(dies.as_str(), now()).is_ok());
}

#[test]
fn a_cached_token_is_not_accepted_for_another_key_with_the_same_name() {
    let named =
        |secret: &[u8]| format!(r#"{{"kty":"oct","kid":"k","k":"{}"}}"#, URL_SAFE_NO_PAD.encode(secret));
    let key = |secret| VerifyingKey::from_jwk(&named(secret)).unwrap();
    let verifier = TokenVerifier::new(key(SECRET), VerifierSettings::new(ISSUER, AUDIENCE));
    let token = forge(r#"{"typ":"at+jwt","alg":"HS256","kid":"k"}"#, CLAIMS);
    verifier.verify(&token, now()).unwrap();
    verifier.replace_keys(key(b"another secret of at least thirty-two bytes"));
    assert_eq!(verifier.verify(&token, now()).err(), Some(TokenRejected::Key));
    assert_eq!(verifier.verify(&token, now()).err(), Some(TokenRejected::Signature));
}

#[test]
fn tokens_of_a_retired_key_are_accepted_until_its_end_cached_or_not() {
    let key = VerifyingKey::from_secret(SECRET).unwrap().accepted_until(at(1_000_010));
    let verifier = TokenVerifier::new(key, VerifierSettings::new(ISSUER, AUDIENCE));
    let token = forge(HEADER, CLAIMS);
    for (second, verdict) in [(1_000_009, None), (1_000_010, Some(TokenRejected::Key)), (1_000_009, None)] {
        assert_eq!(verifier.verify(&token, at(second)).err(), verdict, "{second}");
        assert_eq!(verifier.verify(&token, at(second)).err(), verdict, "{second} again");
    }
}

#[test]
fn debug_hides_keys_and_tokens() {
    let key = SigningKey::from_secret(SECRET).unwrap();
    assert!(!format!("{key:?}").contains("secret of"));
    let token = issuer(key).issue(&user(), &session(), now(), [1; 16]).unwrap();
    assert_eq!(format!("{token:?}"), "AccessToken(…)");
}
