//! `roster service-account` and `roster api-key`

use crate::workplace::Workplace;

fn made(place: &Workplace) -> String {
    let create = ["service-account", "create", "backup", "--permission", "users:read"];
    let ran = place.run(&create).must_exit(0);
    assert!(ran.stdout.starts_with("created backup ("), "{ran:?}");
    let ran = place.run(&["api-key", "create", "backup", "nightly", "--expires-in", "90d"]).must_exit(0);
    ran.stdout.trim_end().to_owned()
}

#[test]
fn a_key_made_here_is_good_at_the_server_and_alone_on_stdout() {
    let place = Workplace::new();
    let key = made(&place);
    assert!(key.starts_with("rk_") && key.len() == 65, "{key}");
    let server = place.setup.clone().data(&place.file("data")).start();
    server.get("/users").bearer(&key).send().must_be(200);
}

#[test]
fn accounts_and_keys_are_shown_without_the_secret() {
    let place = Workplace::new();
    let key = made(&place);
    let prefix = &key[3..15];
    for command in [&["service-account", "show", "backup"], &["api-key", "list", "backup"]] {
        let shown = place.run(command).must_exit(0).stdout;
        assert!(shown.contains(prefix) && !shown.contains(&key[16..]), "{shown}");
    }
    let list = place.run(&["service-account", "list"]).must_exit(0).stdout;
    assert!(list.contains("backup") && list.contains("users:read"), "{list}");
}

#[test]
fn a_key_is_rotated_and_revoked_by_its_prefix() {
    let place = Workplace::new();
    let old = made(&place);
    let new = place.run(&["api-key", "rotate", "backup", &old[3..15], "--overlap", "1h"]).must_exit(0);
    let new = new.stdout.trim_end().to_owned();
    place.run(&["api-key", "rotate", "backup", &old[3..15]]).must_fail_saying(&["rotated already"]);
    place.run(&["api-key", "revoke", "backup", &old[3..15]]).must_exit(0);
    place.run(&["api-key", "revoke", "backup", &old[3..15]]).must_fail_saying(&["has no key"]);
    let server = place.setup.clone().data(&place.file("data")).start();
    server.get("/users").bearer(&old).send().refused(401, "invalid_token");
    server.get("/users").bearer(&new).send().must_be(200);
}

#[test]
fn an_account_is_disabled_enabled_and_deleted() {
    let place = Workplace::new();
    made(&place);
    place.run(&["service-account", "disable", "backup"]).must_exit(0);
    let shown = place.run(&["service-account", "show", "backup"]).must_exit(0).stdout;
    assert!(shown.contains("disabled"), "{shown}");
    place.run(&["service-account", "enable", "backup"]).must_exit(0);
    place
        .run(&["service-account", "create", "backup", "--permission", "users:read"])
        .must_fail_saying(&["taken"]);
    place.run(&["service-account", "delete", "backup"]).must_exit(0);
    place.run(&["service-account", "show", "backup"]).must_fail_saying(&["there is no service account"]);
}

#[test]
fn what_an_account_may_do_is_said_and_can_be_changed() {
    let place = Workplace::new();
    let ran = place.run(&["service-account", "create", "backup"]).must_exit(2);
    assert!(ran.stderr.contains("--permission <PERMISSION>"), "{ran:?}");
    let key = made(&place);
    place.run(&["service-account", "set-permissions", "backup", "audit:read", "metrics:read"]).must_exit(0);
    let shown = place.run(&["service-account", "show", "backup"]).must_exit(0).stdout;
    assert!(shown.contains("audit:read,metrics:read\n"), "{shown}");
    let log = place.run(&["audit", "--limit", "1"]).must_exit(0).stdout;
    assert!(log.contains("service_account_updated") && log.contains("[\"permissions\"]"), "{log}");
    place.run(&["service-account", "set-permissions", "backup"]).must_exit(2);
    place
        .run(&["service-account", "set-permissions", "x", "audit:read"])
        .must_fail_saying(&["no service account"]);
    let server = place.setup.clone().data(&place.file("data")).start();
    server.get("/users").bearer(&key).send().refused(403, "permission_denied");
}

#[test]
fn whoever_makes_a_key_of_a_disabled_account_is_told() {
    let place = Workplace::new();
    made(&place);
    let create = || place.run(&["api-key", "create", "backup", "weekly"]).must_exit(0).stderr;
    assert!(!create().contains("disabled"));
    place.run(&["service-account", "disable", "backup"]).must_exit(0);
    let message = create();
    assert!(
        message.contains("note: backup is disabled") && message.contains("service-account enable backup"),
        "{message}"
    );
}

#[test]
fn a_duration_is_longer_than_nothing() {
    let place = Workplace::new();
    for (typed, message) in
        [("0s", "longer than 0"), ("0d", "longer than 0"), ("soon", "write a duration like 15m")]
    {
        let ran = place.run(&["api-key", "create", "x", "k", "--expires-in", typed]).must_exit(2);
        assert!(ran.stderr.contains(message), "{ran:?}");
    }
    made(&place);
    let for_ever = ["api-key", "create", "backup", "k", "--expires-in", "999999999d"];
    place.run(&for_ever).must_fail_saying(&["--expires-in", "9999"]);
}

#[test]
fn what_is_mistyped_is_refused_with_what_there_is() {
    let place = Workplace::new();
    let ran = place.run(&["service-account", "create", "x", "--permission", "users:rule"]).must_exit(2);
    assert!(ran.stderr.contains("users:read"), "{ran:?}");
    place.run(&["service-account", "create", "No Spaces", "--permission", "users:read"]).must_exit(2);
}
