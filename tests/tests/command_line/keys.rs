//! `roster keys`

use crate::sandbox::{CommandResult, Sandbox};
use roster_tests::{Engine, Setup, output_of};
use serde_json::Value;
use std::fs;

fn sandbox() -> Sandbox {
    Sandbox::with(Setup::new().without("JWT_SECRET"))
}

fn generate(sandbox: &Sandbox, more: &[&str]) -> String {
    let result = sandbox.run(&[&["keys", "generate"], more].concat()).must_exit(0);
    result.stdout.trim().to_owned()
}

fn listed(sandbox: &Sandbox) -> Vec<Value> {
    let result = sandbox.run(&["keys", "list", "--format", "json"]).must_exit(0);
    serde_json::from_str(&result.stdout).unwrap()
}

#[test]
fn json_is_short_for_the_format() {
    let sandbox = Sandbox::new();
    sandbox.run(&["keys", "generate"]).must_exit(0);
    let listed = |option: &[&str]| sandbox.run(&[&["keys", "list"], option].concat()).must_exit(0).stdout;
    assert_eq!(listed(&["--json"]), listed(&["--format", "json"]));
}

fn states(sandbox: &Sandbox) -> Vec<String> {
    listed(sandbox).iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn keys_can_be_activated_retired_and_revoked() {
    let sandbox = sandbox();
    let (first, second, third) =
        (generate(&sandbox, &[]), generate(&sandbox, &["--algorithm", "ES256"]), generate(&sandbox, &[]));
    assert_eq!(states(&sandbox), ["active", "next", "next"]);
    let output = sandbox.run(&["keys", "activate", &second]).must_exit(0).stderr;
    assert!(output.contains("up to 5 minutes"), "{output}");
    assert!(output.contains(&format!("retired {first}, accepted until ")), "{output}");
    sandbox.run(&["keys", "retire", &third]).must_exit(0);
    sandbox.run(&["keys", "revoke", &first]).must_exit(0);
    assert_eq!(states(&sandbox), ["revoked", "active", "retired"]);
    let keys = listed(&sandbox);
    assert_eq!((&keys[1]["kid"], &keys[1]["algorithm"]), (&second.into(), &"ES256".into()));
    assert!(keys[2]["accept_until"].is_string() && keys[0]["accept_until"].is_null());
    let table = sandbox.run(&["keys", "list"]).must_exit(0).stdout;
    assert!(table.starts_with("KID ") && table.lines().count() == 4, "{table}");
}

#[test]
fn a_mismatch_of_algorithm_and_signing_key_causes_a_warning() {
    let old = sandbox();
    let first = generate(&old, &[]);
    let warned = |setup: &Setup| {
        let result =
            Sandbox::with(setup.clone().data(&old.file("data"))).run(&["config", "check"]).must_exit(0);
        result.stderr.lines().find(|line| line.contains("auth.algorithm")).map(str::to_owned)
    };
    assert_eq!(warned(&old.setup), None);
    let changed = old.setup.clone().set("auth.algorithm", "ES256");
    let message = warned(&changed).unwrap();
    assert!(message.contains(&first) && message.contains("roster keys generate"), "{message}");
    let server = changed.clone().data(&old.file("data")).start();
    server.must_log("auth.algorithm");
    let second = generate(&old, &["--algorithm", "ES256"]);
    assert!(warned(&changed).unwrap().ends_with(&format!("roster keys activate {second}")));
    old.run(&["keys", "activate", &second]).must_exit(0);
    assert_eq!(warned(&changed), None);
}

#[test]
fn invalid_key_transitions_are_rejected_with_instructions() {
    let sandbox = sandbox();
    let only = generate(&sandbox, &[]);
    for verb in ["retire", "revoke"] {
        sandbox.run(&["keys", verb, &only]).must_fail_with(&[&only, "roster keys generate"]);
    }
    sandbox.run(&["keys", "activate", &only]).must_fail_with(&["already active"]);
    sandbox.run(&["keys", "activate", "nope"]).must_fail_with(&["nope", "roster keys list"]);
    assert_eq!(states(&sandbox), ["active"]);
}

#[test]
fn algorithm_names_are_case_insensitive() {
    let sandbox = sandbox();
    for algorithm in ["ed25519", "EDDSA", "es256"] {
        generate(&sandbox, &["--algorithm", algorithm]);
    }
    let keys = listed(&sandbox);
    assert_eq!(
        keys.iter().map(|key| key["algorithm"].as_str().unwrap()).collect::<Vec<_>>(),
        ["EdDSA", "EdDSA", "ES256"]
    );
}

#[test]
fn an_unsupported_algorithm_is_rejected_with_the_supported_ones() {
    let sandbox = sandbox();
    let usage_error =
        |name: &str| sandbox.run(&["keys", "generate", "--algorithm", name]).must_exit(2).stderr;
    let unknown = usage_error("none");
    assert!(unknown.contains("[possible values: EdDSA, ES256, RS256]"), "{unknown}");
    let shared = usage_error("hs256");
    assert!(shared.contains("JWT_SECRET (auth.jwt_secret)") && shared.contains("openssl rand"), "{shared}");
    assert!(!sandbox.file("data").exists());
}

#[test]
fn with_sqlite_the_sealing_key_is_a_private_file_without_which_no_server_starts() {
    let sandbox = Sandbox::with(Setup::new().engine(Engine::Sqlite).without("JWT_SECRET"));
    generate(&sandbox, &[]);
    assert_eq!(sandbox.mode("data/sealing-key"), 0o600);
    let (key, kept) = (sandbox.file("data/sealing-key"), sandbox.file("kept"));
    fs::rename(&key, &kept).unwrap();
    let serve = output_of(sandbox.setup.command(sandbox.path()).arg("serve"));
    CommandResult::of(&serve).must_fail_with(&["sealing-key", "is missing", "restore the file"]);
    assert!(!key.exists(), "another key would open nothing");
    fs::rename(&kept, &key).unwrap();
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    server.get("/users/me").by(&server.admin()).send().must_be(200);
}

#[test]
fn a_damaged_state_file_fails_every_command_and_is_not_changed() {
    Engine::Json.only();
    let sandbox = sandbox();
    let only = generate(&sandbox, &[]);
    let state = sandbox.file("data/keys/keys.json");
    let damaged = fs::read_to_string(&state).unwrap().replace("active\",", "activ\",");
    fs::write(&state, &damaged).unwrap();
    for arguments in [&["keys", "list"][..], &["keys", "generate"], &["keys", "revoke", &only], &["serve"]] {
        sandbox.run(arguments).must_fail_with(&["keys.json", "damaged", "backup"]);
    }
    assert_eq!(fs::read_to_string(&state).unwrap(), damaged);
}

#[test]
fn configured_key_files_cannot_be_changed_by_commands() {
    let sandbox = Sandbox::with(Setup::new().set("auth.key_files", "key.pem"));
    sandbox.create("ada", &[]);
    sandbox.run(&["keys", "generate"]).must_fail_with(&["auth.key_files"]);
    let noted = sandbox.run(&["keys", "list"]).must_exit(0).stderr;
    assert!(noted.contains("auth."), "{noted}");
}

#[test]
fn a_weak_or_unusable_key_file_prevents_the_start_with_instructions() {
    let fixture = |name: &str| format!("{}/../crates/auth/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    for (name, words) in [
        ("rsa1024.pem", ["2048", "openssl genpkey"]),
        ("p384.pem", ["Ed25519 or P-256", "openssl genpkey"]),
        ("encrypted.pem", ["encrypted", "openssl pkey"]),
        ("certificate.pem", ["certificate", "openssl x509"]),
        ("ed25519.pub.pem", ["public key", "private"]),
        ("no-such-file", ["cannot read", "no-such-file"]),
    ] {
        let setup = Setup::new().without("JWT_SECRET").set("auth.key_files", &fixture(name));
        Sandbox::with(setup).run(&["serve"]).must_fail_with(&words);
    }
}

#[test]
fn every_subcommand_has_a_help_text() {
    for verb in ["list", "generate", "activate", "retire", "revoke"] {
        let help = sandbox().run(&["keys", verb, "--help"]).must_exit(0).stdout;
        assert!(help.contains("Usage: roster keys") && help.len() > 300, "{help}");
    }
}
