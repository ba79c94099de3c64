//! `PUT /users/{id}/password` and the password rules.

use roster_tests::{ADMIN_PASSWORD, PASSWORD, Server};
use serde_json::{Value, json};

const NEW_PASSWORD: &str = "seven green lamps";

#[test]
fn a_user_changes_their_password_with_the_current_one() {
    let server = Server::start();
    let ada = server.register("ada");
    let change = json!({ "current_password": PASSWORD, "password": NEW_PASSWORD });
    let response = server.put(&format!("{}/password", ada.path())).by(&ada).json(change).send().must_be(200);
    assert_eq!(response.header("cache-control"), Some("no-store"));
    server.get("/users/me").bearer(&response.string("access_token")).send().must_be(200);
    server.try_log_in("ada", PASSWORD).must_be(401);
    let _ = server.log_in("ada", NEW_PASSWORD);
}

#[test]
fn a_wrong_or_missing_current_password_changes_nothing() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    for person in [&ada, &admin] {
        let change = |body| server.put("/users/me/password").by(person).json(body).send();
        change(json!({ "current_password": "no", "password": NEW_PASSWORD }))
            .must_be_problem(403, "current_password_wrong");
        change(json!({ "password": NEW_PASSWORD })).must_be_problem(400, "validation_failed");
    }
    let _ = (server.log_in("ada", PASSWORD), server.admin());
    server.get("/users/me").by(&ada).send().must_be(200);
}

#[test]
fn a_password_set_by_an_administrator_logs_the_user_out() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let path = format!("{}/password", ada.path());
    server.put(&path).by(&admin).json(json!({ "password": NEW_PASSWORD })).send().must_be(204);
    server.get("/users/me").by(&ada).send().must_be_problem(401, "invalid_token");
    let _ = server.log_in("ada", NEW_PASSWORD);
    server.get("/users/me").by(&admin).send().must_be(200);
}

#[test]
fn current_password_is_rejected_when_changing_another_users_password() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let path = format!("{}/password", ada.path());
    for current in [PASSWORD, ADMIN_PASSWORD, "no"] {
        let change = json!({ "current_password": current, "password": NEW_PASSWORD });
        let response =
            server.put(&path).by(&admin).json(change).send().must_be_problem(400, "validation_failed");
        assert_eq!(response.errors(), [("/current_password".to_owned(), "field_needless".to_owned())]);
    }
    let _ = server.log_in("ada", PASSWORD);
}

#[test]
fn users_cannot_set_each_others_passwords() {
    let server = Server::start();
    let (ada, bob) = (server.register("ada"), server.register("bob"));
    let change = json!({ "current_password": PASSWORD, "password": NEW_PASSWORD });
    let path = format!("{}/password", bob.path());
    server.put(&path).by(&ada).json(change.clone()).send().must_be_problem(403, "permission_denied");
    server.put(&path).json(change).send().must_be_problem(401, "authentication_required");
    let _ = server.log_in("bob", PASSWORD);
}

#[test]
fn a_new_password_must_be_long_uncommon_and_different_from_the_username() {
    let server = Server::start();
    let ada = server.register("ada.lovelace");
    let long = "x".repeat(1_025);
    for password in ["sevenci", "password123", "ada.lovelace", "ADA.Lovelace@example.org", long.as_str()] {
        let change = json!({ "current_password": PASSWORD, "password": password });
        let response = server.put("/users/me/password").by(&ada).json(change).send();
        let errors = response.must_be_problem(400, "validation_failed").errors();
        assert_eq!(
            errors.iter().map(|error| error.0.as_str()).collect::<Vec<_>>(),
            ["/password"],
            "{password}"
        );
    }
}

#[test]
fn a_new_password_may_use_any_characters_and_all_its_bytes_count() {
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
fn the_minimum_length_is_a_setting_that_does_not_affect_login() {
    let mut server = Server::start();
    let _ = server.register_only("ada");
    server.restart_with(|setup| setup.set("password.min_length", "24"));
    let _ = server.log_in("ada", PASSWORD);
    let body = json!({ "username": "bob", "password": PASSWORD });
    let errors = server.post("/users").json(body).send().must_be_problem(400, "validation_failed").errors();
    assert_eq!(errors[0].0, "/password");
}

#[test]
fn hashes_use_the_configured_bcrypt_cost_and_are_upgraded_at_login() {
    let mut server = Server::start();
    let _ = server.register("ada");
    server.restart_with(|setup| setup.set("password.bcrypt_cost", "5"));
    let _ = server.admin();
    assert!(server.stop().success());
    let text = Value::from(server.stored_users()).to_string();
    assert!(text.contains("$2b$04$") && text.contains("$2b$05$"), "ada has not logged in since");
    assert!(!text.contains(PASSWORD) && !text.contains(ADMIN_PASSWORD));
    server.restart();
    let _ = server.log_in("ada", PASSWORD);
    assert!(server.stop().success());
    let text = Value::from(server.stored_users()).to_string();
    assert!(!text.contains("$2b$04$"), "both users have logged in");
}
