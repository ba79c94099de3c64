//! `must_change_password`: such a user can only change the password.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use roster_tests::{PASSWORD, Person, Response, SECRET, Server, Setup};
use serde_json::{Value, json};

pub(crate) const NEW_PASSWORD: &str = "seven green lamps";
pub(crate) const REQUIRED: &str = "password_change_required";

/// Creates a user with [`PASSWORD`] as a temporary password, and logs in.
fn create_user(server: &Server, admin: &Person, name: &str) -> (Value, String) {
    let body = json!({ "username": name, "password": PASSWORD, "must_change_password": true });
    let user = server.post("/users").by(admin).json(body).send().must_be(201).json();
    assert_eq!(user["must_change_password"], true);
    (user, password_change_token(server, name))
}

fn password_change_token(server: &Server, name: &str) -> String {
    let response = server.try_log_in(name, PASSWORD).must_be(200);
    assert_eq!(response.json()["password_change_required"], true);
    response.string("access_token")
}

pub(crate) fn choose_password(server: &Server, token: &str, password: &str) -> Response {
    server.put("/users/me/password").bearer(token).json(json!({ "password": password })).send()
}

fn id(user: &Value) -> String {
    user["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_login_with_a_temporary_password_opens_no_session_and_says_why() {
    let server = Server::start();
    let admin = server.admin();
    let (user, _) = create_user(&server, &admin, "ada");
    let response = server.try_log_in("ada", PASSWORD).must_be(200);
    let body = response.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!((body.get("refresh_token"), &body["user"]["id"]), (None, &user["id"]));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let sessions = server.get(&format!("/users/{}/sessions", id(&user))).by(&admin).send().must_be(200);
    assert_eq!(sessions.json()["data"], json!([]));
    let shown = server.get(&format!("/users/{}", id(&user))).by(&admin).send().must_be(200).json();
    assert_eq!(shown["last_login_at"], Value::Null);
    let with_ordinary = server.try_log_in(&admin.username, roster_tests::ADMIN_PASSWORD).must_be(200).json();
    assert_eq!(with_ordinary.get("password_change_required"), None);
}

#[test]
fn the_password_change_token_can_only_change_the_password() {
    let server = Server::start();
    let admin = server.admin();
    let (user, token) = create_user(&server, &admin, "ada");
    let own = format!("/users/{}", id(&user));
    for (method, path) in [
        ("GET", "/users/me"),
        ("PATCH", own.as_str()),
        ("DELETE", own.as_str()),
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", "/users/me/sessions"),
        ("DELETE", "/users/me/sessions"),
        ("POST", "/users/me/unlock"),
        ("POST", "/auth/logout"),
        ("GET", "/audit"),
        ("GET", "/service-accounts"),
    ] {
        let request = server.request(method, path).bearer(&token);
        let request = if method == "GET" { request } else { request.json(json!({})) };
        request.send().must_be_problem(403, REQUIRED);
    }
    let of_admin = format!("/users/{}/password", admin.id);
    server
        .put(&of_admin)
        .bearer(&token)
        .json(json!({ "password": NEW_PASSWORD }))
        .send()
        .must_be_problem(403, REQUIRED);
    let introspect = server.post("/oauth/introspect").bearer(&token).form("token=x").send().must_be(403);
    assert_eq!(introspect.string("error"), "insufficient_scope");
    server.get("/health").bearer(&token).send().must_be(200);
    choose_password(&server, &token, NEW_PASSWORD).must_be(200);
}

#[test]
fn choosing_a_password_opens_a_session_like_any_password_change() {
    let server = Server::start();
    let admin = server.admin();
    let (user, token) = create_user(&server, &admin, "ada");
    let response = choose_password(&server, &token, NEW_PASSWORD).must_be(200);
    assert_eq!(response.json().get("password_change_required"), None);
    assert_eq!(response.json()["user"]["must_change_password"], false);
    let me = server.get("/users/me").bearer(&response.string("access_token")).send().must_be(200).json();
    assert_eq!(me["id"], user["id"]);
    assert!(me["last_login_at"].is_string());
    let sessions = server.get("/users/me/sessions").bearer(&response.string("access_token")).send();
    assert_eq!(sessions.json()["data"].as_array().unwrap().len(), 1);
    server.try_refresh(&response.string("refresh_token")).must_be(200);
    server.try_log_in("ada", PASSWORD).must_be(401);
    let _ = server.log_in("ada", NEW_PASSWORD);
}

#[test]
fn the_temporary_password_may_be_sent_again_and_is_then_checked() {
    let server = Server::start();
    let admin = server.admin();
    let (_, token) = create_user(&server, &admin, "ada");
    let change = |current: &str| {
        let body = json!({ "current_password": current, "password": NEW_PASSWORD });
        server.put("/users/me/password").bearer(&token).json(body).send()
    };
    change("no").must_be_problem(403, "current_password_wrong");
    change(PASSWORD).must_be(200);
}

#[test]
fn the_new_password_must_differ_from_the_temporary_one() {
    let server = Server::start();
    let admin = server.admin();
    let (_, token) = create_user(&server, &admin, "ada");
    let response = choose_password(&server, &token, PASSWORD).must_be_problem(400, "validation_failed");
    assert_eq!(response.errors(), [("/password".to_owned(), "password_unchanged".to_owned())]);
    choose_password(&server, &token, "short").must_be_problem(400, "validation_failed");
    choose_password(&server, &token, NEW_PASSWORD).must_be(200);
}

#[test]
fn the_password_change_token_works_once() {
    let server = Server::start();
    let admin = server.admin();
    let (_, token) = create_user(&server, &admin, "ada");
    let second = password_change_token(&server, "ada");
    choose_password(&server, &token, NEW_PASSWORD).must_be(200);
    for token in [token, second] {
        choose_password(&server, &token, "nine red lamps").must_be_problem(401, "invalid_token");
        server.get("/users/me").bearer(&token).send().must_be_problem(401, "invalid_token");
    }
}

#[test]
fn the_password_change_token_ends_when_the_account_changes() {
    let server = Server::start();
    let admin = server.admin();
    let change = |user: &Value, path: &str, body: Value| {
        let request = server
            .request(if path.is_empty() { "PATCH" } else { "PUT" }, &format!("/users/{}{path}", id(user)));
        assert!(request.by(&admin).json(body).send().status() < 300);
    };
    for (name, path, body) in [
        ("password", "/password", json!({ "password": "another temporary one" })),
        ("disabled", "", json!({ "status": "disabled" })),
        ("pending", "", json!({ "status": "pending" })),
        ("roles", "", json!({ "roles": ["admin"] })),
        ("unmarked", "", json!({ "must_change_password": false })),
    ] {
        let (user, token) = create_user(&server, &admin, name);
        change(&user, path, body);
        choose_password(&server, &token, NEW_PASSWORD).must_be_problem(401, "invalid_token");
    }
    let (user, token) = create_user(&server, &admin, "erased");
    server.delete(&format!("/users/{}", id(&user))).by(&admin).send().must_be(204);
    choose_password(&server, &token, NEW_PASSWORD).must_be_problem(401, "invalid_token");
}

#[test]
fn the_password_change_token_survives_a_kill() {
    let mut server = Server::start();
    let admin = server.admin();
    let (_, token) = create_user(&server, &admin, "ada");
    server.kill();
    server.restart();
    choose_password(&server, &token, NEW_PASSWORD).must_be(200);
    server.kill();
    server.restart();
    choose_password(&server, &token, "nine red lamps").must_be_problem(401, "invalid_token");
}

#[test]
fn the_password_change_token_works_when_access_tokens_use_public_keys() {
    let server = Setup::new().without("JWT_SECRET").start();
    let admin = server.admin();
    let (_, token) = create_user(&server, &admin, "ada");
    choose_password(&server, &token, NEW_PASSWORD).must_be(200);
}

/// Whether middleware of another service that shares the secret accepts the token.
fn is_accepted(token: &str, validation: &Validation) -> bool {
    decode::<Value>(token, &DecodingKey::from_secret(SECRET.as_bytes()), validation).is_ok()
}

#[test]
fn other_services_reject_the_password_change_token_even_with_minimal_checks() {
    let server = Server::start();
    let admin = server.admin();
    let (_, token) = create_user(&server, &admin, "ada");
    let mut usual = Validation::new(Algorithm::HS256);
    usual.set_audience(&["roster"]);
    let mut careless = Validation::new(Algorithm::HS256);
    careless.required_spec_claims.clear();
    (careless.validate_exp, careless.validate_aud) = (false, false);
    for validation in [usual, careless] {
        assert!(is_accepted(&admin.token, &validation) && !is_accepted(&token, &validation));
    }
    let form = format!("token={token}");
    let response = server.post("/oauth/introspect").by(&admin).form(&form).send().must_be(200);
    assert_eq!(response.json(), json!({ "active": false }));
}

#[test]
fn oauth_clients_get_no_token_and_are_told_why() {
    let server = Server::start();
    let admin = server.admin();
    let _ = create_user(&server, &admin, "ada");
    let form = format!("grant_type=password&username=ada&password={}", PASSWORD.replace(' ', "+"));
    let response = server.post("/oauth/token").form(&form).send().must_be(400);
    assert_eq!(response.string("error"), "invalid_grant");
    let message = response.string("error_description");
    assert!(message.contains("password must be changed first"), "{message}");
}

#[test]
fn the_login_and_the_password_change_are_audited() {
    let server = Server::start();
    let admin = server.admin();
    let (user, token) = create_user(&server, &admin, "ada");
    choose_password(&server, &token, NEW_PASSWORD).must_be(200);
    let page = server.get(&format!("/audit?actor={}", id(&user))).by(&admin).send().must_be(200).json();
    let summary = |n: usize| {
        let record = &page["data"][n];
        (record["action"].clone(), record["outcome"].clone(), record["changed"].clone())
    };
    let changed = json!(["password", "must_change_password"]);
    assert_eq!(summary(0), (json!("password_changed"), json!("success"), changed));
    assert!(page["data"][0]["session"].is_string());
    assert_eq!(summary(1), (json!("logged_in"), json!(REQUIRED), json!([])));
}

#[test]
fn a_wrong_temporary_password_is_a_failed_login() {
    let server = Server::start();
    let admin = server.admin();
    let _ = create_user(&server, &admin, "ada");
    server.try_log_in("ada", "not this one").must_be_problem(401, "credentials_invalid");
}
