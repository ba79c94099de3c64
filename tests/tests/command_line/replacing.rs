//! `roster restore --replace`: the backup counts, and what was ended meanwhile stays ended.

use crate::backups::{backed_up, holds, serve, status};
use crate::workplace::Workplace;
use roster_tests::{PASSWORD, Server};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// The folder with what was there before.
fn replaced(place: &Workplace) -> PathBuf {
    let entries = fs::read_dir(place.file("data")).unwrap().map(|entry| entry.unwrap().path());
    let mut found =
        entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("replaced-"));
    let folder = found.next().unwrap();
    assert_eq!(found.next(), None);
    folder
}

#[test]
fn every_session_and_access_token_ends_and_the_old_store_is_kept() {
    let (place, ada) = backed_up();
    let mut server = serve(&place);
    let later = server.register("bob");
    let ada_later = server.log_in("ada", PASSWORD);
    assert!(server.stop().success());
    let said = place.run(&["restore", "roster.backup", "--replace"]).must_exit(0).stdout;
    assert!(said.contains("sessions ended") && said.contains("kept in"), "{said}");
    let old = replaced(&place);
    assert!(holds(&old, "users.json") && !old.join("keys").exists(), "the ring goes on");
    assert!(fs::read_to_string(old.join("users.json")).unwrap().contains("\"bob\""));
    let before = place.setup.clone().data(&old);
    let back = before.command(place.path()).args(["backup", "before.backup"]).output().unwrap();
    assert!(back.status.success(), "the old store can be backed up where it is: {back:?}");
    assert!(place.run(&["restore", "--check", "before.backup"]).must_exit(0).stdout.contains("3 users"));
    server.restart();
    for person in [&ada, &ada_later, &later] {
        assert_eq!(status(&server, person), 401, "{}", person.username);
        server.try_refresh(&person.refresh_token).refused(401, "refresh_token_invalid");
    }
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
    assert_eq!(server.try_log_in("bob", PASSWORD).status(), 401, "bob came after the backup");
    let version = server.get(&ada.path()).by(&server.admin()).send().must_be(200).tagged_version();
    assert!(version > 1, "no tag of before fits");
}

#[test]
fn keys_that_were_revoked_since_stay_revoked() {
    let (place, _) = backed_up();
    let mut server = serve(&place);
    let admin = server.admin();
    let body = json!({ "name": "nightly", "permissions": ["users:read"] });
    let account = server.post("/service-accounts").by(&admin).json(body).send().must_be(201).text_of("id");
    let keys = format!("/service-accounts/{account}/keys");
    let make = |name: &str| {
        let body = json!({ "name": name, "permissions": ["users:read"] });
        let made = server.post(&keys).by(&admin).json(body).send().must_be(201).json();
        (made["api_key"]["id"].as_str().unwrap().to_owned(), made["key"].as_str().unwrap().to_owned())
    };
    let (revoked, kept) = (make("revoked"), make("kept"));
    assert!(server.stop().success());
    place.run(&["backup", "with-keys.backup"]).must_exit(0);
    server.restart();
    let works = |server: &Server, key: &str| server.get("/users").bearer(key).send().status();
    assert_eq!(works(&server, &revoked.1), 200);
    server.delete(&format!("{keys}/{}", revoked.0)).by(&server.admin()).send().must_be(204);
    assert!(server.stop().success());
    let signing = signing_keys(&place);
    place.run(&["keys", "generate", "--activate"]).must_exit(0);
    place.run(&["keys", "revoke", signing[0]["kid"].as_str().unwrap()]).must_exit(0);
    let said = place.run(&["restore", "with-keys.backup", "--replace"]).must_exit(0).stdout;
    assert!(said.contains("1 API keys stay revoked"), "{said}");
    let states: Vec<_> = signing_keys(&place).iter().map(|key| key["state"].clone()).collect();
    assert_eq!(states, ["revoked", "active"]);
    server.restart();
    assert_eq!((works(&server, &revoked.1), works(&server, &kept.1)), (401, 200));
    // The log of the backup lacks what happened to the ring since: the start has written it again.
    assert!(server.stop().success());
    let log = place.run(&["audit", "--action", "key_revoked"]).must_exit(0).stdout;
    assert_eq!(log.lines().count(), 1, "{log}");
}

