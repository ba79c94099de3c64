//! Which files are read, who else can read them, and what a reload changes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use roster_config::{Changes, ConfigFile, Settings, Sources};
use tempfile::TempDir;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

fn first_of(paths: &[&Path]) -> Settings {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    Settings::load(Sources::none().with_config_file(ConfigFile::FirstPresent(paths))).unwrap()
}

#[test]
fn the_first_existing_file_is_read_and_named() {
    let folder = folder();
    let near = folder.path().join("roster.toml");
    let installed = file(&folder, "installed.toml", "server.port = 2\nlog.level = 'warn'\n", 0o644);
    let only = first_of(&[&near, &installed]);
    assert_eq!((only.server.port, only.file()), (2, Some(&*installed)));
    fs::write(&near, "server.port = 1\n").unwrap();
    let both = first_of(&[&near, &installed]);
    assert_eq!((both.server.port, both.file()), (1, Some(&*near)));
    assert_eq!(both.log.level, "info", "the second file is ignored");
}

#[test]
fn without_a_file_none_is_named() {
    assert_eq!(Settings::load(Sources::none()).unwrap().file(), None);
    assert_eq!(first_of(&[&folder().path().join("absent.toml")]).file(), None);
}

#[test]
fn the_environment_wins_over_an_installed_file() {
    let folder = folder();
    let installed = file(&folder, "installed.toml", "data.dir = '/elsewhere'\n", 0o644);
    let sources = Sources::none()
        .with_config_file(ConfigFile::FirstPresent(vec![installed]))
        .with_environment([("ROSTER__DATA__DIR", "/var/lib/roster")]);
    assert_eq!(Settings::load(sources).unwrap().data.dir, Path::new("/var/lib/roster"));
}

/// The warnings if `path` has this mode.
fn warnings(sources: impl Fn() -> Sources, path: &Path, mode: u32) -> Vec<String> {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    Settings::load(sources()).unwrap().warnings()
}

fn assert_warned_of(sources: impl Fn() -> Sources, path: &Path) {
    for mode in [0o600, 0o640] {
        assert_eq!(warnings(&sources, path, mode), [""; 0], "{mode:o}");
    }
    let message = warnings(&sources, path, 0o644);
    let remedy = format!("run: chmod 600 \"{}\"", path.display());
    assert!(message.len() == 1 && message[0].ends_with(&remedy), "{message:?}");
}

#[test]
fn a_world_readable_dotenv_file_causes_a_warning() {
    let folder = folder();
    let path = file(&folder, ".env", &format!("JWT_SECRET={SECRET}\n"), 0o600);
    assert_warned_of(|| Sources::none().with_dotenv(&path), &path);
}

#[test]
fn a_world_readable_secret_file_causes_a_warning() {
    let folder = folder();
    let path = file(&folder, "secret", SECRET, 0o600);
    assert_warned_of(|| Sources::none().with_environment([("JWT_SECRET_FILE", &path)]), &path);
}

#[test]
fn a_world_readable_settings_file_with_a_secret_causes_a_warning() {
    let folder = folder();
    let path = file(&folder, "roster.toml", &format!("auth.jwt_secret = '{SECRET}'\n"), 0o600);
    let sources = || Sources::none().with_config_file(ConfigFile::Required(path.clone()));
    assert_warned_of(sources, &path);
    fs::write(&path, "server.port = 1\nauth.jwt_secret = ''\n").unwrap();
    assert_eq!(warnings(sources, &path, 0o644), [""; 0], "without a secret, anyone may read it");
}

fn read(text: &str) -> Settings {
    let folder = folder();
    let path = file(&folder, "roster.toml", text, 0o600);
    Settings::load(Sources::none().with_config_file(ConfigFile::Required(path))).unwrap()
}

#[test]
fn live_changes_are_distinguished_from_those_that_need_a_restart() {
    let live = [
        "auth.key_files = ['a.pem']",
        "cors.allowed_origins = ['https://a.example']",
        "limits.enabled = false",
        "limits.failures_by_login = '9/1h'",
        "log.level = 'debug'",
        "server.trusted_proxies = ['10.0.0.0/8']",
    ];
    let restart = ["data.dir = 'x'", "log.format = 'pretty'", "server.port = 1"];
    let before = read("");
    let names = |lines: &[&str]| -> Vec<String> {
        lines.iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    let message = before.changes_to(&read(&[&live[..], &restart].concat().join("\n")));
    assert_eq!(message.live, names(&live));
    // The users follow the data folder.
    assert_eq!(message.restart, [names(&restart), vec!["storage.url".to_owned()]].concat());
    assert_eq!(
        before.changes_to(&read("server.port = 8000")),
        Changes::default(),
        "another origin alone is none"
    );
}

#[test]
fn a_changed_secret_needs_a_restart_and_is_not_shown() {
    let secret = |last: &str| read(&format!("auth.jwt_secret = '{SECRET}{last}'\n"));
    let message = secret("a").changes_to(&secret("b"));
    assert_eq!((message.restart, message.live), (vec!["auth.jwt_secret".to_owned()], vec![]));
    assert_eq!(secret("a").changes_to(&secret("a")), Changes::default());
}
