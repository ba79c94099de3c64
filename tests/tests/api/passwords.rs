//! PUT /users/{id}/password, and what a password may be.

use roster_tests::{ADMIN_PASSWORD, PASSWORD, Server};
use serde_json::json;

const OTHER: &str = "seven green lamps";

#[test]
fn a_person_changes_their_own_by_showing_the_current_one() {
    let server = Server::start();
    let ada = server.register("ada");
    let change = json!({ "current_password": PASSWORD, "password": OTHER });
    let answer = server.put(&format!("{}/password", ada.path())).by(&ada).json(change).send().must_be(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    server.get("/users/me").bearer(&answer.text_of("access_token")).send().must_be(200);
    server.try_log_in("ada", PASSWORD).must_be(401);
    let _ = server.log_in("ada", OTHER);
}

#[test]
fn a_wrong_or_missing_current_one_changes_nothing() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    for person in [&ada, &admin] {
        let change = |body| server.put("/users/me/password").by(person).json(body).send();
        change(json!({ "current_password": "no", "password": OTHER })).refused(403, "current_password_wrong");
        change(json!({ "password": OTHER })).refused(400, "validation_failed");
    }
    let _ = (server.log_in("ada", PASSWORD), server.admin());
    server.get("/users/me").by(&ada).send().must_be(200);
}

#[test]
fn an_administrator_sets_another_persons_and_that_person_is_logged_out() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let path = format!("{}/password", ada.path());
    server.put(&path).by(&admin).json(json!({ "password": OTHER })).send().must_be(204);
    server.get("/users/me").by(&ada).send().refused(401, "invalid_token");
    let _ = server.log_in("ada", OTHER);
    server.get("/users/me").by(&admin).send().must_be(200);
}

#[test]
fn a_current_one_beside_somebody_elses_new_one_is_refused_and_not_ignored() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let path = format!("{}/password", ada.path());
    for current in [PASSWORD, ADMIN_PASSWORD, "no"] {
        let change = json!({ "current_password": current, "password": OTHER });
        let refused = server.put(&path).by(&admin).json(change).send().refused(400, "validation_failed");
        assert_eq!(refused.faults(), [("/current_password".to_owned(), "field_needless".to_owned())]);
    }
    let _ = server.log_in("ada", PASSWORD);
}

#[test]
fn nobody_else_sets_anybodys() {
    let server = Server::start();
    let (ada, bob) = (server.register("ada"), server.register("bob"));
    let change = json!({ "current_password": PASSWORD, "password": OTHER });
    let path = format!("{}/password", bob.path());
    server.put(&path).by(&ada).json(change.clone()).send().refused(403, "permission_denied");
    server.put(&path).json(change).send().refused(401, "authentication_required");
    let _ = server.log_in("bob", PASSWORD);
}

#[test]
fn a_new_one_must_be_long_enough_uncommon_and_not_the_persons_name() {
    let server = Server::start();
    let ada = server.register("ada.lovelace");
    let long = "x".repeat(1_025);
    for password in ["sevenci", "password123", "ada.lovelace", "ADA.Lovelace@example.org", long.as_str()] {
        let change = json!({ "current_password": PASSWORD, "password": password });
        let answer = server.put("/users/me/password").by(&ada).json(change).send();
        let faults = answer.refused(400, "validation_failed").faults();
        assert_eq!(
            faults.iter().map(|fault| fault.0.as_str()).collect::<Vec<_>>(),
            ["/password"],
            "{password}"
        );
    }
}

#[test]
fn a_new_one_may_be_anything_else_and_counts_to_its_last_byte() {
    let server = Server::start();
    let long = format!("{}y", "x".repeat(1_023));
    for (name, password) in
        [("a", "eight ch"), ("b", "        \u{1f511}"), ("c", "пароль-дня"), ("d", long.as_str())]
    {
        let body = json!({ "username": name, "password": password });
        server.post("/users").json(body).send().must_be(201);
        let _ = server.log_in(name, password);
    }
    let almost = format!("{}z", &long[..1_023]);
    server.try_log_in("d", &almost).must_be(401);
    server.try_log_in("d", &long[..72]).must_be(401);
}

#[test]
fn the_least_length_is_a_setting_that_never_applies_at_login() {
    let mut server = Server::start();
    let _ = server.register_only("ada");
    server.restart_with(|setup| setup.set("password.min_length", "24"));
    let _ = server.log_in("ada", PASSWORD);
    let body = json!({ "username": "bob", "password": PASSWORD });
    let faults = server.post("/users").json(body).send().refused(400, "validation_failed").faults();
    assert_eq!(faults[0].0, "/password");
}

#[test]
fn hashes_are_bcrypt_at_the_configured_cost_and_follow_it_at_the_next_login() {
    let mut server = Server::start();
    let _ = server.register("ada");
    server.restart_with(|setup| setup.set("password.bcrypt_cost", "5"));
    let _ = server.admin();
    assert!(server.stop().success());
    let text = std::fs::read_to_string(server.data().join("users.json")).unwrap();
    assert!(text.contains("$2b$04$") && text.contains("$2b$05$"), "ada has not logged in since");
    assert!(!text.contains(PASSWORD) && !text.contains(ADMIN_PASSWORD));
    server.restart();
    let _ = server.log_in("ada", PASSWORD);
    assert!(server.stop().success());
    let text = std::fs::read_to_string(server.data().join("users.json")).unwrap();
    assert!(!text.contains("$2b$04$"), "both have");
}
