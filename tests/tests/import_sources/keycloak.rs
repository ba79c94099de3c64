//! The tables of Keycloak, which does not run here, as its public source makes them, with a hash that it has made
//! (`fixtures/foreign-hashes.json`).

use std::path::Path;

use roster_test_postgres::Session;
use serde_json::Value;

use crate::command::{imported, row};
use crate::peers::Peer;

/// A person whose hash this package made.
fn made_by(package: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/foreign-hashes.json");
    let people: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let people = people["people"].as_array().unwrap();
    people.iter().find(|person| person["made_by"].as_str().unwrap().starts_with(package)).unwrap().clone()
}

fn text(person: &Value, member: &str) -> String {
    person["record"][member].as_str().or(person[member].as_str()).unwrap().to_owned()
}

/// Keycloak 26, `jpa-changelog`.
#[test]
fn people_of_a_realm_of_keycloak_log_in_and_have_its_roles_and_groups() {
    let Some(database) = roster_test_postgres::database() else { return };
    let ada = made_by("Keycloak 26");
    let credential = &ada["record"]["credentials"][0];
    let quoted = |member: &str| credential[member].as_str().unwrap().replace('\'', "''");
    Session::open(&database.url()).run(&format!(
        "CREATE TABLE realm (id VARCHAR(36) PRIMARY KEY, name VARCHAR(255));
         CREATE TABLE user_entity (id VARCHAR(36) PRIMARY KEY, email VARCHAR(255), email_constraint VARCHAR(255),
            email_verified BOOLEAN NOT NULL, enabled BOOLEAN NOT NULL, federation_link VARCHAR(255), first_name VARCHAR(255),
            last_name VARCHAR(255), realm_id VARCHAR(255), username VARCHAR(255), created_timestamp BIGINT,
            service_account_client_link VARCHAR(255), not_before INT DEFAULT 0 NOT NULL);
         CREATE TABLE credential (id VARCHAR(36) PRIMARY KEY, salt BYTEA, type VARCHAR(255), user_id VARCHAR(36),
            created_date BIGINT, user_label VARCHAR(255), secret_data TEXT, credential_data TEXT, priority INT);
         CREATE TABLE keycloak_role (id VARCHAR(36) PRIMARY KEY, name VARCHAR(255), realm_id VARCHAR(255), client_role BOOLEAN,
            client VARCHAR(36));
         CREATE TABLE user_role_mapping (role_id VARCHAR(255), user_id VARCHAR(36));
         CREATE TABLE keycloak_group (id VARCHAR(36) PRIMARY KEY, name VARCHAR(255), realm_id VARCHAR(36));
         CREATE TABLE user_group_membership (group_id VARCHAR(36), user_id VARCHAR(36));
         INSERT INTO realm VALUES ('r1', 'master'), ('r2', 'customers');
         INSERT INTO user_entity VALUES
            ('u1', 'root@example.com', 'root@example.com', true, true, NULL, NULL, NULL, 'r1', 'root', 1709284522000, NULL, 0),
            ('u2', 'ada@example.com', 'ada@example.com', true, true, NULL, 'Ada', 'L', 'r2', 'ada', 1709284522000, NULL, 0),
            ('u3', NULL, 'x', false, false, NULL, NULL, NULL, 'r2', 'bob', 1709284522000, NULL, 0),
            ('u4', NULL, 'y', false, true, NULL, NULL, NULL, 'r2', 'service-account-app', 1, 'c1', 0);
         INSERT INTO credential VALUES ('c', NULL, 'password', 'u2', 1, NULL, '{}', '{}', 10);
         INSERT INTO keycloak_role VALUES ('o1', 'editor', 'r2', false, NULL), ('o2', 'admin', 'r2', true, 'newsletter');
         INSERT INTO user_role_mapping VALUES ('o1', 'u2'), ('o2', 'u2');
         INSERT INTO keycloak_group VALUES ('g1', 'Berlin', 'r2');
         INSERT INTO user_group_membership VALUES ('g1', 'u2');",
        quoted("secretData"),
        quoted("credentialData")
    ));
    let options = ["--from", "keycloak", "--only", "realm=customers"];
    Peer::is_on_the_page_as(&options);
    let (mut server, report) = imported(&[&[&*database.url()], &options[..]].concat());
    assert_eq!(report["total"], 2, "{report}");
    assert_eq!(row(&report, "u3")["status"], "disabled", "{report}");
    assert!(report.to_string().contains("Berlin grants nothing here"), "{report}");
    assert_eq!(server.try_log_in("ada", &text(&ada, "password")).status(), 200);
    server.stop();
    let stored = server.stored_users();
    let ada = stored.iter().find(|user| user["username"] == "ada").unwrap();
    assert_eq!(ada["roles"], serde_json::json!(["editor"]));
    assert!(ada["created_at"].as_str().unwrap().starts_with("2024-03-01T09:15:22"), "{ada}");
}
