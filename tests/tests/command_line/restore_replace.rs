//! `roster restore --replace`: the backup replaces the store, but what was revoked since then stays revoked.

use crate::backups::{backed_up, contains_file, serve, status};
use crate::sandbox::Sandbox;
use roster_tests::{Engine, PASSWORD, Server, wait_for};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// The folder with the replaced store.
fn replaced_store(sandbox: &Sandbox) -> PathBuf {
    let entries = fs::read_dir(sandbox.file("data")).unwrap().map(|entry| entry.unwrap().path());
    let mut found =
        entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("replaced-"));
    let folder = found.next().unwrap();
    assert_eq!(found.next(), None);
    folder
}

#[test]
fn a_replacing_restore_ends_all_sessions_and_keeps_the_old_store() {
    Engine::Json.only();
    let (sandbox, ada) = backed_up();
    let mut server = serve(&sandbox);
    let later = server.register("bob");
    let ada_later = server.log_in("ada", PASSWORD);
    assert!(server.stop().success());
    let output = sandbox.run(&["restore", "roster.backup", "--replace"]).must_exit(0).stdout;
    assert!(output.contains("ended and all access tokens") && output.contains("kept in"), "{output}");
    let old = replaced_store(&sandbox);
    assert!(contains_file(&old, "users.json") && !old.join("keys").exists(), "the signing keys stay in use");
    assert!(fs::read_to_string(old.join("users.json")).unwrap().contains("\"bob\""));
    let before = sandbox.setup.clone().data(&old);
    let back = before.command(sandbox.path()).args(["backup", "before.backup"]).output().unwrap();
    assert!(back.status.success(), "the replaced store can be backed up: {back:?}");
    assert!(sandbox.run(&["restore", "--check", "before.backup"]).must_exit(0).stdout.contains("3 users"));
    server.restart();
    for person in [&ada, &ada_later, &later] {
        assert_eq!(status(&server, person), 401, "{}", person.username);
        server.try_refresh(&person.refresh_token).must_be_problem(401, "refresh_token_invalid");
    }
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
    assert_eq!(server.try_log_in("bob", PASSWORD).status(), 401, "bob registered after the backup");
    let version = server.get(&ada.path()).by(&server.admin()).send().must_be(200).etag_version();
    assert!(version > 1, "earlier ETags no longer match");
}

#[test]
fn keys_revoked_after_the_backup_stay_revoked() {
    let (sandbox, _) = backed_up();
    let mut server = serve(&sandbox);
    let admin = server.admin();
    let body = json!({ "name": "nightly", "permissions": ["users:read"] });
    let account = server.post("/service-accounts").by(&admin).json(body).send().must_be(201).string("id");
    let keys = format!("/service-accounts/{account}/keys");
    let make = |name: &str| {
        let body = json!({ "name": name, "permissions": ["users:read"] });
        let made = server.post(&keys).by(&admin).json(body).send().must_be(201).json();
        (made["api_key"]["id"].as_str().unwrap().to_owned(), made["key"].as_str().unwrap().to_owned())
    };
    let (revoked, kept) = (make("revoked"), make("kept"));
    assert!(server.stop().success());
    sandbox.run(&["backup", "with-keys.backup"]).must_exit(0);
    server.restart();
    let works = |server: &Server, key: &str| server.get("/users").bearer(key).send().status();
    assert_eq!(works(&server, &revoked.1), 200);
    server.delete(&format!("{keys}/{}", revoked.0)).by(&server.admin()).send().must_be(204);
    assert!(server.stop().success());
    let signing = signing_keys(&sandbox);
    sandbox.run(&["keys", "generate", "--activate"]).must_exit(0);
    sandbox.run(&["keys", "revoke", signing[0]["kid"].as_str().unwrap()]).must_exit(0);
    let output = sandbox.run(&["restore", "with-keys.backup", "--replace"]).must_exit(0).stdout;
    assert!(output.contains("1 API key still revoked"), "{output}");
    let states: Vec<_> = signing_keys(&sandbox).iter().map(|key| key["state"].clone()).collect();
    assert_eq!(states, ["revoked", "active"]);
    server.restart();
    assert_eq!((works(&server, &revoked.1), works(&server, &kept.1)), (401, 200));
    // The audit log in the backup lacks later key changes, so the server adds them: at its start, or a few seconds later if
    // several servers may share the store.
    wait_for("the audit record of the key", || {
        let log = sandbox.run(&["audit", "--action", "key_revoked"]).must_exit(0).stdout;
        (log.lines().count() == 1).then_some(())
    });
}

fn signing_keys(sandbox: &Sandbox) -> Vec<Value> {
    let result = sandbox.run(&["keys", "list", "--format", "json"]).must_exit(0);
    serde_json::from_str(&result.stdout).unwrap()
}

