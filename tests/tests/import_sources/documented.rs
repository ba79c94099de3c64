//! Systems that do not run here: `fixtures/peers/documented` has samples after their published schemas.

use serde_json::json;

use crate::peers::Peer;

#[test]
fn people_of_supabase_log_in_and_anonymous_visitors_are_no_people() {
    let peer = Peer::documented("supabase");
    let Some(database) = peer.in_postgres() else { return };
    peer.is_on_the_page(&[]);
    peer.is_carried_over(&database.url(), &[]);
}

#[test]
fn people_of_nextcloud_have_the_addresses_and_groups_of_other_tables() {
    let (_, report) = Peer::documented("nextcloud").is_carried_over_from_sqlite(&[]);
    assert!(report.to_string().contains("grants nothing here"), "{report}");
}

#[test]
fn people_of_drupal_log_in_with_their_roles() {
    let (server, _) = Peer::documented("drupal").is_carried_over_from_sqlite(&[]);
    let stored = server.stored_users();
    let mara = stored.iter().find(|user| user["username"] == "mara").unwrap();
    assert_eq!(mara["roles"], json!(["content_editor"]));
}

#[test]
fn people_of_lldap_wait_for_a_password() {
    Peer::documented("lldap").is_carried_over_from_sqlite(&[]);
}

#[test]
fn people_of_rauthy_log_in() {
    Peer::documented("rauthy").is_carried_over_from_sqlite(&[]);
}

#[test]
fn people_of_auth0_log_in_from_its_file() {
    let peer = Peer::documented("auth0");
    peer.is_on_the_page(&[]);
    peer.is_carried_over(peer.file().to_str().unwrap(), &[]);
}

#[test]
fn people_of_a_realm_of_keycloak_log_in_from_its_file() {
    let peer = Peer::documented("keycloak");
    peer.is_on_the_page(&[]);
    peer.is_carried_over(peer.file().to_str().unwrap(), &[]);
}
