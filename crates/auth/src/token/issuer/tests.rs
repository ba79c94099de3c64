//! Tokens of service accounts; those of users are tested with the verifier.

use super::*;
use crate::token::{TokenRejected, TokenVerifier, VerifierSettings};
use roster_domain::{
    Actor, ApiKeyDigest, ApiKeyId, ApiKeyName, ApiKeyPrefix, KeyCreator, Permission, ServiceAccountId,
    ServiceAccountName, SessionId, Status, Version,
};

const ISSUER: &str = "https://users.example";
const AUDIENCE: &str = "roster";

fn now() -> Timestamp {
    Timestamp::from_second(1_000_000).unwrap()
}

fn permissions() -> Permissions {
    [Permission::UsersRead].into_iter().collect()
}

fn key() -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(now(), [2; 10]),
        prefix: ApiKeyPrefix::new("prefix000001").unwrap(),
        name: ApiKeyName::new("nightly").unwrap(),
        digest: ApiKeyDigest::from([3; 32]),
        permissions: permissions().into(),
        created_at: now(),
        created_by: KeyCreator::Operator,
        expires_at: None,
        last_used_at: None,
        replaced_by: None,
    }
}

fn account() -> ServiceAccount {
    ServiceAccount {
        id: ServiceAccountId::new(now(), [1; 10]),
        name: ServiceAccountName::new("backup").unwrap(),
        description: None,
        permissions: Permissions::all().into(),
        status: Status::Active,
        created_at: now(),
        updated_at: now(),
        created_by: Actor::Operator,
        version: Version::FIRST,
        auth_epoch: AuthEpoch::from(4),
        keys: vec![key()],
    }
}

fn signing_key(letter: u8) -> SigningKey {
    SigningKey::from_secret(&[letter; 32]).unwrap()
}

fn issuer() -> TokenIssuer {
    let ttl = Duration::from_mins(15);
    TokenIssuer::new(signing_key(b'a'), IssuerSettings::new(ISSUER, Some(AUDIENCE), ttl))
}

fn verifier() -> TokenVerifier {
    let key = signing_key(b'a').verifying_key().clone();
    TokenVerifier::new(key, VerifierSettings::new(ISSUER, AUDIENCE))
}

fn token(key: &ApiKey) -> AccessToken {
    issuer().issue_to_service_account(&account(), key, permissions(), now(), [1; 16]).unwrap()
}

/// The result of verifying a service account's token with changed claims.
fn forged(change: impl FnOnce(Claims) -> Claims) -> Option<TokenRejected> {
    let subject = Subject::ServiceAccount { id: account().id, key: key().id };
    let claims = issuer().claims(subject, account().auth_epoch, permissions(), now(), [1; 16]);
    let claims = Claims { exp: now() + Duration::from_mins(1), ..claims };
    let token = sign(change(claims), TokenType::AccessToken, &signing_key(b'a')).unwrap();
    verifier().verify(&token, now()).err()
}

#[test]
fn a_service_accounts_token_names_its_key_and_no_session() {
    let claims = verifier().verify(token(&key()).as_str(), now()).unwrap();
    assert_eq!(claims.sub, Subject::ServiceAccount { id: account().id, key: key().id });
    assert_eq!((claims.sub.user_id(), claims.sub.service_account_id()), (None, Some(account().id)));
    assert_eq!((claims.sid, claims.auth_time), (None, None));
    assert!(claims.amr.is_empty() && claims.roles == RoleSet::default());
    assert_eq!((&claims.client_id, claims.epoch), (&account().id.to_string(), AuthEpoch::from(4)));
    assert_eq!(claims.scope.permissions(), permissions(), "what was granted, not what the account may");
}

#[test]
fn a_service_accounts_token_does_not_outlive_its_api_key() {
    assert_eq!(token(&key()).expires_in(), Duration::from_mins(15));
    let ending = ApiKey { expires_at: Some(now() + Duration::from_mins(1)), ..key() };
    assert_eq!(token(&ending).expires_in(), Duration::from_mins(1));
    let ended = ApiKey { expires_at: Some(now() - Duration::from_mins(1)), ..key() };
    let dead = token(&ended);
    assert_eq!(verifier().verify(dead.as_str(), now()).err(), Some(TokenRejected::Expired));
}

