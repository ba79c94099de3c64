//! `POST /users`.

use roster_tests::{PASSWORD, Server, Setup};
use serde_json::{Value, json};

fn new_user(username: &str) -> Value {
    json!({ "username": username, "password": PASSWORD })
}

#[test]
fn anyone_can_register_and_gets_the_stored_user() {
    let server = Server::start();
    let body = json!({
        "username": "Ada", "password": PASSWORD, "email": "Ada@Example.org", "display_name": "Ada Lovelace",
    });
    let response = server.post("/users").json(body).send().must_be(201);
    let user = response.json();
    assert_eq!(
        response.header("location"),
        Some(format!("/users/{}", user["id"].as_str().unwrap()).as_str())
    );
    assert_eq!(response.etag(), "\"1\"");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    for (field, expected) in [
        ("username", json!("Ada")),
        ("email", json!("Ada@Example.org")),
        ("email_verified", json!(false)),
        ("display_name", json!("Ada Lovelace")),
        ("status", json!("active")),
        ("pending_reasons", Value::Null),
        ("roles", json!(["user"])),
        ("must_change_password", json!(false)),
        ("attributes", json!({})),
        ("external_id", Value::Null),
        ("last_login_at", Value::Null),
        ("version", json!(1)),
    ] {
        assert_eq!(user[field], expected, "{field}");
    }
    assert_eq!(user["created_at"], user["updated_at"]);
    assert_eq!(user.as_object().unwrap().len(), 15, "{user}");
}

#[test]
fn ids_are_uuid_v7_and_times_are_utc_microseconds() {
    let server = Server::start();
    let user = server.register_only("ada");
    let id = user["id"].as_str().unwrap();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'), "{id}");
    let time = user["created_at"].as_str().unwrap();
    assert!(time.len() == 27 && time.ends_with('Z') && time.as_bytes()[19] == b'.', "{time}");
}

#[test]
fn every_validation_error_is_reported_together() {
    let server = Server::start();
    let body = json!({ "username": "a@b", "password": "short", "email": "a..b@x.org", "display_name": "" });
    let response = server.post("/users").json(body).send().must_be_problem(400, "validation_failed");
    let pointers: Vec<_> = response.errors().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/display_name", "/email", "/password", "/username"]);
}

#[test]
fn missing_fields_are_reported() {
    let server = Server::start();
    let response = server.post("/users").json(json!({})).send().must_be_problem(400, "validation_failed");
    let expected = ["/password", "/username"].map(|at| (at.to_owned(), "field_missing".to_owned()));
    assert_eq!(response.errors(), expected);
}

#[test]
fn usernames_that_differ_only_in_case_or_width_are_equal() {
    let server = Server::start();
    let _ = server.register_only("Ada");
    for same in ["ada", "ADA", "\u{ff41}da"] {
        server.post("/users").json(new_user(same)).send().must_be_problem(409, "username_taken");
    }
    server.post("/users").json(new_user("adá")).send().must_be(201);
}

#[test]
fn emails_that_differ_only_in_case_or_domain_encoding_are_equal() {
    let server = Server::start();
    let register = |name: &str, email: &str| {
        server.post("/users").json(json!({ "username": name, "password": PASSWORD, "email": email })).send()
    };
    register("a", "Ada@Bücher.example").must_be(201);
    register("b", "ada@BÜCHER.example").must_be_problem(409, "email_taken");
    register("c", "ada@xn--bcher-kva.example").must_be_problem(409, "email_taken");
    // Dots and plus signs are significant: they may belong to different people.
    register("d", "ada+x@bücher.example").must_be(201);
    register("e", "a.da@bücher.example").must_be(201);
}

#[test]
fn undeliverable_email_addresses_are_rejected() {
    let server = Server::start();
    let long = format!("{}@{}.org", "a".repeat(64), "b.".repeat(95).trim_end_matches('.'));
    for email in
        ["", "ada", "@x.org", "ada@", ".a@x.org", "a.@x.org", "a..b@x.org", "a@localhost", "a b@x.org", &long]
    {
        let body = json!({ "username": "ada", "password": PASSWORD, "email": email });
        let response = server.post("/users").json(body).send().must_be_problem(400, "validation_failed");
        assert_eq!(response.errors()[0].0, "/email", "{email}");
    }
}

#[test]
fn values_with_markup_are_stored_unchanged() {
    let server = Server::start();
    for (name, display_name) in
        [("a", "<script>alert(1)</script>"), ("b", "👩‍🚀 Ωmega \"quoted\" \\ 'x'"), ("c", "'; DROP TABLE--")]
    {
        let body = json!({ "username": name, "password": PASSWORD, "display_name": display_name });
        let user = server.post("/users").json(body).send().must_be(201);
        assert_eq!(user.json()["display_name"], display_name);
    }
}

#[test]
fn an_unknown_field_is_reported_with_the_known_ones() {
    let server = Server::start();
    for field in ["id", "version", "is_admin", "password_hash", "created_at", "__proto__"] {
        let mut body = new_user("ada");
        body[field] = json!(1);
        let response = server.post("/users").json(body).send().must_be_problem(400, "unknown_field");
        assert!(response.text().contains(&format!("/{field}")), "{}", response.summary());
        assert!(response.text().contains("display_name"), "{}", response.summary());
    }
}

#[test]
fn only_administrators_can_register_users_when_registration_is_closed() {
    let server = Setup::new().set("registration.mode", "closed").start();
    server.post("/users").json(new_user("ada")).send().must_be_problem(403, "registration_closed");
    let admin = server.admin();
    server.post("/users").by(&admin).json(new_user("ada")).send().must_be(201);
    let ada = server.log_in("ada", PASSWORD);
    server.post("/users").by(&ada).json(new_user("bob")).send().must_be_problem(403, "registration_closed");
}

#[test]
fn an_invalid_token_is_rejected_and_not_treated_as_anonymous() {
    let server = Server::start();
    server
        .post("/users")
        .bearer("nonsense")
        .json(new_user("ada"))
        .send()
        .must_be_problem(401, "invalid_token");
    server.post("/users").json(new_user("ada")).send().must_be(201);
}

#[test]
fn taken_usernames_emails_and_external_ids_have_their_own_codes() {
    let server = Server::start();
    let admin = server.admin();
    let create = |name: &str, email: &str, external: &str| {
        let body = json!({ "username": name, "password": PASSWORD, "email": email, "external_id": external });
        server.post("/users").by(&admin).json(body).send()
    };
    create("ada", "ada@x.org", "hr-1").must_be(201);
    create("ADA", "b@x.org", "hr-2").must_be_problem(409, "username_taken");
    create("bob", "ADA@x.org", "hr-2").must_be_problem(409, "email_taken");
    create("bob", "b@x.org", "hr-1").must_be_problem(409, "external_id_taken");
    create("bob", "b@x.org", "HR-1").must_be(201);
}
