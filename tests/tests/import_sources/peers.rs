//! People whom the real packages made log in over HTTP with the password they have there, and then have a hash of Roster's.

use std::path::{Path, PathBuf};

use roster_tests::{Server, Setup};
use serde_json::Value;

use crate::command::{imported, imported_with};

/// What a package made, or a sample after its documentation.
pub(crate) struct Peer {
    name: &'static str,
    folder: PathBuf,
    description: Value,
    setup: Setup,
}

impl Peer {
    /// What the package of this system made.
    pub(crate) fn new(name: &'static str) -> Self {
        Self::read(name, folder(name), "people.json")
    }

    /// A sample after the documentation of this system.
    pub(crate) fn documented(name: &'static str) -> Self {
        Self::read(name, folder("documented"), &format!("{name}.people.json"))
    }

    fn read(name: &'static str, folder: PathBuf, people: &str) -> Self {
        let text = std::fs::read(folder.join(people)).unwrap();
        Self { name, folder, description: serde_json::from_slice(&text).unwrap(), setup: Setup::new() }
    }

    /// The same for a server with a setting.
    fn set(self, key: &str, value: &str) -> Self {
        Self { setup: self.setup.set(key, value), ..self }
    }

    /// A secret that the system mixes into its hashes.
    fn secret(&self, name: &str) -> String {
        self.description["secrets"][name].as_str().unwrap().to_owned()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join(self.description["file"].as_str().unwrap())
    }

    /// The people in the main table.
    fn people(&self) -> impl Iterator<Item = &Value> {
        let main = &self.description["table"];
        let people = self.description["people"].as_array().unwrap().iter();
        people.filter(move |person| person["table"].is_null() || person["table"] == *main)
    }

    /// A database of PostgreSQL with its people, and the URL.
    pub(crate) fn in_postgres(&self) -> Option<roster_test_postgres::Database> {
        let database = roster_test_postgres::database()?;
        let dump = std::fs::read_to_string(self.file()).unwrap();
        roster_test_postgres::Session::open(&database.url()).run(&dump);
        Some(database)
    }

    /// The page about other systems has a command with these options.
    pub(crate) fn is_on_the_page(&self, options: &[&str]) {
        Self::is_on_the_page_as(&[&["--from", self.name], options].concat());
    }

    /// The page about other systems has a command that ends with these options.
    pub(crate) fn is_on_the_page_as(options: &[&str]) {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/migrate.md");
        let page = std::fs::read_to_string(page).unwrap();
        let end = options.join(" ");
        let is_command = |line: &str| line.starts_with("roster import ") && line.ends_with(&end);
        assert!(page.lines().any(is_command), "docs/migrate.md has no command with {end}");
    }

    /// Everybody has the status that they had, logs in with their password if they have one, and then has a new hash.
    pub(crate) fn is_carried_over(&self, source: &str, options: &[&str]) -> (Server, Value) {
        let (mut server, report) =
            imported_with(&self.setup, &[&[source, "--from", self.name], options].concat());
        assert_eq!(report["refused"], 0, "{report}");
        assert_eq!(report["imported"], self.people().count(), "{report}");
        self.statuses_are_theirs(&report);
        for person in self.people() {
            let Some(password) = person["password"].as_str() else { continue };
            let reported = reported(&report, person);
            assert_eq!(reported["status"], person["status"], "{}: {reported}", self.name);
            let login = person["login"].as_str().or(person["email"].as_str()).unwrap();
            let response = server.try_log_in(login, password);
            let may = person["status"] == "active";
            assert_eq!(response.status() == 200, may, "{}: {login}: {}", self.name, response.summary());
            server.try_log_in(login, "Wrong-Horse-7").must_be_problem(401, "credentials_invalid");
        }
        assert!(server.stop().success());
        let stored = server.stored_users();
        for person in
            self.people().filter(|person| person["status"] == "active" && !person["password"].is_null())
        {
            let user = stored.iter().find(|user| user["email"] == person["email"]).unwrap();
            let hash = user["credential"]["password"].as_str().unwrap();
            assert!(hash.starts_with("$2b$04$"), "{}: not replaced: {user}", self.name);
        }
        (server, report)
    }