#[test]
fn users_erased_after_the_backup_are_named_and_erased_again_on_request() {
    let (sandbox, ada) = backed_up();
    sandbox.run(&["user", "delete", "ada", "--yes"]).must_exit(0);
    let output = sandbox.run(&["restore", "roster.backup", "--replace"]).must_exit(0).stdout;
    assert!(output.contains("user delete ID") && output.contains(&ada.id), "{output}");
    assert!(sandbox.run(&["user", "list"]).must_exit(0).stdout.contains(&ada.id));
    fs::remove_dir_all(replaced_store(&sandbox)).unwrap();
    sandbox.run(&["user", "delete", "ada", "--yes"]).must_exit(0);
    let output = sandbox.run(&["restore", "roster.backup", "--replace", "--erase-again"]).must_exit(0).stdout;
    assert!(output.contains("left out") && output.contains(&ada.id), "{output}");
    assert!(!sandbox.run(&["user", "list"]).must_exit(0).stdout.contains(&ada.id));
    let log = sandbox.run(&["audit", "--target", &ada.id, "--limit", "1"]).must_exit(0).stdout;
    assert!(log.contains("user_deleted"), "{log}");
}

#[test]
fn the_report_says_where_the_replaced_store_is() {
    let (sandbox, _) = backed_up();
    let output = sandbox.run(&["restore", "roster.backup", "--replace"]).must_exit(0).stdout;
    let files = replaced_store(&sandbox).display().to_string();
    let tables = match Engine::of_this_test() {
        Engine::Postgres => "the schema replaced_",
        Engine::Json | Engine::Sqlite => "",
    };
    assert!(output.contains(&format!("is kept in {tables}")) && output.contains(&files), "{output}");
}

#[test]
fn an_unrelated_store_is_replaced_together_with_its_keys() {
    let (sandbox, ada) = backed_up();
    let other = crate::backups::sandbox();
    let mut server = serve(&other);
    let other_user = server.register("other");
    assert!(server.stop().success());
    fs::copy(sandbox.file("roster.backup"), other.file("roster.backup")).unwrap();
    other.run(&["restore", "roster.backup", "--replace"]).must_exit(0);
    if Engine::of_this_test() == Engine::Json {
        assert!(contains_file(&replaced_store(&other).join("keys"), "keys.json"));
    }
    assert_eq!(signing_keys(&other)[0]["kid"], signing_keys(&sandbox)[0]["kid"]);
    server.restart();
    assert_eq!((status(&server, &ada), status(&server, &other_user)), (401, 401));
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
}

#[test]
fn a_missing_data_folder_beside_that_of_the_users_does_no_harm() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    sandbox.run(&["backup", "no-keys.backup", "--without-keys"]).must_exit(0);
    let users = sandbox.file("elsewhere/users.json");
    let setup = sandbox.setup.clone().set("storage.url", &format!("json:{}", users.display()));
    let other = Sandbox::with(setup.data(&sandbox.file("other")));
    assert!(other.setup.clone().start().stop().success());
    fs::remove_dir_all(sandbox.file("other")).unwrap();
    other.run(&["restore", sandbox.file("no-keys.backup").to_str().unwrap(), "--replace"]).must_exit(0);
    assert!(!sandbox.file("elsewhere/restore.json").exists());
}

#[test]
fn keys_in_another_folder_are_replaced_there() {
    let (sandbox, ada) = backed_up();
    let users = sandbox.file("elsewhere/users.json");
    let setup = sandbox.setup.clone().set("storage.url", &format!("json:{}", users.display()));
    let other = Sandbox::with(setup.data(&sandbox.file("other")));
    let mut server = other.setup.clone().start();
    assert!(server.stop().success());
    other.run(&["restore", sandbox.file("roster.backup").to_str().unwrap(), "--replace"]).must_exit(0);
    assert_eq!(signing_keys(&other)[0]["kid"], signing_keys(&sandbox)[0]["kid"]);
    for (folder, name) in [("other", "keys.json"), ("elsewhere", "users.json")] {
        let replaced = fs::read_dir(sandbox.file(folder)).unwrap().map(|entry| entry.unwrap().path());
        let mut replaced = replaced.filter(|path| path.to_string_lossy().contains("replaced-"));
        assert!(contains_file(&replaced.next().unwrap(), name), "{folder}");
    }
    server.restart();
    assert_eq!(status(&server, &ada), 401);
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
}

