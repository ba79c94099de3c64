//! Databases of MySQL and MariaDB.

use crate::command::{import, report, row};
use crate::files::{HASH, PASSWORD};
use crate::mariadb::{READER_PASSWORD, database};
use crate::peers::Peer;
use roster_tests::{Server, Setup};

/// The report of an import by the user who may only read.
fn imported(url: &str, args: &[&str]) -> (Server, serde_json::Value) {
    let server = Server::start();
    let mut command = import(&server, &[&[url, "--report", "json"], args].concat());
    let out = command.env("ROSTER_IMPORT_PASSWORD", READER_PASSWORD).output().unwrap();
    (server, report(&out))
}

#[test]
fn values_of_every_kind_are_imported() {
    let statements = format!(
        "CREATE TABLE `odd people` (id BINARY(16) PRIMARY KEY, login VARCHAR(50), hash VARBINARY(100), active BIT(1),
            created_at DATETIME(6), updated_at TIMESTAMP NULL, last_login DATETIME, big BIGINT UNSIGNED,
            credit DECIMAL(40, 2), kind ENUM('guest', 'member'), settings JSON, tiny TINYINT(1), ratio DOUBLE,
            nothing TEXT, photo BLOB);
         SET time_zone = '+02:00';
         INSERT INTO `odd people` VALUES
            (x'8281cec358f54d0e9a515a1f3b0c7d11', 'ada', '{HASH}', b'1', '2024-03-01 09:15:22.104233',
             '2024-03-02 12:00:00', '0000-00-00', 18446744073709551615, 12345678901234567890123.45, 'member',
             '{{\"theme\": \"dark\"}}', 1, 0.5, NULL, x'ff00'),
            (x'8281cec358f54d0e9a515a1f3b0c7d12', 'jürgen', '{HASH}', b'0', NULL, NULL, NULL, 0, -1, 'guest', NULL, 0,
             1e30, '', NULL);"
    );
    let Some(url) = database("kinds", &format!("SET sql_mode = '';\n{statements}")) else { return };
    let (mut server, report) = imported(&url, &["--table", "odd people"]);
    assert_eq!(row(&report, "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11")["status"], "active", "{report}");
    assert_eq!(row(&report, "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d12")["status"], "disabled", "{report}");
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 200);
    server.stop();
    let stored = server.stored_users();
    let ada = stored.iter().find(|user| user["username"] == "ada").unwrap();
    let attributes = &ada["attributes"];
    assert_eq!(attributes["big"], "18446744073709551615", "{ada}");
    assert_eq!(attributes["credit"], "12345678901234567890123.45", "{ada}");
    assert_eq!(attributes["kind"], "member", "{ada}");
    // MariaDB has JSON as text.
    assert_eq!(attributes["settings"], "{\"theme\": \"dark\"}", "{ada}");
    assert_eq!(attributes["photo"], "\\xff00", "{ada}");
    assert!(ada["created_at"].as_str().unwrap().starts_with("2024-03-01T09:15:22.104233"), "{ada}");
    assert!(stored.iter().any(|user| user["external_id"] == "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d12"));
}

#[test]
fn people_of_wordpress_log_in_and_have_their_roles() {
    let dump = std::fs::read_to_string(Peer::new("wordpress").file()).unwrap();
    let Some(url) = database("wordpress", &dump) else { return };
    let url = url.replace("reader@", &format!("reader:{READER_PASSWORD}@"));
    let (peer, options) = (Peer::new("wordpress"), ["--map-role", "administrator=admin"]);
    peer.is_on_the_page(&options);
    let (_, report) = peer.is_carried_over(&url, &options);
    assert!(!report.to_string().contains(READER_PASSWORD));
}

#[test]
fn another_prefix_of_the_tables_is_found_and_the_password_may_be_in_a_file() {
    let dump = std::fs::read_to_string(Peer::new("wordpress").file()).unwrap().replace("wp_", "blog7_");
    let Some(url) = database("prefix", &dump) else { return };
    let mut server = Server::start();
    let file = server.folder().join("password");
    std::fs::write(&file, format!("{READER_PASSWORD}\n")).unwrap();
    let mut command = import(&server, &[&url, "--from", "wordpress", "--report", "json"]);
    let report = report(&command.env("ROSTER_IMPORT_PASSWORD_FILE", &file).output().unwrap());
    assert_eq!(report["refused"], 0, "{report}");
    server.stop();
    let stored = server.stored_users();
    let mara = stored.iter().find(|user| user["username"] == "mara").unwrap();
    assert_eq!(mara["roles"], serde_json::json!(["editor"]));
}

#[test]
fn a_server_that_rejects_the_user_is_reported_without_the_password() {
    let Some(url) = database("rejected", "CREATE TABLE users (id INT)") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Setup::new().command(folder.path());
    command.args(["import", &url.replace("reader@", "reader:wr0ng@"), "--table", "users"]);
    let text = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(text.contains("Access denied for user 'reader'") && !text.contains("wr0ng"), "{text}");
    let server = Server::start();
    let mut without = import(&server, &[&url, "--table", "members"]);
    let out = without.env("ROSTER_IMPORT_PASSWORD", READER_PASSWORD).output().unwrap();
    let text = String::from_utf8(out.stderr).unwrap();
    assert!(text.contains("there is no table members; the tables are: users"), "{text}");
}
