//! How sources become settings: precedence, errors and what is shown.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use roster_config::{ConfigFile, RegistrationMode, Settings, Sources};
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

fn toml(text: &str) -> (TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "roster.toml", text);
    (folder, Sources::none().with_config_file(ConfigFile::Required(path)))
}

fn errors(sources: Sources) -> Vec<String> {
    Settings::load(sources).unwrap_err().errors().iter().map(ToString::to_string).collect()
}

fn shown(settings: &Settings, key: &str) -> (String, String) {
    let row = settings.show().iter().find(|row| row.key == key).unwrap();
    (row.value.clone(), row.origin.to_string())
}

fn users_file(settings: &Settings) -> &str {
    let path = settings.storage.url.path();
    path.unwrap().to_str().unwrap()
}

#[test]
fn the_defaults_are_valid() {
    let settings = Settings::load(Sources::none()).unwrap();
    assert_eq!((settings.server.host.as_str(), settings.server.port), ("127.0.0.1", 8000));
    assert_eq!(settings.server.workers, None);
    assert_eq!(users_file(&settings), "data/users.json");
    assert_eq!(settings.auth.access_token_ttl, Duration::from_mins(15));
    assert!(settings.auth.jwt_secret.is_none() && settings.admin.password.is_none());
    assert_eq!(settings.registration.mode, RegistrationMode::Open);
    assert!(settings.warnings().is_empty());
}

#[test]
fn every_key_of_the_defaults_is_read_by_a_section() {
    let unfit = "\u{1}".repeat(5000);
    for row in Settings::load(Sources::none()).unwrap().show() {
        let name = format!("ROSTER__{}", row.key.to_uppercase().replace('.', "__"));
        let message = errors(environment([(&name, &unfit)]));
        assert!(message.len() == 1 && message[0].starts_with(&row.key), "{name}");
    }
}

#[test]
fn each_layer_wins_over_the_one_below() {
    let folder = tempfile::tempdir().unwrap();
    let config = file(&folder, "roster.toml", "server.port = 1\nserver.host = '::1'\nlog.level = 'warn'\n");
    let dotenv = file(&folder, ".env", "ROSTER__SERVER__PORT=2\nRUST_LOG=debug # noisy\nUNRELATED=1\n");
    let sources = environment([("ROSTER__SERVER__PORT", "3"), ("PATH", "/bin")])
        .with_config_file(ConfigFile::FirstPresent(vec![config.clone()]))
        .with_dotenv(&dotenv);
    let settings = Settings::load(sources).unwrap();
    let from = |key| shown(&settings, key);
    assert_eq!(from("server.port"), ("3".into(), "environment variable ROSTER__SERVER__PORT".into()));
    assert_eq!(from("log.level"), ("\"debug\"".into(), format!("RUST_LOG in {}", dotenv.display())));
    assert_eq!(from("server.host"), ("\"::1\"".into(), format!("{} line 2", config.display())));
    assert_eq!(from("data.dir"), ("\"data/\"".into(), "default".into()));
}

#[test]
fn optional_files_may_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources::none()
        .with_config_file(ConfigFile::FirstPresent(vec![folder.path().join("roster.toml")]))
        .with_dotenv(folder.path().join(".env"));
    assert!(Settings::load(sources).is_ok());
}

#[test]
fn the_page_cache_of_sqlite_is_bounded() {
    let load = |bytes: &str| Settings::load(environment([("ROSTER__STORAGE__SQLITE_CACHE_BYTES", bytes)]));
    assert_eq!(Settings::load(Sources::none()).unwrap().storage.sqlite_cache_bytes, 64 << 20);
    assert_eq!(load("1073741824").unwrap().storage.sqlite_cache_bytes, 1 << 30);
    for odd in ["0", "-1", "4194303", "68719476737", "512MB", "1e9"] {
        assert!(load(odd).is_err(), "{odd}");
    }
}

#[test]
fn a_missing_required_file_is_an_error() {
    let sources = Sources::none().with_config_file(ConfigFile::Required("/nowhere/roster.toml".into()));
    assert!(errors(sources)[0].starts_with("cannot read /nowhere/roster.toml: "));
}

#[test]
fn the_full_name_of_a_variable_wins_over_its_alias() {
    let sources =
        environment([("ROSTER__STORAGE__URL", "json:full.json"), ("DATABASE_URL", "json:alias.json")]);
    assert_eq!(users_file(&Settings::load(sources).unwrap()), "full.json");
}

