use super::*;
use crate::SystemEntropy;
use crate::token::{IssuerSettings, KeyAlgorithm, SigningKey, TokenIssuer};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use roster_domain::{
    AuthEpoch, Permission, RefreshChain, Session, SessionId, SessionLifetime, TokenDigest, User, fixtures,
};

mod keys;
mod rejections;

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";
const ISSUER: &str = "https://users.example";
const AUDIENCE: &str = "roster";
const TTL: Duration = Duration::from_mins(15);
/// The claims of a valid token at [`now`].
const CLAIMS: &str = r#"{"iss":"https://users.example","sub":"018f0000-0000-7000-8000-000000000001",
    "aud":"roster","exp":1000900,"nbf":1000000,"iat":1000000,"jti":"x","client_id":"roster","epoch":3,
    "roles":["admin","moderator"],"scope":"users:read made:up"}"#;
const HEADER: &str = r#"{"typ":"at+jwt","alg":"HS256"}"#;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn now() -> Timestamp {
    at(1_000_000)
}

fn user() -> User {
    fixtures::administrator(7).with(|user| user.auth_epoch = AuthEpoch::from(3))
}

/// A session that began an hour ago and lasts for a day.
fn session() -> Session {
    let day = SignedDuration::from_hours(24);
    let lifetime = SessionLifetime { idle: day, absolute: day };
    let chain = RefreshChain::new(TokenDigest::of(b"family"), TokenDigest::of(b"token"));
    Session::begin(SessionId::new(now(), [5; 10]), user().id, chain, lifetime, at(996_400))
}

fn issuer(key: SigningKey) -> TokenIssuer {
    TokenIssuer::new(key, IssuerSettings::new(ISSUER, Some(AUDIENCE), TTL))
}

fn generated(algorithm: KeyAlgorithm) -> SigningKey {
    SigningKey::from_pem(&SigningKey::generate_pem(algorithm, &SystemEntropy).unwrap()).unwrap()
}

fn ed25519() -> SigningKey {
    generated(KeyAlgorithm::EdDsa)
}

fn verifier(key: &SigningKey) -> TokenVerifier {
    TokenVerifier::new(key.verifying_key().clone(), VerifierSettings::new(ISSUER, AUDIENCE))
}

