//! `roster service-account` and `roster api-key`

use crate::sandbox::Sandbox;
use serde_json::Value;

fn create_key(sandbox: &Sandbox) -> String {
    let create = ["service-account", "create", "backup", "--permission", "users:read"];
    let result = sandbox.run(&create).must_exit(0);
    assert!(result.stdout.starts_with("created backup ("), "{result:?}");
    let result = sandbox.run(&["api-key", "create", "backup", "nightly", "--expires-in", "90d"]).must_exit(0);
    result.stdout.trim_end().to_owned()
}

#[test]
fn a_created_key_works_on_the_server_and_is_the_only_output_on_stdout() {
    let sandbox = Sandbox::new();
    let key = create_key(&sandbox);
    assert!(key.starts_with("rk_") && key.len() == 65, "{key}");
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    server.get("/users").bearer(&key).send().must_be(200);
}

#[test]
fn lists_are_available_as_lines_of_json() {
    let sandbox = Sandbox::new();
    let key = create_key(&sandbox);
    let line = |command: &[&str]| {
        let shown = sandbox.run(command).must_exit(0).stdout;
        assert_eq!(shown.lines().count(), 1, "{shown}");
        serde_json::from_str::<Value>(&shown).unwrap()
    };
    assert_eq!(line(&["service-account", "list", "--json"])["name"], "backup");
    assert_eq!(line(&["api-key", "list", "backup", "--json"])["prefix"], key[3..15]);
}

#[test]
fn a_created_key_is_named_with_its_account() {
    let sandbox = Sandbox::new();
    let first = create_key(&sandbox);
    let prefix = &first[3..15];
    let rotated = sandbox.run(&["api-key", "rotate", "backup", prefix, "--overlap", "1h"]).must_exit(0);
    assert!(
        rotated.stderr.contains("created key ") && rotated.stderr.contains(" of backup ("),
        "{rotated:?}"
    );
}

#[test]
fn accounts_and_keys_are_shown_without_the_secret() {
    let sandbox = Sandbox::new();
    let key = create_key(&sandbox);
    let prefix = &key[3..15];
    for command in [&["service-account", "show", "backup"], &["api-key", "list", "backup"]] {
        let shown = sandbox.run(command).must_exit(0).stdout;
        assert!(shown.contains(prefix) && !shown.contains(&key[16..]), "{shown}");
    }
    let list = sandbox.run(&["service-account", "list"]).must_exit(0).stdout;
    assert!(list.contains("backup") && list.contains("users:read"), "{list}");
}

#[test]
fn an_account_is_shown_as_json_with_the_fields_of_the_api_and_its_keys() {
    let sandbox = Sandbox::new();
    let key = create_key(&sandbox);
    let shown = sandbox.run(&["service-account", "show", "backup", "--json"]).must_exit(0).stdout;
    assert!(!shown.contains(&key[16..]), "{shown}");
    let mut shown: Value = serde_json::from_str(&shown).unwrap();
    let keys = shown.as_object_mut().unwrap().remove("keys").unwrap();
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    let account = format!("/service-accounts/{}", shown["id"].as_str().unwrap());
    let get = |path: &str| server.get(path).by(&server.admin()).send().must_be(200).json();
    assert_eq!(shown, get(&account));
    assert_eq!(keys, get(&format!("{account}/keys"))["data"]);
}

#[test]
fn a_key_is_rotated_and_revoked_by_its_prefix() {
    let sandbox = Sandbox::new();
    let old = create_key(&sandbox);
    let new = sandbox.run(&["api-key", "rotate", "backup", &old[3..15], "--overlap", "1h"]).must_exit(0);
    let new = new.stdout.trim_end().to_owned();
    sandbox.run(&["api-key", "rotate", "backup", &old[3..15]]).must_fail_with(&["already been rotated"]);
    sandbox.run(&["api-key", "revoke", "backup", &old[3..15]]).must_exit(0);
    sandbox.run(&["api-key", "revoke", "backup", &old[3..15]]).must_fail_with(&["has no key"]);
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    server.get("/users").bearer(&old).send().must_be_problem(401, "invalid_token");
    server.get("/users").bearer(&new).send().must_be(200);
}

#[test]
fn an_account_can_be_disabled_enabled_and_deleted() {
    let sandbox = Sandbox::new();
    create_key(&sandbox);
    sandbox.run(&["service-account", "disable", "backup"]).must_exit(0);
    let shown = sandbox.run(&["service-account", "show", "backup"]).must_exit(0).stdout;
    assert!(shown.contains("disabled"), "{shown}");
    sandbox.run(&["service-account", "enable", "backup"]).must_exit(0);
    sandbox
        .run(&["service-account", "create", "backup", "--permission", "users:read"])
        .must_fail_with(&["taken"]);
    sandbox.run(&["service-account", "delete", "backup"]).must_exit(0);
    sandbox.run(&["service-account", "show", "backup"]).must_fail_with(&["there is no service account"]);
}

#[test]
fn permissions_are_required_and_can_be_changed() {
    let sandbox = Sandbox::new();
    let result = sandbox.run(&["service-account", "create", "backup"]).must_exit(2);
    assert!(result.stderr.contains("--permission <PERMISSION>"), "{result:?}");
    let key = create_key(&sandbox);
    sandbox.run(&["service-account", "set-permissions", "backup", "audit:read", "metrics:read"]).must_exit(0);
    let shown = sandbox.run(&["service-account", "show", "backup"]).must_exit(0).stdout;
    assert!(shown.contains("audit:read,metrics:read\n"), "{shown}");
    let log = sandbox.run(&["audit", "--limit", "1"]).must_exit(0).stdout;
    assert!(log.contains("service_account_updated") && log.contains("[\"permissions\"]"), "{log}");
    sandbox.run(&["service-account", "set-permissions", "backup"]).must_exit(2);
    sandbox
        .run(&["service-account", "set-permissions", "x", "audit:read"])
        .must_fail_with(&["no service account"]);
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    server.get("/users").bearer(&key).send().must_be_problem(403, "permission_denied");
}

#[test]
fn creating_a_key_for_a_disabled_account_prints_a_note() {
    let sandbox = Sandbox::new();
    create_key(&sandbox);
    let create = || sandbox.run(&["api-key", "create", "backup", "weekly"]).must_exit(0).stderr;
    assert!(!create().contains("disabled"));
    sandbox.run(&["service-account", "disable", "backup"]).must_exit(0);
    let message = create();
    assert!(
        message.contains("note: backup is disabled") && message.contains("service-account enable backup"),
        "{message}"
    );
}

#[test]
fn a_duration_must_be_valid_and_positive() {
    let sandbox = Sandbox::new();
    for (typed, message) in
        [("0s", "longer than 0"), ("0d", "longer than 0"), ("soon", "write a duration like 15m")]
    {
        let result = sandbox.run(&["api-key", "create", "x", "k", "--expires-in", typed]).must_exit(2);
        assert!(result.stderr.contains(message), "{result:?}");
    }
    create_key(&sandbox);
    let for_ever = ["api-key", "create", "backup", "k", "--expires-in", "999999999d"];
    sandbox.run(&for_ever).must_fail_with(&["--expires-in", "9999"]);
}

#[test]
fn a_misspelled_permission_is_rejected_with_the_valid_ones() {
    let sandbox = Sandbox::new();
    let result = sandbox.run(&["service-account", "create", "x", "--permission", "users:rule"]).must_exit(2);
    assert!(result.stderr.contains("users:read"), "{result:?}");
    sandbox.run(&["service-account", "create", "No Spaces", "--permission", "users:read"]).must_exit(2);
}
