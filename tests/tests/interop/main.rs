//! Third-party programs: Authlib, `PyJWT`, joserfc and openid-client as clients, `FastAPI` services that verify tokens, Django
//! as the destination of an export, standardwebhooks in an old system, and nginx as a proxy.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod clients;
mod exports;
mod front;
mod migration;
mod nginx;
mod python_services;

use clients::run;
use front::Front;
use roster_tests::{PASSWORD, SECRET, Server, Setup};
use serde_json::json;

#[test]
fn authlib_discovers_logs_in_refreshes_introspects_and_revokes() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let admin = server.admin();
    let account = json!({ "name": "gateway", "permissions": ["tokens:introspect", "users:read"] });
    let id = server.post("/service-accounts").by(&admin).json(account).send().must_be(201).string("id");
    let key = json!({ "name": "interop" });
    let keys = format!("/service-accounts/{id}/keys");
    let secret = server.post(&keys).by(&admin).json(key).send().must_be(201).string("key");
    run(
        "authlib_client.py",
        &server,
        &[("USERNAME", "ada"), ("PASSWORD", PASSWORD), ("ID", &id), ("KEY", &secret)],
    );
}

#[test]
fn pyjwt_verifies_and_issues_tokens_with_a_shared_secret() {
    let server = Server::start();
    let ada = server.register("ada");
    run("pyjwt_secret.py", &server, &[("TOKEN", &ada.token), ("SECRET", SECRET)]);
}

#[test]
fn pyjwt_verifies_tokens_with_the_published_keys() {
    let server = Setup::new().without("JWT_SECRET").start();
    let ada = server.register("ada");
    run("pyjwt_published.py", &server, &[("TOKEN", &ada.token), ("ID", &ada.id)]);
}

#[test]
fn pyjwt_without_an_audience_accepts_tokens_without_one() {
    let setup = Setup::new().set("auth.audience", "").set("auth.token_type", "JWT");
    let setup = setup.set("auth.issuer", "https://id.example.org").set("auth.token_claims", "username,role");
    let server = setup.start();
    let ada = server.register("ada");
    run("pyjwt_plain.py", &server, &[("TOKEN", &ada.token), ("SECRET", SECRET), ("ID", &ada.id)]);
}

/// Runs a script that discovers a server by an issuer with a path, logs in and verifies the token.
fn discovers_by_an_issuer_with_a_path(script: &str, algorithm: &str) {
    let front = Front::reserve();
    let issuer = format!("{}/tenants/acme", front.url());
    let setup = Setup::new().without("JWT_SECRET").set("auth.algorithm", algorithm);
    let server = setup.set("auth.issuer", &issuer).start();
    front.forward_to(server.address());
    let ada = server.register("ada");
    run(
        script,
        &server,
        &[("ISSUER", &issuer), ("USERNAME", "ada"), ("PASSWORD", PASSWORD), ("ID", &ada.id)],
    );
}

#[test]
fn authlib_pyjwt_and_joserfc_discover_and_verify_at_an_issuer_with_a_path() {
    for algorithm in ["EdDSA", "ES256"] {
        discovers_by_an_issuer_with_a_path("issuer_with_path.py", algorithm);
    }
}

#[test]
fn openid_client_discovers_and_verifies_at_an_issuer_with_a_path() {
    for algorithm in ["EdDSA", "ES256"] {
        discovers_by_an_issuer_with_a_path("openid_client.mjs", algorithm);
    }
}
