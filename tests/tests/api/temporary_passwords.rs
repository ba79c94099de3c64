//! `must_change_password`: a login that can only change the password.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use roster_tests::{Answer, PASSWORD, Person, SECRET, Server, Setup};
use serde_json::{Value, json};

const OWN: &str = "seven green lamps";
const REQUIRED: &str = "password_change_required";

/// Somebody whom an administrator gave [`PASSWORD`] as a temporary one, and who logs in with it.
fn newcomer(server: &Server, admin: &Person, name: &str) -> (Value, String) {
    let body = json!({ "username": name, "password": PASSWORD, "must_change_password": true });
    let user = server.post("/users").by(admin).json(body).send().must_be(201).json();
    assert_eq!(user["must_change_password"], true);
    (user, password_change_token(server, name))
}

fn password_change_token(server: &Server, name: &str) -> String {
    let answer = server.try_log_in(name, PASSWORD).must_be(200);
    assert_eq!(answer.json()["password_change_required"], true);
    answer.text_of("access_token")
}

fn choose(server: &Server, token: &str, password: &str) -> Answer {
    server.put("/users/me/password").bearer(token).json(json!({ "password": password })).send()
}

fn mark(server: &Server, admin: &Person, id: &str, marked: bool) {
    let patch = json!({ "must_change_password": marked });
    server.patch(&format!("/users/{id}")).by(admin).json(patch).send().must_be(200);
}

fn id(user: &Value) -> String {
    user["id"].as_str().unwrap().to_owned()
}

#[test]
fn such_a_login_opens_no_session_and_says_why() {
    let server = Server::start();
    let admin = server.admin();
    let (user, _) = newcomer(&server, &admin, "ada");
    let answer = server.try_log_in("ada", PASSWORD).must_be(200);
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!((body.get("refresh_token"), &body["user"]["id"]), (None, &user["id"]));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let sessions = server.get(&format!("/users/{}/sessions", id(&user))).by(&admin).send().must_be(200);
    assert_eq!(sessions.json()["data"], json!([]));
    let shown = server.get(&format!("/users/{}", id(&user))).by(&admin).send().must_be(200).json();
    assert_eq!(shown["last_login_at"], Value::Null);
    let with_ordinary = server.try_log_in(&admin.username, roster_tests::ADMIN_PASSWORD).must_be(200).json();
    assert_eq!(with_ordinary.get("password_change_required"), None);
}

#[test]
fn its_token_can_only_change_the_password() {
    let server = Server::start();
    let admin = server.admin();
    let (user, token) = newcomer(&server, &admin, "ada");
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
        request.send().refused(403, REQUIRED);
    }
    let of_admin = format!("/users/{}/password", admin.id);
    server.put(&of_admin).bearer(&token).json(json!({ "password": OWN })).send().refused(403, REQUIRED);
    let introspect = server.post("/oauth/introspect").bearer(&token).form("token=x").send().must_be(403);
    assert_eq!(introspect.text_of("error"), "insufficient_scope");
    server.get("/health").bearer(&token).send().must_be(200);
    choose(&server, &token, OWN).must_be(200);
}

#[test]
fn a_password_of_ones_own_gives_a_session_as_any_change_does() {
    let server = Server::start();
    let admin = server.admin();
    let (user, token) = newcomer(&server, &admin, "ada");
    let answer = choose(&server, &token, OWN).must_be(200);
    assert_eq!(answer.json().get("password_change_required"), None);
    assert_eq!(answer.json()["user"]["must_change_password"], false);
    let me = server.get("/users/me").bearer(&answer.text_of("access_token")).send().must_be(200).json();
    assert_eq!(me["id"], user["id"]);
    assert!(me["last_login_at"].is_string());
    let sessions = server.get("/users/me/sessions").bearer(&answer.text_of("access_token")).send();
    assert_eq!(sessions.json()["data"].as_array().unwrap().len(), 1);
    server.try_refresh(&answer.text_of("refresh_token")).must_be(200);
    server.try_log_in("ada", PASSWORD).must_be(401);
    let _ = server.log_in("ada", OWN);
}

#[test]
fn the_temporary_password_may_be_shown_again_and_is_then_checked() {
    let server = Server::start();
    let admin = server.admin();
    let (_, token) = newcomer(&server, &admin, "ada");
    let change = |current: &str| {
        let body = json!({ "current_password": current, "password": OWN });
        server.put("/users/me/password").bearer(&token).json(body).send()
    };
    change("no").refused(403, "current_password_wrong");
    change(PASSWORD).must_be(200);
}

