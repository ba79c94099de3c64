//! Valid tokens that Roster has revoked.

use crate::orders::{Orders, Setup};
use roster_tests::{PASSWORD, SECRET, Server};
use serde_json::json;

/// The service, which asks Roster about each token, every time.
fn orders(roster: &Server, permission: &str) -> Orders {
    let admin = roster.admin();
    let account = json!({ "name": "orders", "permissions": [permission] });
    let account = roster.post("/service-accounts").by(&admin).json(account).send().must_be(201);
    let keys = format!("{}/keys", account.header("location").unwrap());
    let key = roster.post(&keys).by(&admin).json(json!({ "name": "introspection" })).send().must_be(201);
    Setup::new()
        .with_file("--secret-file", SECRET)
        .with("--introspect-url", &roster.url("/oauth/introspect"))
        .with_file("--introspect-key-file", &key.string("key"))
        .with("--introspect-every", "0")
        .start()
}

#[test]
fn a_token_is_rejected_as_soon_as_its_session_is_revoked() {
    let roster = Server::start();
    let orders = orders(&roster, "tokens:introspect");
    let (ada, bob) = (roster.register("ada"), roster.register("bob"));
    orders.own(&ada.token).must_be_good();
    roster.post("/oauth/revoke").form(&format!("token={}", ada.refresh_token)).send().must_be(200);
    orders.own(&ada.token).must_be_rejected();
    orders.own(&bob.token).must_be_good();
}

#[test]
fn a_token_is_rejected_as_soon_as_its_owner_is_disabled() {
    let roster = Server::start();
    let orders = orders(&roster, "tokens:introspect");
    let ada = roster.register("ada");
    orders.own(&ada.token).must_be_good();
    let disabled = json!({ "status": "disabled" });
    roster.patch(&ada.path()).by(&roster.admin()).if_match("*").merge_patch(disabled).send().must_be(200);
    orders.own(&ada.token).must_be_rejected();
}

#[test]
fn a_user_with_a_temporary_password_is_rejected() {
    let (roster, alone) = (Server::start(), crate::with_secret());
    let asks = orders(&roster, "tokens:introspect");
    let (admin, ada) = (roster.admin(), roster.register("ada"));
    let marked = json!({ "must_change_password": true });
    roster.patch(&ada.path()).by(&admin).merge_patch(marked).send().must_be(200);
    asks.own(&ada.token).must_be_rejected();
    let token = roster.try_log_in("ada", PASSWORD).must_be(200).string("access_token");
    asks.own(&token).must_be_rejected();
    alone.own(&token).must_be_rejected();
}

#[test]
fn nobody_is_accepted_while_roster_cannot_be_asked() {
    let mut roster = Server::start();
    let orders = orders(&roster, "tokens:introspect");
    let ada = roster.register("ada");
    orders.own(&ada.token).must_be_good();
    roster.kill();
    let rejected = orders.own(&ada.token);
    assert_eq!((rejected.status, rejected.code()), (503, "unavailable"));
}

#[test]
fn a_service_without_the_permission_to_ask_accepts_nobody() {
    let roster = Server::start();
    let rejected = orders(&roster, "users:read").own(&roster.register("ada").token);
    assert_eq!((rejected.status, rejected.code()), (503, "unavailable"));
}
