//! Fields that people may not give themselves.

use roster_tests::{PASSWORD, Person, Server};
use serde_json::{Value, json};

/// Each with a value that one might wish for.
fn privileged() -> [(&'static str, Value); 5] {
    [
        ("roles", json!(["admin"])),
        ("status", json!("disabled")),
        ("email_verified", json!(true)),
        ("attributes", json!({ "plan": "gold" })),
        ("external_id", json!("hr-1")),
    ]
}

fn shown(server: &Server, person: &Person) -> Value {
    server.get("/users/me").by(person).send().must_be(200).json()
}

#[test]
fn nobody_registers_with_them() {
    let server = Server::start();
    let bob = server.register("bob");
    for (field, value) in privileged() {
        let mut body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
        body[field] = value;
        server.post("/users").json(body.clone()).send().refused(403, "permission_denied");
        server.post("/users").by(&bob).json(body).send().refused(403, "permission_denied");
    }
    let _ = server.register_only("ada");
}

#[test]
fn an_administrator_registers_others_with_them() {
    let server = Server::start();
    let mut body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    for (field, value) in privileged() {
        body[field] = value;
    }
    let user = server.post("/users").by(&server.admin()).json(body).send().must_be(201).json();
    for (field, value) in privileged() {
        assert_eq!(user[field], value, "{field}");
    }
}

#[test]
fn nobody_patches_their_own() {
    let server = Server::start();
    let ada = server.register("ada");
    let before = shown(&server, &ada);
    for (field, value) in privileged() {
        let patch = json!({ field: value, "display_name": "Ada" });
        server.patch("/users/me").by(&ada).json(patch).send().refused(403, "permission_denied");
    }
    assert_eq!(shown(&server, &ada), before);
}

#[test]
fn nobody_replaces_their_own() {
    let server = Server::start();
    let ada = server.register("ada");
    let before = shown(&server, &ada);
    for (field, value) in privileged() {
        let mut whole = before.clone();
        whole[field] = value;
        server.put("/users/me").by(&ada).json(whole).send().refused(403, "permission_denied");
    }
    assert_eq!(shown(&server, &ada), before);
}

#[test]
fn an_administrator_changes_those_of_others() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for (field, value) in privileged() {
        let patch = json!({ field: value });
        let user = server.patch(&ada.path()).by(&admin).json(patch).send().must_be(200).json();
        assert_eq!(user[field], value, "{field}");
    }
}

#[test]
fn what_is_kept_beside_the_profile_is_no_field_at_all() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for field in
        ["password", "password_hash", "credential", "auth_epoch", "login_alias", "is_admin", "permissions"]
    {
        let patch = json!({ field: "x" });
        server.patch("/users/me").by(&ada).json(patch.clone()).send().refused(400, "unknown_field");
        server.patch(&ada.path()).by(&admin).json(patch).send().refused(400, "unknown_field");
    }
}
