//! `roster backup` and `roster restore` into an empty place.

use crate::workplace::Workplace;
use roster_tests::{PASSWORD, Person, Server, Setup};
use std::fs;
use std::path::Path;

/// A place whose keys Roster makes.
pub(crate) fn place() -> Workplace {
    Workplace::with(Setup::new().without("JWT_SECRET"))
}

pub(crate) fn serve(place: &Workplace) -> Server {
    place.setup.clone().data(&place.file("data")).start()
}

pub(crate) fn status(server: &Server, person: &Person) -> u16 {
    server.get("/users/me").by(person).send().status()
}

/// A place with a store in which Ada is logged in, and its backup.
pub(crate) fn backed_up() -> (Workplace, Person) {
    let place = place();
    let mut server = serve(&place);
    let ada = server.register("ada");
    assert!(server.stop().success());
    place.run(&["backup", "roster.backup"]).must_exit(0);
    (place, ada)
}

fn copy(from: &Workplace, to: &Workplace) {
    fs::copy(from.file("roster.backup"), to.file("roster.backup")).unwrap();
}

#[test]
fn a_backup_in_an_empty_place_keeps_sessions_keys_and_the_audit_log() {
    let (old, ada) = backed_up();
    let log = old.run(&["audit"]).must_exit(0).stdout;
    let new = place();
    copy(&old, &new);
    let said = new.run(&["restore", "roster.backup"]).must_exit(0).stdout;
    assert!(said.contains("restored 2 users, 0 service accounts, 1 sessions"), "{said}");
    let server = serve(&new);
    assert_eq!(status(&server, &ada), 200, "the access token of before");
    assert_eq!(status(&server, &server.refresh(&ada.refresh_token)), 200, "the refresh token of before");
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200, "the password of before");
    assert_eq!(old.run(&["keys", "list"]).stdout, new.run(&["keys", "list"]).stdout);
    let restored = new.run(&["audit"]).must_exit(0).stdout;
    assert!(restored.ends_with(&log), "{restored}");
    assert!(restored.contains("\"action\":\"restored\"") && restored.contains("\"os_user\""), "{restored}");
}

#[test]
fn a_backup_is_private_and_replaces_nothing() {
    let (place, _) = backed_up();
    assert_eq!(place.mode("roster.backup"), 0o600);
    let before = fs::read(place.file("roster.backup")).unwrap();
    place.run(&["backup", "roster.backup"]).must_fail_saying(&["already exists"]);
    place.run(&["backup", "no/such/folder/file"]).must_fail_saying(&["cannot write"]);
    assert_eq!(fs::read(place.file("roster.backup")).unwrap(), before);
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".roster-")), "{left:?}");
}

#[test]
fn a_backup_changes_nothing_in_the_store() {
    let (place, _) = backed_up();
    let before = place.files("data");
    place.run(&["backup", "another.backup"]).must_exit(0);
    assert_eq!(place.files("data"), before);
}

#[test]
fn a_backup_without_keys_has_none_and_the_place_makes_its_own() {
    let (old, ada) = backed_up();
    old.run(&["backup", "without.backup", "--without-keys"]).must_exit(0);
    let said = old.run(&["restore", "--check", "without.backup"]).must_exit(0).stdout;
    assert!(said.contains("0 signing keys"), "{said}");
    let new = place();
    fs::copy(old.file("without.backup"), new.file("roster.backup")).unwrap();
    new.run(&["restore", "roster.backup"]).must_exit(0);
    let server = serve(&new);
    assert_eq!(status(&server, &ada), 401, "another key signs here");
    assert_eq!(status(&server, &server.refresh(&ada.refresh_token)), 200);
}

