//! All servers sign and verify with the same keys.

use crate::kit::{roster, servers, setup, value};
use roster_tests::{PASSWORD, Person, Server, wait_for};
use serde_json::Value;

fn kids(server: &Server) -> Vec<String> {
    let keys = server.get("/.well-known/jwks.json").send().must_be(200).json();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn states(server: &Server) -> Vec<String> {
    let keys: Value = serde_json::from_str(&roster(server, &["keys", "list", "--json"])).unwrap();
    keys.as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect()
}

fn status(server: &Server, person: &Person) -> u16 {
    server.get("/users/me").by(person).send().status()
}

#[test]
fn a_token_of_one_server_is_valid_at_another() {
    let Some(setup) = setup() else { return };
    let (one, other) = servers(setup);
    let ada = one.register("ada");
    assert_eq!(status(&other, &ada), 200);
    assert_eq!(status(&one, &other.log_in("ada", PASSWORD)), 200);
    assert_eq!(kids(&one), kids(&other));
    for server in [&one, &other] {
        assert!(!server.data().join("keys").exists());
    }
}

#[test]
fn servers_that_start_at_once_on_an_empty_database_agree_on_one_key() {
    let Some(setup) = setup() else { return };
    let first = tempfile::tempdir().unwrap();
    let setup = setup.clone().set("storage.url", &setup.database_url(first.path()));
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let setup = setup.clone();
            std::thread::spawn(move || setup.start())
        })
        .collect();
    let servers: Vec<Server> = starting.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(kids(&servers[0]).len(), 1);
    let ada = servers[0].register("ada");
    for server in &servers {
        assert_eq!((kids(server), status(server, &ada)), (kids(&servers[0]), 200));
    }
}

#[test]
fn a_rotation_at_one_server_is_seen_by_the_others_and_recorded_once() {
    let Some(setup) = setup() else { return };
    let (one, other) = servers(setup);
    let before = other.register("ada");
    let new = roster(&one, &["keys", "generate"]);
    wait_for("the other server to publish the next key", || kids(&other).contains(&new).then_some(()));
    roster(&one, &["keys", "activate", &new]);
    let after = wait_for("the other server to sign with the new key", || {
        let person = other.log_in("ada", PASSWORD);
        let signed_by = |person: &Person| person.token.split('.').next().unwrap().to_owned();
        (signed_by(&person) != signed_by(&before)).then_some(person)
    });
    assert_eq!((status(&one, &before), status(&one, &after)), (200, 200));
    let old = kids(&one).into_iter().find(|kid| *kid != new).unwrap();
    roster(&one, &["keys", "revoke", &old]);
    wait_for("the other server to reject the revoked key", || (status(&other, &before) == 401).then_some(()));
    // The server that sweeps records what nobody else has recorded after five seconds, so this is the last.
    wait_for("the changes to be recorded", || {
        (value(&one, "SELECT audited FROM key_ring") == "6").then_some(())
    });
    let records =
        "SELECT count(*), count(DISTINCT (signing_key, action)) FROM audit WHERE signing_key IS NOT NULL";
    let counts = roster_test_postgres::query(&one.database_url(), records);
    assert_eq!(counts, [["6", "6"]]);
}

#[test]
fn keys_are_rotated_without_a_server() {
    let Some(setup) = setup() else { return };
    let mut server = setup.start();
    assert!(server.stop().success());
    let new = roster(&server, &["keys", "generate"]);
    roster(&server, &["keys", "activate", &new]);
    assert_eq!(states(&server), ["retired", "active"]);
    server.restart();
    assert_eq!(states(&server), ["retired", "active"]);
    assert_eq!(status(&server, &server.admin()), 200);
}

#[test]
fn a_server_adopts_the_keys_of_an_older_version_from_its_data_folder() {
    let Some(setup) = setup() else { return };
    let made = roster_tests::Setup::new().engine(roster_tests::Engine::Json).without("JWT_SECRET").start();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let copied = std::process::Command::new("cp").arg("-a").arg(made.data().join("keys")).arg(&data).status();
    assert!(copied.unwrap().success());
    let server = setup.data(&data).start();
    assert_eq!(kids(&server), kids(&made));
}