fn hs256() -> TokenVerifier {
    verifier(&SigningKey::from_secret(SECRET).unwrap())
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Signs any text with the right secret.
fn forge(header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let key = EncodingKey::from_secret(SECRET);
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{signed}.{signature}")
}

fn with_header(header: &str) -> Option<TokenRejected> {
    hs256().verify(&forge(header, CLAIMS), now()).err()
}

fn with_claims(claims: &str) -> Option<TokenRejected> {
    hs256().verify(&forge(HEADER, claims), now()).err()
}

/// The valid claims after `change`.
fn claims(change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> String {
    let mut claims = serde_json::from_str(CLAIMS).unwrap();
    change(&mut claims);
    serde_json::to_string(&claims).unwrap()
}

#[test]
fn an_issued_token_is_accepted_with_its_claims() {
    let made = [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256, KeyAlgorithm::Rs256].map(generated);
    for key in made.into_iter().chain([SigningKey::from_secret(SECRET).unwrap()]) {
        let verifier = verifier(&key);
        let token = issuer(key).issue(&user(), &session(), now(), [1; 16]).unwrap();
        let claims = verifier.verify(token.as_str(), now()).unwrap();
        assert_eq!((claims.sub, claims.epoch), (user().id.into(), AuthEpoch::from(3)));
        assert_eq!((claims.iat, claims.exp), (now(), at(1_000_900)));
        assert_eq!((claims.sid, claims.auth_time), (Some(session().id), Some(at(996_400))));
        assert_eq!(claims.amr, ["pwd"]);
        assert!(claims.roles.is_admin() && claims.scope.permissions().contains(Permission::UsersRead));
        assert_eq!((token.expires_in(), claims.jti.len()), (TTL, 22));
        assert_eq!(verifier.verify(token.as_str(), now()).unwrap(), claims);
    }
}

#[test]
fn a_token_does_not_outlive_its_session() {
    let ending = Session { ends_at: at(1_000_060), ..session() };
    let token = issuer(ed25519()).issue(&user(), &ending, now(), [1; 16]).unwrap();
    assert_eq!(token.expires_in(), Duration::from_mins(1));
}

#[test]
fn names_that_only_another_service_knows_are_kept() {
    let claims = hs256().verify(&forge(HEADER, CLAIMS), now()).unwrap();
    assert!(claims.roles.contains("moderator"));
    assert_eq!(claims.scope.iter().collect::<Vec<_>>(), ["users:read", "made:up"]);
}

#[test]
fn only_the_keys_own_algorithm_is_accepted() {
    for alg in ["none", "None", "HS384", "HS512", "EdDSA", "RS256", "ES256", "hs256", ""] {
        let header = format!(r#"{{"typ":"at+jwt","alg":"{alg}"}}"#);
        assert_eq!(with_header(&header), Some(TokenRejected::Key), "{alg}");
    }
    let unsigned = format!("{}.{}.", encode(r#"{"typ":"at+jwt","alg":"none"}"#), encode(CLAIMS));
    assert_eq!(hs256().verify(&unsigned, now()).err(), Some(TokenRejected::Key));
    let unsigned = format!("{}.{}.", encode(HEADER), encode(CLAIMS));
    assert_eq!(hs256().verify(&unsigned, now()).err(), Some(TokenRejected::Signature));
}

#[test]
fn a_public_key_is_not_used_as_a_shared_secret() {
    let key = ed25519();
    let kid = key.verifying_key().id().unwrap();
    let header = format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":"{kid}"}}"#);
    for header in [header.as_str(), HEADER] {
        assert_eq!(verifier(&key).verify(&forge(header, CLAIMS), now()).err(), Some(TokenRejected::Key));
    }
}

#[test]
fn a_header_with_another_parameter_is_rejected() {
    for parameter in [
        r#""jwk":{"kty":"oct","k":"AAAA"}"#,
        r#""jku":"https://evil.example/jwks.json""#,
        r#""x5u":"https://evil.example/cert""#,
        r#""x5c":["AAAA"]"#,
        r#""crit":["b64"]"#,
        r#""b64":false"#,
        r#""zip":"DEF""#,
        r#""alg":"HS256""#,
        r#""typ":"at+jwt""#,
        r#""unheard_of":1"#,
    ] {
        let header = format!(r#"{{"typ":"at+jwt","alg":"HS256",{parameter}}}"#);
        assert_eq!(with_header(&header), Some(TokenRejected::Header), "{parameter}");
    }
}

#[test]
fn an_incomplete_header_is_rejected() {
    assert_eq!(with_header(r#"{"alg":"HS256"}"#), Some(TokenRejected::Header));
    assert_eq!(with_header(r#"{"typ":"at+jwt"}"#), Some(TokenRejected::Header));
    assert_eq!(with_header(r#"["at+jwt","HS256",null]"#), Some(TokenRejected::Malformed));
    assert_eq!(with_header(""), Some(TokenRejected::Malformed));
}

#[test]
fn only_access_tokens_are_accepted() {
    for typ in ["JWT", "", "rt+jwt", "at+jwt "] {
        let header = format!(r#"{{"typ":"{typ}","alg":"HS256"}}"#);
        assert_eq!(with_header(&header), Some(TokenRejected::Type), "{typ}");
    }
    for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
        assert_eq!(with_header(&format!(r#"{{"typ":"{typ}","alg":"HS256"}}"#)), None, "{typ}");
    }
}

#[test]
fn an_unknown_kid_is_rejected() {
    assert_eq!(with_header(r#"{"typ":"at+jwt","alg":"HS256","kid":"../x"}"#), Some(TokenRejected::Key));
    let (ours, theirs) = (ed25519(), ed25519());
    let token = issuer(theirs).issue(&user(), &session(), now(), [1; 16]).unwrap();
    assert_eq!(verifier(&ours).verify(token.as_str(), now()).err(), Some(TokenRejected::Key));
}

#[test]
fn every_required_claim_is_required_once_and_of_its_type() {
    for name in ["iss", "sub", "exp", "iat", "jti", "client_id", "epoch"] {
        let missing = claims(|claims| drop(claims.remove(name)));
        assert_eq!(with_claims(&missing), Some(TokenRejected::Claims), "{name}");
        let null = claims(|claims| drop(claims.insert(name.into(), serde_json::Value::Null)));
        assert_eq!(with_claims(&null), Some(TokenRejected::Claims), "{name}");
    }
    for twice in [r#""exp":9000000000"#, r#""sub":"018f0000-0000-7000-8000-000000000002""#, r#""roles":[]"#] {
        let doubled = CLAIMS.replacen('{', &format!("{{{twice},"), 1);
        assert_eq!(with_claims(&doubled), Some(TokenRejected::Claims), "{twice}");
    }
    for (name, value) in
        [("exp", "\"1000900\""), ("exp", "1e400"), ("exp", "9223372036854775807"), ("epoch", "-1")]
    {
        let good = format!(r#""{name}":{}"#, if name == "exp" { "1000900" } else { "3" });
        let bad = CLAIMS.replacen(&good, &format!(r#""{name}":{value}"#), 1);
        assert_eq!(with_claims(&bad), Some(TokenRejected::Claims), "{name} {value}");
    }
}

#[test]
fn another_issuer_or_audience_is_rejected() {
    let issuer = claims(|claims| drop(claims.insert("iss".into(), "https://users.example/".into())));
    assert_eq!(with_claims(&issuer), Some(TokenRejected::Issuer));
    for aud in [serde_json::json!("other"), serde_json::json!([]), serde_json::json!(["Roster", "other"])] {
        let other = claims(|claims| drop(claims.insert("aud".into(), aud)));
        assert_eq!(with_claims(&other), Some(TokenRejected::Audience));
    }
    assert_eq!(with_claims(&claims(|claims| drop(claims.remove("aud")))), Some(TokenRejected::Audience));
    let among = claims(|claims| drop(claims.insert("aud".into(), serde_json::json!(["other", "roster"]))));
    assert_eq!(with_claims(&among), None);
}

#[test]
fn a_token_is_accepted_only_in_its_time() {
    let verifier = hs256();
    let token = forge(HEADER, CLAIMS);
    for (second, verdict) in [
        (999_994, Some(TokenRejected::NotYetValid)),
        (999_995, None),
        (1_000_899, None),
        (1_000_900, Some(TokenRejected::Expired)),
        (1_000_899, None),
    ] {
        assert_eq!(verifier.verify(&token, at(second)).err(), verdict, "{second}");
    }
    let later = claims(|claims| drop(claims.insert("nbf".into(), 1_000_006.into())));
    assert_eq!(with_claims(&later), Some(TokenRejected::NotYetValid));
}

#[test]
fn base64url_has_one_spelling() {
    let good = forge(HEADER, CLAIMS);
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    // 32 bytes end in a character with two unused bits: its neighbours decode to the same bytes elsewhere.
    let mut stray = signature.to_owned();
    let last = stray.pop().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    stray.push(alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap());
    for token in [
        format!("{header}.{claims}.{stray}"),
        format!("{header}.{claims}.{signature}="),
        format!("{header}.{claims}.{signature}\n"),
        format!("{header}=.{claims}.{signature}"),
        format!("{header}.{claims}==.{signature}"),
        format!(" {header}.{claims}.{signature}"),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!("{header}.{claims}"),
        format!("{header}..{signature}"),
        header.to_owned(),
        String::new(),
        "..".to_owned(),
        "+/+/.é.é".to_owned(),
    ] {
        let rejected = hs256().verify(&token, now()).err();
        assert!(matches!(rejected, Some(TokenRejected::Malformed | TokenRejected::Signature)), "{token}");
    }
}

#[test]
fn a_modified_token_is_rejected() {
    let good = forge(HEADER, CLAIMS);
    let other = CLAIMS.replace("\"epoch\":3", "\"epoch\":4");
    let signature = good.rsplit('.').next().unwrap();
    let swapped = format!("{}.{}.{signature}", encode(HEADER), encode(&other));
    assert_eq!(hs256().verify(&swapped, now()).err(), Some(TokenRejected::Signature));
}

#[test]
fn an_oversized_token_is_rejected_unread() {
    let padded = claims(|claims| drop(claims.insert("pad".into(), "x".repeat(8192).into())));
    assert_eq!(with_claims(&padded), Some(TokenRejected::TooLong));
    let length = |bytes: usize| hs256().verify(&"x".repeat(bytes), now()).err();
    assert_ne!(length(8_192), Some(TokenRejected::TooLong));
    assert_eq!(length(8_193), Some(TokenRejected::TooLong));
}