    /// As many people have each status as there. Who has no password may have a username that the system made up.
    fn statuses_are_theirs(&self, report: &Value) {
        let sorted = |mut statuses: Vec<String>| {
            statuses.sort();
            statuses
        };
        let imported = report["records"].as_array().unwrap().iter();
        let imported = sorted(imported.map(|record| record["status"].to_string()).collect());
        let there = sorted(self.people().map(|person| person["status"].to_string()).collect());
        assert_eq!(imported, there, "{}: {report}", self.name);
    }

    /// The same for a database of SQLite, of which a copy is read.
    pub(crate) fn is_carried_over_from_sqlite(&self, options: &[&str]) -> (Server, Value) {
        self.is_on_the_page(options);
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        std::fs::copy(self.file(), &copy).unwrap();
        self.is_carried_over(&format!("sqlite:{}", copy.display()), options)
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/peers").join(name)
}

/// The record of a person, by their login name or their made-up username.
fn reported<'a>(report: &'a Value, person: &Value) -> &'a Value {
    let email = person["email"].as_str().unwrap();
    let name = person["login"].as_str().unwrap_or_else(|| email.split('@').next().unwrap());
    let records = report["records"].as_array().unwrap();
    records.iter().find(|record| record["username"] == name).unwrap_or_else(|| panic!("no {name}: {report}"))
}

#[test]
fn people_of_better_auth_log_in_with_the_hashes_of_their_accounts() {
    let (server, _) = Peer::new("better-auth").is_carried_over_from_sqlite(&[]);
    let stored = server.stored_users();
    let ines = stored.iter().find(|user| user["username"] == "ines").unwrap();
    assert_eq!(ines["roles"], serde_json::json!(["admin"]));
    assert_eq!(ines["email_verified"], true);
}

#[test]
fn people_of_django_log_in_and_their_groups_become_roles_if_mapped() {
    let options = ["--map-role", "editors=moderator"];
    let (server, report) = Peer::new("django").is_carried_over_from_sqlite(&options);
    let stored = server.stored_users();
    let mara = stored.iter().find(|user| user["username"] == "mara").unwrap();
    assert_eq!(mara["roles"], serde_json::json!(["moderator"]));
    assert!(report.to_string().contains("is_superuser grants nothing here"), "{report}");
}

#[test]
fn people_of_pocketbase_log_in() {
    Peer::new("pocketbase").is_carried_over_from_sqlite(&[]);
}

#[test]
fn superusers_of_pocketbase_are_imported_from_their_own_table() {
    let source = format!("sqlite:{}", Peer::new("pocketbase").file().display());
    let (server, report) = imported(&[&source, "--from", "pocketbase", "--table", "_superusers"]);
    assert_eq!(report["imported"], 1, "{report}");
    assert_eq!(server.try_log_in("ines@example.com", "Keys-Of-The-House-7").status(), 200);
}

#[test]
fn people_of_payload_log_in_with_hashes_and_salts_in_two_columns() {
    let (server, _) = Peer::new("payload").is_carried_over_from_sqlite(&[]);
    let stored = server.stored_users();
    let ines = stored.iter().find(|user| user["username"] == "ines").unwrap();
    assert_eq!(ines["roles"], serde_json::json!(["admin", "editor"]));
}

#[test]
fn people_of_directus_log_in_and_have_their_roles() {
    let options = ["--map-role", "Editors=moderator"];
    let (server, _) = Peer::new("directus").is_carried_over_from_sqlite(&options);
    let stored = server.stored_users();
    let mara = stored.iter().find(|user| user["email"] == "mara@example.com").unwrap();
    assert_eq!(mara["roles"], serde_json::json!(["moderator"]));
}

#[test]
fn people_of_parse_server_log_in() {
    let peer = Peer::new("parse");
    let Some(database) = peer.in_postgres() else { return };
    peer.is_on_the_page(&[]);
    let (server, _) = peer.is_carried_over(&database.url(), &[]);
    let stored = server.stored_users();
    let ines = stored.iter().find(|user| user["username"] == "ines").unwrap();
    assert_eq!(ines["roles"], serde_json::json!(["administrators"]));
}