#[test]
fn the_first_admin_password_file_is_moved_with_the_old_store() {
    let (sandbox, _) = backed_up();
    sandbox.write("data/first-admin-password", "the password of the replaced store");
    sandbox.run(&["restore", "roster.backup", "--replace"]).must_exit(0);
    assert!(!sandbox.file("data/first-admin-password").exists());
    assert!(replaced_store(&sandbox).join("first-admin-password").exists());
}

#[test]
fn an_unreadable_store_is_not_replaced() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    fs::write(sandbox.file("data/users.json"), "{\"format\": \"roster-users\", \"version\": 2").unwrap();
    let before = sandbox.files("data");
    let result = sandbox.run(&["restore", "roster.backup", "--replace"]);
    result.must_fail_with(&["cannot be read", "roster doctor"]);
    let without_lock = |files: std::collections::BTreeMap<PathBuf, _>| {
        files.into_iter().filter(|(path, _)| !path.ends_with("roster.lock")).collect::<Vec<_>>()
    };
    assert_eq!(without_lock(sandbox.files("data")), without_lock(before));
}

#[test]
fn users_and_accounts_disabled_after_the_backup_stay_disabled_and_are_named() {
    let (sandbox, ada) = backed_up();
    sandbox.run(&["service-account", "create", "nightly", "--permission", "users:read"]).must_exit(0);
    let key = sandbox.run(&["api-key", "create", "nightly", "reports"]).must_exit(0).stdout;
    sandbox.run(&["backup", "enabled.backup"]).must_exit(0);
    sandbox.run(&["service-account", "disable", "nightly"]).must_exit(0);
    sandbox.run(&["user", "disable", "ada"]).must_exit(0);
    let output = sandbox.run(&["restore", "enabled.backup", "--replace"]).must_exit(0).stdout;
    for word in ["1 user disabled", &ada.id, "1 service account disabled", "nightly"] {
        assert!(output.contains(word), "{word} is not in: {output}");
    }
    let server = serve(&sandbox);
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 403);
    let key = key.split_whitespace().find(|word| word.starts_with("rk_")).unwrap_or(key.trim());
    assert_eq!(server.get("/users").bearer(key).send().status(), 401);
    sandbox.run(&["service-account", "enable", "nightly"]).must_exit(0);
    assert_eq!(server.get("/users").bearer(key).send().status(), 200);
}

#[test]
fn a_forged_restore_list_stops_every_command_and_moves_nothing() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    sandbox.write("kept", "another program's data");
    let list = json!({
        "format": "roster-restore", "version": 1, "replaced": "replaced-1", "out": ["../kept"], "in": []
    });
    sandbox.write("data/restore.json", &list.to_string());
    let commands: [&[&str]; 4] = [
        &["user", "list"],
        &["backup", "x.backup"],
        &["restore", "roster.backup", "--replace"],
        &["user", "disable", "ada"],
    ];
    for command in commands {
        sandbox.run(command).must_fail_with(&["restore.json", "remove it", "nothing was moved"]);
        assert_eq!(fs::read_to_string(sandbox.file("kept")).unwrap(), "another program's data");
        assert!(!sandbox.file("data/replaced-1").exists());
    }
    let found = sandbox.run(&["doctor"]).must_exit(3).stdout;
    assert!(found.contains("a restore never moves") && found.contains("remove it"), "{found}");
    fs::remove_file(sandbox.file("data/restore.json")).unwrap();
    assert!(sandbox.run(&["user", "list"]).must_exit(0).stdout.contains("ada"));
}

#[test]
fn a_store_of_a_newer_version_is_not_changed() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    let users = sandbox.file("data/users.json");
    let newer = fs::read_to_string(&users).unwrap().replace("\"version\": 2,", "\"version\": 99,");
    fs::write(&users, newer).unwrap();
    fs::create_dir(sandbox.file("data/restore.new")).unwrap();
    sandbox.write("data/restore.new/kept", "data of a newer version");
    let before = sandbox.files("data");
    let restore: &[&str] = &["restore", "roster.backup", "--replace"];
    let commands: [&[&str]; 4] =
        [&["user", "list"], &["user", "disable", "ada"], &["backup", "x.backup"], restore];
    for command in commands {
        sandbox.run(command).must_fail_with(&["format version 99"]);
        assert_eq!(sandbox.files("data"), before, "{command:?}");
    }
    fs::remove_dir_all(sandbox.file("data/restore.new")).unwrap();
    sandbox.write("data/restore.json", r#"{"format": "roster-restore", "version": 9}"#);
    fs::write(&users, fs::read_to_string(&users).unwrap().replace("\"version\": 99,", "\"version\": 2,"))
        .unwrap();
    let before = sandbox.files("data");
    sandbox.run(restore).must_fail_with(&["restore.json", "format version 9"]);
    assert_eq!(sandbox.files("data"), before);
}