#[test]
fn the_storage_url_follows_the_data_folder_and_shows_it() {
    for (dir, file) in [("/srv/roster", "/srv/roster/users.json"), ("here/", "here/users.json")] {
        let settings = Settings::load(environment([("ROSTER__DATA__DIR", dir)])).unwrap();
        assert_eq!(users_file(&settings), file);
        let row = shown(&settings, "storage.url");
        assert_eq!(row, (format!("\"json:{file}\""), "default, follows data.dir".into()));
        assert!(!settings.is_set("storage.url"));
    }
}

#[test]
fn an_explicit_storage_url_is_independent_of_the_data_folder() {
    let (_folder, sources) = toml("storage.url = 'json:/srv/users.json'\n");
    let settings = Settings::load(sources).unwrap();
    assert_eq!((users_file(&settings), &*settings.data.dir), ("/srv/users.json", Path::new("data/")));
    let (_folder, sources) = toml("storage.url = 'json:/srv/users.json'\ndata.dir = '/var/keys'\n");
    assert_eq!(users_file(&Settings::load(sources).unwrap()), "/srv/users.json");
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let settings = Settings::load(environment([("JWT_SECRET", ""), ("ROSTER__SERVER__PORT", "")])).unwrap();
    assert_eq!(settings.server.port, 8000);
}

#[test]
fn an_empty_audience_is_none() {
    let settings = Settings::load(environment([("ROSTER__AUTH__AUDIENCE", "")])).unwrap();
    assert_eq!(settings.auth.audience, None);
    assert_eq!(Settings::load(Sources::none()).unwrap().auth.audience.as_deref(), Some("roster"));
}

#[test]
fn indistinguishable_tokens_of_a_shared_secret_are_rejected() {
    let all = [("ROSTER__AUTH__AUDIENCE", ""), ("ROSTER__AUTH__TOKEN_TYPE", "JWT"), ("JWT_SECRET", SECRET)];
    let message = errors(environment(all));
    assert!(message.len() == 1 && message[0].contains("set auth.issuer"), "{message:?}");
    let own = ("ROSTER__AUTH__ISSUER", "https://id.example.org");
    assert!(Settings::load(environment([all[0], all[1], all[2], own])).is_ok());
    for left in 0..3 {
        assert!(Settings::load(environment([all[left], all[(left + 1) % 3]])).is_ok(), "without {left}");
    }
    let default = Settings::load(Sources::none()).unwrap().auth.issuer;
    for explicit in [default.clone(), default.to_uppercase(), format!(" {default} ")] {
        let explicit = ("ROSTER__AUTH__ISSUER", explicit.as_str());
        assert!(Settings::load(environment([all[0], all[1], all[2], explicit])).is_err(), "{explicit:?}");
    }
}

#[test]
fn all_errors_are_reported_at_once_with_their_locations() {
    let (_folder, sources) = toml("[server]\nport = 70000\nprot = 1\n\n[password]\nbcrypt_cost = 3\n");
    let message = errors(sources.with_environment([("ROSTER__AUTH__LEEWAY", "soon")]));
    assert_eq!(message.len(), 4, "{message:?}");
    assert!(
        message[0].contains("unknown setting server.prot") && message[0].contains("line 3"),
        "{message:?}"
    );
    assert!(message[0].ends_with("did you mean server.port?"), "{message:?}");
    assert!(message[1].starts_with("server.port = \"70000\" ("), "{message:?}");
    assert!(message[1].ends_with("line 2): must be a whole number from 0 to 65535"), "{message:?}");
    assert!(
        message[2].starts_with("auth.leeway = \"soon\" (environment variable ROSTER__AUTH__LEEWAY)"),
        "{message:?}"
    );
    assert!(message[3].ends_with("must be a whole number from 4 to 16"), "{message:?}");
}

