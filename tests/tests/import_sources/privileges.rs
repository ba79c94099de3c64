//! Databases that hide something from the user who reads them.

use std::process;

use roster_test_postgres::{Session, database};
use serde_json::Value;

use crate::command::{error_of, import, imported, report};
use crate::files::HASH;
use crate::mariadb::{self, READER_PASSWORD};
use roster_tests::{Server, Setup};

/// A role that may only read what `grants` says, in which `ROLE` stands for its name. It ends with the value.
struct Reader {
    owner: Session,
    name: String,
    url: String,
}

impl Reader {
    fn new(database: &roster_test_postgres::Database, number: u32, grants: &str) -> Self {
        let name = format!("reader_{}_{number}", process::id());
        let owner = Session::open(&database.url());
        owner.run(&format!("CREATE ROLE {name} LOGIN; {}", grants.replace("ROLE", &name)));
        let url = database.url();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (_, place) = rest.split_once('@').unwrap();
        Self { owner, url: format!("{scheme}://{name}@{place}"), name }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.owner.run(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name));
    }
}

#[test]
fn a_column_that_may_not_be_read_is_named_in_the_report() {
    let Some(database) = database() else { return };
    Session::open(&database.url()).run(&format!(
        "CREATE TABLE users (id INT PRIMARY KEY, username TEXT, password_hash TEXT, salary INT, last_banned_at TEXT);
         INSERT INTO users VALUES (7, 'ada', '{HASH}', 1, NULL);"
    ));
    let grants = "GRANT SELECT (id, username, password_hash, last_banned_at) ON users TO ROLE;";
    let reader = Reader::new(&database, 1, grants);
    let (_, report) = imported(&[&reader.url, "--table", "users"]);
    assert_eq!(report["imported"], 1, "{report}");
    let note = report["source_notes"][0].as_str().unwrap();
    assert!(note.contains("may not read it: salary of users"), "{report}");
}

#[test]
fn nobody_is_imported_if_a_column_may_not_be_read_that_says_who_is_locked_out() {
    let Some(database) = database() else { return };
    Session::open(&database.url()).run(
        "CREATE TABLE users (id INT, username TEXT, banned_until TIMESTAMPTZ); INSERT INTO users VALUES (1, 'ada', NULL);
         CREATE TABLE user_entity (id TEXT, username TEXT, realm_id TEXT, service_account_client_link TEXT);
         CREATE TABLE hidden (id INT);",
    );
    let grants = "GRANT SELECT (id, username) ON users TO ROLE; GRANT SELECT (id, username, realm_id) ON user_entity TO ROLE;";
    let reader = Reader::new(&database, 2, grants);
    for (options, expected) in [
        (
            ["--table", "users"],
            "the column banned_until of users may not be read, and it says who is locked out",
        ),
        (
            ["--from", "keycloak"],
            "service_account_client_link of user_entity may not be read, and it says which rows",
        ),
        (["--table", "hidden"], "the user of the database may not read the table hidden"),
    ] {
        let error = error_of(&[&[&*reader.url], &options[..]].concat());
        assert!(error.contains(expected), "{error}");
    }
}

/// The report of an import from MariaDB by the user `partial`.
fn by_partial(url: &str, table: &str) -> (Server, std::process::Output) {
    let server = Setup::new().start();
    let url = url.replace("reader@", "partial@");
    let mut command = import(&server, &[&url, "--table", table, "--report", "json"]);
    let out = command.env("ROSTER_IMPORT_PASSWORD", READER_PASSWORD).output().unwrap();
    (server, out)
}

#[test]
fn a_table_of_mysql_with_hidden_columns_is_refused_and_a_view_of_it_is_read() {
    let statements = format!(
        "CREATE TABLE users (id INT PRIMARY KEY, username TEXT, banned BOOLEAN, salary INT);
         INSERT INTO users VALUES (7, 'ada', 0, 1);
         CREATE VIEW people AS SELECT id, username, banned FROM users;
         CREATE USER partial@'%' IDENTIFIED BY '{READER_PASSWORD}';
         GRANT SELECT (id, username), INSERT (salary) ON users TO partial@'%'; GRANT SELECT ON people TO partial@'%';"
    );
    let Some(url) = mariadb::database("hidden", &statements) else { return };
    let (_, refused) = by_partial(&url, "users");
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("may not read all columns of") && text.contains("create a view"), "{text}");
    let (_, out) = by_partial(&url, "people");
    let report: Value = report(&out);
    assert_eq!(report["imported"], 1, "{report}");
}
