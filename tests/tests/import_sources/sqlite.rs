//! Databases of SQLite: what is read, and what cannot be read.

use std::fs;
use std::path::Path;

use roster_tests::Server;
use rusqlite::Connection;

use crate::command::{error_of, import, imported, report, row};
use crate::files::{HASH, PASSWORD, database, source};

fn people(rows: usize) -> String {
    let values: Vec<_> = (1..=rows).map(|row| format!("({row}, 'person{row}', '{HASH}')")).collect();
    format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT);
         INSERT INTO users VALUES {};",
        values.join(",")
    )
}

#[test]
fn a_database_that_its_application_has_open_is_imported_through_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path(), "PRAGMA journal_mode = WAL");
    let application = Connection::open(&path).unwrap();
    application.execute_batch(&people(2)).unwrap();
    application.execute_batch("BEGIN IMMEDIATE; INSERT INTO users VALUES (3, 'uncommitted', NULL)").unwrap();
    let server = Server::start();
    let out = import(&server, &[&source(&path), "--table", "users", "--report", "json"]).output().unwrap();
    let report = report(&out);
    assert_eq!((out.status.code(), &report["imported"]), (Some(0), &2.into()), "{report}");
    assert_eq!(server.try_log_in("person2", PASSWORD).status(), 200);
    application.execute_batch("COMMIT").unwrap();
}

#[test]
fn an_import_changes_nothing_in_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path(), &people(1));
    let before = fs::read(&path).unwrap();
    imported(&[&source(&path), "--table", "users"]);
    assert_eq!(fs::read(&path).unwrap(), before);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["app.db"]);
}

#[test]
fn values_of_every_kind_are_imported() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(
        folder.path(),
        &format!(
            "CREATE TABLE \"odd \"\"people\"\"\" (uuid BLOB PRIMARY KEY, login TEXT, hash BLOB, is_active BOOLEAN,
                created_at INTEGER, score REAL, big INTEGER, absent TEXT, \"se lect\" TEXT);
             INSERT INTO \"odd \"\"people\"\"\" VALUES
                (x'8281cec358f54d0e9a515a1f3b0c7d11', 'ada', CAST('{HASH}' AS BLOB), 1, 1709284522000, 0.5,
                 9223372036854775807, NULL, 'kept'),
                (x'8281cec358f54d0e9a515a1f3b0c7d12', 'bob', CAST('{HASH}' AS BLOB), 0, 1709284522, 2.0, -1, '', 'ü');"
        ),
    );
    let (server, report) = imported(&[&source(&path), "--table", "odd \"people\""]);
    let ada = row(&report, "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11");
    assert_eq!((&ada["username"], &ada["status"]), (&"ada".into(), &"active".into()), "{report}");
    assert_eq!(row(&report, "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d12")["status"], "disabled", "{report}");
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 200);
    let stored = server.stored_users();
    let ada = stored.iter().find(|user| user["username"] == "ada").unwrap();
    // Beyond 2^53 a number would be rounded by others.
    assert_eq!(ada["attributes"]["big"], "9223372036854775807");
    assert_eq!(ada["attributes"]["score"], 0.5);
    assert_eq!(ada["attributes"]["se lect"], "kept");
    assert!(ada["created_at"].as_str().unwrap().starts_with("2024-03-01T09:15:22"), "{ada}");
}

#[test]
fn only_rows_with_a_value_are_imported_by_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(
        folder.path(),
        "CREATE TABLE people (login TEXT, tenant INTEGER);
         INSERT INTO people VALUES ('ada', 1), ('bob', 2), ('', 2);",
    );
    let (_, report) = imported(&[&source(&path), "--table", "people", "--only", "tenant=2"]);
    assert_eq!(row(&report, "#2")["username"], "bob", "{report}");
    assert_eq!(row(&report, "#3")["outcome"], "refused", "{report}");
    assert_eq!(report["total"], 2, "{report}");
}

#[test]
fn columns_are_explained_and_mapped_as_those_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let statements =
        format!("CREATE TABLE t (kennung TEXT, h TEXT); INSERT INTO t VALUES ('ada', '{HASH}');");
    let path = database(folder.path(), &statements);
    let (source, server) = (source(&path), Server::start());
    let maps = ["--map", "username=kennung", "--map", "password_hash=h"];
    let explain = [&[source.as_str(), "--table", "t", "--explain"], &maps[..]].concat();
    let text = String::from_utf8(import(&server, &explain).output().unwrap().stdout).unwrap();
    assert!(text.contains("username: username (a**)"), "{text}");
    assert!(!text.contains("roster_row"), "{text}");
    let out = import(&server, &[&[source.as_str(), "--table", "t"], &maps[..]].concat()).output().unwrap();
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 200);
}

