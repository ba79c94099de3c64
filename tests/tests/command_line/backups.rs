//! `roster backup`, and `roster restore` into an empty data folder.

use crate::sandbox::Sandbox;
use roster_tests::{Engine, PASSWORD, Person, Server, Setup};
use std::fs;
use std::path::Path;

/// A sandbox in which Roster generates the signing keys.
pub(crate) fn sandbox() -> Sandbox {
    Sandbox::with(Setup::new().without("JWT_SECRET"))
}

pub(crate) fn serve(sandbox: &Sandbox) -> Server {
    sandbox.setup.clone().data(&sandbox.file("data")).start()
}

pub(crate) fn status(server: &Server, person: &Person) -> u16 {
    server.get("/users/me").by(person).send().status()
}

/// A sandbox with a store in which ada is logged in, and with a backup of it.
pub(crate) fn backed_up() -> (Sandbox, Person) {
    let sandbox = sandbox();
    let mut server = serve(&sandbox);
    let ada = server.register("ada");
    assert!(server.stop().success());
    sandbox.run(&["backup", "roster.backup"]).must_exit(0);
    (sandbox, ada)
}

fn copy(from: &Sandbox, to: &Sandbox) {
    fs::copy(from.file("roster.backup"), to.file("roster.backup")).unwrap();
}

#[test]
fn a_restored_backup_keeps_sessions_keys_and_the_audit_log() {
    let (old, ada) = backed_up();
    let log = old.run(&["audit"]).must_exit(0).stdout;
    let new = sandbox();
    copy(&old, &new);
    let output = new.run(&["restore", "roster.backup"]).must_exit(0).stdout;
    assert!(output.contains("restored 2 users, 0 service accounts, 1 session,"), "{output}");
    let server = serve(&new);
    assert_eq!(status(&server, &ada), 200, "the earlier access token");
    assert_eq!(status(&server, &server.refresh(&ada.refresh_token)), 200, "the earlier refresh token");
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200, "the earlier password");
    assert_eq!(old.run(&["keys", "list"]).stdout, new.run(&["keys", "list"]).stdout);
    let restored = new.run(&["audit"]).must_exit(0).stdout;
    assert!(restored.ends_with(&log), "{restored}");
    assert!(restored.contains("\"action\":\"restored\"") && restored.contains("\"os_user\""), "{restored}");
}

#[test]
fn a_backup_file_is_private_and_never_overwrites_another() {
    let (sandbox, _) = backed_up();
    assert_eq!(sandbox.mode("roster.backup"), 0o600);
    let before = fs::read(sandbox.file("roster.backup")).unwrap();
    sandbox.run(&["backup", "roster.backup"]).must_fail_with(&["already exists"]);
    sandbox.run(&["backup", "no/such/folder/file"]).must_fail_with(&["cannot write"]);
    assert_eq!(fs::read(sandbox.file("roster.backup")).unwrap(), before);
    let left: Vec<_> =
        fs::read_dir(sandbox.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".roster-")), "{left:?}");
}

#[test]
fn a_backup_does_not_change_the_store() {
    let (sandbox, _) = backed_up();
    let before = sandbox.files("data");
    sandbox.run(&["backup", "another.backup"]).must_exit(0);
    assert_eq!(sandbox.files("data"), before);
}

#[test]
fn a_backup_without_keys_restores_with_new_keys() {
    let (old, ada) = backed_up();
    old.run(&["backup", "without.backup", "--without-keys"]).must_exit(0);
    let output = old.run(&["restore", "--check", "without.backup"]).must_exit(0).stdout;
    assert!(output.contains("0 signing keys"), "{output}");
    let new = sandbox();
    fs::copy(old.file("without.backup"), new.file("roster.backup")).unwrap();
    new.run(&["restore", "roster.backup"]).must_exit(0);
    let server = serve(&new);
    assert_eq!(status(&server, &ada), 401, "the new store has a different signing key");
    assert_eq!(status(&server, &server.refresh(&ada.refresh_token)), 200);
}

#[test]
fn a_backup_can_be_piped_into_a_restore() {
    let (old, ada) = backed_up();
    let new = sandbox();
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
    assert_eq!(left, ["data", "roster.toml"], "the restore leaves no copy of the backup");
}

#[test]
fn a_backup_to_a_closed_pipe_fails() {
    let (sandbox, _) = backed_up();
    let mut backup = sandbox.setup.command(sandbox.path());
    let mut backup = backup.args(["backup", "-"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(backup.stdout.take());
    assert_eq!(backup.wait().unwrap().code(), Some(1));
}

#[test]
fn an_invalid_or_incomplete_backup_is_rejected_before_anything_changes() {
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
        let new = sandbox();
        fs::write(new.file("x.backup"), bytes).unwrap();
        new.run(&["restore", "x.backup"]).must_fail_with(&[word, "nothing was changed"]);
        new.run(&["restore", "--check", "x.backup"]).must_fail_with(&[word]);
        assert!(!new.file("data").exists());
        let before = old.files("data");
        fs::write(old.file("x.backup"), bytes).unwrap();
        old.run(&["restore", "x.backup", "--replace"]).must_fail_with(&[word]);
        assert_eq!(old.files("data"), before);
    }
}

#[test]
fn a_restore_without_the_server_that_has_the_store_is_rejected_and_says_how_to_stop_it() {
    Engine::Json.only();
    let (sandbox, ada) = backed_up();
    let server = serve(&sandbox);
    let pid = fs::read_to_string(sandbox.file("data/roster.lock")).unwrap();
    let result = sandbox.run(&["restore", "roster.backup", "--replace", "--offline"]);
    let names_stop_command =
        result.stderr.contains(&format!("kill {}", pid.trim())) || result.stderr.contains("systemctl stop");
    assert!(names_stop_command, "{result:?}");
    result.must_fail_with(&["in use by a running server or command", "nothing was changed"]);
    assert_eq!(status(&server, &ada), 200);
}

#[test]
fn a_restore_over_an_existing_store_requires_replace() {
    let (sandbox, _) = backed_up();
    let before = sandbox.files("data");
    sandbox.run(&["restore", "roster.backup"]).must_fail_with(&[
        "--replace",
        "nothing was changed",
        "there is a store",
    ]);
    assert_eq!(sandbox.files("data"), before);
}

#[test]
fn a_backup_without_a_store_fails() {
    let sandbox = sandbox();
    sandbox.run(&["backup", "x.backup"]).must_fail_with(&["there is no store"]);
    assert!(!sandbox.file("x.backup").exists());
}

#[test]
fn backups_of_all_earlier_versions_can_be_restored() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/backups");
    let backups = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let backups: Vec<_> =
        backups.filter(|path| path.extension().is_some_and(|end| end == "backup")).collect();
    assert!(!backups.is_empty());
    for backup in backups {
        let sandbox = sandbox();
        sandbox.run(&["restore", backup.to_str().unwrap()]).must_exit(0);
        let people = sandbox.run(&["user", "list"]).must_exit(0).stdout;
        for name in ["ada", "ben", "cleo", "dana", "eve", "finn"] {
            assert!(people.contains(name), "{backup:?}: {people}");
        }
        let server = serve(&sandbox);
        assert_eq!(status(&server, &server.log_in("ben", "a password of a fixture")), 200, "{backup:?}");
    }
}

/// Whether a folder or a subfolder contains a file with this name.
pub(crate) fn contains_file(folder: &Path, name: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.file_name().is_some_and(|found| found == name) || path.is_dir() && contains_file(&path, name)
    })
}