#[test]
fn a_backup_goes_through_pipes() {
    let (old, ada) = backed_up();
    let new = place();
    let mut backup = old.setup.command(old.path());
    let mut backup = backup.args(["backup", "-"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut restore = new.setup.command(new.path());
    restore.args(["restore", "-"]).stdin(backup.stdout.take().unwrap());
    assert!(restore.output().unwrap().status.success());
    assert!(backup.wait().unwrap().success());
    assert_eq!(status(&serve(&new), &ada), 200);
    let mut left: Vec<_> =
        fs::read_dir(new.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["data", "roster.toml"], "no copy of the backup is left");
}

#[test]
fn a_backup_that_nobody_reads_to_its_end_is_a_failure() {
    let (place, _) = backed_up();
    let mut backup = place.setup.command(place.path());
    let mut backup = backup.args(["backup", "-"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(backup.stdout.take());
    assert_eq!(backup.wait().unwrap().code(), Some(1));
}

#[test]
fn what_is_no_whole_backup_is_refused_before_anything_is_touched() {
    let (old, _) = backed_up();
    let whole = fs::read(old.file("roster.backup")).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    let newer = [b"roster-backup 99\n", &whole[16..]].concat();
    for (bytes, word) in [
        (&whole[..whole.len() / 2], "damaged"),
        (&damaged, "damaged"),
        (&newer, "format version 99"),
        (b"{\"format\": \"roster-users\"}", "not a Roster backup"),
        (b"", "not a Roster backup"),
    ] {
        let new = place();
        fs::write(new.file("x.backup"), bytes).unwrap();
        new.run(&["restore", "x.backup"]).must_fail_saying(&[word, "nothing was changed"]);
        new.run(&["restore", "--check", "x.backup"]).must_fail_saying(&[word]);
        assert!(!new.file("data").exists());
        let before = old.files("data");
        fs::write(old.file("x.backup"), bytes).unwrap();
        old.run(&["restore", "x.backup", "--replace"]).must_fail_saying(&[word]);
        assert_eq!(old.files("data"), before);
    }
}

#[test]
fn a_restore_beside_a_running_server_is_refused_with_what_stops_it() {
    let (place, ada) = backed_up();
    let server = serve(&place);
    let pid = fs::read_to_string(place.file("data/roster.lock")).unwrap();
    for more in [&[][..], &["--replace"]] {
        let ran = place.run(&[&["restore", "roster.backup"], more].concat());
        let message =
            ran.stderr.contains(&format!("kill {}", pid.trim())) || ran.stderr.contains("systemctl stop");
        assert!(message, "{ran:?}");
        ran.must_fail_saying(&["in use by a running server or command", "nothing was changed"]);
    }
    assert_eq!(status(&server, &ada), 200);
}

#[test]
fn a_restore_where_a_store_is_needs_to_be_told_to_replace_it() {
    let (place, _) = backed_up();
    let before = place.files("data");
    place.run(&["restore", "roster.backup"]).must_fail_saying(&[
        "--replace",
        "nothing was changed",
        "there is a store",
    ]);
    assert_eq!(place.files("data"), before);
}

#[test]
fn a_backup_of_a_place_without_a_store_is_refused() {
    let place = place();
    place.run(&["backup", "x.backup"]).must_fail_saying(&["there is no store"]);
    assert!(!place.file("x.backup").exists());
}

#[test]
fn a_backup_of_every_version_so_far_is_restored() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/backups");
    let backups = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let backups: Vec<_> =
        backups.filter(|path| path.extension().is_some_and(|end| end == "backup")).collect();
    assert!(!backups.is_empty());
    for backup in backups {
        let place = place();
        place.run(&["restore", backup.to_str().unwrap()]).must_exit(0);
        let people = place.run(&["user", "list"]).must_exit(0).stdout;
        for name in ["ada", "ben", "cleo", "dana", "eve", "finn"] {
            assert!(people.contains(name), "{backup:?}: {people}");
        }
        let server = serve(&place);
        assert_eq!(status(&server, &server.log_in("ben", "a password of a fixture")), 200, "{backup:?}");
    }
}

/// Whether a folder holds a file of this name, at any depth.
pub(crate) fn holds(folder: &Path, name: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.file_name().is_some_and(|found| found == name) || path.is_dir() && holds(&path, name)
    })
}
