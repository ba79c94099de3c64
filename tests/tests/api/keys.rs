//! Signing keys that change while the server runs, and the published key set.

use crate::minting::{claims, signed};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode};
use roster_tests::{Engine, PASSWORD, Person, Server, Setup, wait_for};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

const JWKS: &str = "/.well-known/jwks.json";

/// A server that generates its own signing keys.
fn server() -> Server {
    Setup::new().without("JWT_SECRET").start()
}

/// Runs `roster keys …` while the server runs, and returns stdout.
fn keys(server: &Server, arguments: &[&str]) -> String {
    let mut command = server.setup().command(server.folder());
    let ran = command.arg("keys").args(arguments).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

pub(crate) fn published(server: &Server) -> Vec<Value> {
    server.get(JWKS).send().must_be(200).json()["keys"].as_array().unwrap().clone()
}

pub(crate) fn kids(server: &Server) -> Vec<String> {
    published(server).iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn header(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

/// Logs in until the server signs with this key. Each try opens a session, so use a user whose sessions do not
/// matter.
fn token_of(server: &Server, username: &str, kid: &str) -> Person {
    wait_for("a token of the new key", || {
        let person = server.log_in(username, PASSWORD);
        (header(&person.token)["kid"] == kid).then_some(person)
    })
}

fn wait_until_published(server: &Server, kid: &str) {
    wait_for("the key to be published", || kids(server).iter().any(|known| known == kid).then_some(()));
}

pub(crate) fn status(server: &Server, person: &Person) -> u16 {
    server.get("/users/me").by(person).send().status()
}

#[test]
fn rotating_keys_on_a_running_server_keeps_tokens_valid() {
    let server = server();
    let before = server.register("ada");
    let _ = server.register_only("bob");
    let old = header(&before.token)["kid"].as_str().unwrap().to_owned();
    let new = keys(&server, &["generate"]);
    wait_until_published(&server, &new);
    assert_eq!(
        header(&server.log_in("ada", PASSWORD).token)["kid"],
        old,
        "a key in the state `next` does not sign"
    );
    keys(&server, &["activate", &new[..8]]);
    let after = token_of(&server, "bob", &new);
    assert_eq!((status(&server, &before), status(&server, &after)), (200, 200));
    assert_eq!(kids(&server), [old, new]);
}

#[test]
fn revoking_a_key_revokes_its_tokens_even_if_cached() {
    let server = server();
    let old_session = server.register("ada");
    assert_eq!(status(&server, &old_session), 200);
    let old = header(&old_session.token)["kid"].as_str().unwrap().to_owned();
    let new = keys(&server, &["generate"]);
    keys(&server, &["revoke", &old]);
    wait_for("its tokens to be rejected", || (status(&server, &old_session) == 401).then_some(()));
    assert_eq!(kids(&server), [new.as_str()]);
    assert_eq!(status(&server, &token_of(&server, "ada", &new)), 200);
}

#[test]
fn tokens_of_every_algorithm_verify_with_the_published_key() {
    let server = server();
    let _ = server.register_only("ada");
    for (name, algorithm) in
        [("ES256", Algorithm::ES256), ("RS256", Algorithm::RS256), ("EdDSA", Algorithm::EdDSA)]
    {
        let kid = keys(&server, &["generate", "--algorithm", name, "--activate"]);
        let ada = token_of(&server, "ada", &kid);
        assert_eq!(header(&ada.token), json!({ "typ": "at+jwt", "alg": name, "kid": kid }));
        assert_eq!(status(&server, &ada), 200);
        let jwk = published(&server).into_iter().find(|key| key["kid"] == kid.as_str()).unwrap();
        assert_eq!((&jwk["alg"], &jwk["use"]), (&json!(name), &json!("sig")));
        let key = DecodingKey::from_jwk(&serde_json::from_value::<Jwk>(jwk).unwrap()).unwrap();
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&["roster"]);
        let verified = decode::<Value>(&ada.token, &key, &validation).unwrap();
        assert_eq!(verified.claims["sub"], json!(ada.id));
    }
}

#[test]
fn the_jwks_holds_only_public_parts_and_may_be_cached() {
    let server = server();
    for algorithm in ["ES256", "RS256"] {
        wait_until_published(&server, &keys(&server, &["generate", "--algorithm", algorithm]));
    }
    let members = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"];
    for key in published(&server) {
        let unknown = key.as_object().unwrap().keys().find(|member| !members.contains(&member.as_str()));
        assert_eq!(unknown, None, "{key}");
    }
    let response = server.get(JWKS).send().must_be(200);
    assert_eq!(response.header("cache-control"), Some("public, max-age=300"));
    let again = server.get(JWKS).header("If-None-Match", response.etag()).send().must_be(304);
    assert_eq!(again.etag(), response.etag());
    let new = keys(&server, &["generate"]);
    wait_until_published(&server, &new);
    server.get(JWKS).header("If-None-Match", response.etag()).send().must_be(200);
}

#[test]
fn a_shared_secret_is_not_published() {
    let server = Server::start();
    let response = server.get(JWKS).send().must_be(200);
    assert_eq!(response.json(), json!({ "keys": [] }));
}

#[test]
fn a_published_key_is_not_usable_as_a_shared_secret() {
    let server = server();
    let ada = server.register("ada");
    let key = published(&server).remove(0);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let named =
        Header { typ: Some("at+jwt".into()), kid: Some(text(&key["kid"])), ..Header::new(Algorithm::HS256) };
    let x = URL_SAFE_NO_PAD.decode(text(&key["x"])).unwrap();
    let raw = jsonwebtoken::encode(&named, &claims(&ada.token), &jsonwebtoken::EncodingKey::from_secret(&x))
        .unwrap();
    for token in [
        signed(&named, &claims(&ada.token), &text(&key["x"])),
        signed(&named, &claims(&ada.token), &key.to_string()),
        raw,
    ] {
        server.get("/users/me").bearer(&token).send().must_be_problem(401, "invalid_token");
    }
}

#[test]
fn a_damaged_state_file_keeps_the_last_good_keys_and_is_logged() {
    Engine::Json.only();
    let server = server();
    let ada = server.register("ada");
    let state = server.data().join("keys/keys.json");
    let good = fs::read(&state).unwrap();
    let failed = |expected: &str| {
        let series = format!("roster_signing_key_reload_failed {expected}");
        let shown = || server.get("/metrics").send().text().lines().any(|line| line == series);
        wait_for(&series, || shown().then_some(()));
    };
    failed("0");
    fs::write(&state, &good[..good.len() / 2]).unwrap();
    failed("1");
    assert_eq!(status(&server, &ada), 200);
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
    server.must_log("cannot apply the changed keys");
    fs::write(&state, &good).unwrap();
    failed("0");
}

#[test]
fn a_revoked_key_is_rejected_even_if_the_signing_key_is_unreadable() {
    Engine::Json.only();
    let server = server();
    let ada = server.register("ada");
    let revoked = kids(&server)[0].clone();
    let new = keys(&server, &["generate", "--activate"]);
    wait_until_published(&server, &new);
    let private = server.data().join(format!("keys/{new}.pem"));
    fs::set_permissions(&private, fs::Permissions::from_mode(0o644)).unwrap();
    keys(&server, &["revoke", &revoked]);
    wait_for("tokens of the revoked key to be rejected", || (status(&server, &ada) == 401).then_some(()));
    assert!(!kids(&server).contains(&revoked));
    server.must_log("cannot apply the changed keys");
}

/// How many changes are in the audit log, as far as that can be seen while the server runs.
fn audited(server: &Server) -> Option<usize> {
    if Engine::of_this_test() == Engine::Json {
        return fs::read_to_string(server.data().join("keys/audited")).ok()?.trim().parse().ok();
    }
    Some(server.audit_log().iter().filter(|record| record["signing_key"].is_string()).count())
}

#[test]
fn key_changes_are_audited() {
    let mut server = server();
    let new = keys(&server, &["generate", "--activate"]);
    wait_until_published(&server, &new);
    assert!(server.stop().success());
    keys(&server, &["generate"]);
    server.restart();
    wait_for("the offline change to be audited", || (audited(&server)? == 6).then_some(()));
    assert!(server.stop().success());
    let log = server.audit_log();
    let known = log.iter().filter(|record| record["signing_key"].is_string());
    let mut recorded: Vec<_> = known
        .map(|record| {
            (record["action"].as_str().unwrap().to_owned(), &record["actor"], &record["signing_key"])
        })
        .collect();
    // If the server stops in between, a change may be audited twice.
    recorded.dedup();
    let recorded: Vec<_> = recorded.into_iter().map(|(action, actor, _)| (action, actor.clone())).collect();
    let expected = [
        ("key_generated", "system"),
        ("key_activated", "system"),
        ("key_generated", "operator"),
        ("key_retired", "operator"),
        ("key_activated", "operator"),
        ("key_generated", "operator"),
    ];
    assert_eq!(recorded, expected.map(|(action, actor)| (action.to_owned(), json!(actor))));
}

#[test]
fn a_key_change_is_audited_once_even_if_the_server_cannot_save_its_progress() {
    Engine::Json.only();
    let mut server = server();
    assert!(server.stop().success());
    let audited = server.data().join("keys/audited");
    let _ = fs::remove_file(&audited);
    fs::create_dir_all(audited.join("in the way")).unwrap();
    server.restart();
    let new = keys(&server, &["generate", "--activate"]);
    wait_until_published(&server, &new);
    let (last, admin) = (keys(&server, &["generate"]), server.admin());
    let times = |kid: &str| {
        let page = server.get("/audit?action=key_generated").bearer(&admin.token).send().must_be(200).json();
        page["data"].as_array().unwrap().iter().filter(|record| record["signing_key"] == kid).count()
    };
    wait_for("the last change to be audited", || (times(&last) > 0).then_some(()));
    assert_eq!((times(&new), times(&last)), (1, 1));
    server.must_log("cannot store which key changes");
}

#[test]
fn switching_from_a_key_to_a_shared_secret_keeps_users_logged_in() {
    let mut server = server();
    let ada = server.register("ada");
    server.restart_with(|setup| setup.env("JWT_SECRET", roster_tests::SECRET));
    assert_eq!(status(&server, &ada), 200);
    assert_eq!(header(&server.log_in("ada", PASSWORD).token)["alg"], "HS256");
}
