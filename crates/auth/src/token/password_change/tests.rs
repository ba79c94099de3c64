//! Which password-change tokens are accepted, and for whom.

use super::*;
use crate::SystemEntropy;
use crate::token::{IssuerSettings, KeyAlgorithm, SigningKey, VerifierSettings};
use jsonwebtoken::{DecodingKey, Validation};
use roster_domain::{Credential, PasswordHash, RoleSet, StatusKind, fixtures};

const SECRET: &[u8] = b"a secret that other services were given too";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn user(n: u8) -> User {
    fixtures::user(n.into()).with(|user| {
        user.credential = Credential::Password(hash("temporary"));
        user.must_change_password = true;
    })
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::new(text).unwrap()
}

fn keys() -> [SigningKey; 4] {
    let generated = [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256, KeyAlgorithm::Rs256].map(|algorithm| {
        SigningKey::from_pem(&SigningKey::generate_pem(algorithm, &SystemEntropy).unwrap()).unwrap()
    });
    let [ed, es, rs] = generated;
    [SigningKey::from_secret(SECRET).unwrap(), ed, es, rs]
}

fn pair(key: SigningKey) -> (TokenIssuer, TokenVerifier) {
    let verifying = key.verifying_key().clone();
    let settings = IssuerSettings::new("roster", Some("roster"), IssuerSettings::DEFAULT_TTL);
    let verifier = TokenVerifier::new(verifying, VerifierSettings::new("roster", "roster"));
    (TokenIssuer::new(key, settings), verifier)
}

fn secret_pair() -> (TokenIssuer, TokenVerifier) {
    pair(SigningKey::from_secret(SECRET).unwrap())
}

#[test]
fn a_token_survives_its_text_form_with_every_kind_of_key() {
    for key in keys() {
        let (issuer, verifier) = pair(key);
        let text = issuer.issue_password_change(&user(1), now()).unwrap().text();
        let token = PasswordChangeToken::parse(&text).unwrap();
        assert_eq!((token.user(), &*token.text()), (user(1).id, &*text));
        assert!(verifier.accepts_password_change(&token, &user(1), now()), "{}", *text);
        assert!(!verifier.accepts_password_change(&token, &user(2), now()));
    }
}

#[test]
fn a_token_ends_after_ten_minutes() {
    let (issuer, verifier) = secret_pair();
    let token = issuer.issue_password_change(&user(1), now()).unwrap();
    let after = |seconds| Timestamp::from_second(now().as_second() + seconds).unwrap();
    assert!(verifier.accepts_password_change(&token, &user(1), after(599)));
    assert!(!verifier.accepts_password_change(&token, &user(1), after(600)));
}

#[test]
fn another_password_role_or_status_ends_it() {
    let (issuer, verifier) = secret_pair();
    let token = issuer.issue_password_change(&user(1), now()).unwrap();
    let others = [
        user(1).with_password(hash("other"), now()),
        user(1).with_roles(RoleSet::administrator()),
        user(1).with_status(StatusKind::Disabled, now()),
        user(1).with(|user| user.credential = Credential::Password(hash("put-into-the-file-by-hand"))),
    ];
    for other in others {
        assert!(!verifier.accepts_password_change(&token, &other, now()));
    }
}

#[test]
fn no_byte_of_a_token_can_be_changed() {
    let (issuer, verifier) = secret_pair();
    let whole = issuer.issue_password_change(&user(1), now()).unwrap().text();
    for (at, letter) in whole.char_indices() {
        let other = if letter == 'A' { 'B' } else { 'A' };
        let text = format!("{}{other}{}", &whole[..at], &whole[at + 1..]);
        let token = PasswordChangeToken::parse(&text);
        let accepted = token.is_ok_and(|token| verifier.accepts_password_change(&token, &user(1), now()));
        assert!(!accepted, "{text}");
    }
}

#[test]
fn text_that_is_not_a_token_is_rejected() {
    let text = secret_pair().0.issue_password_change(&user(1), now()).unwrap().text();
    let others = ["", "pc_", "pc_.", "pc_AAAA.AAAA", &text[3..], &format!("pc_{}", "A".repeat(10_000))];
    for other in others {
        assert_eq!(PasswordChangeToken::parse(other).err(), Some(NotAPasswordChangeToken), "{other}");
    }
}

#[test]
fn another_issuer_with_the_same_secret_rejects_it() {
    let token = secret_pair().0.issue_password_change(&user(1), now()).unwrap();
    let key = SigningKey::from_secret(SECRET).unwrap();
    let settings = VerifierSettings::new("https://elsewhere.example", "roster");
    let elsewhere = TokenVerifier::new(key.verifying_key().clone(), settings);
    assert!(!elsewhere.accepts_password_change(&token, &user(1), now()));
}

#[test]
fn even_a_verifier_that_checks_only_the_signature_rejects_it() {
    let (issuer, verifier) = secret_pair();
    let text = issuer.issue_password_change(&user(1), now()).unwrap().text();
    assert!(verifier.verify(&text, now()).is_err());
    let mut careless = Validation::new(jsonwebtoken::Algorithm::HS256);
    careless.required_spec_claims.clear();
    (careless.validate_exp, careless.validate_aud) = (false, false);
    let taken =
        jsonwebtoken::decode::<serde_json::Value>(&*text, &DecodingKey::from_secret(SECRET), &careless);
    assert!(taken.is_err());
}

#[test]
fn the_signed_text_does_not_parse_as_a_jwt() {
    let (issuer, _) = secret_pair();
    let token = issuer.issue_password_change(&user(1), now()).unwrap();
    let signed = token.signed("roster", &user(1));
    assert!(signed.starts_with(PURPOSE) && URL_SAFE_NO_PAD.decode(PURPOSE).is_err());
    assert!(!signed.split('.').next().unwrap().starts_with("eyJ"));
}

#[test]
fn debug_hides_the_token() {
    let token = secret_pair().0.issue_password_change(&user(1), now()).unwrap();
    assert_eq!(format!("{token:?}"), "PasswordChangeToken(…)");
}
