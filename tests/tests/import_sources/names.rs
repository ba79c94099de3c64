//! Names of tables and columns, and values in them, that are unlike names.

use roster_test_postgres::Session;
use serde_json::Value;

use crate::command::{import, imported, report};
use crate::files::{HASH, database, source};
use crate::mariadb::{self, READER_PASSWORD};
use roster_tests::Server;

/// The prefix of an installation of `WordPress`. Its table with the roles has it in names and in values.
const PREFIX: &str = r#"a\' "` ; --"#;

/// The tables of `WordPress` with this prefix, for a database that quotes names with `quote`, and texts as `text` says.
fn wordpress(quote: char, text: fn(&str) -> String) -> String {
    let name = |name: &str| {
        let name = format!("{PREFIX}{name}");
        format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
    };
    format!(
        "CREATE TABLE {users} ({id} INTEGER PRIMARY KEY, user_login VARCHAR(60), user_pass VARCHAR(255),
            user_nicename VARCHAR(50));
         CREATE TABLE {meta} (umeta_id INTEGER, user_id INTEGER, meta_key VARCHAR(255), meta_value VARCHAR(255));
         INSERT INTO {users} VALUES (7, 'ada', '{HASH}', 'ada');
         INSERT INTO {meta} VALUES (1, 7, {key}, 'a:1:{{s:6:\"editor\";b:1;}}'), (2, 7, 'wp_capabilities', 'x');",
        users = name("users"),
        meta = name("usermeta"),
        id = format_args!("{quote}ID{quote}"),
        key = text(&format!("{PREFIX}capabilities")),
    )
}

fn table() -> String {
    format!("{PREFIX}users")
}

fn is_an_editor(mut server: Server, report: &Value) {
    assert_eq!(report["imported"], 1, "{report}");
    server.stop();
    let stored = server.stored_users();
    let ada = stored.iter().find(|user| user["username"] == "ada").unwrap();
    assert_eq!(ada["roles"], serde_json::json!(["editor"]), "{report}");
}

fn doubled(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[test]
fn names_and_values_with_quotes_and_backslashes_are_read_from_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path(), &wordpress('"', doubled));
    let (server, report) = imported(&[&source(&path), "--from", "wordpress", "--table", &table()]);
    is_an_editor(server, &report);
}

#[test]
fn names_and_values_with_quotes_and_backslashes_are_read_from_postgresql() {
    let Some(database) = roster_test_postgres::database() else { return };
    let session = Session::open(&database.url());
    session.run(&wordpress('"', doubled));
    let name = session.value("SELECT current_database()::text");
    // As old applications need it.
    session.run(&format!("ALTER DATABASE \"{name}\" SET standard_conforming_strings = off"));
    let (server, report) = imported(&[&database.url(), "--from", "wordpress", "--table", &table()]);
    is_an_editor(server, &report);
}

#[test]
fn names_and_values_with_quotes_and_backslashes_are_read_from_mysql() {
    let escaped = |text: &str| doubled(&text.replace('\\', "\\\\"));
    let Some(url) = mariadb::database("odd_names", &wordpress('`', escaped)) else { return };
    let server = Server::start();
    let args = [&*url, "--from", "wordpress", "--table", &table(), "--report", "json"];
    let out = import(&server, &args).env("ROSTER_IMPORT_PASSWORD", READER_PASSWORD).output().unwrap();
    is_an_editor(server, &report(&out));
}

#[test]
fn a_column_may_have_the_name_of_the_member_that_names_rows() {
    let folder = tempfile::tempdir().unwrap();
    let statements =
        "CREATE TABLE t (id INTEGER PRIMARY KEY, username TEXT, roster_row TEXT, \"Roster Row\" TEXT);
        INSERT INTO t VALUES (7, 'ada', 'seat 3', 'x');";
    let path = database(folder.path(), statements);
    let (mut server, report) = imported(&[&source(&path), "--table", "t"]);
    assert_eq!(report["records"][0]["row"], "7", "{report}");
    server.stop();
    let stored = server.stored_users();
    let ada = stored.iter().find(|user| user["username"] == "ada").unwrap();
    assert_eq!(ada["attributes"]["roster_row"], "seat 3", "{ada}");
}

#[test]
fn a_number_with_hundreds_of_digits_is_kept_as_text() {
    let Some(database) = roster_test_postgres::database() else { return };
    let large = "9".repeat(401);
    Session::open(&database.url()).run(&format!(
        "CREATE TABLE users (id INT PRIMARY KEY, username TEXT, credit NUMERIC, profile JSONB);
         INSERT INTO users VALUES (7, 'ada', {large}, '{{\"owed\": -{large}}}');"
    ));
    let (mut server, report) = imported(&[&database.url(), "--table", "users"]);
    assert_eq!(report["imported"], 1, "{report}");
    assert!(report.to_string().contains("credit"), "it is reported: {report}");
    server.stop();
    let stored = server.stored_users();
    let ada = stored.iter().find(|user| user["username"] == "ada").unwrap();
    assert_eq!(ada["attributes"]["credit"], *large, "{ada}");
    assert_eq!(ada["attributes"]["profile"]["owed"], *format!("-{large}"), "{ada}");
}
