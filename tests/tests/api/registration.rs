//! POST /users.

use roster_tests::{PASSWORD, Server, Setup};
use serde_json::{Value, json};

fn newcomer(username: &str) -> Value {
    json!({ "username": username, "password": PASSWORD })
}

#[test]
fn anyone_can_register_and_is_shown_what_was_kept() {
    let server = Server::start();
    let body = json!({
        "username": "Ada", "password": PASSWORD, "email": "Ada@Example.org", "display_name": "Ada Lovelace",
    });
    let answer = server.post("/users").json(body).send().must_be(201);
    let user = answer.json();
    assert_eq!(answer.header("location"), Some(format!("/users/{}", user["id"].as_str().unwrap()).as_str()));
    assert_eq!(answer.etag(), "\"1\"");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
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
fn an_id_is_a_uuid_of_version_7_and_a_time_has_microseconds_in_utc() {
    let server = Server::start();
    let user = server.register_only("ada");
    let id = user["id"].as_str().unwrap();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'), "{id}");
    let time = user["created_at"].as_str().unwrap();
    assert!(time.len() == 27 && time.ends_with('Z') && time.as_bytes()[19] == b'.', "{time}");
}

#[test]
fn every_fault_is_told_at_once() {
    let server = Server::start();
    let body = json!({ "username": "a@b", "password": "short", "email": "a..b@x.org", "display_name": "" });
    let answer = server.post("/users").json(body).send().refused(400, "validation_failed");
    let pointers: Vec<_> = answer.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/display_name", "/email", "/password", "/username"]);
}

#[test]
fn what_is_missing_is_told() {
    let server = Server::start();
    let answer = server.post("/users").json(json!({})).send().refused(400, "validation_failed");
    let expected = ["/password", "/username"].map(|at| (at.to_owned(), "field_missing".to_owned()));
    assert_eq!(answer.faults(), expected);
}

#[test]
fn usernames_that_differ_only_in_case_or_width_are_one() {
    let server = Server::start();
    let _ = server.register_only("Ada");
    for same in ["ada", "ADA", "\u{ff41}da"] {
        server.post("/users").json(newcomer(same)).send().refused(409, "username_taken");
    }
    server.post("/users").json(newcomer("adá")).send().must_be(201);
}

#[test]
fn addresses_that_differ_only_in_case_or_in_the_spelling_of_the_domain_are_one() {
    let server = Server::start();
    let register = |name: &str, email: &str| {
        server.post("/users").json(json!({ "username": name, "password": PASSWORD, "email": email })).send()
    };
    register("a", "Ada@Bücher.example").must_be(201);
    register("b", "ada@BÜCHER.example").refused(409, "email_taken");
    register("c", "ada@xn--bcher-kva.example").refused(409, "email_taken");
    // Neither dots nor plus signs are folded: they may be different people.
    register("d", "ada+x@bücher.example").must_be(201);
    register("e", "a.da@bücher.example").must_be(201);
}

#[test]
fn addresses_that_mail_cannot_reach_are_refused() {
    let server = Server::start();
    let long = format!("{}@{}.org", "a".repeat(64), "b.".repeat(95).trim_end_matches('.'));
    for email in
        ["", "ada", "@x.org", "ada@", ".a@x.org", "a.@x.org", "a..b@x.org", "a@localhost", "a b@x.org", &long]
    {
        let body = json!({ "username": "ada", "password": PASSWORD, "email": email });
        let answer = server.post("/users").json(body).send().refused(400, "validation_failed");
        assert_eq!(answer.faults()[0].0, "/email", "{email}");
    }
}

#[test]
fn values_are_kept_as_given_markup_included() {
    let server = Server::start();
    for (name, shown) in
        [("a", "<script>alert(1)</script>"), ("b", "👩‍🚀 Ωmega \"quoted\" \\ 'x'"), ("c", "'; DROP TABLE--")]
    {
        let body = json!({ "username": name, "password": PASSWORD, "display_name": shown });
        let user = server.post("/users").json(body).send().must_be(201);
        assert_eq!(user.json()["display_name"], shown);
    }
}

#[test]
fn a_field_that_is_not_known_is_named_with_those_that_are() {
    let server = Server::start();
    for field in ["id", "version", "is_admin", "password_hash", "created_at", "__proto__"] {
        let mut body = newcomer("ada");
        body[field] = json!(1);
        let answer = server.post("/users").json(body).send().refused(400, "unknown_field");
        assert!(answer.text().contains(&format!("/{field}")), "{}", answer.summary());
        assert!(answer.text().contains("display_name"), "{}", answer.summary());
    }
}

#[test]
fn a_closed_registration_is_for_administrators() {
    let server = Setup::new().set("registration.mode", "closed").start();
    server.post("/users").json(newcomer("ada")).send().refused(403, "registration_closed");
    let admin = server.admin();
    server.post("/users").by(&admin).json(newcomer("ada")).send().must_be(201);
    let ada = server.log_in("ada", PASSWORD);
    server.post("/users").by(&ada).json(newcomer("bob")).send().refused(403, "registration_closed");
}

#[test]
fn a_bad_token_is_refused_and_not_taken_for_nobody() {
    let server = Server::start();
    server.post("/users").bearer("nonsense").json(newcomer("ada")).send().refused(401, "invalid_token");
    server.post("/users").json(newcomer("ada")).send().must_be(201);
}

#[test]
fn a_taken_name_a_taken_address_and_a_taken_external_id_have_codes_of_their_own() {
    let server = Server::start();
    let admin = server.admin();
    let create = |name: &str, email: &str, external: &str| {
        let body = json!({ "username": name, "password": PASSWORD, "email": email, "external_id": external });
        server.post("/users").by(&admin).json(body).send()
    };
    create("ada", "ada@x.org", "hr-1").must_be(201);
    create("ADA", "b@x.org", "hr-2").refused(409, "username_taken");
    create("bob", "ADA@x.org", "hr-2").refused(409, "email_taken");
    create("bob", "b@x.org", "hr-1").refused(409, "external_id_taken");
    create("bob", "b@x.org", "HR-1").must_be(201);
}
