//! Fields that users may not set for themselves.

use roster_tests::{PASSWORD, Person, Server};
use serde_json::{Value, json};

/// Every privileged field with a value.
fn privileged_fields() -> [(&'static str, Value); 5] {
    [
        ("roles", json!(["admin"])),
        ("status", json!("disabled")),
        ("email_verified", json!(true)),
        ("attributes", json!({ "plan": "gold" })),
        ("external_id", json!("hr-1")),
    ]
}

fn own_profile(server: &Server, person: &Person) -> Value {
    server.get("/users/me").by(person).send().must_be(200).json()
}

#[test]
fn registration_rejects_privileged_fields() {
    let server = Server::start();
    let bob = server.register("bob");
    for (field, value) in privileged_fields() {
        let mut body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
        body[field] = value;
        server.post("/users").json(body.clone()).send().must_be_problem(403, "permission_denied");
        server.post("/users").by(&bob).json(body).send().must_be_problem(403, "permission_denied");
    }
    let _ = server.register_only("ada");
}

#[test]
fn administrators_can_set_privileged_fields_at_registration() {
    let server = Server::start();
    let mut body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    for (field, value) in privileged_fields() {
        body[field] = value;
    }
    let user = server.post("/users").by(&server.admin()).json(body).send().must_be(201).json();
    for (field, value) in privileged_fields() {
        assert_eq!(user[field], value, "{field}");
    }
}

#[test]
fn users_cannot_patch_their_own_privileged_fields() {
    let server = Server::start();
    let ada = server.register("ada");
    let before = own_profile(&server, &ada);
    for (field, value) in privileged_fields() {
        let patch = json!({ field: value, "display_name": "Ada" });
        server.patch("/users/me").by(&ada).json(patch).send().must_be_problem(403, "permission_denied");
    }
    assert_eq!(own_profile(&server, &ada), before);
}

#[test]
fn users_cannot_replace_their_own_privileged_fields() {
    let server = Server::start();
    let ada = server.register("ada");
    let before = own_profile(&server, &ada);
    for (field, value) in privileged_fields() {
        let mut whole = before.clone();
        whole[field] = value;
        server.put("/users/me").by(&ada).json(whole).send().must_be_problem(403, "permission_denied");
    }
    assert_eq!(own_profile(&server, &ada), before);
}

#[test]
fn administrators_can_change_privileged_fields_of_others() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for (field, value) in privileged_fields() {
        let patch = json!({ field: value });
        let user = server.patch(&ada.path()).by(&admin).json(patch).send().must_be(200).json();
        assert_eq!(user[field], value, "{field}");
    }
}

#[test]
fn internal_fields_are_unknown_fields() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for field in
        ["password", "password_hash", "credential", "auth_epoch", "login_alias", "is_admin", "permissions"]
    {
        let patch = json!({ field: "x" });
        server.patch("/users/me").by(&ada).json(patch.clone()).send().must_be_problem(400, "unknown_field");
        server.patch(&ada.path()).by(&admin).json(patch).send().must_be_problem(400, "unknown_field");
    }
}
