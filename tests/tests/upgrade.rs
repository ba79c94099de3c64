//! Data folders of older versions, left by a killed server. An upgrade keeps their contents and their old files.
//! `fixtures/stores/make.sh` created each folder with the version in its name.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Engine, Server, Setup};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A copy of an older version's folder, which a server can change.
struct OlderStore {
    /// The expected contents.
    expected: Value,
    copy: TempDir,
}

impl OlderStore {
    /// All stores in the fixtures.
    fn all() -> Vec<Self> {
        let stores = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores");
        let folders = fs::read_dir(stores).unwrap().map(|entry| entry.unwrap().path());
        let stores: Vec<_> = folders.filter(|path| path.is_dir()).map(|path| Self::copied(&path)).collect();
        assert!(!stores.is_empty());
        stores
    }

    fn copied(folder: &Path) -> Self {
        let expected = serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
        let copy = tempfile::tempdir().unwrap();
        copy_private(&folder.join("data"), &copy.path().join("data"));
        Self { expected, copy }
    }

    fn data(&self) -> PathBuf {
        self.copy.path().join("data")
    }

    fn setup(&self) -> Setup {
        Setup::new()
            .engine(Engine::Json)
            .without("JWT_SECRET")
            .without("ROSTER_ADMIN_PASSWORD")
            .data(&self.data())
    }

    fn names(&self, of: &str) -> Vec<String> {
        serde_json::from_value(self.expected[of].clone()).unwrap()
    }

    fn text(&self, of: &str) -> &str {
        self.expected[of].as_str().unwrap()
    }
}

/// Copies a folder and sets the permissions of a store, because git does not keep them.
fn copy_private(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    fs::set_permissions(to, Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let copy = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_private(&entry.path(), &copy);
        } else {
            fs::copy(entry.path(), &copy).unwrap();
            fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// The files in a folder, by name, without subfolders.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let named =
        |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
    files.map(named).collect()
}

fn log_in(server: &Server, name: &str, password: &str) -> roster_tests::Response {
    server.post("/auth/login").json(json!({ "login": name, "password": password })).send()
}

#[test]
fn users_of_an_older_store_keep_their_passwords_and_status() {
    for store in OlderStore::all() {
        let server = store.setup().start();
        let password = store.text("password");
        for name in store.names("log_in") {
            log_in(&server, &name, password).must_be(200);
        }
        for name in store.names("pending").iter().chain(&store.names("disabled")) {
            let response = log_in(&server, name, password);
            assert!([401, 403].contains(&response.status()), "{name}: {}", response.summary());
        }
        let users = server.get("/users").bearer(store.text("api_key")).send();
        let users = users.must_be(200).json()["data"].clone();
        let shown = |name: &str, field: &str| {
            let user = users.as_array().unwrap().iter().find(|user| user["username"] == name).unwrap();
            user[field].clone()
        };
        for (name, display_name) in store.expected["display_names"].as_object().unwrap() {
            assert_eq!(shown(name, "display_name"), *display_name);
        }
        for status in ["pending", "disabled"] {
            store.names(status).iter().for_each(|name| assert_eq!(shown(name, "status"), status, "{name}"));
        }
        assert_eq!(shown("ada", "status"), "active");
    }
}

#[test]
fn the_files_of_an_older_store_are_kept_after_the_upgrade() {
    for store in OlderStore::all() {
        let before = files(&store.data());
        let mut server = store.setup().start();
        server.stop();
        let after = files(&store.data());
        let replaced = before.iter().filter(|(name, _)| *name != "audit.ndjson");
        for (name, content) in replaced {
            assert_eq!(after.get(&format!("{name}.v1")), Some(content), "{name}");
        }
        let log = String::from_utf8(after["audit.ndjson"].clone()).unwrap();
        assert!(log.as_bytes().starts_with(&before["audit.ndjson"]), "{log}");
        let users: Value = serde_json::from_slice(&after["users.json"]).unwrap();
        assert_eq!(users["version"], 2);
        let unknown = json!({ "pending": { "reasons": ["unknown"] } });
        let pending = users["users"].as_array().unwrap().iter().filter(|user| user["status"] == unknown);
        assert_eq!(pending.count(), store.names("pending").len());
        server.restart();
        server.stop();
        let kept =
            |files: &BTreeMap<String, Vec<u8>>| files.keys().filter(|name| name.contains(".v")).count();
        assert_eq!(kept(&files(&store.data())), kept(&after), "an upgraded store is not upgraded again");
    }
}
