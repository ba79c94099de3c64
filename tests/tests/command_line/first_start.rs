//! The first start creates a signing key and an administrator.

use crate::sandbox::Sandbox;
use roster_tests::{ADMIN, ADMIN_PASSWORD, Engine, Setup, wait_for};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The default settings, except that hashing is fast.
fn default_setup() -> Setup {
    Setup::new().without("JWT_SECRET").without("ROSTER_ADMIN_USERNAME").without("ROSTER_ADMIN_PASSWORD")
}

#[test]
fn the_generated_first_password_is_only_in_a_private_file() {
    let mut server = default_setup().start();
    let file = server.data().join("first-admin-password");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    let password = text.trim_end();
    assert_eq!(server.log_in("roster-admin", password).username, "roster-admin");
    server.must_log("first-admin-password");
    fs::remove_file(&file).unwrap();
    server.restart();
    assert!(!server.stdout().contains(password) && !server.stderr().contains(password));
    assert!(!file.exists(), "the administrator is created only once");
}

#[test]
fn settings_define_the_first_administrator() {
    let setup =
        default_setup().env("ROSTER_ADMIN_USERNAME", ADMIN).env("ROSTER_ADMIN_EMAIL", "boss@example.org");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), format!("{ADMIN_PASSWORD}\n")).unwrap();
    let path = folder.path().join("secret");
    let server = setup.env("ROSTER_ADMIN_PASSWORD_FILE", path.to_str().unwrap()).start();
    assert_eq!(server.log_in("boss@example.org", ADMIN_PASSWORD).username, ADMIN);
    assert!(!server.data().join("first-admin-password").exists());
}

#[test]
fn a_configured_first_password_that_no_longer_matches_causes_a_warning() {
    const WARNING: &str = "is not this administrator's password";
    let mut server = Setup::new().start();
    let warned = |server: &roster_tests::Server| {
        let log = server.stderr();
        log.lines().filter(|line| line.contains(WARNING)).map(str::to_owned).collect::<Vec<_>>()
    };
    server.restart_with(|setup| setup.env("ROSTER_ADMIN_PASSWORD", "another that nobody guesses"));
    let warnings = wait_for("the warning", || Some(warned(&server)).filter(|warnings| !warnings.is_empty()));
    assert!(warnings[0].contains(ADMIN) && warnings[0].contains("set-password"), "{warnings:?}");
    assert!(!server.stderr().contains("another that nobody"));
    assert_eq!(server.log_in(ADMIN, ADMIN_PASSWORD).username, ADMIN, "the password has not changed");
    // The comparison runs in the same queue before this login, so it has finished when the login returns.
    server.restart_with(|setup| {
        setup.set("password.hash_threads", "1").env("ROSTER_ADMIN_PASSWORD", ADMIN_PASSWORD)
    });
    let _ = server.log_in(ADMIN, ADMIN_PASSWORD);
    server.restart_with(|setup| setup.env("ROSTER_ADMIN_USERNAME", "somebody-else"));
    let _ = server.log_in(ADMIN, ADMIN_PASSWORD);
    assert!(server.stop().success());
    assert_eq!(
        warned(&server).len(),
        warnings.len(),
        "only a wrong password of this administrator causes a warning"
    );
}

#[test]
fn one_setting_moves_everything_that_a_server_writes() {
    Engine::Json.only();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut server = default_setup().data(&elsewhere.path().join("roster")).start();
    assert!(server.stop().success());
    for name in ["users.json", "audit.ndjson", "keys", "first-admin-password"] {
        assert!(server.data().join(name).exists(), "{name}");
    }
    assert!(!server.folder().join("data").exists(), "the default data folder must not exist");
}

#[test]
fn no_administrator_is_created_if_an_active_one_exists() {
    let sandbox = Sandbox::with(default_setup());
    sandbox.create("ada", &["--role", "admin"]);
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    assert!(!server.data().join("first-admin-password").exists());
    assert_eq!(server.try_log_in("roster-admin", "anything at all").status(), 401);
}

#[test]
fn a_taken_administrator_name_does_not_prevent_the_start() {
    let sandbox = Sandbox::with(default_setup());
    sandbox.create("roster-admin", &[]);
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    assert_eq!(server.log_in("roster-admin", "nine purple kettles").username, "roster-admin");
    server.must_log("user set-roles");
}

#[test]
fn an_invalid_first_password_prevents_the_start() {
    let sandbox = Sandbox::with(Setup::new().env("ROSTER_ADMIN_PASSWORD", "short"));
    sandbox.run(&["serve"]).must_fail_with(&["admin", "password", "at least 8"]);
}

#[test]
fn an_invalid_first_username_or_email_prevents_the_start_before_any_write() {
    for (name, value, setting) in
        [("ROSTER_ADMIN_USERNAME", "a@b", "admin.username"), ("ROSTER_ADMIN_EMAIL", "nowhere", "admin.email")]
    {
        let sandbox = Sandbox::with(default_setup().env(name, value));
        sandbox.run(&["serve"]).must_fail_with(&[setting]);
        assert!(!sandbox.file("data").exists(), "{name}");
    }
}

#[test]
fn an_unreadable_import_file_prevents_the_start_before_any_write() {
    let sandbox = Sandbox::with(default_setup());
    fs::create_dir(sandbox.file("folder")).unwrap();
    for file in ["absent.json", "folder"] {
        sandbox.run(&["serve", "--import", file]).must_fail_with(&["cannot read", file]);
        assert!(!sandbox.file("data").exists(), "{file}");
    }
}

#[test]
fn the_signing_key_is_created_once_and_tokens_survive_a_restart() {
    Engine::Json.only();
    let mut server = default_setup().start();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = server.data().join("keys");
    let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let [key] =
        &files.filter(|path| path.extension().is_some_and(|kind| kind == "pem")).collect::<Vec<_>>()[..]
    else {
        panic!("there must be exactly one key")
    };
    assert_eq!((mode(key), mode(&folder), mode(&server.data())), (0o600, 0o700, 0o700));
    let before = fs::read(key).unwrap();
    let ada = server.register("ada");
    server.restart();
    server.get("/users/me").by(&ada).send().must_be(200);
    assert_eq!(fs::read(key).unwrap(), before);
}

#[test]
fn a_damaged_or_world_readable_key_file_prevents_the_start() {
    let sandbox = Sandbox::with(default_setup());
    sandbox.create("ada", &["--role", "admin"]);
    sandbox.write("data/signing-key.pem", "-----BEGIN NONSENSE-----\n");
    let key = sandbox.file("data/signing-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    sandbox.run(&["serve"]).must_fail_with(&["signing-key.pem", "damaged", "backup"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    sandbox.run(&["serve"]).must_fail_with(&["signing-key.pem", "chmod 600"]);
    // Other commands need no signing key.
    sandbox.run(&["user", "list"]).must_exit(0);
}