#[test]
fn contradicting_settings_are_rejected_with_both_names() {
    let (_folder, sources) =
        toml("session = { lifetime = '7d', idle_timeout = '14d' }\nlimits.longest_delay = '2m'\n");
    let message =
        errors(sources.with_environment([
            ("ROSTER__LIMITS__FIRST_DELAY", "121s"),
            ("ROSTER__LIMITS__FORGET_AFTER", "1m"),
        ]));
    assert_eq!(message.len(), 3, "{message:?}");
    assert!(message[0].starts_with("session.idle_timeout = \"14d\" ("), "{message:?}");
    assert!(message[0].contains(" is above session.lifetime = \"7d\" ("), "{message:?}");
    assert!(message[0].ends_with("roster.toml line 1): lower the first, or raise the second"), "{message:?}");
    assert!(message[2].starts_with("limits.first_delay = \"121s\" ("), "{message:?}");
    assert!(message[2].contains(" is above limits.longest_delay = \"2m\" ("), "{message:?}");
    assert!(
        message[1].contains("limits.longest_delay") && message[1].contains("limits.forget_after = \"1m\""),
        "{message:?}"
    );
}

#[test]
fn a_default_is_lowered_to_a_value_that_was_set() {
    let set = [("ROSTER__SESSION__LIFETIME", "1h"), ("ROSTER__LIMITS__FORGET_AFTER", "1m")];
    let settings = Settings::load(environment(set)).unwrap();
    assert_eq!(settings.session.idle_timeout, Duration::from_hours(1));
    assert_eq!(settings.limits.longest_delay, Duration::from_mins(1));
    let shown = |key| settings.show().iter().find(|shown| shown.key == key).map(|shown| shown.value.clone());
    assert_eq!(shown("session.idle_timeout"), shown("session.lifetime"));
}

#[test]
fn equal_bounds_are_valid_and_an_invalid_bound_is_reported_alone() {
    let equal = [("ROSTER__SESSION__LIFETIME", "14d"), ("ROSTER__LIMITS__FIRST_DELAY", "300s")];
    assert!(Settings::load(environment(equal)).is_ok());
    let message = errors(environment([("ROSTER__SESSION__LIFETIME", "soon")]));
    assert!(message.len() == 1 && message[0].contains("must be a duration"), "{message:?}");
}

#[test]
fn an_unknown_variable_is_reported_with_the_nearest_one() {
    let message = errors(environment([("ROSTER__SERVER__PROT", "1")]));
    let wanted = "unknown setting ROSTER__SERVER__PROT (environment variable ROSTER__SERVER__PROT); \
                  did you mean ROSTER__SERVER__PORT?";
    assert_eq!(message, [wanted]);
}

#[test]
fn a_secret_by_value_and_by_file_is_ambiguous() {
    let message = errors(environment([("JWT_SECRET_FILE", "/dev/null"), ("JWT_SECRET", SECRET)]));
    assert_eq!(message, ["JWT_SECRET and JWT_SECRET_FILE are both set (environment): keep one"]);
}

#[test]
fn only_secrets_can_be_read_from_files() {
    assert!(errors(environment([("ROSTER__SERVER__PORT_FILE", "/dev/null")]))[0].contains("unknown setting"));
}

#[test]
fn a_list_is_a_toml_list_or_text_with_commas() {
    let (_folder, sources) = toml("server.trusted_proxies = ['10.0.0.0/8', '::1']\n");
    assert_eq!(Settings::load(sources).unwrap().server.trusted_proxies.len(), 2);
    let (_folder, sources) = toml("server.trusted_proxies = ['10.0.0.0/8']\n");
    let none = sources.with_environment([("ROSTER__SERVER__TRUSTED_PROXIES", "[]")]);
    assert_eq!(Settings::load(none).unwrap().server.trusted_proxies, []);
    let message = errors(environment([("ROSTER__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, proxy")]));
    assert_eq!(message.len(), 1);
    assert!(message[0].starts_with("server.trusted_proxies = \"proxy\" ("), "{message:?}");
}

#[test]
fn a_value_of_the_wrong_type_is_rejected() {
    let (_folder, sources) = toml("server = 3\nlog.level = ['info']\ncors.allowed_origins = [['*']]\n");
    let message = errors(sources).join("\n");
    assert!(message.contains("unknown setting server ("), "{message}");
    assert!(message.contains("log.level = [\"info\"]") && message.contains("not a list"), "{message}");
    assert!(
        message.contains("cors.allowed_origins") && message.contains("a single value or a list"),
        "{message}"
    );
}

#[test]
fn a_toml_syntax_error_is_reported_with_its_line() {
    let (folder, sources) = toml("[server]\nport = = 1\n");
    let place = folder.path().join("roster.toml");
    assert!(errors(sources)[0].starts_with(&format!("{} line 2: ", place.display())));
}
