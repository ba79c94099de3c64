//! POST /users/{id}/unlock, and what else ends the delays of a person.

use roster_tests::{PASSWORD, Server, Setup};
use serde_json::json;

fn limited() -> Server {
    Setup::new()
        .set("limits.enabled", "true")
        .set("limits.first_delay", "1h")
        .set("limits.longest_delay", "1h")
        .start()
}

fn log_in(server: &Server, name: &str, password: &str) -> u16 {
    server.post("/auth/login").json(json!({ "login": name, "password": password })).send().status()
}

/// Fails at every name that the person has until nobody may try any more.
fn lock(server: &Server, name: &str) {
    for login in [name.to_owned(), format!("{name}@example.org")] {
        for _ in 0..5 {
            assert_eq!(log_in(server, &login, "not this one"), 401);
        }
        assert_eq!(log_in(server, &login, PASSWORD), 429);
    }
}

#[test]
fn an_administrator_lifts_the_delays_at_every_name_of_a_person() {
    let server = limited();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let _ = server.register_only("bob");
    lock(&server, "ada");
    lock(&server, "bob");
    server.post(&format!("{}/unlock", ada.path())).by(&admin).send().must_be(204);
    assert_eq!((log_in(&server, "ada", PASSWORD), log_in(&server, "ada@example.org", PASSWORD)), (200, 200));
    assert_eq!(log_in(&server, "bob", PASSWORD), 429);
    let page = server.get("/audit?action=user_unlocked").by(&admin).send().must_be(200).json();
    assert_eq!(
        (&page["data"][0]["target"]["id"], &page["data"][0]["actor"]["id"]),
        (&json!(ada.id), &json!(admin.id))
    );
}

#[test]
fn a_password_by_an_administrator_lifts_them_too() {
    let server = limited();
    let (admin, ada) = (server.admin(), server.register("ada"));
    lock(&server, "ada");
    let path = format!("{}/password", ada.path());
    server.put(&path).by(&admin).json(json!({ "password": "seven green lamps" })).send().must_be(204);
    assert_eq!(log_in(&server, "ada", "seven green lamps"), 200);
}

#[test]
fn nobody_else_lifts_them() {
    let server = limited();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let machine = |name: &str, permissions: serde_json::Value| {
        let account = json!({ "name": name, "permissions": permissions });
        let id = server.post("/service-accounts").by(&admin).json(account).send().must_be(201).text_of("id");
        let key = json!({ "name": name });
        server
            .post(&format!("/service-accounts/{id}/keys"))
            .by(&admin)
            .json(key)
            .send()
            .must_be(201)
            .text_of("key")
    };
    let path = format!("{}/unlock", ada.path());
    server.post(&path).send().refused(401, "authentication_required");
    server.post(&path).by(&ada).send().refused(403, "permission_denied");
    let helper = machine("helpdesk", json!(["users:read", "users:update"]));
    server.post(&path).bearer(&helper).send().must_be(204);
    let of_admin = format!("{}/unlock", admin.path());
    server.post(&of_admin).bearer(&helper).send().refused(403, "permission_denied");
    let absent = "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8/unlock";
    server.post(absent).by(&admin).send().refused(404, "user_not_found");
    server.post(&path).by(&admin).json(json!({})).send().must_be(204);
}