#[test]
fn a_service_accounts_token_is_rejected_once_its_signing_key_is_gone() {
    let (verifier, token) = (verifier(), token(&key()));
    verifier.verify(token.as_str(), now()).unwrap();
    verifier.replace_keys(signing_key(b'b').verifying_key().clone());
    assert_eq!(
        verifier.verify(token.as_str(), now()).err(),
        Some(TokenRejected::Key),
        "though it is remembered"
    );
}

#[test]
fn a_service_account_is_not_mistaken_for_a_user_or_another_client() {
    assert_eq!(forged(|claims| claims), None);
    let sid = Some(SessionId::new(now(), [5; 10]));
    assert_eq!(forged(|claims| Claims { sid, ..claims }), Some(TokenRejected::Claims));
    let client_id = TokenIssuer::CLIENT_ID.to_owned();
    assert_eq!(forged(|claims| Claims { client_id, ..claims }), Some(TokenRejected::Claims));
}

#[test]
fn a_token_without_an_audience_is_accepted_where_none_is_expected() {
    let key = || signing_key(b'a');
    let verifier = |settings| TokenVerifier::new(key().verifying_key().clone(), settings);
    let (named, none) = (
        verifier(VerifierSettings::new(ISSUER, AUDIENCE)),
        verifier(VerifierSettings::without_audience(ISSUER)),
    );
    let issuer = TokenIssuer::new(key(), IssuerSettings::new(ISSUER, None, Duration::from_mins(15)));
    let without =
        issuer.issue_to_service_account(&account(), &self::key(), permissions(), now(), [1; 16]).unwrap();
    let with = token(&self::key());
    assert_eq!(none.verify(without.as_str(), now()).unwrap().aud, [""; 0]);
    assert!(!payload(without.as_str()).contains("\"aud\""));
    assert_eq!(named.verify(without.as_str(), now()).err(), Some(TokenRejected::Audience));
    assert_eq!(none.verify(with.as_str(), now()).err(), Some(TokenRejected::Audience));
    let foreign = IssuerSettings::new("https://other.example", None, Duration::from_mins(15));
    let foreign = TokenIssuer::new(key(), foreign);
    let foreign =
        foreign.issue_to_service_account(&account(), &self::key(), permissions(), now(), [1; 16]).unwrap();
    assert_eq!(none.verify(foreign.as_str(), now()).err(), Some(TokenRejected::Issuer));
}

#[test]
fn a_token_of_type_jwt_is_accepted_where_that_is_expected() {
    let key = || signing_key(b'a');
    let mut settings = IssuerSettings::new(ISSUER, Some(AUDIENCE), Duration::from_mins(15));
    settings.token_type = TokenType::Jwt;
    let issuer = TokenIssuer::new(key(), settings);
    let token =
        issuer.issue_to_service_account(&account(), &self::key(), permissions(), now(), [1; 16]).unwrap();
    let header = token.as_str().split('.').next().unwrap();
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert!(header.contains("\"typ\":\"JWT\""), "{header}");
    assert_eq!(verifier().verify(token.as_str(), now()).err(), Some(TokenRejected::Type));
    let mut settings = VerifierSettings::new(ISSUER, AUDIENCE);
    settings.token_type = TokenType::Jwt;
    let verifier = TokenVerifier::new(key().verifying_key().clone(), settings);
    assert!(verifier.verify(token.as_str(), now()).is_ok());
    assert!(verifier.verify(self::token(&self::key()).as_str(), now()).is_ok(), "at+jwt is accepted always");
}

#[test]
fn a_token_without_an_id_is_rejected() {
    assert_eq!(forged(|claims| Claims { jti: String::new(), ..claims }), Some(TokenRejected::Claims));
}

fn payload(token: &str) -> String {
    let part = token.split('.').nth(1).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
