//! Databases of PostgreSQL.

use roster_test_postgres::{Session, database};

use crate::command::{error_of, import, imported, report, row};
use crate::files::{HASH, PASSWORD};
use roster_tests::Server;

#[test]
fn values_of_every_kind_are_imported() {
    let Some(database) = database() else { return };
    Session::open(&database.url()).run(&format!(
        "CREATE SCHEMA auth; CREATE TYPE mood AS ENUM ('glad', 'sad');
         CREATE TABLE auth.\"odd people\" (id UUID PRIMARY KEY, login TEXT, hash BYTEA, active BOOLEAN, flag BIT(1),
            created_at TIMESTAMPTZ, updated_at TIMESTAMP, last_login TIMESTAMPTZ, big NUMERIC, strange NUMERIC, mood mood,
            tags TEXT[], profile JSONB, nothing TEXT, photo BYTEA);
         INSERT INTO auth.\"odd people\" VALUES
            ('8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11', 'ada', convert_to('{HASH}', 'UTF8'), true, B'1',
             '2024-03-01 09:15:22.104233+01', '2024-03-02 12:00:00', '-infinity', 12345678901234567890123, 'NaN', 'glad',
             '{{a,b}}', '{{\"theme\": \"dark\"}}', NULL, '\\xff00'),
            ('8281cec3-58f5-4d0e-9a51-5a1f3b0c7d12', 'jürgen', convert_to('{HASH}', 'UTF8'), false, B'0', NULL, NULL,
             NULL, 1, 2, 'sad', '{{}}', NULL, '', NULL);"
    ));
    let (mut server, report) = imported(&[&database.url(), "--table", "auth.odd people"]);
    assert_eq!(row(&report, "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11")["status"], "active", "{report}");
    assert_eq!(row(&report, "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d12")["status"], "disabled", "{report}");
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 200);
    server.stop();
    let stored = server.stored_users();
    let ada = stored.iter().find(|user| user["username"] == "ada").unwrap();
    let attributes = &ada["attributes"];
    assert_eq!(attributes["big"], "12345678901234567890123", "{ada}");
    assert_eq!((&attributes["strange"], &attributes["mood"]), (&"NaN".into(), &"glad".into()), "{ada}");
    assert_eq!(attributes["tags"], serde_json::json!(["a", "b"]), "{ada}");
    assert_eq!(attributes["profile"]["theme"], "dark", "{ada}");
    assert_eq!(attributes["photo"], "\\xff00", "{ada}");
    assert!(ada["created_at"].as_str().unwrap().starts_with("2024-03-01T08:15:22.104233"), "{ada}");
}

#[test]
fn a_long_table_is_read_while_it_arrives() {
    let Some(database) = database() else { return };
    Session::open(&database.url()).run(
        "CREATE TABLE users AS SELECT n AS id, 'person' || n AS username, repeat('x', 200) AS note
         FROM generate_series(1, 20000) n",
    );
    let (_, report) = imported(&[&database.url(), "--table", "users", "--dry-run"]);
    assert_eq!(report["imported"], 20_000, "{}", report["refused"]);
}

#[test]
fn the_rows_are_those_of_one_moment_and_nothing_is_written() {
    let Some(database) = database() else { return };
    let session = Session::open(&database.url());
    session.run(
        "CREATE TABLE log (n INT);
         CREATE FUNCTION noted() RETURNS TEXT LANGUAGE plpgsql AS $$
             BEGIN INSERT INTO log VALUES (1); RETURN 'ada'; END $$;
         CREATE VIEW users AS SELECT 1 AS id, noted() AS username;",
    );
    let error = error_of(&[&database.url(), "--table", "users"]);
    assert!(error.contains("cannot execute INSERT in a read-only transaction"), "{error}");
    assert_eq!(session.value("SELECT count(*)::text FROM log"), "0");
}

#[test]
fn an_unknown_table_and_a_wrong_host_are_named_without_the_password() {
    let Some(database) = database() else { return };
    Session::open(&database.url()).run(
        "CREATE SCHEMA auth; CREATE TABLE auth.users (id INT, email TEXT, encrypted_password TEXT);
         CREATE TABLE articles (id INT);",
    );
    let url = database.url().replace("postgres@", "postgres:s3cret@");
    let error = error_of(&[&url, "--table", "users"]);
    assert!(error.contains("there is no table users; the tables are: auth.users, articles"), "{error}");
    assert!(!error.contains("s3cret"), "{error}");
    let error = error_of(&["postgres://anna:s3cret@127.0.0.1:1/db", "--table", "users"]);
    assert!(error.contains("cannot connect to PostgreSQL") && !error.contains("s3cret"), "{error}");
    let error = error_of(&["postgres://anna:s3cret@127.0.0.1/db?sslmode=s3cret", "--table", "users"]);
    assert!(error.contains("sslmode") && !error.contains("s3cret"), "{error}");
}

#[test]
fn people_of_several_databases_are_imported_as_one() {
    let (Some(first), Some(second)) = (database(), database()) else { return };
    for (url, name, id) in [(first.url(), "ada", 7), (second.url(), "bob", 8)] {
        Session::open(&url).run(&format!(
            "CREATE TABLE users (id INT PRIMARY KEY, username TEXT, password_hash TEXT);
             INSERT INTO users VALUES ({id}, '{name}', '{HASH}')"
        ));
    }
    let server = Server::start();
    let args = [&*first.url(), &second.url(), "--table", "users", "--report", "json"];
    let report = report(&import(&server, &args).output().unwrap());
    assert_eq!(report["imported"], 2, "{report}");
    assert_eq!(row(&report, "8")["username"], "bob", "{report}");
    assert!(report["records"][0]["file"].as_str().unwrap().starts_with("postgres://postgres@"), "{report}");
}