#[test]
fn people_of_firebase_log_in_from_its_file() {
    let peer = Peer::new("firebase");
    let parameters = folder("firebase").join("hash-config.txt");
    let options = ["--firebase-hash-config", parameters.to_str().unwrap()];
    peer.is_on_the_page(&["--firebase-hash-config", "hash-config.txt"]);
    peer.is_carried_over(peer.file().to_str().unwrap(), &options);
}

#[test]
fn people_of_firebase_log_in_from_its_table_without_a_header() {
    let parameters = folder("firebase").join("hash-config.txt");
    let options = ["--firebase-hash-config", parameters.to_str().unwrap()];
    let table = folder("firebase").join("users.csv");
    Peer::new("firebase").is_carried_over(table.to_str().unwrap(), &options);
}

#[test]
fn people_of_flask_security_log_in_with_the_salt_of_the_settings() {
    let peer = Peer::new("flask-security");
    let salt = peer.secret("SECURITY_PASSWORD_SALT");
    peer.set("migration.flask_security_salt", &salt).is_carried_over_from_sqlite(&[]);
}

#[test]
fn people_of_devise_log_in_with_the_pepper_of_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let (peer, file) = (Peer::new("devise"), folder.path().join("pepper"));
    let pepper = peer.secret("pepper");
    std::fs::write(&file, &pepper).unwrap();
    let source = format!("sqlite:{}", peer.file().display());
    peer.is_on_the_page(&["--pepper-file", "pepper.txt"]);
    let peer = peer.set("migration.devise_pepper", &pepper);
    peer.is_carried_over(&source, &["--pepper-file", file.to_str().unwrap()]);
}

#[test]
fn staff_of_ghost_logs_in_and_its_roles_are_kept() {
    let (server, _) = Peer::new("ghost").is_carried_over_from_sqlite(&[]);
    let stored = server.stored_users();
    let mara = stored.iter().find(|user| user["email"] == "mara@example.com").unwrap();
    assert_eq!(mara["roles"], serde_json::json!(["administrator"]));
}

#[test]
fn members_of_ghost_wait_for_a_password() {
    let peer = Peer::new("ghost");
    Peer::is_on_the_page_as(&["--from", "ghost", "--table", "members"]);
    let source = format!("sqlite:{}", peer.file().display());
    let (_, report) = imported(&[&source, "--from", "ghost", "--table", "members"]);
    let members = peer.description["people"].as_array().unwrap().iter();
    let members: Vec<_> = members.filter(|person| person["table"] == "members").collect();
    assert_eq!((members.len(), &report["imported"]), (2, &2.into()), "{report}");
    for member in members {
        assert_eq!(reported(&report, member)["status"], member["status"], "{report}");
    }
}

#[test]
fn people_of_strapi_log_in_and_its_administrators_have_a_table_of_their_own() {
    let peer = Peer::new("strapi");
    let (server, _) = peer.is_carried_over_from_sqlite(&[]);
    let stored = server.stored_users();
    let mara = stored.iter().find(|user| user["username"] == "mara").unwrap();
    assert_eq!(mara["roles"], serde_json::json!(["editors"]));
    let source = format!("sqlite:{}", peer.file().display());
    let (server, report) = imported(&[&source, "--from", "strapi", "--table", "admin_users"]);
    assert_eq!(report["imported"], 1, "{report}");
    assert_eq!(server.try_log_in("ines@example.com", "Keys-Of-The-House-7").status(), 200);
    // Not those of the people of the site with the same numbers.
    let stored = server.stored_users();
    let ines = stored.iter().find(|user| user["email"] == "ines@example.com").unwrap();
    assert_eq!(ines["roles"], serde_json::json!(["super-admin"]));
}

#[test]
fn people_of_laravel_log_in() {
    Peer::new("laravel").is_carried_over_from_sqlite(&[]);
}
