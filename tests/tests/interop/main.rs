//! Clients that nobody here wrote: Python's Authlib speaks OAuth 2.0 to Roster, Python's `PyJWT` reads and makes
//! its tokens.
//!
//! They come from `PyPI` into a virtual environment under `target`. Without Python or `PyPI` the tests say that they
//! skip; where `CI` is set they fail instead.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod nginx;

use roster_tests::{PASSWORD, SECRET, Server, Setup};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

const PACKAGES: [&str; 3] = ["Authlib==1.6.5", "PyJWT[crypto]==2.10.1", "requests==2.32.5"];

/// A Python that has the packages, made once.
static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = folder.join("bin/python");
    let run = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    let made = python.exists() || run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    let ready = made && run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
    ready.then_some(python)
});

/// Runs a script against a server, with what it needs to know in its environment.
fn run(script: &str, server: &Server, told: &[(&str, &str)]) {
    let Some(python) = &*PYTHON else {
        assert!(!is_ci(), "no Python with {PACKAGES:?}, and this is CI");
        eprintln!("!! SKIPPED {script}: no Python with {PACKAGES:?} is to be had here");
        return;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(script);
    let mut command = Command::new(python);
    command.arg(path).env("BASE", server.url("")).env("AUTHLIB_INSECURE_TRANSPORT", "1");
    let output = command.envs(told.iter().copied()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {told}");
}

#[expect(clippy::disallowed_methods, reason = "whether a test may skip is no setting of Roster's")]
fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

#[test]
fn authlib_discovers_logs_in_refreshes_introspects_and_revokes() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let admin = server.admin();
    let account = json!({ "name": "gateway", "permissions": ["tokens:introspect", "users:read"] });
    let id = server.post("/service-accounts").by(&admin).json(account).send().must_be(201).text_of("id");
    let key = json!({ "name": "interop" });
    let keys = format!("/service-accounts/{id}/keys");
    let secret = server.post(&keys).by(&admin).json(key).send().must_be(201).text_of("key");
    run(
        "authlib_client.py",
        &server,
        &[("USERNAME", "ada"), ("PASSWORD", PASSWORD), ("ID", &id), ("KEY", &secret)],
    );
}

#[test]
fn pyjwt_verifies_and_makes_tokens_of_a_shared_secret() {
    let server = Server::start();
    let ada = server.register("ada");
    run("pyjwt_secret.py", &server, &[("TOKEN", &ada.token), ("SECRET", SECRET)]);
}

#[test]
fn pyjwt_verifies_tokens_by_the_published_keys() {
    let server = Setup::new().without("JWT_SECRET").start();
    let ada = server.register("ada");
    run("pyjwt_published.py", &server, &[("TOKEN", &ada.token), ("ID", &ada.id)]);
}
