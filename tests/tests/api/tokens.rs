//! Which access tokens are accepted.

use crate::minting::{claims, header, signed, unsigned, with_claim};
use jsonwebtoken::{Algorithm, Header};
use roster_tests::{Engine, PASSWORD, SECRET, Server, Setup};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;

const CHALLENGE: &str = "Bearer error=\"invalid_token\"";

fn must_be_rejected(server: &Server, token: &str, why: &str) {
    let response = server.get("/users/me").bearer(token).send();
    assert_eq!(response.status(), 401, "{why}: {}", response.summary());
    assert_eq!(response.code(), "invalid_token", "{why}");
    assert_eq!(response.header("www-authenticate"), Some(CHALLENGE), "{why}");
}

#[test]
fn a_token_has_the_claims_required_by_rfc_9068() {
    let server = Server::start();
    let ada = server.register("ada");
    let claims = claims(&ada.token);
    for (name, expected) in [
        ("iss", json!("roster")),
        ("aud", json!("roster")),
        ("sub", json!(ada.id)),
        ("client_id", json!("roster")),
        ("roles", json!(["user"])),
        ("scope", json!("")),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    let time = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(time("exp") - time("iat"), 900);
    assert!(claims["jti"].as_str().unwrap().len() > 16);
}

#[test]
fn the_shared_secret_can_sign_valid_tokens() {
    let server = Server::start();
    let ada = server.register("ada");
    let minted = with_claim(&ada.token, "jti", json!("another"));
    server.get("/users/me").bearer(&minted).send().must_be(200);
}

#[test]
fn a_token_with_wrong_claims_is_rejected() {
    let server = Server::start();
    let ada = server.register("ada");
    let issued = claims(&ada.token)["iat"].as_i64().unwrap();
    for (name, value) in [
        ("exp", json!(issued - 600)),
        ("exp", json!("tomorrow")),
        ("exp", Value::Null),
        ("nbf", json!(issued + 600)),
        ("iat", json!(issued + 600)),
        ("iat", Value::Null),
        ("iss", json!("somebody else")),
        ("iss", Value::Null),
        ("aud", json!("somebody else")),
        ("aud", json!(["a", "b"])),
        ("aud", Value::Null),
        ("sub", json!("0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8")),
        ("sub", json!("me")),
        ("sub", Value::Null),
        ("epoch", json!(99)),
        ("epoch", Value::Null),
    ] {
        must_be_rejected(&server, &with_claim(&ada.token, name, value.clone()), &format!("{name} = {value}"));
    }
}

#[test]
fn a_token_with_a_wrong_signature_or_algorithm_is_rejected() {
    let server = Server::start();
    let ada = server.register("ada");
    let claims = claims(&ada.token);
    let typed = |typ: Option<&str>| Header { typ: typ.map(str::to_owned), ..header() };
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let header = Header { alg: algorithm, ..header() };
        must_be_rejected(&server, &signed(&header, &claims, SECRET), "a different algorithm");
    }
    must_be_rejected(&server, &signed(&header(), &claims, &SECRET.to_uppercase()), "a different secret");
    must_be_rejected(&server, &signed(&typed(Some("JWT")), &claims, SECRET), "a different type");
    must_be_rejected(&server, &signed(&typed(None), &claims, SECRET), "no type");
    let named = Header { kid: Some("mine".to_owned()), ..header() };
    must_be_rejected(&server, &signed(&named, &claims, SECRET), "a different key");
    for algorithm in ["none", "None", "HS256", "RS256", "EdDSA"] {
        must_be_rejected(&server, &unsigned(&claims, algorithm), algorithm);
    }
}

#[test]
fn malformed_and_oversized_tokens_are_rejected() {
    let server = Server::start();
    let ada = server.register("ada");
    let (signed, signature) = ada.token.rsplit_once('.').unwrap();
    for token in [
        "x",
        "a.b.c",
        "....",
        signed,
        &format!("{signed}."),
        &format!("{}.{}", &signed[..signed.len() - 1], signature),
        &format!("{}=", ada.token),
        &format!("{}.x", ada.token),
        &"a".repeat(9_000),
    ] {
        must_be_rejected(&server, token, token);
    }
}