#[test]
fn the_temporary_password_is_not_replaced_by_itself() {
    let server = Server::start();
    let admin = server.admin();
    let (_, token) = newcomer(&server, &admin, "ada");
    let refused = choose(&server, &token, PASSWORD).refused(400, "validation_failed");
    assert_eq!(refused.faults(), [("/password".to_owned(), "password_unchanged".to_owned())]);
    choose(&server, &token, "short").refused(400, "validation_failed");
    choose(&server, &token, OWN).must_be(200);
}

#[test]
fn its_token_dies_after_its_use() {
    let server = Server::start();
    let admin = server.admin();
    let (_, token) = newcomer(&server, &admin, "ada");
    let second = password_change_token(&server, "ada");
    choose(&server, &token, OWN).must_be(200);
    for token in [token, second] {
        choose(&server, &token, "nine red lamps").refused(401, "invalid_token");
        server.get("/users/me").bearer(&token).send().refused(401, "invalid_token");
    }
}

#[test]
fn its_token_dies_when_somebody_else_changes_what_it_stands_on() {
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
        let (user, token) = newcomer(&server, &admin, name);
        change(&user, path, body);
        choose(&server, &token, OWN).refused(401, "invalid_token");
    }
    let (user, token) = newcomer(&server, &admin, "erased");
    server.delete(&format!("/users/{}", id(&user))).by(&admin).send().must_be(204);
    choose(&server, &token, OWN).refused(401, "invalid_token");
}

#[test]
fn its_token_is_good_after_the_server_was_killed() {
    let mut server = Server::start();
    let admin = server.admin();
    let (_, token) = newcomer(&server, &admin, "ada");
    server.kill();
    server.restart();
    choose(&server, &token, OWN).must_be(200);
    server.kill();
    server.restart();
    choose(&server, &token, "nine red lamps").refused(401, "invalid_token");
}

#[test]
fn its_token_is_good_though_the_keys_for_access_tokens_are_public() {
    let server = Setup::new().without("JWT_SECRET").start();
    let admin = server.admin();
    let (_, token) = newcomer(&server, &admin, "ada");
    choose(&server, &token, OWN).must_be(200);
}

/// What middleware of other services checks: the signature by the shared secret, and as much more as it cares for.
fn is_taken(token: &str, validation: &Validation) -> bool {
    decode::<Value>(token, &DecodingKey::from_secret(SECRET.as_bytes()), validation).is_ok()
}

#[test]
fn no_other_service_takes_its_token_however_little_it_checks() {
    let server = Server::start();
    let admin = server.admin();
    let (_, token) = newcomer(&server, &admin, "ada");
    let mut usual = Validation::new(Algorithm::HS256);
    usual.set_audience(&["roster"]);
    let mut careless = Validation::new(Algorithm::HS256);
    careless.required_spec_claims.clear();
    (careless.validate_exp, careless.validate_aud) = (false, false);
    for validation in [usual, careless] {
        assert!(is_taken(&admin.token, &validation) && !is_taken(&token, &validation));
    }
    let form = format!("token={token}");
    let answer = server.post("/oauth/introspect").by(&admin).form(&form).send().must_be(200);
    assert_eq!(answer.json(), json!({ "active": false }));
}

#[test]
fn clients_of_oauth_get_no_token_and_are_told_why() {
    let server = Server::start();
    let admin = server.admin();
    let _ = newcomer(&server, &admin, "ada");
    let form = format!("grant_type=password&username=ada&password={}", PASSWORD.replace(' ', "+"));
    let refused = server.post("/oauth/token").form(&form).send().must_be(400);
    assert_eq!(refused.text_of("error"), "invalid_grant");
    let message = refused.text_of("error_description");
    assert!(message.contains("password must be changed first"), "{message}");
}

#[test]
fn the_mark_holds_back_sessions_that_go_on_until_the_password_is_changed() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    mark(&server, &admin, &ada.id, true);
    server.get("/users/me").by(&ada).send().refused(403, REQUIRED);
    server.try_refresh(&ada.refresh_token).refused(403, REQUIRED);
    let form = format!("grant_type=refresh_token&refresh_token={}", ada.refresh_token);
    assert_eq!(server.post("/oauth/token").form(&form).send().must_be(400).text_of("error"), "invalid_grant");
    let form = format!("token={}", ada.token);
    let answer = server.post("/oauth/introspect").by(&admin).form(&form).send().must_be(200);
    assert_eq!(answer.json(), json!({ "active": false }));
    choose(&server, &ada.token, OWN).refused(400, "validation_failed");
    let change = json!({ "current_password": PASSWORD, "password": OWN });
    let answer = server.put("/users/me/password").by(&ada).json(change).send().must_be(200);
    server.get("/users/me").bearer(&answer.text_of("access_token")).send().must_be(200);
}

