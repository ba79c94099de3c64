//! The field `must_change_password` of existing users.

use crate::temporary_passwords::{NEW_PASSWORD, REQUIRED, choose_password};
use roster_tests::{PASSWORD, Person, Server};
use serde_json::{Value, json};

fn set_flag(server: &Server, admin: &Person, id: &str, marked: bool) {
    let patch = json!({ "must_change_password": marked });
    server.patch(&format!("/users/{id}")).by(admin).json(patch).send().must_be(200);
}

#[test]
fn existing_sessions_are_restricted_until_the_password_is_changed() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    set_flag(&server, &admin, &ada.id, true);
    server.get("/users/me").by(&ada).send().must_be_problem(403, REQUIRED);
    server.try_refresh(&ada.refresh_token).must_be_problem(403, REQUIRED);
    let form = format!("grant_type=refresh_token&refresh_token={}", ada.refresh_token);
    assert_eq!(server.post("/oauth/token").form(&form).send().must_be(400).string("error"), "invalid_grant");
    let form = format!("token={}", ada.token);
    let response = server.post("/oauth/introspect").by(&admin).form(&form).send().must_be(200);
    assert_eq!(response.json(), json!({ "active": false }));
    choose_password(&server, &ada.token, NEW_PASSWORD).must_be_problem(400, "validation_failed");
    let change = json!({ "current_password": PASSWORD, "password": NEW_PASSWORD });
    let response = server.put("/users/me/password").by(&ada).json(change).send().must_be(200);
    server.get("/users/me").bearer(&response.string("access_token")).send().must_be(200);
}

#[test]
fn clearing_the_flag_unblocks_existing_sessions() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    set_flag(&server, &admin, &ada.id, true);
    server.get("/users/me").by(&ada).send().must_be_problem(403, REQUIRED);
    set_flag(&server, &admin, &ada.id, false);
    server.get("/users/me").by(&ada).send().must_be(200);
    let _ = server.refresh(&ada.refresh_token);
}

#[test]
fn a_flagged_users_token_can_be_revoked() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    set_flag(&server, &admin, &ada.id, true);
    server.post("/oauth/revoke").form(&format!("token={}", ada.token)).send().must_be(200);
    set_flag(&server, &admin, &ada.id, false);
    server.get("/users/me").by(&ada).send().must_be_problem(401, "invalid_token");
}

#[test]
fn setting_a_password_keeps_the_flag_unless_requested() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let marked = |body: Value| {
        server.put(&format!("{}/password", ada.path())).by(&admin).json(body).send().must_be(204);
        server.get(&ada.path()).by(&admin).send().must_be(200).json()["must_change_password"].clone()
    };
    assert_eq!(marked(json!({ "password": NEW_PASSWORD })), false);
    assert_eq!(marked(json!({ "password": NEW_PASSWORD, "must_change_password": true })), true);
    assert_eq!(marked(json!({ "password": "nine red lamps" })), true);
    assert_eq!(marked(json!({ "password": NEW_PASSWORD, "must_change_password": false })), false);
    let _ = server.log_in("ada", NEW_PASSWORD);
}

#[test]
fn the_flag_can_only_be_set_for_others_and_requires_users_update() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for (person, path) in [(&admin, admin.path()), (&ada, ada.path()), (&ada, admin.path())] {
        let patch = json!({ "must_change_password": true });
        server.patch(&path).by(person).json(patch).send().must_be_problem(403, "permission_denied");
    }
    let change =
        json!({ "current_password": PASSWORD, "password": NEW_PASSWORD, "must_change_password": true });
    server.put("/users/me/password").by(&ada).json(change).send().must_be_problem(403, "permission_denied");
    let body = json!({ "username": "eve", "password": PASSWORD, "must_change_password": false });
    server.post("/users").json(body).send().must_be_problem(403, "permission_denied");
    for person in [&admin, &ada] {
        let whole = server.get("/users/me").by(person).send().must_be(200).json();
        server.put("/users/me").by(person).json(whole).send().must_be(200);
    }
    server.patch("/users/me").by(&ada).json(json!({ "must_change_password": false })).send().must_be(200);
}

#[test]
fn put_without_the_flag_keeps_it() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    set_flag(&server, &admin, &ada.id, true);
    let mut whole = server.get(&ada.path()).by(&admin).send().must_be(200).json();
    whole.as_object_mut().unwrap().remove("must_change_password");
    whole["display_name"] = json!("Ada");
    let after = server.put(&ada.path()).by(&admin).json(whole).send().must_be(200).json();
    assert_eq!(after["must_change_password"], true);
}
