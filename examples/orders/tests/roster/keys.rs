//! Keys that the service fetches from Roster, during rotation and outages.

use crate::orders::{Orders, Setup};
use roster_auth::test_kit::TestIssuer;
use roster_tests::{PASSWORD, Person, Server, wait_for};

const JWKS: &str = "/.well-known/jwks.json";

/// A Roster that generates its own keys.
fn roster() -> Server {
    roster_tests::Setup::new().without("JWT_SECRET").start()
}

/// The service. It fetches the keys at the start, and after that only for a token with an unknown key.
fn orders(roster: &Server) -> Orders {
    Setup::new().with("--jwks-url", &roster.url(JWKS)).with("--jwks-floor", "0").start()
}

/// Runs `roster keys …` beside the server, and returns its stdout.
fn keys(roster: &Server, arguments: &[&str]) -> String {
    let mut command = roster.setup().command(roster.folder());
    let ran = command.arg("keys").args(arguments).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

/// Activates another key, and logs in until a token is signed with it.
fn rotate(roster: &Server, before: &Person) -> Person {
    let next = keys(roster, &["generate"]);
    keys(roster, &["activate", &next]);
    let header = |person: &Person| person.token.split('.').next().unwrap().to_owned();
    wait_for("a token of the new key", || {
        let after = roster.log_in(&before.username, PASSWORD);
        (header(&after) != header(before)).then_some(after)
    })
}

#[test]
fn the_service_follows_a_key_rotation() {
    let roster = roster();
    let orders = orders(&roster);
    let before = roster.register("ada");
    orders.own(&before.token).must_be_good();
    let after = rotate(&roster, &before);
    orders.own(&after.token).must_be_good();
    orders.own(&before.token).must_be_good();
}

#[test]
fn a_revoked_key_is_rejected_from_the_next_fetch_on() {
    let roster = roster();
    let orders = orders(&roster);
    let dies = roster.register("ada");
    orders.own(&dies.token).must_be_good();
    let published = || roster.get(JWKS).send().must_be(200).json()["keys"].clone();
    let old = published()[0]["kid"].as_str().unwrap().to_owned();
    let after = rotate(&roster, &dies);
    keys(&roster, &["revoke", &old]);
    let listed = || published().as_array().unwrap().iter().any(|key| key["kid"] == old.as_str());
    wait_for("the end of the key's publication", || (!listed()).then_some(()));
    orders.own(&dies.token).must_be_good();
    orders.own(&after.token).must_be_good();
    orders.own(&dies.token).must_be_rejected();
}

#[test]
fn the_last_keys_stay_in_use_while_roster_is_down() {
    let mut roster = roster();
    let orders = orders(&roster);
    let ada = roster.register("ada");
    orders.own(&ada.token).must_be_good();
    roster.kill();
    let foreign = orders.own(&TestIssuer::new("roster").token().issuer("roster").mint());
    assert_eq!((foreign.status, foreign.code()), (503, "unavailable"), "its key could be a new one");
    orders.own(&ada.token).must_be_good();
    orders.place(&ada.token, "kettle").must_be_good();
}

#[test]
fn a_service_that_starts_while_roster_is_down_accepts_nobody_yet() {
    let mut roster = roster();
    let ada = roster.register("ada");
    roster.kill();
    let rejected = orders(&roster).own(&ada.token);
    assert_eq!((rejected.status, rejected.code()), (503, "unavailable"));
}

#[test]
fn a_failed_fetch_of_the_keys_is_logged() {
    let mut roster = roster();
    roster.kill();
    let orders = orders(&roster);
    wait_for("the log entry", || {
        let message = orders.stderr();
        (message.contains("the issuer's keys could not be fetched") && message.contains(JWKS)).then_some(())
    });
}
