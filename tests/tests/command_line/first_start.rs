//! The first start: a signing key, and somebody who can log in.

use crate::workplace::Workplace;
use roster_tests::{ADMIN, ADMIN_PASSWORD, Setup, until};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A server that is told nothing but to be quick.
fn untold() -> Setup {
    Setup::new().without("JWT_SECRET").without("ROSTER_ADMIN_USERNAME").without("ROSTER_ADMIN_PASSWORD")
}

#[test]
fn without_a_terminal_the_first_password_is_in_a_private_file_and_nowhere_else() {
    let mut server = untold().start();
    let file = server.data().join("first-admin-password");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    let password = text.trim_end();
    assert_eq!(server.log_in("roster-admin", password).username, "roster-admin");
    assert!(server.stderr().contains("first-admin-password"));
    fs::remove_file(&file).unwrap();
    server.restart();
    assert!(!server.stdout().contains(password) && !server.stderr().contains(password));
    assert!(!file.exists(), "an administrator is made once");
}

#[test]
fn the_settings_name_the_first_administrator() {
    let setup = untold().env("ROSTER_ADMIN_USERNAME", ADMIN).env("ROSTER_ADMIN_EMAIL", "boss@example.org");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), format!("{ADMIN_PASSWORD}\n")).unwrap();
    let path = folder.path().join("secret");
    let server = setup.env("ROSTER_ADMIN_PASSWORD_FILE", path.to_str().unwrap()).start();
    assert_eq!(server.log_in("boss@example.org", ADMIN_PASSWORD).username, ADMIN);
    assert!(!server.data().join("first-admin-password").exists());
}

#[test]
fn a_first_password_that_was_changed_later_is_warned_of() {
    const WARNING: &str = "is not this administrator's password";
    let mut server = Setup::new().start();
    let warned = |server: &roster_tests::Server| {
        let said = server.stderr();
        said.lines().filter(|line| line.contains(WARNING)).map(str::to_owned).collect::<Vec<_>>()
    };
    server.restart_with(|setup| setup.env("ROSTER_ADMIN_PASSWORD", "another that nobody guesses"));
    let message = until("the warning", || Some(warned(&server)).filter(|message| !message.is_empty()));
    assert!(message[0].contains(ADMIN) && message[0].contains("set-password"), "{message:?}");
    assert!(!server.stderr().contains("another that nobody"));
    assert_eq!(server.log_in(ADMIN, ADMIN_PASSWORD).username, ADMIN, "nothing was changed");
    // A login goes through the same queue: when it is answered, the comparison has been.
    server.restart_with(|setup| {
        setup.set("password.hash_threads", "1").env("ROSTER_ADMIN_PASSWORD", ADMIN_PASSWORD)
    });
    let _ = server.log_in(ADMIN, ADMIN_PASSWORD);
    server.restart_with(|setup| setup.env("ROSTER_ADMIN_USERNAME", "somebody-else"));
    let _ = server.log_in(ADMIN, ADMIN_PASSWORD);
    assert!(server.stop().success());
    assert_eq!(warned(&server).len(), message.len(), "the right password is not warned of, nor another's");
}

#[test]
fn one_setting_moves_everything_that_a_server_writes() {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut server = untold().data(&elsewhere.path().join("roster")).start();
    assert!(server.stop().success());
    for name in ["users.json", "audit.ndjson", "keys", "first-admin-password"] {
        assert!(server.data().join(name).exists(), "{name}");
    }
    assert!(!server.folder().join("data").exists(), "nothing is where the default would have it");
}

#[test]
fn with_an_active_administrator_none_is_made() {
    let place = Workplace::with(untold());
    place.create("ada", &["--role", "admin"]);
    let server = place.setup.clone().data(&place.file("data")).start();
    assert!(!server.data().join("first-admin-password").exists());
    assert_eq!(server.try_log_in("roster-admin", "anything at all").status(), 401);
}

#[test]
fn a_taken_name_does_not_keep_the_others_out() {
    let place = Workplace::with(untold());
    place.create("roster-admin", &[]);
    let server = place.setup.clone().data(&place.file("data")).start();
    assert_eq!(server.log_in("roster-admin", "nine purple kettles").username, "roster-admin");
    assert!(server.stderr().contains("user set-roles"), "{}", server.stderr());
}

#[test]
fn an_unfit_first_password_stops_the_start() {
    let place = Workplace::with(Setup::new().env("ROSTER_ADMIN_PASSWORD", "short"));
    place.run(&["serve"]).must_fail_saying(&["admin", "password", "at least 8"]);
}

#[test]
fn an_unfit_first_name_or_address_stops_the_start_before_anything_is_made() {
    for (name, value, setting) in
        [("ROSTER_ADMIN_USERNAME", "a@b", "admin.username"), ("ROSTER_ADMIN_EMAIL", "nowhere", "admin.email")]
    {
        let place = Workplace::with(untold().env(name, value));
        place.run(&["serve"]).must_fail_saying(&[setting]);
        assert!(!place.file("data").exists(), "{name}");
    }
}

#[test]
fn a_file_to_import_that_cannot_be_read_stops_the_start_before_anything_is_made() {
    let place = Workplace::with(untold());
    fs::create_dir(place.file("folder")).unwrap();
    for file in ["absent.json", "folder"] {
        place.run(&["serve", "--import", file]).must_fail_saying(&["cannot read", file]);
        assert!(!place.file("data").exists(), "{file}");
    }
}

#[test]
fn the_signing_key_is_made_once_and_tokens_outlive_a_restart() {
    let mut server = untold().start();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = server.data().join("keys");
    let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let [key] =
        &files.filter(|path| path.extension().is_some_and(|kind| kind == "pem")).collect::<Vec<_>>()[..]
    else {
        panic!("one key")
    };
    assert_eq!((mode(key), mode(&folder), mode(&server.data())), (0o600, 0o700, 0o700));
    let before = fs::read(key).unwrap();
    let ada = server.register("ada");
    server.restart();
    server.get("/users/me").by(&ada).send().must_be(200);
    assert_eq!(fs::read(key).unwrap(), before);
}

#[test]
fn a_key_file_that_is_damaged_or_open_to_others_stops_the_start() {
    let place = Workplace::with(untold());
    place.create("ada", &["--role", "admin"]);
    place.write("data/signing-key.pem", "-----BEGIN NONSENSE-----\n");
    let key = place.file("data/signing-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    place.run(&["serve"]).must_fail_saying(&["signing-key.pem", "damaged", "backup"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    place.run(&["serve"]).must_fail_saying(&["signing-key.pem", "chmod 600"]);
    // Other commands issue no tokens and need no key.
    place.run(&["user", "list"]).must_exit(0);
}
