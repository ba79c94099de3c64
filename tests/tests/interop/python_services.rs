//! The examples of `docs/python-services.md`, read from the page and run with the tokens of a real server.

use crate::clients::run;
use roster_tests::{PASSWORD, Person, SECRET, Server, Setup};
use serde_json::json;
use std::fs;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/python-services.md");

/// The key that the server signs with, so that the script can sign expired and foreign tokens with it.
const SIGNING_KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/auth/tests/keys/ed25519.pem");

/// The examples on the page, in order. Each has a test below.
const EXAMPLES: [&str; 7] = [
    "published_keys",
    "shared_secret",
    "joserfc_keys",
    "middleware",
    "existing_middleware",
    "introspection",
    "test_orders",
];

#[test]
fn every_python_example_of_the_page_has_a_test() {
    let page = fs::read_to_string(PAGE).unwrap();
    let names = page.split("```python\n").skip(1).map(|example| {
        let name = example.lines().next().and_then(|line| line.strip_prefix("# "));
        name.and_then(|name| name.strip_suffix(".py")).expect("an example starts with the name of its file")
    });
    assert_eq!(names.collect::<Vec<_>>(), EXAMPLES);
}

/// Runs an example for `ada`, who has the role `user`, and `cleo`, who also has `clerk`.
fn run_example(name: &str, server: &Server, signing_key: &str) {
    let ada = server.register("ada");
    let cleo = clerk(server);
    let (client, secret) = client(server);
    run(
        "fastapi_services.py",
        server,
        &[
            ("PAGE", PAGE),
            ("SERVICE", name),
            ("SIGNING_KEY", signing_key),
            ("ISSUER_URL", &server.url("")),
            ("JWT_SECRET", SECRET),
            ("TOKEN", &ada.token),
            ("CLERK", &cleo.token),
            ("CLIENT_ID", &client),
            ("CLIENT_SECRET", &secret),
        ],
    );
}

fn clerk(server: &Server) -> Person {
    let cleo = json!({ "username": "cleo", "password": PASSWORD, "roles": ["user", "clerk"] });
    server.post("/users").by(&server.admin()).json(cleo).send().must_be(201);
    server.log_in("cleo", PASSWORD)
}

/// The id and the key of a service account that may introspect tokens.
fn client(server: &Server) -> (String, String) {
    let admin = server.admin();
    let account = json!({ "name": "orders", "permissions": ["tokens:introspect"] });
    let id = server.post("/service-accounts").by(&admin).json(account).send().must_be(201).string("id");
    let keys = format!("/service-accounts/{id}/keys");
    let key =
        server.post(&keys).by(&admin).json(json!({ "name": "first" })).send().must_be(201).string("key");
    (id, key)
}

/// Runs an example that verifies tokens with the published keys.
fn run_with_published_keys(name: &str) {
    let server = Setup::new().without("JWT_SECRET").set("auth.key_files", SIGNING_KEY).start();
    run_example(name, &server, SIGNING_KEY);
}

/// Runs an example that verifies tokens with the shared secret.
fn run_with_the_secret(name: &str, setup: Setup) {
    let server = setup.start();
    let secret = server.folder().join("secret");
    fs::write(&secret, SECRET).unwrap();
    run_example(name, &server, secret.to_str().unwrap());
}

#[test]
fn the_fastapi_service_with_pyjwt_and_published_keys_works() {
    run_with_published_keys("published_keys");
}

#[test]
fn the_fastapi_service_with_joserfc_works() {
    run_with_published_keys("joserfc_keys");
}

#[test]
fn the_fastapi_service_with_a_shared_secret_works() {
    run_with_the_secret("shared_secret", Setup::new());
}

#[test]
fn the_fastapi_middleware_works() {
    run_with_the_secret("middleware", Setup::new());
}

#[test]
fn the_example_for_existing_middleware_reads_the_claims() {
    let setup = Setup::new().set("auth.audience", "").set("auth.token_type", "JWT");
    let setup = setup.set("auth.issuer", "https://id.example.org");
    run_with_the_secret("existing_middleware", setup.set("auth.token_claims", "username,email,role"));
}

#[test]
fn the_fastapi_service_that_introspects_rejects_a_token_after_logout() {
    run_with_published_keys("introspection");
}

#[test]
fn the_test_of_the_fastapi_service_passes() {
    run_with_published_keys("test_orders");
}
