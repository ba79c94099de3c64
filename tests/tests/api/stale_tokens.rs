//! Changes that invalidate access tokens immediately.

use roster_tests::{PASSWORD, Person, Server};
use serde_json::json;

fn is_good(server: &Server, person: &Person) -> bool {
    let response = server.get("/users/me").by(person).send();
    if response.status() == 200 {
        return true;
    }
    response.must_be_problem(401, "invalid_token");
    false
}

#[test]
fn a_disabled_account_is_rejected_and_its_old_tokens_stay_invalid_after_enabling() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    assert!(is_good(&server, &ada));
    let set = |status: &str| {
        server.patch(&ada.path()).by(&admin).json(json!({ "status": status })).send().must_be(200);
    };
    set("disabled");
    assert!(!is_good(&server, &ada));
    set("active");
    assert!(!is_good(&server, &ada));
    assert!(is_good(&server, &server.log_in("ada", PASSWORD)));
}

#[test]
fn a_pending_account_is_rejected() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.patch(&ada.path()).by(&admin).json(json!({ "status": "pending" })).send().must_be(200);
    assert!(!is_good(&server, &ada));
}

#[test]
fn the_tokens_of_a_deleted_account_are_invalid_for_a_new_one_of_the_same_name() {
    let server = Server::start();
    let ada = server.register("ada");
    server.delete("/users/me").by(&ada).send().must_be(204);
    assert!(!is_good(&server, &ada));
    let again = server.register("ada");
    assert_ne!(again.id, ada.id);
    assert!(!is_good(&server, &ada));
}

#[test]
fn a_password_change_invalidates_all_older_tokens() {
    let server = Server::start();
    let (ada, elsewhere) = (server.register("ada"), server.log_in("ada", PASSWORD));
    let change = json!({ "current_password": PASSWORD, "password": "seven green lamps" });
    let token = server.put("/users/me/password").by(&ada).json(change).send().must_be(200);
    let renewed = Person { token: token.string("access_token"), ..ada.clone() };
    assert!(!is_good(&server, &ada) && !is_good(&server, &elsewhere));
    assert!(is_good(&server, &renewed));
}

#[test]
fn a_role_change_invalidates_all_older_tokens() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.patch(&ada.path()).by(&admin).json(json!({ "roles": ["admin"] })).send().must_be(200);
    assert!(!is_good(&server, &ada));
    let promoted = server.log_in("ada", PASSWORD);
    server.get("/users").by(&promoted).send().must_be(200);
    server.patch(&ada.path()).by(&admin).json(json!({ "roles": ["user"] })).send().must_be(200);
    assert!(!is_good(&server, &promoted));
}

#[test]
fn a_username_or_email_change_keeps_tokens_valid() {
    let server = Server::start();
    let ada = server.register("ada");
    let patch = json!({ "username": "countess", "email": "ada@lovelace.example", "display_name": "Ada" });
    server.patch("/users/me").by(&ada).json(patch).send().must_be(200);
    assert!(is_good(&server, &ada));
}
