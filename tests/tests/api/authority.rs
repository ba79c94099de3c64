//! Who may what to whom.

use roster_tests::{PASSWORD, Server};
use serde_json::{Value, json};

const ABSENT: &str = "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";

#[test]
fn a_person_without_permissions_touches_nobody_else_and_cannot_tell_who_exists() {
    let server = Server::start();
    let (ada, bob, admin) = (server.register("ada"), server.register("bob"), server.admin());
    let change = json!({ "password": "seven green lamps" });
    for path in [bob.path(), admin.path(), ABSENT.to_owned()] {
        for request in [
            server.get(&path),
            server.get(&path).if_none_match("*"),
            server.patch(&path).json(json!({ "display_name": "x" })),
            server.patch(&path).json(json!({})).if_match("*"),
            server.put(&path).json(json!({ "username": "x", "email": null, "display_name": null })),
            server.delete(&path),
            server.delete(&path).if_match("\"99\""),
            server.put(&format!("{path}/password")).json(change.clone()),
        ] {
            let answer = request.by(&ada).send().refused(403, "permission_denied");
            let mut problem = answer.json();
            problem["instance"] = Value::Null;
            assert!(!problem.to_string().contains("bob"), "{problem}");
        }
    }
}

#[test]
fn a_field_that_nobody_may_write_is_a_400_for_a_stranger_whoever_it_is_about() {
    let server = Server::start();
    let (ada, bob, admin) = (server.register("ada"), server.register("bob"), server.admin());
    for path in [bob.path(), admin.path(), ABSENT.to_owned()] {
        for (field, value) in [
            ("id", json!(ada.id)),
            ("version", json!(1)),
            ("version", json!(99)),
            ("created_at", json!("2026-01-01T00:00:00Z")),
            ("last_login_at", Value::Null),
        ] {
            let body = json!({ field: value, "username": "x", "email": null, "display_name": null });
            for request in [server.patch(&path), server.put(&path)] {
                let answer = request.json(body.clone()).by(&ada).send().refused(400, "validation_failed");
                assert_eq!(answer.faults(), [(format!("/{field}"), "field_read_only".to_owned())]);
            }
        }
        // The id that the path names is no other.
        let id = path.trim_start_matches("/users/");
        server.patch(&path).json(json!({ "id": id })).by(&ada).send().refused(403, "permission_denied");
    }
}

#[test]
fn whoever_is_nobody_is_asked_who_they_are_before_anything_else() {
    let server = Server::start();
    for request in [
        server.get("/users/nonsense"),
        server.get("/users?unknown=1"),
        server.patch("/users/me").bytes("text/plain", "not json"),
        server.put("/users/me").json(json!({ "unknown": 1 })),
        server.delete("/users/me").if_match(""),
        server.put("/users/me/password").json(json!({})),
    ] {
        request.send().refused(401, "authentication_required");
    }
}

#[test]
fn an_administrator_reads_changes_and_deletes_anybody() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register_admin("ada"));
    server.get(&ada.path()).by(&admin).send().must_be(200);
    let patch = json!({ "username": "countess", "status": "disabled", "roles": ["user"] });
    server.patch(&ada.path()).by(&admin).json(patch).send().must_be(200);
    server.delete(&ada.path()).by(&admin).send().must_be(204);
}

#[test]
fn a_role_that_is_not_known_is_kept_and_grants_nothing() {
    let server = Server::start();
    let admin = server.admin();
    let body = json!({ "username": "ada", "password": PASSWORD, "roles": ["moderator", "user"] });
    let user = server.post("/users").by(&admin).json(body).send().must_be(201).json();
    let roles: Vec<_> = user["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap()).collect();
    assert!(roles.contains(&"moderator") && roles.contains(&"user"), "{roles:?}");
    let ada = server.log_in("ada", PASSWORD);
    server.get("/users").by(&ada).send().refused(403, "permission_denied");
    server.get(&admin.path()).by(&ada).send().refused(403, "permission_denied");
}

#[test]
fn a_role_name_that_is_none_is_a_fault() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for roles in
        [json!(["a b"]), json!([""]), json!(["x".repeat(300)]), json!([1]), json!("admin"), Value::Null]
    {
        server.patch(&ada.path()).by(&admin).json(json!({ "roles": roles })).send().must_be(400);
    }
}

#[test]
fn authority_ends_with_the_role_at_the_next_request() {
    let server = Server::start();
    let (admin, second) = (server.admin(), server.register_admin("second"));
    server.get("/users").by(&second).send().must_be(200);
    server.patch(&second.path()).by(&admin).json(json!({ "roles": ["user"] })).send().must_be(200);
    server.get("/users").by(&second).send().refused(401, "invalid_token");
    let demoted = server.log_in("second", PASSWORD);
    server.get("/users").by(&demoted).send().refused(403, "permission_denied");
}

#[test]
fn who_says_who_they_are_in_a_way_that_is_not_understood_is_not_registered_as_nobody() {
    let server = Server::start();
    let body = json!({ "username": "ada", "password": PASSWORD });
    for value in ["Bearer ", "Bearer", "Token abc", "eyJhbGciOiJub25lIn0.e30."] {
        let sent = server.post("/users").header("Authorization", value).json(body.clone()).send();
        sent.refused(401, "authentication_required");
    }
    server.post("/users").json(body).send().must_be(201);
}