#[test]
fn an_unknown_table_is_answered_with_the_tables_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let statements =
        "CREATE TABLE articles (id); CREATE TABLE app_user (email, password); CREATE VIEW v AS SELECT 1;";
    let source = source(&database(folder.path(), statements));
    let error = error_of(&[&source, "--table", "users"]);
    assert!(error.contains("there is no table users; the tables are: app_user, "), "{error}");
    let error = error_of(&[&source]);
    assert!(error.contains("name the table with --table"), "{error}");
    let error = error_of(&[&source, "--from", "django"]);
    assert!(error.contains("there is no table auth_user; --table names another one"), "{error}");
    let error = error_of(&[&source, "--table", "app_user"]);
    assert!(error.contains("the table app_user has no rows"), "{error}");
    let error = error_of(&[&source, "--table", "app_user", "--only", "realm=x"]);
    assert!(error.contains("has no column realm; its columns are: email, password"), "{error}");
    let error = error_of(&[&source, "--from", "auth0"]);
    assert!(error.contains("auth0 has no database to import"), "{error}");
}

#[test]
fn what_a_database_lacks_of_its_system_is_left_out_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let statements = "CREATE TABLE user (id TEXT PRIMARY KEY, email TEXT, emailVerified INTEGER);
        INSERT INTO user VALUES ('a', 'ada@example.com', 1);";
    let (source, server) = (source(&database(folder.path(), statements)), Server::start());
    let out = import(&server, &[&source, "--from", "better-auth"]).output().unwrap();
    let notes = String::from_utf8(out.stdout).unwrap();
    assert!(notes.contains("note: password_hash: not read, because there is no table account"), "{notes}");
    assert_eq!(out.status.code(), Some(0));
    let out = import(&server, &[&source]).output().unwrap();
    let error = String::from_utf8(out.stderr).unwrap();
    assert!(error.contains("or the system with --from (it looks like --from better-auth)"), "{error}");
}

#[test]
fn a_file_that_is_no_database_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        source(&path)
    };
    let error = |source: &str| error_of(&[source, "--table", "users"]);
    assert!(error(&made("text", b"id,email\n")).contains("omit \"sqlite:\""));
    assert!(error(&made("random", &[0x8f; 4096])).contains("it is encrypted (SQLCipher)"));
    assert!(error(&made("empty", b"")).contains("it has no table"));
    assert!(error(&made("damaged", &[&b"SQLite format 3\0"[..], &[7; 2000]].concat())).contains("damaged"));
    assert!(error(&source(&folder.path().join("missing"))).contains("there is no file"));
    assert!(error(&source(folder.path())).contains("it is a folder"));
    assert!(error("sqlite:").contains("expected a file"));
}

#[test]
fn a_database_that_another_program_has_locked_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path(), &people(1));
    let application = Connection::open(&path).unwrap();
    application.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let error = error_of(&[&source(&path), "--table", "users"]);
    assert!(error.contains("is locked by another program; stop it, or copy the file"), "{error}");
}

#[test]
fn a_text_in_another_encoding_is_named_by_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let statements = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO users VALUES (1, 'ada'), (7, CAST(x'e9e9' AS TEXT));";
    let error = error_of(&[&source(&database(folder.path(), statements)), "--table", "users"]);
    assert!(error.contains("the column name of row 7 is not UTF-8"), "{error}");
}

#[test]
fn a_table_with_too_many_columns_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let columns: Vec<_> = (0..1001).map(|number| format!("c{number}")).collect();
    let statements = format!("CREATE TABLE wide ({});", columns.join(","));
    let error = error_of(&[&source(&database(folder.path(), &statements)), "--table", "wide"]);
    assert!(error.contains("1001 columns; an import reads 1000 at most"), "{error}");
}

#[test]
fn a_table_belongs_to_a_database_and_not_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.json");
    fs::write(&path, "[]").unwrap();
    let error = error_of(&[path.to_str().unwrap(), "--table", "users"]);
    assert!(error.contains("--table and --only are for a database"), "{error}");
    assert!(Path::new(&path).exists());
}
