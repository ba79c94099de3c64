//! What may happen between a service and its issuer, with both of them running.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod orders;

use orders::{Orders, Setup};
use roster_auth::test_kit::TestIssuer;
use roster_auth::token::SigningKey;
use roster_tests::{PASSWORD, SECRET, Server, until};
use serde_json::{Value, json};

/// The service, with the secret that Roster's tests share.
fn with_secret() -> Orders {
    Setup::new().with_file("--secret-file", SECRET).start()
}

#[test]
fn a_token_of_roster_is_accepted_and_says_whose_it_is() {
    let (roster, orders) = (Server::start(), with_secret());
    let (ada, bob) = (roster.register("ada"), roster.register("bob"));
    let placed = orders.place(&ada.token, "kettle");
    assert_eq!((placed.status, &placed.body["buyer"]), (201, &json!(ada.id)));
    assert_eq!(orders.own(&ada.token).body, json!([{ "buyer": ada.id, "item": "kettle" }]));
    assert_eq!(orders.own(&bob.token).body, json!([]));
}

#[test]
fn a_role_that_only_the_service_knows_opens_what_it_guards() {
    let (roster, orders) = (Server::start(), with_secret());
    let ada = roster.register("ada");
    let body = json!({ "username": "clara", "password": PASSWORD, "roles": ["user", "clerk"] });
    roster.post("/users").by(&roster.admin()).json(body).send().must_be(201);
    let clara = roster.log_in("clara", PASSWORD);
    orders.place(&ada.token, "kettle").must_be_good();
    assert_eq!(orders.get("/orders/all", Some(&clara.token)).body.as_array().map(Vec::len), Some(1));
    let refused = orders.get("/orders/all", Some(&ada.token));
    assert_eq!((refused.status, refused.code()), (403, "permission_denied"));
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"orders:read-all\"";
    assert_eq!(refused.challenge.as_deref(), Some(challenge));
}

#[test]
fn without_a_token_one_is_asked_for_it() {
    let refused = with_secret().get("/orders", None);
    assert_eq!((refused.status, refused.code()), (401, "authentication_required"));
    assert_eq!(refused.challenge.as_deref(), Some("Bearer"));
}

#[test]
fn a_token_that_expires_is_refused_from_then_on() {
    let roster = roster_tests::Setup::new().set("auth.access_token_ttl", "30s").start();
    let orders = with_secret();
    let ada = roster.register("ada");
    orders.own(&ada.token).must_be_good();
    let refused = until("the token to expire", || {
        let answer = orders.own(&ada.token);
        (answer.status != 200).then_some(answer)
    });
    refused.must_be_refused();
}

#[test]
fn a_token_for_another_audience_or_of_another_issuer_is_refused() {
    let roster = Server::start();
    let ada = roster.register("ada");
    for name in ["--audience", "--issuer"] {
        let orders = Setup::new().with_file("--secret-file", SECRET).with(name, "another").start();
        orders.own(&ada.token).must_be_refused();
    }
}

#[test]
fn a_token_of_another_key_is_refused() {
    let another = "a secret of another server, just as long as the first";
    let roster = roster_tests::Setup::new().env("JWT_SECRET", another).start();
    let orders = with_secret();
    orders.own(&roster.register("ada").token).must_be_refused();
    orders.own(&TestIssuer::new("roster").token().issuer("roster").mint()).must_be_refused();
}

/// What a service's own tests do, without a server.
#[test]
fn a_token_of_the_test_kit_is_as_good_as_one_of_roster() {
    let orders = with_secret();
    let key = SigningKey::from_secret(SECRET.as_bytes()).unwrap();
    let issuer = TestIssuer::with_key(key, "roster", "roster");
    orders.own(&issuer.token().mint()).must_be_good();
    orders.get("/orders/all", Some(&issuer.token().roles(["clerk"]).mint())).must_be_good();
    orders.own(&issuer.token().expired().mint()).must_be_refused();
}

#[test]
fn a_key_set_in_a_file_does_without_the_issuer() {
    let issuer = TestIssuer::new("roster");
    let jwks: Value = serde_json::from_str(&issuer.jwks()).unwrap();
    let orders = Setup::new().with_file("--jwks-file", &jwks.to_string()).start();
    orders.own(&issuer.token().issuer("roster").mint()).must_be_good();
    orders.own(&TestIssuer::new("roster").token().issuer("roster").mint()).must_be_refused();
}
