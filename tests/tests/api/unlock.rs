//! `POST /users/{id}/unlock` and other ways to lift login delays.

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

/// Fails to log in with the username and the email until both are locked.
fn lock_out(server: &Server, name: &str) {
    for login in [name.to_owned(), format!("{name}@example.org")] {
        for _ in 0..5 {
            assert_eq!(log_in(server, &login, "not this one"), 401);
        }
        assert_eq!(log_in(server, &login, PASSWORD), 429);
    }
}

#[test]
fn an_administrator_unlocks_a_user_at_every_login_name() {
    let server = limited();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let _ = server.register_only("bob");
    lock_out(&server, "ada");
    lock_out(&server, "bob");
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
fn a_password_set_by_an_administrator_unlocks_the_user() {
    let server = limited();
    let (admin, ada) = (server.admin(), server.register("ada"));
    lock_out(&server, "ada");
    let path = format!("{}/password", ada.path());
    server.put(&path).by(&admin).json(json!({ "password": "seven green lamps" })).send().must_be(204);
    assert_eq!(log_in(&server, "ada", "seven green lamps"), 200);
}

#[test]
fn other_users_cannot_unlock() {
    let server = limited();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let machine = |name: &str, permissions: serde_json::Value| {
        let account = json!({ "name": name, "permissions": permissions });
        let id = server.post("/service-accounts").by(&admin).json(account).send().must_be(201).string("id");
        let key = json!({ "name": name });
        server
            .post(&format!("/service-accounts/{id}/keys"))
            .by(&admin)
            .json(key)
            .send()
            .must_be(201)
            .string("key")
    };
    let path = format!("{}/unlock", ada.path());
    server.post(&path).send().must_be_problem(401, "authentication_required");
    server.post(&path).by(&ada).send().must_be_problem(403, "permission_denied");
    let helper = machine("helpdesk", json!(["users:read", "users:update"]));
    server.post(&path).bearer(&helper).send().must_be(204);
    let of_admin = format!("{}/unlock", admin.path());
    server.post(&of_admin).bearer(&helper).send().must_be_problem(403, "permission_denied");
    let absent = "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8/unlock";
    server.post(absent).by(&admin).send().must_be_problem(404, "user_not_found");
    server.post(&path).by(&admin).json(json!({})).send().must_be(204);
}
