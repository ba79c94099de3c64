//! Secrets and the credentials in URLs are never shown.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use roster_config::{ConfigFile, Settings, Sources};
use tempfile::TempDir;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn environment<const N: usize>(variables: [(&str, &str); N]) -> Sources {
    Sources::none().with_environment(variables)
}

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn errors(sources: Sources) -> Vec<String> {
    Settings::load(sources).unwrap_err().errors().iter().map(ToString::to_string).collect()
}

fn shown(settings: &Settings, key: &str) -> (String, String) {
    let row = settings.show().iter().find(|row| row.key == key).unwrap();
    (row.value.clone(), row.origin.to_string())
}

#[test]
fn a_short_secret_is_rejected_and_not_repeated() {
    let message = errors(environment([("JWT_SECRET", "hunter2")]));
    assert_eq!(message.len(), 1);
    assert!(message[0].contains("openssl rand -base64 48") && !message[0].contains("hunter2"), "{message:?}");
}

#[test]
fn a_secret_is_read_from_a_file_without_its_last_newline() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "secret", &format!("{SECRET}\n\n"));
    let settings = Settings::load(environment([("JWT_SECRET_FILE", path.to_str().unwrap())])).unwrap();
    assert_eq!(settings.auth.jwt_secret.as_ref().unwrap().expose(), format!("{SECRET}\n"));
    let row = shown(&settings, "auth.jwt_secret");
    assert_eq!(row, ("\"********\"".into(), "environment variable JWT_SECRET_FILE".into()));
    assert!(!format!("{settings:?}").contains(SECRET));
}

#[test]
fn the_url_of_the_database_is_read_from_a_file_and_shown_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "url", "postgres://roster:hunter2@db.internal/roster\n");
    for name in ["DATABASE_URL_FILE", "ROSTER__STORAGE__URL_FILE"] {
        let settings = Settings::load(environment([(name, path.to_str().unwrap())])).unwrap();
        let (value, origin) = shown(&settings, "storage.url");
        assert!(value.contains("db.internal") && !value.contains("hunter2"), "{value}");
        assert_eq!(origin, format!("environment variable {name}"));
    }
}

#[test]
fn a_byte_order_mark_is_not_part_of_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "secret", &format!("\u{feff}{SECRET}\r\n"));
    let settings = Settings::load(environment([("JWT_SECRET_FILE", path.to_str().unwrap())])).unwrap();
    assert_eq!(settings.auth.jwt_secret.as_ref().unwrap().expose(), SECRET);
}

#[test]
fn a_missing_secret_file_is_reported_with_its_path_and_variable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    let message = errors(environment([("ROSTER_ADMIN_PASSWORD_FILE", path.to_str().unwrap())]));
    let place = "environment variable ROSTER_ADMIN_PASSWORD_FILE";
    assert!(message[0].starts_with(&format!("cannot read {} ({place}): ", path.display())), "{message:?}");
}

#[test]
fn a_secret_in_place_of_its_path_is_not_repeated() {
    for secret in ["hunter2-hunter2", "/hunter2+hunter2", "/hunter2/hunter2", "hun/ter2"] {
        let message = errors(environment([("JWT_SECRET_FILE", secret)]));
        assert!(message[0].contains("JWT_SECRET_FILE") && !message[0].contains("ter2"), "{message:?}");
    }
    let key = "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIhunter2";
    for key in [key, "{\"kty\":\"oct\",\"k\":\"hunter2\"}"] {
        let message = errors(environment([("ROSTER__AUTH__KEY_FILES", key)]));
        assert!(message[0].contains("not the key itself") && !message[0].contains("hunter2"), "{message:?}");
    }
}

#[test]
fn a_rejected_setting_that_may_contain_credentials_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://roster:hunter2@db.example.org/roster?password=hunter2";
    let config = file(&folder, "roster.toml", &format!("storage.url = '{url}'\n"));
    for sources in
        [environment([("DATABASE_URL", url)]), Sources::none().with_config_file(ConfigFile::Required(config))]
    {
        let message = errors(sources);
        assert!(message[0].starts_with("storage.url (") && !message[0].contains("hunter2"), "{message:?}");
    }
}

#[test]
fn a_rejected_url_is_repeated_without_its_credentials() {
    for name in ["ROSTER__SERVER__PUBLIC_URL", "ROSTER__CORS__ALLOWED_ORIGINS"] {
        let message = errors(environment([(name, "https://ada:hunter2@id.example.org")]));
        assert!(message[0].contains("\"https://id.example.org\""), "{message:?}");
        assert!(!message[0].contains("ada") && !message[0].contains("hunter2"), "{message:?}");
    }
}

#[test]
fn a_url_is_shown_and_warned_about_without_its_credentials() {
    let issuer = ("ROSTER__AUTH__ISSUER", "https://ada:hunter2@id.example.org");
    let settings =
        Settings::load(environment([issuer, ("ROSTER__SERVER__PUBLIC_URL", "https://id.example.org")]))
            .unwrap();
    assert_eq!(shown(&settings, "auth.issuer").0, "\"https://id.example.org\"");
    let warned = settings.token_warnings().join("\n");
    assert!(warned.contains("auth.issuer has a username or a password"), "{warned}");
    assert!(!warned.contains("hunter2"), "{warned}");
}

#[test]
fn a_broken_dotenv_line_is_reported_without_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, ".env", "ROSTER__SERVER__PORT=1\nJWT_SECRET=hunter 2\n");
    let message = errors(Sources::none().with_dotenv(&path));
    assert_eq!(message.len(), 1, "{message:?}");
    assert!(message[0].starts_with(&format!("{} line 2: ", path.display())), "{message:?}");
    assert!(!message[0].contains("hunter"), "{message:?}");
}

#[test]
fn credentials_without_a_scheme_are_not_printed() {
    for name in ["ROSTER__SERVER__HOST", "ROSTER__SERVER__TRUSTED_PROXIES", "ROSTER__CORS__ALLOWED_ORIGINS"] {
        let message = errors(environment([(name, "bob:hunter2@db.example.org")]));
        assert!(message[0].contains("\"db.example.org\"") && !message[0].contains("hunter2"), "{message:?}");
    }
}

#[test]
fn a_storage_url_that_follows_a_data_url_is_shown_without_credentials() {
    let dir = ("ROSTER__DATA__DIR", "postgres://bob:hunter2@db.example.org");
    let settings = Settings::load(environment([dir])).unwrap();
    let shown = format!("{:?}", settings.show());
    assert!(shown.contains("json:postgres://db.example.org/users.json"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
