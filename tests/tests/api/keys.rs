//! Keys that change under a running server, and what is published of them.

use crate::minting::{claims, signed};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode};
use roster_tests::{PASSWORD, Person, Server, Setup, until};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

const JWKS: &str = "/.well-known/jwks.json";

/// A server whose keys Roster makes.
fn server() -> Server {
    Setup::new().without("JWT_SECRET").start()
}

/// Runs `roster keys …` beside the server, and gives back what it says on stdout.
fn keys(server: &Server, arguments: &[&str]) -> String {
    let mut command = server.setup().command(server.folder());
    let ran = command.arg("keys").args(arguments).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

fn published(server: &Server) -> Vec<Value> {
    server.get(JWKS).send().must_be(200).json()["keys"].as_array().unwrap().clone()
}

fn kids(server: &Server) -> Vec<String> {
    published(server).iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn header(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

/// Logs in until the server signs with this key. Each login is another session, so let it be somebody whose sessions
/// do not matter.
fn token_of(server: &Server, username: &str, kid: &str) -> Person {
    until("a token of the new key", || {
        let person = server.log_in(username, PASSWORD);
        (header(&person.token)["kid"] == kid).then_some(person)
    })
}

fn until_published(server: &Server, kid: &str) {
    until("the key to be published", || kids(server).iter().any(|known| known == kid).then_some(()));
}

fn status(server: &Server, person: &Person) -> u16 {
    server.get("/users/me").by(person).send().status()
}

/// The private keys of the tests of `roster-auth`, which OpenSSL and `PyJWT` wrote.
fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/auth/tests/keys")).join(name)
}

#[test]
fn a_rotation_under_a_running_server_ends_nobodys_token() {
    let server = server();
    let before = server.register("ada");
    let _ = server.register_only("bob");
    let old = header(&before.token)["kid"].as_str().unwrap().to_owned();
    let new = keys(&server, &["generate"]);
    until_published(&server, &new);
    assert_eq!(header(&server.log_in("ada", PASSWORD).token)["kid"], old, "a next key does not sign");
    keys(&server, &["activate", &new[..8]]);
    let after = token_of(&server, "bob", &new);
    assert_eq!((status(&server, &before), status(&server, &after)), (200, 200));
    assert_eq!(kids(&server), [old, new]);
}

#[test]
fn a_revoked_key_takes_its_tokens_with_it_remembered_ones_too() {
    let server = server();
    let dies = server.register("ada");
    assert_eq!(status(&server, &dies), 200);
    let old = header(&dies.token)["kid"].as_str().unwrap().to_owned();
    let new = keys(&server, &["generate"]);
    keys(&server, &["revoke", &old]);
    until("its tokens to be refused", || (status(&server, &dies) == 401).then_some(()));
    assert_eq!(kids(&server), [new.as_str()]);
    assert_eq!(status(&server, &token_of(&server, "ada", &new)), 200);
}

#[test]
fn every_algorithm_signs_tokens_that_others_verify_by_the_published_key() {
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
fn what_is_published_is_public_and_may_be_kept_for_a_while() {
    let server = server();
    for algorithm in ["ES256", "RS256"] {
        until_published(&server, &keys(&server, &["generate", "--algorithm", algorithm]));
    }
    let members = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"];
    for key in published(&server) {
        let unknown = key.as_object().unwrap().keys().find(|member| !members.contains(&member.as_str()));
        assert_eq!(unknown, None, "{key}");
    }
    let answer = server.get(JWKS).send().must_be(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let again = server.get(JWKS).header("If-None-Match", answer.etag()).send().must_be(304);
    assert_eq!(again.etag(), answer.etag());
    let new = keys(&server, &["generate"]);
    until_published(&server, &new);
    server.get(JWKS).header("If-None-Match", answer.etag()).send().must_be(200);
}

#[test]
fn a_shared_secret_is_not_published() {
    let server = Server::start();
    let answer = server.get(JWKS).send().must_be(200);
    assert_eq!(answer.json(), json!({ "keys": [] }));
}

#[test]
fn a_published_key_is_no_shared_secret() {
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
        server.get("/users/me").bearer(&token).send().refused(401, "invalid_token");
    }
}

#[test]
fn a_damaged_state_file_keeps_the_last_good_keys_and_is_told_of() {
    let server = server();
    let ada = server.register("ada");
    let state = server.data().join("keys/keys.json");
    let good = fs::read(&state).unwrap();
    let failed = |expected: &str| {
        let series = format!("roster_signing_key_reload_failed {expected}");
        let shown = || server.get("/metrics").send().text().lines().any(|line| line == series);
        until(&series, || shown().then_some(()));
    };
    failed("0");
    fs::write(&state, &good[..good.len() / 2]).unwrap();
    failed("1");
    assert_eq!(status(&server, &ada), 200);
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
    until("the log to tell", || server.stderr().contains("cannot apply the changed keys").then_some(()));
    fs::write(&state, &good).unwrap();
    failed("0");
}

#[test]
fn a_revoked_key_is_refused_even_while_the_one_that_signs_cannot_be_read() {
    let server = server();
    let ada = server.register("ada");
    let revoked = kids(&server)[0].clone();
    let new = keys(&server, &["generate", "--activate"]);
    until_published(&server, &new);
    let private = server.data().join(format!("keys/{new}.pem"));
    fs::set_permissions(&private, fs::Permissions::from_mode(0o644)).unwrap();
    keys(&server, &["revoke", &revoked]);
    until("the revoked key to be refused", || (status(&server, &ada) == 401).then_some(()));
    assert!(!kids(&server).contains(&revoked));
    until("the log to tell", || server.stderr().contains("cannot apply the changed keys").then_some(()));
}

#[test]
fn a_change_of_keys_is_in_the_audit_log() {
    let mut server = server();
    let new = keys(&server, &["generate", "--activate"]);
    until_published(&server, &new);
    assert!(server.stop().success());
    keys(&server, &["generate"]);
    server.restart();
    until("the change made meanwhile to be recorded", || {
        (fs::read_to_string(server.data().join("keys/audited")).ok()?.trim() == "6").then_some(())
    });
    assert!(server.stop().success());
    let log = server.audit_log();
    let known = log.iter().filter(|record| record["signing_key"].is_string());
    let mut message: Vec<_> = known
        .map(|record| {
            (record["action"].as_str().unwrap().to_owned(), &record["actor"], &record["signing_key"])
        })
        .collect();
    // One that a stop overtook is recorded again.
    message.dedup();
    let message: Vec<_> = message.into_iter().map(|(action, actor, _)| (action, actor.clone())).collect();
    let expected = [
        ("key_generated", "system"),
        ("key_activated", "system"),
        ("key_generated", "operator"),
        ("key_retired", "operator"),
        ("key_activated", "operator"),
        ("key_generated", "operator"),
    ];
    assert_eq!(message, expected.map(|(action, actor)| (action.to_owned(), json!(actor))));
}

#[test]
fn a_server_that_cannot_remember_what_it_has_recorded_records_it_once() {
    let mut server = server();
    assert!(server.stop().success());
    let audited = server.data().join("keys/audited");
    let _ = fs::remove_file(&audited);
    fs::create_dir_all(audited.join("in the way")).unwrap();
    server.restart();
    let new = keys(&server, &["generate", "--activate"]);
    until_published(&server, &new);
    let (last, admin) = (keys(&server, &["generate"]), server.admin());
    let times = |kid: &str| {
        let page = server.get("/audit?action=key_generated").bearer(&admin.token).send().must_be(200).json();
        page["data"].as_array().unwrap().iter().filter(|record| record["signing_key"] == kid).count()
    };
    until("the last change to be recorded", || (times(&last) > 0).then_some(()));
    assert_eq!((times(&new), times(&last)), (1, 1));
    assert!(server.stderr().contains("cannot store which key changes"));
}

#[test]
fn keys_that_others_made_sign_and_verify() {
    for (name, algorithm) in [
        ("ed25519.pem", "EdDSA"),
        ("p256.sec1.pem", "ES256"),
        ("rsa2048.pkcs1.pem", "RS256"),
        ("p256.jwk.json", "ES256"),
        ("rsa2048.jwk.json", "RS256"),
    ] {
        let files = fixture(name).display().to_string();
        let server = Setup::new().without("JWT_SECRET").set("auth.key_files", &files).start();
        let ada = server.register("ada");
        assert_eq!(header(&ada.token)["alg"], algorithm, "{name}");
        assert_eq!((status(&server, &ada), published(&server).len()), (200, 1));
    }
}

#[test]
fn a_changed_key_file_is_taken_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    fs::copy(fixture("ed25519.pem"), &path).unwrap();
    let server = Setup::new().without("JWT_SECRET").set("auth.key_files", path.to_str().unwrap()).start();
    let (dies, _) = (server.register("ada"), server.register_only("bob"));
    fs::copy(fixture("p256.pem"), &path).unwrap();
    until("the other key to sign", || {
        (header(&server.log_in("bob", PASSWORD).token)["alg"] == "ES256").then_some(())
    });
    assert_eq!(status(&server, &dies), 401);
}

#[test]
fn a_key_file_that_is_taken_away_is_refused_and_the_one_that_signs_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let [signs, beside] = ["ed25519.pem", "p256.pem"].map(|name| {
        fs::copy(fixture(name), folder.path().join(name)).unwrap();
        folder.path().join(name)
    });
    let files = format!("{},{}", signs.display(), beside.display());
    let server = Setup::new().without("JWT_SECRET").set("auth.key_files", &files).start();
    let (ada, before) = (server.register("ada"), kids(&server));
    assert_eq!(before.len(), 2);
    let message = |count| {
        until("the log to tell", || {
            (server.stderr().matches("cannot apply the changed keys").count() == count).then_some(())
        });
    };
    fs::remove_file(&beside).unwrap();
    message(1);
    assert_eq!(kids(&server), before[..1]);
    fs::remove_file(&signs).unwrap();
    message(2);
    assert_eq!((kids(&server), status(&server, &ada)), (before[..1].to_vec(), 200));
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
}

#[test]
fn from_a_key_to_a_shared_secret_nobody_is_logged_out() {
    let mut server = server();
    let ada = server.register("ada");
    server.restart_with(|setup| setup.env("JWT_SECRET", roster_tests::SECRET));
    assert_eq!(status(&server, &ada), 200);
    assert_eq!(header(&server.log_in("ada", PASSWORD).token)["alg"], "HS256");
}
