//! A service and its issuer, both running.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod keys;
mod orders;
mod revocation;

use orders::{Orders, Setup};
use roster_auth::test_kit::TestIssuer;
use roster_auth::token::SigningKey;
use roster_tests::{PASSWORD, SECRET, Server};
use serde_json::{Value, json};

/// The service, with the secret of Roster's tests.
fn with_secret() -> Orders {
    Setup::new().with_file("--secret-file", SECRET).start()
}

/// An issuer with the same secret.
fn issuer_with_secret() -> TestIssuer {
    let key = SigningKey::from_secret(SECRET.as_bytes()).unwrap();
    TestIssuer::with_key(key, "roster", "roster")
}

#[test]
fn a_token_from_roster_is_accepted_and_names_its_user() {
    let (roster, orders) = (Server::start(), with_secret());
    let (ada, bob) = (roster.register("ada"), roster.register("bob"));
    let placed = orders.place(&ada.token, "kettle");
    assert_eq!((placed.status, &placed.body["buyer"]), (201, &json!(ada.id)));
    assert_eq!(orders.own(&ada.token).body, json!([{ "buyer": ada.id, "item": "kettle" }]));
    assert_eq!(orders.own(&bob.token).body, json!([]));
}

#[test]
fn a_role_that_only_the_service_knows_gives_access() {
    let (roster, orders) = (Server::start(), with_secret());
    let ada = roster.register("ada");
    let body = json!({ "username": "clara", "password": PASSWORD, "roles": ["user", "clerk"] });
    roster.post("/users").by(&roster.admin()).json(body).send().must_be(201);
    let clara = roster.log_in("clara", PASSWORD);
    orders.place(&ada.token, "kettle").must_be_good();
    assert_eq!(orders.get("/orders/all", Some(&clara.token)).body.as_array().map(Vec::len), Some(1));
    let rejected = orders.get("/orders/all", Some(&ada.token));
    assert_eq!((rejected.status, rejected.code()), (403, "permission_denied"));
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"orders:read-all\"";
    assert_eq!(rejected.challenge.as_deref(), Some(challenge));
}

#[test]
fn a_request_without_a_token_is_challenged() {
    let rejected = with_secret().get("/orders", None);
    assert_eq!((rejected.status, rejected.code()), (401, "authentication_required"));
    assert_eq!(rejected.challenge.as_deref(), Some("Bearer"));
}

#[test]
fn the_response_to_an_invalid_body_is_a_problem() {
    let (orders, token) = (with_secret(), issuer_with_secret().token().mint());
    let long = format!(r#"{{"item":"{}"}}"#, "x".repeat(20 << 10));
    for (media, body, status, code) in [
        ("application/json", r#"{"item":"#, 400, "json_malformed"),
        ("application/json", r#"{"item":1}"#, 400, "body_invalid"),
        ("application/json", r#"{"item":"kettle","price":1}"#, 400, "body_invalid"),
        ("application/json", &long, 413, "body_too_large"),
        ("text/plain", "kettle", 415, "media_type_unsupported"),
    ] {
        let rejected = orders.post(&token, media, body);
        assert_eq!((rejected.status, rejected.code()), (status, code), "{rejected:?}");
        assert_eq!(rejected.media.as_deref(), Some("application/problem+json"));
        assert_eq!(rejected.body["status"], status);
    }
    assert_eq!(orders.own(&token).body, json!([]), "nothing was ordered");
}

/// The token is signed with the shared secret, so that the test need not wait until one from Roster expires.
#[test]
fn an_expired_token_is_rejected_by_the_service_and_by_roster() {
    let (roster, orders) = (Server::start(), with_secret());
    let ada = roster.register("ada");
    let sessions = roster.get("/users/me/sessions").by(&ada).send().must_be(200).json();
    let session = sessions["data"][0]["id"].as_str().unwrap().parse().unwrap();
    let issuer = issuer_with_secret();
    let token = issuer.token().user(ada.id.parse().unwrap()).claims(|claims| claims.sid = Some(session));
    let (good, late) = (token.clone().mint(), token.expired().mint());
    roster.get("/users/me").bearer(&good).send().must_be(200);
    orders.own(&good).must_be_good();
    roster.get("/users/me").bearer(&late).send().must_be_problem(401, "invalid_token");
    orders.own(&late).must_be_rejected();
}

#[test]
fn a_token_for_another_audience_or_from_another_issuer_is_rejected() {
    let roster = Server::start();
    let ada = roster.register("ada");
    for name in ["--audience", "--issuer"] {
        let orders = Setup::new().with_file("--secret-file", SECRET).with(name, "another").start();
        orders.own(&ada.token).must_be_rejected();
    }
}

#[test]
fn the_reason_for_a_rejection_is_logged_and_the_token_is_not() {
    let orders = Setup::new().with_file("--secret-file", SECRET).with("--log-level", "debug").start();
    let token = issuer_with_secret().token().issuer("https://other.example").mint();
    orders.own(&token).must_be_rejected();
    let log = orders.stderr();
    assert!(log.contains(r#"its issuer is "https://other.example", not "roster""#), "{log}");
    assert!(token.split('.').all(|part| !log.contains(part)), "{log}");
}

#[test]
fn a_token_signed_with_another_key_is_rejected() {
    let another = "a secret of another server, just as long as the first";
    let roster = roster_tests::Setup::new().env("JWT_SECRET", another).start();
    let orders = with_secret();
    orders.own(&roster.register("ada").token).must_be_rejected();
    orders.own(&TestIssuer::new("roster").token().issuer("roster").mint()).must_be_rejected();
}

/// As in the service's own tests, without a server.
#[test]
fn a_token_of_the_test_kit_is_accepted_like_one_from_roster() {
    let (orders, issuer) = (with_secret(), issuer_with_secret());
    orders.own(&issuer.token().mint()).must_be_good();
    orders.get("/orders/all", Some(&issuer.token().roles(["clerk"]).mint())).must_be_good();
}

#[test]
fn a_key_set_from_a_file_needs_no_issuer() {
    let issuer = TestIssuer::new("roster");
    let jwks: Value = serde_json::from_str(&issuer.jwks()).unwrap();
    let orders = Setup::new().with_file("--jwks-file", &jwks.to_string()).start();
    orders.own(&issuer.token().issuer("roster").mint()).must_be_good();
    orders.own(&TestIssuer::new("roster").token().issuer("roster").mint()).must_be_rejected();
}