fn signing_keys(place: &Workplace) -> Vec<Value> {
    let ran = place.run(&["keys", "list", "--format", "json"]).must_exit(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn who_was_erased_since_is_named_and_erased_again_on_demand() {
    let (place, ada) = backed_up();
    place.run(&["user", "delete", "ada", "--yes"]).must_exit(0);
    let said = place.run(&["restore", "roster.backup", "--replace"]).must_exit(0).stdout;
    assert!(said.contains("here again") && said.contains(&ada.id), "{said}");
    assert!(place.run(&["user", "list"]).stdout.contains("ada"));
    fs::remove_dir_all(replaced(&place)).unwrap();
    place.run(&["user", "delete", "ada", "--yes"]).must_exit(0);
    let said = place.run(&["restore", "roster.backup", "--replace", "--erase-again"]).must_exit(0).stdout;
    assert!(said.contains("left out") && said.contains(&ada.id), "{said}");
    assert!(!place.run(&["user", "list"]).stdout.contains("ada"));
    let log = place.run(&["audit", "--target", &ada.id, "--limit", "1"]).must_exit(0).stdout;
    assert!(log.contains("user_deleted"), "{log}");
}

#[test]
fn a_store_of_another_house_gives_way_with_its_keys() {
    let (place, ada) = backed_up();
    let other = crate::backups::place();
    let mut server = serve(&other);
    let stranger = server.register("stranger");
    assert!(server.stop().success());
    fs::copy(place.file("roster.backup"), other.file("roster.backup")).unwrap();
    other.run(&["restore", "roster.backup", "--replace"]).must_exit(0);
    assert!(holds(&replaced(&other).join("keys"), "keys.json"));
    assert_eq!(signing_keys(&other)[0]["kid"], signing_keys(&place)[0]["kid"]);
    server.restart();
    assert_eq!((status(&server, &ada), status(&server, &stranger)), (401, 401));
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
}

#[test]
fn keys_that_are_kept_elsewhere_are_replaced_there() {
    let (place, ada) = backed_up();
    let users = place.file("elsewhere/users.json");
    let setup = place.setup.clone().set("storage.url", &format!("json:{}", users.display()));
    let other = Workplace::with(setup.data(&place.file("other")));
    let mut server = other.setup.clone().start();
    assert!(server.stop().success());
    other.run(&["restore", place.file("roster.backup").to_str().unwrap(), "--replace"]).must_exit(0);
    assert_eq!(signing_keys(&other)[0]["kid"], signing_keys(&place)[0]["kid"]);
    for (folder, name) in [("other", "keys.json"), ("elsewhere", "users.json")] {
        let replaced = fs::read_dir(place.file(folder)).unwrap().map(|entry| entry.unwrap().path());
        let mut replaced = replaced.filter(|path| path.to_string_lossy().contains("replaced-"));
        assert!(holds(&replaced.next().unwrap(), name), "{folder}");
    }
    server.restart();
    assert_eq!(status(&server, &ada), 401);
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
}

#[test]
fn the_password_of_the_first_administrator_of_the_old_store_goes_with_it() {
    let (place, _) = backed_up();
    place.write("data/first-admin-password", "of the store that is replaced");
    place.run(&["restore", "roster.backup", "--replace"]).must_exit(0);
    assert!(!place.file("data/first-admin-password").exists());
    assert!(replaced(&place).join("first-admin-password").exists());
}

#[test]
fn a_store_that_cannot_be_read_is_not_replaced() {
    let (place, _) = backed_up();
    fs::write(place.file("data/users.json"), "{\"format\": \"roster-users\", \"version\": 2").unwrap();
    let before = place.files("data");
    let refused = place.run(&["restore", "roster.backup", "--replace"]);
    refused.must_fail_saying(&["cannot be read", "roster doctor"]);
    let without_lock = |files: std::collections::BTreeMap<PathBuf, _>| {
        files.into_iter().filter(|(path, _)| !path.ends_with("roster.lock")).collect::<Vec<_>>()
    };
    assert_eq!(without_lock(place.files("data")), without_lock(before));
}

#[test]
fn who_was_disabled_since_stays_disabled_and_is_named() {
    let (place, ada) = backed_up();
    place.run(&["service-account", "create", "nightly", "--permission", "users:read"]).must_exit(0);
    let key = place.run(&["api-key", "create", "nightly", "reports"]).must_exit(0).stdout;
    place.run(&["backup", "enabled.backup"]).must_exit(0);
    place.run(&["service-account", "disable", "nightly"]).must_exit(0);
    place.run(&["user", "disable", "ada"]).must_exit(0);
    let said = place.run(&["restore", "enabled.backup", "--replace"]).must_exit(0).stdout;
    for word in ["1 users were disabled", &ada.id, "1 service accounts were disabled", "nightly"] {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    let server = serve(&place);
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 403);
    let key = key.split_whitespace().find(|word| word.starts_with("rk_")).unwrap_or(key.trim());
    assert_eq!(server.get("/users").bearer(key).send().status(), 401);
    place.run(&["service-account", "enable", "nightly"]).must_exit(0);
    assert_eq!(server.get("/users").bearer(key).send().status(), 200);
}

#[test]
fn a_list_of_moves_that_no_restore_writes_stops_every_command_and_moves_nothing() {
    let (place, _) = backed_up();
    place.write("kept", "of somebody else");
    let list = json!({
        "format": "roster-restore", "version": 1, "replaced": "replaced-1", "out": ["../kept"], "in": []
    });
    place.write("data/restore.json", &list.to_string());
    let commands: [&[&str]; 4] = [
        &["user", "list"],
        &["backup", "x.backup"],
        &["restore", "roster.backup", "--replace"],
        &["user", "disable", "ada"],
    ];
    for command in commands {
        place.run(command).must_fail_saying(&["restore.json", "remove it", "nothing was moved"]);
        assert_eq!(fs::read_to_string(place.file("kept")).unwrap(), "of somebody else");
        assert!(!place.file("data/replaced-1").exists());
    }
    let found = place.run(&["doctor"]).must_exit(3).stdout;
    assert!(found.contains("a restore never moves") && found.contains("remove it"), "{found}");
    fs::remove_file(place.file("data/restore.json")).unwrap();
    assert!(place.run(&["user", "list"]).must_exit(0).stdout.contains("ada"));
}

#[test]
fn a_store_of_a_newer_roster_stays_as_it_is() {
    let (place, _) = backed_up();
    let users = place.file("data/users.json");
    let newer = fs::read_to_string(&users).unwrap().replace("\"version\": 2,", "\"version\": 99,");
    fs::write(&users, newer).unwrap();
    fs::create_dir(place.file("data/restore.new")).unwrap();
    place.write("data/restore.new/kept", "of a newer restore");
    let before = place.files("data");
    let restore: &[&str] = &["restore", "roster.backup", "--replace"];
    let commands: [&[&str]; 4] =
        [&["user", "list"], &["user", "disable", "ada"], &["backup", "x.backup"], restore];
    for command in commands {
        place.run(command).must_fail_saying(&["format version 99"]);
        assert_eq!(place.files("data"), before, "{command:?}");
    }
    fs::remove_dir_all(place.file("data/restore.new")).unwrap();
    place.write("data/restore.json", r#"{"format": "roster-restore", "version": 9}"#);
    fs::write(&users, fs::read_to_string(&users).unwrap().replace("\"version\": 99,", "\"version\": 2,"))
        .unwrap();
    let before = place.files("data");
    place.run(restore).must_fail_saying(&["restore.json", "format version 9"]);
    assert_eq!(place.files("data"), before);
}
