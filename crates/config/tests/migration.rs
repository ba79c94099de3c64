//! `[migration]`: whom to ask about passwords.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use roster_config::{Settings, Sources};

const URL: (&str, &str) = ("ROSTER__MIGRATION__VERIFY_URL", "https://old.example.com/verify");
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SECRET_KEY: &str = "ROSTER__MIGRATION__VERIFY_SECRET";

fn errors<const N: usize>(variables: [(&str, &str); N]) -> Vec<String> {
    let error = Settings::load(Sources::none().with_environment(variables)).unwrap_err();
    error.errors().iter().map(ToString::to_string).collect()
}

fn load<const N: usize>(variables: [(&str, &str); N]) -> Settings {
    Settings::load(Sources::none().with_environment(variables)).unwrap()
}

#[test]
fn the_url_needs_a_secret() {
    let message = errors([URL]);
    assert!(message.len() == 1 && message[0].starts_with("migration.verify_secret"), "{message:?}");
    assert!(message[0].contains("must be set if migration.verify_url is"), "{message:?}");
    let settings = load([URL, (SECRET_KEY, SECRET)]);
    assert_eq!(settings.migration.old_system.unwrap().verify_url, URL.1);
    assert!(load([(SECRET_KEY, SECRET)]).migration.old_system.is_none());
}

#[test]
fn the_secret_is_read_from_a_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, format!("{SECRET}\n")).unwrap();
    let settings = load([URL, ("ROSTER__MIGRATION__VERIFY_SECRET_FILE", path.to_str().unwrap())]);
    assert_eq!(settings.migration.old_system.as_ref().unwrap().verify_secret.expose(), SECRET);
    let shown = settings.show().iter().find(|row| row.key == "migration.verify_secret").unwrap();
    assert_eq!(shown.value, "\"********\"");
    assert!(!format!("{settings:?}").contains(SECRET));
    let message = errors([URL, (SECRET_KEY, "whsec_hunter2")]);
    assert!(message.len() == 1 && !message[0].contains("hunter2"), "{message:?}");
}

#[test]
fn peppers_are_secrets_that_a_restart_applies() {
    assert!(load([]).migration.devise_pepper.is_none());
    let before = load([
        ("ROSTER__MIGRATION__DEVISE_PEPPER", "hunter2"),
        ("ROSTER__MIGRATION__FLASK_SECURITY_SALT", "7"),
    ]);
    assert_eq!(before.migration.devise_pepper.as_ref().unwrap().expose(), "hunter2");
    let shown = before.show().iter().find(|row| row.key == "migration.devise_pepper").unwrap();
    assert_eq!(shown.value, "\"********\"");
    assert!(!format!("{before:?}").contains("hunter2"));
    let changes = before.changes_to(&load([
        ("ROSTER__MIGRATION__DEVISE_PEPPER", "hunter3"),
        ("ROSTER__MIGRATION__FLASK_SECURITY_SALT", "8"),
    ]));
    assert_eq!(changes.restart, ["migration.devise_pepper", "migration.flask_security_salt"]);
}

#[test]
fn credentials_in_the_url_are_rejected_and_not_repeated() {
    for url in
        ["https://ada:hunter2@old.example.com/", "http://10.0.0.1/hunter2", "ada:hunter2@old.example.com"]
    {
        let message = errors([("ROSTER__MIGRATION__VERIFY_URL", url), (SECRET_KEY, SECRET)]);
        assert!(message.len() == 1 && !message[0].contains("hunter2"), "{message:?}");
        assert!(message[0].contains("https://old.example.com/verify"), "{message:?}");
    }
}

#[test]
fn the_timeout_is_at_most_three_seconds() {
    assert_eq!(load([]).migration.timeout.as_secs(), 1);
    let message = errors([("ROSTER__MIGRATION__TIMEOUT", "4s")]);
    assert!(message[0].contains("from 100ms to 3s"), "{message:?}");
}

#[test]
fn a_changed_secret_needs_a_restart() {
    let before = load([URL, (SECRET_KEY, SECRET)]);
    let other = "whsec_dGhlIHNlY3JldCBvZiBhbm90aGVyIHN5c3RlbSE=";
    let changes = before.changes_to(&load([URL, (SECRET_KEY, other), ("ROSTER__MIGRATION__TIMEOUT", "2s")]));
    assert_eq!(changes.restart, ["migration.timeout", "migration.verify_secret"]);
    assert!(changes.live.is_empty());
}