#[test]
fn a_rejection_says_what_to_do_without_echoing_the_token() {
    let server = Server::start();
    let (ada, bob) = (server.register("ada"), server.register("bob"));
    server.post("/auth/logout").by(&ada).send().must_be(204);
    server.delete("/users/me").by(&bob).send().must_be(204);
    let detail = |token: &str| server.get("/users/me").bearer(token).send().must_be(401).string("detail");
    let message = detail("nonsense");
    for word in ["expired", "revoked", "log in again", "refresh token", "API key"] {
        assert!(message.contains(word), "{word}: {message}");
    }
    for token in [&*ada.token, &*bob.token, &*ada.refresh_token, "rk_nonsense"] {
        assert_eq!(detail(token), message, "{token}");
    }
    let refreshed = |token: &str| server.try_refresh(token).must_be(401).string("detail");
    let message = refreshed("nonsense");
    assert!(message.contains("Log in again"), "{message}");
    assert_eq!(refreshed(&ada.refresh_token), message);
    assert_eq!(refreshed(&bob.refresh_token), message);
}

#[test]
fn a_request_without_a_token_is_challenged() {
    let server = Server::start();
    let ada = server.register("ada");
    let me = || server.get("/users/me");
    for request in [
        me(),
        me().header("Authorization", "Basic YWRhOng="),
        me().header("Authorization", &ada.token),
        server.get(&format!("/users/me?access_token={}", ada.token)),
        me().header("Cookie", format!("access_token={}", ada.token)),
    ] {
        let response = request.send().must_be_problem(401, "authentication_required");
        assert_eq!(response.header("www-authenticate"), Some("Bearer"));
        assert!(response.string("detail").contains("Bearer"), "{}", response.summary());
        assert!(!response.text().contains(&ada.token), "the response does not contain the token");
    }
    me().header("Authorization", format!("bEARER {}", ada.token)).send().must_be(200);
}

#[test]
fn permissions_come_from_the_stored_user_and_not_from_the_token() {
    let server = Server::start();
    let ada = server.register("ada");
    let escalated = with_claim(&ada.token, "roles", json!(["admin"]));
    server.get("/users").bearer(&escalated).send().must_be_problem(403, "permission_denied");
    let escalated = with_claim(&ada.token, "scope", json!("users:read users:update"));
    server.get("/users").bearer(&escalated).send().must_be_problem(403, "permission_denied");
}

#[test]
fn public_endpoints_ignore_invalid_tokens() {
    let server = Server::start();
    for path in ["/health", "/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs"] {
        server.get(path).bearer("nonsense").send().must_be(200);
    }
}

#[test]
fn without_a_secret_a_generated_key_survives_a_restart() {
    let mut server = Setup::new().without("JWT_SECRET").start();
    let ada = server.register("ada");
    let header = ada.token.split('.').next().unwrap().to_owned();
    server.get("/users/me").by(&ada).send().must_be(200);
    server.restart();
    server.get("/users/me").by(&ada).send().must_be(200);
    let again = server.log_in("ada", PASSWORD);
    assert_eq!(again.token.split('.').next(), Some(header.as_str()), "the same algorithm and key");
    let files = [server.data(), server.data().join("keys")].map(|folder| std::fs::read_dir(folder).ok());
    let private = files.into_iter().flatten().flatten().map(Result::unwrap).filter(|file| {
        let text = std::fs::read(file.path()).unwrap_or_default();
        String::from_utf8_lossy(&text).contains("PRIVATE KEY")
    });
    let modes: Vec<_> = private.map(|file| file.metadata().unwrap().permissions().mode() & 0o777).collect();
    // In a database, the private key is sealed.
    let expected: &[u32] = if Engine::of_this_test() == Engine::Json { &[0o600] } else { &[] };
    assert_eq!(modes, expected);
}

#[test]
fn a_server_with_a_key_pair_rejects_tokens_signed_with_a_secret() {
    let server = Setup::new().without("JWT_SECRET").start();
    let ada = server.register("ada");
    for secret in ["", "EdDSA", SECRET] {
        must_be_rejected(&server, &signed(&header(), &claims(&ada.token), secret), secret);
    }
    must_be_rejected(&server, &unsigned(&claims(&ada.token), "none"), "none");
}
