//! Authorization: who may do what to whom.

use roster_tests::{PASSWORD, Server};
use serde_json::{Value, json};

const ABSENT: &str = "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";

#[test]
fn a_user_without_permissions_cannot_access_others_or_learn_who_exists() {
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
            let response = request.by(&ada).send().must_be_problem(403, "permission_denied");
            let mut problem = response.json();
            problem["instance"] = Value::Null;
            assert!(!problem.to_string().contains("bob"), "{problem}");
        }
    }
}

#[test]
fn a_read_only_field_is_a_400_even_without_permission_or_target() {
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
                let response =
                    request.json(body.clone()).by(&ada).send().must_be_problem(400, "validation_failed");
                assert_eq!(response.errors(), [(format!("/{field}"), "field_read_only".to_owned())]);
            }
        }
        // The user's own id is not a change, so it is only forbidden.
        let id = path.trim_start_matches("/users/");
        server
            .patch(&path)
            .json(json!({ "id": id }))
            .by(&ada)
            .send()
            .must_be_problem(403, "permission_denied");
    }
}

#[test]
fn anonymous_requests_get_401_before_any_other_check() {
    let server = Server::start();
    for request in [
        server.get("/users/nonsense"),
        server.get("/users?unknown=1"),
        server.patch("/users/me").bytes("text/plain", "not json"),
        server.put("/users/me").json(json!({ "unknown": 1 })),
        server.delete("/users/me").if_match(""),
        server.put("/users/me/password").json(json!({})),
    ] {
        request.send().must_be_problem(401, "authentication_required");
    }
}

#[test]
fn an_administrator_reads_updates_and_deletes_any_user() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register_admin("ada"));
    server.get(&ada.path()).by(&admin).send().must_be(200);
    let patch = json!({ "username": "countess", "status": "disabled", "roles": ["user"] });
    server.patch(&ada.path()).by(&admin).json(patch).send().must_be(200);
    server.delete(&ada.path()).by(&admin).send().must_be(204);
}

#[test]
fn an_unknown_role_is_stored_and_grants_nothing() {
    let server = Server::start();
    let admin = server.admin();
    let body = json!({ "username": "ada", "password": PASSWORD, "roles": ["moderator", "user"] });
    let user = server.post("/users").by(&admin).json(body).send().must_be(201).json();
    let roles: Vec<_> = user["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap()).collect();
    assert!(roles.contains(&"moderator") && roles.contains(&"user"), "{roles:?}");
    let ada = server.log_in("ada", PASSWORD);
    server.get("/users").by(&ada).send().must_be_problem(403, "permission_denied");
    server.get(&admin.path()).by(&ada).send().must_be_problem(403, "permission_denied");
}

#[test]
fn an_invalid_role_name_is_a_validation_error() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for roles in
        [json!(["a b"]), json!([""]), json!(["x".repeat(300)]), json!([1]), json!("admin"), Value::Null]
    {
        server.patch(&ada.path()).by(&admin).json(json!({ "roles": roles })).send().must_be(400);
    }
}

#[test]
fn removing_a_role_takes_effect_on_the_next_request() {
    let server = Server::start();
    let (admin, second) = (server.admin(), server.register_admin("second"));
    server.get("/users").by(&second).send().must_be(200);
    server.patch(&second.path()).by(&admin).json(json!({ "roles": ["user"] })).send().must_be(200);
    server.get("/users").by(&second).send().must_be_problem(401, "invalid_token");
    let demoted = server.log_in("second", PASSWORD);
    server.get("/users").by(&demoted).send().must_be_problem(403, "permission_denied");
}

#[test]
fn registration_rejects_an_unsupported_authorization_scheme() {
    let server = Server::start();
    let body = json!({ "username": "ada", "password": PASSWORD });
    for value in ["Bearer ", "Bearer", "Token abc", "eyJhbGciOiJub25lIn0.e30."] {
        let sent = server.post("/users").header("Authorization", value).json(body.clone()).send();
        sent.must_be_problem(401, "authentication_required");
    }
    server.post("/users").json(body).send().must_be(201);
}
