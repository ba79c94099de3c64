//! When a token that was good is not any more: at the next request.

use roster_tests::{PASSWORD, Person, Server};
use serde_json::json;

fn is_good(server: &Server, person: &Person) -> bool {
    let answer = server.get("/users/me").by(person).send();
    if answer.status() == 200 {
        return true;
    }
    answer.refused(401, "invalid_token");
    false
}

#[test]
fn a_disabled_account_is_out_and_its_old_token_stays_dead_once_it_is_back() {
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
fn a_pending_account_is_out() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.patch(&ada.path()).by(&admin).json(json!({ "status": "pending" })).send().must_be(200);
    assert!(!is_good(&server, &ada));
}

#[test]
fn a_deleted_account_is_out_and_its_name_starts_afresh() {
    let server = Server::start();
    let ada = server.register("ada");
    server.delete("/users/me").by(&ada).send().must_be(204);
    assert!(!is_good(&server, &ada));
    let again = server.register("ada");
    assert_ne!(again.id, ada.id);
    assert!(!is_good(&server, &ada));
}

#[test]
fn another_password_ends_every_older_token() {
    let server = Server::start();
    let (ada, elsewhere) = (server.register("ada"), server.log_in("ada", PASSWORD));
    let change = json!({ "current_password": PASSWORD, "password": "seven green lamps" });
    let token = server.put("/users/me/password").by(&ada).json(change).send().must_be(200);
    let renewed = Person { token: token.text_of("access_token"), ..ada.clone() };
    assert!(!is_good(&server, &ada) && !is_good(&server, &elsewhere));
    assert!(is_good(&server, &renewed));
}

#[test]
fn other_roles_end_every_older_token() {
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
fn another_name_or_address_ends_none() {
    let server = Server::start();
    let ada = server.register("ada");
    let patch = json!({ "username": "countess", "email": "ada@lovelace.example", "display_name": "Ada" });
    server.patch("/users/me").by(&ada).json(patch).send().must_be(200);
    assert!(is_good(&server, &ada));
}
