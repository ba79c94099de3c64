//! The reasons in the log.

use super::*;

/// What is logged when `verifier` rejects `token` at `second`.
fn reason(verifier: &TokenVerifier, token: &str, second: i64) -> String {
    verifier.check(token, at(second)).unwrap_err().to_string()
}

fn with(name: &str, value: &str) -> String {
    forge(HEADER, &claims(|claims| drop(claims.insert(name.into(), value.into()))))
}

#[test]
fn another_issuer_or_audience_is_named() {
    let issuer = reason(&hs256(), &with("iss", "https://other.example"), 1_000_000);
    assert_eq!(issuer, r#"its issuer is "https://other.example", not "https://users.example""#);
    let audience = reason(&hs256(), &with("aud", "billing"), 1_000_000);
    assert_eq!(audience, r#"its audience is "billing", not "roster""#);
    let key = VerifyingKey::from_secret(SECRET).unwrap();
    let without = TokenVerifier::new(key, VerifierSettings::without_audience(ISSUER));
    let unexpected = reason(&without, &forge(HEADER, CLAIMS), 1_000_000);
    assert_eq!(
        unexpected,
        r#"it names the audience "roster", and this service accepts only tokens without one"#
    );
}

#[test]
fn a_token_at_the_wrong_time_says_by_how_much() {
    let token = forge(HEADER, CLAIMS);
    assert_eq!(reason(&hs256(), &token, 1_001_000), "it expired 1m 40s ago");
    assert_eq!(reason(&hs256(), &token, 999_940), "it becomes valid in 1m; check the clocks");
}

#[test]
fn an_unknown_key_is_named_and_a_missing_one_too() {
    let unknown = forge(r#"{"typ":"at+jwt","alg":"HS256","kid":"old\n"}"#, CLAIMS);
    assert_eq!(reason(&hs256(), &unknown, 1_000_000), r#"no key has its kid, "old\n""#);
    let nameless = forge(HEADER, CLAIMS);
    assert_eq!(reason(&verifier(&ed25519()), &nameless, 1_000_000), "it has no kid, and every key has one");
    let other = forge(r#"{"typ":"at+jwt","alg":"RS256"}"#, CLAIMS);
    assert_eq!(reason(&hs256(), &other, 1_000_000), r#"its alg is "RS256", and its key is for HS256"#);
}

#[test]
fn no_reason_contains_the_token_or_long_text() {
    let long = "x".repeat(5_000);
    let header = format!(r#"{{"typ":"at+jwt","alg":"HS256","{long}":1}}"#);
    let mut wrong_signature = forge(HEADER, CLAIMS);
    wrong_signature.pop();
    let tokens =
        [with("iss", &long), with("aud", &long), forge(&header, CLAIMS), long.clone(), wrong_signature];
    for token in tokens {
        let reason = reason(&hs256(), &token, 1_000_000);
        assert!(reason.len() < 300, "{reason}");
        assert!(token.split('.').all(|part| !reason.contains(part)), "{reason}");
    }
}