#[test]
fn a_mark_that_is_taken_away_lets_the_sessions_go_on() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    mark(&server, &admin, &ada.id, true);
    server.get("/users/me").by(&ada).send().refused(403, REQUIRED);
    mark(&server, &admin, &ada.id, false);
    server.get("/users/me").by(&ada).send().must_be(200);
    let _ = server.refresh(&ada.refresh_token);
}

#[test]
fn a_token_that_is_given_up_ends_its_session_though_the_mark_is_there() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    mark(&server, &admin, &ada.id, true);
    server.post("/oauth/revoke").form(&format!("token={}", ada.token)).send().must_be(200);
    mark(&server, &admin, &ada.id, false);
    server.get("/users/me").by(&ada).send().refused(401, "invalid_token");
}

#[test]
fn a_password_by_an_administrator_leaves_the_mark_unless_the_request_says() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let marked = |body: Value| {
        server.put(&format!("{}/password", ada.path())).by(&admin).json(body).send().must_be(204);
        server.get(&ada.path()).by(&admin).send().must_be(200).json()["must_change_password"].clone()
    };
    assert_eq!(marked(json!({ "password": OWN })), false);
    assert_eq!(marked(json!({ "password": OWN, "must_change_password": true })), true);
    assert_eq!(marked(json!({ "password": "nine red lamps" })), true);
    assert_eq!(marked(json!({ "password": OWN, "must_change_password": false })), false);
    let _ = server.log_in("ada", OWN);
}

#[test]
fn the_mark_is_written_for_others_with_users_update_alone() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for (person, path) in [(&admin, admin.path()), (&ada, ada.path()), (&ada, admin.path())] {
        let patch = json!({ "must_change_password": true });
        server.patch(&path).by(person).json(patch).send().refused(403, "permission_denied");
    }
    let change = json!({ "current_password": PASSWORD, "password": OWN, "must_change_password": true });
    server.put("/users/me/password").by(&ada).json(change).send().refused(403, "permission_denied");
    let body = json!({ "username": "eve", "password": PASSWORD, "must_change_password": false });
    server.post("/users").json(body).send().refused(403, "permission_denied");
    for person in [&admin, &ada] {
        let whole = server.get("/users/me").by(person).send().must_be(200).json();
        server.put("/users/me").by(person).json(whole).send().must_be(200);
    }
    server.patch("/users/me").by(&ada).json(json!({ "must_change_password": false })).send().must_be(200);
}

#[test]
fn a_replacement_that_leaves_the_mark_out_leaves_it() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    mark(&server, &admin, &ada.id, true);
    let mut whole = server.get(&ada.path()).by(&admin).send().must_be(200).json();
    whole.as_object_mut().unwrap().remove("must_change_password");
    whole["display_name"] = json!("Ada");
    let after = server.put(&ada.path()).by(&admin).json(whole).send().must_be(200).json();
    assert_eq!(after["must_change_password"], true);
}

#[test]
fn the_log_tells_the_login_and_the_change() {
    let server = Server::start();
    let admin = server.admin();
    let (user, token) = newcomer(&server, &admin, "ada");
    choose(&server, &token, OWN).must_be(200);
    let page = server.get(&format!("/audit?actor={}", id(&user))).by(&admin).send().must_be(200).json();
    let message = |n: usize| {
        let record = &page["data"][n];
        (record["action"].clone(), record["outcome"].clone(), record["changed"].clone())
    };
    let changed = json!(["password", "must_change_password"]);
    assert_eq!(message(0), (json!("password_changed"), json!("success"), changed));
    assert!(page["data"][0]["session"].is_string());
    assert_eq!(message(1), (json!("logged_in"), json!(REQUIRED), json!([])));
}

#[test]
fn a_wrong_temporary_password_is_a_wrong_one() {
    let server = Server::start();
    let admin = server.admin();
    let _ = newcomer(&server, &admin, "ada");
    server.try_log_in("ada", "not this one").refused(401, "credentials_invalid");
}
