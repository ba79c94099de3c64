//! `roster session`

use crate::sandbox::Sandbox;
use roster_tests::PASSWORD;
use serde_json::Value;

#[test]
fn the_operator_can_list_and_revoke_sessions_of_a_user() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let mut server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    let tokens: Vec<_> = (0..3).map(|_| server.log_in("ada", PASSWORD).token).collect();
    assert!(server.stop().success());
    let list = || sandbox.run(&["session", "list", "ada", "--json"]).must_exit(0).stdout;
    let shown: Vec<Value> = list().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(shown.len(), 3);
    let fields = "absolute_expires_at created_at device expires_at id ip last_seen_at";
    assert_eq!(shown[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "), fields);
    let latest = shown[0]["id"].as_str().unwrap();
    let table = sandbox.run(&["session", "list", "ada"]).must_exit(0).stdout;
    assert!(table.starts_with("ID ") && table.contains(latest), "{table}");
    sandbox.run(&["session", "revoke", "ada", latest]).must_exit(0);
    assert!(!list().contains(latest));
    sandbox.run(&["session", "revoke", "ada", latest]).must_fail_with(&["session"]);
    server.restart();
    let status = |token: &String| server.get("/users/me").bearer(token).send().status();
    assert_eq!(tokens.iter().map(status).collect::<Vec<_>>(), [200, 200, 401]);
    assert!(server.stop().success());
    sandbox.run(&["session", "revoke", "ada", "--all"]).must_exit(0);
    assert_eq!(list(), "");
    let log = sandbox.run(&["audit", "--actor", "operator", "--format", "table"]).must_exit(0).stdout;
    assert!(
        log.contains("session_revoked") && log.contains("sessions_revoked") && log.contains(latest),
        "{log}"
    );
}

#[test]
fn revoking_a_session_requires_an_id_or_all() {
    let sandbox = Sandbox::new();
    sandbox.run(&["session", "revoke", "ada"]).must_exit(2);
    sandbox.run(&["session", "revoke", "ada", "no-id"]).must_exit(2);
}
