//! `GET`, `PUT`, `PATCH` and `DELETE` of one user.

use roster_tests::{PASSWORD, Server};
use serde_json::{Value, json};

const ABSENT: &str = "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";

#[test]
fn me_is_the_caller() {
    let server = Server::start();
    let ada = server.register("ada");
    let me = server.get("/users/me").by(&ada).send().must_be(200);
    let by_id = server.get(&ada.path()).by(&ada).send().must_be(200);
    assert_eq!(me.json(), by_id.json());
    assert_eq!(me.json()["id"], ada.id);
    assert_eq!(me.etag(), by_id.etag());
    assert_eq!(me.header("cache-control"), Some("private, no-cache"));
    let upper = format!("/users/{}", ada.id.to_uppercase());
    server.get(&upper).by(&ada).send().must_be(200);
}

#[test]
fn head_responds_like_get_without_the_body() {
    let server = Server::start();
    let ada = server.register("ada");
    let get = server.get("/users/me").by(&ada).send().must_be(200);
    let head = server.request("HEAD", "/users/me").by(&ada).send().must_be(200);
    assert!(head.bytes().is_empty());
    for name in ["etag", "content-type", "content-length", "cache-control"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    server.request("HEAD", "/users/me").send().must_be(401);
}

#[test]
fn a_user_can_be_sent_back_unchanged() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let attributes =
        json!({ "attributes": { "n": 1.5, "deep": { "list": [1, null, "é"] } }, "external_id": "hr-1" });
    server.patch(&ada.path()).by(&admin).json(attributes).send().must_be(200);
    let before = server.get("/users/me").by(&ada).send().must_be(200);
    for person in [&ada, &admin] {
        let after = server.put(&ada.path()).by(person).json(before.json()).send().must_be(200);
        assert_eq!(after.json(), before.json());
        assert_eq!(after.etag(), before.etag());
    }
}

#[test]
fn put_requires_every_writable_field() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let pointers = |response: roster_tests::Response| -> Vec<String> {
        response
            .must_be_problem(400, "validation_failed")
            .errors()
            .into_iter()
            .map(|(pointer, _)| pointer)
            .collect()
    };
    let own = server.put("/users/me").by(&ada).json(json!({})).send();
    assert_eq!(pointers(own), ["/display_name", "/email", "/username"]);
    let full = server.put(&ada.path()).by(&admin).json(json!({ "username": "ada", "email": null })).send();
    let expected = ["/attributes", "/display_name", "/email_verified", "/external_id", "/roles", "/status"];
    assert_eq!(pointers(full), expected);
}

#[test]
fn put_replaces_the_user_and_increments_the_version() {
    let server = Server::start();
    let ada = server.register("ada");
    let whole = json!({ "username": "countess", "email": null, "display_name": "Ada" });
    let user = server.put("/users/me").by(&ada).json(whole).send().must_be(200);
    assert_eq!(user.etag_version(), 2);
    let user = user.json();
    assert_eq!(
        (&user["username"], &user["email"], &user["version"]),
        (&json!("countess"), &Value::Null, &json!(2))
    );
    assert!(user["updated_at"].as_str() > user["created_at"].as_str());
    server.try_log_in("ada", PASSWORD).must_be(401);
    server.try_log_in("ada@example.org", PASSWORD).must_be(401);
    assert_eq!(server.log_in("countess", PASSWORD).id, ada.id);
}

#[test]
fn patch_keeps_omitted_fields_and_null_clears() {
    let server = Server::start();
    let ada = server.register("ada");
    let patch = |body: Value| server.patch("/users/me").by(&ada).merge_patch(body).send().must_be(200).json();
    let user = patch(json!({ "display_name": "Ada" }));
    assert_eq!((&user["display_name"], &user["email"]), (&json!("Ada"), &json!("ada@example.org")));
    let user = patch(json!({ "email": null }));
    assert_eq!((&user["display_name"], &user["email"]), (&json!("Ada"), &Value::Null));
    assert_eq!(patch(json!({}))["version"], 3, "an empty patch changes nothing");
    server.patch("/users/me").by(&ada).json(json!({ "display_name": null })).send().must_be(200);
    server
        .patch("/users/me")
        .by(&ada)
        .json(json!({ "username": null }))
        .send()
        .must_be_problem(400, "validation_failed");
    server.patch("/users/me").by(&ada).json(json!(["a"])).send().must_be(400);
}

#[test]
fn attributes_are_merged_by_patch_and_replaced_by_put() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let patch = |attributes: Value| {
        let body = json!({ "attributes": attributes });
        server.patch(&ada.path()).by(&admin).merge_patch(body).send().must_be(200).json()
    };
    patch(json!({ "a": { "x": 1, "y": 2 }, "list": [1, 2] }));
    let user = patch(json!({ "a": { "x": null, "z": 3 }, "list": [3] }));
    assert_eq!(user["attributes"], json!({ "a": { "y": 2, "z": 3 }, "list": [3] }));
    let mut whole = user;
    whole["attributes"] = json!({ "only": true });
    let user = server.put(&ada.path()).by(&admin).json(whole).send().must_be(200).json();
    assert_eq!(user["attributes"], json!({ "only": true }));
    assert_eq!(patch(Value::Null)["attributes"], json!({}));
}

#[test]
fn attributes_are_limited_to_16_kib() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let patch = |length: usize| {
        let body = json!({ "attributes": { "text": "x".repeat(length) } });
        server.patch(&ada.path()).by(&admin).json(body).send()
    };
    patch(16_000).must_be(200);
    let errors = patch(16 * 1024).must_be_problem(400, "validation_failed").errors();
    assert_eq!(errors[0].0, "/attributes");
    // Each patch is within the limit, but the merged attributes are not.
    let more = json!({ "attributes": { "more": "x".repeat(1_000) } });
    server.patch(&ada.path()).by(&admin).json(more).send().must_be_problem(400, "validation_failed");
}

#[test]
fn a_read_only_field_is_reported_before_missing_permissions() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for (field, value) in [
        ("id", json!("0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8")),
        ("version", json!(7)),
        ("created_at", json!("2001-01-01T00:00:00Z")),
        ("updated_at", json!("2001-01-01T00:00:00Z")),
        ("last_login_at", json!("2101-01-01T00:00:00Z")),
    ] {
        for person in [&ada, &admin] {
            let patch = json!({ field: value, "roles": ["admin"] });
            let response = server.patch(&ada.path()).by(person).json(patch).send().must_be(400);
            assert_eq!(response.errors()[0].0, format!("/{field}"), "{}", response.summary());
        }
    }
}

#[test]
fn a_new_email_is_unverified_unless_set_by_an_administrator() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let verified = json!({ "email_verified": true });
    server.patch(&ada.path()).by(&admin).json(verified).send().must_be(200);
    let patch = |body: Value| server.patch("/users/me").by(&ada).json(body).send().must_be(200).json();
    assert_eq!(patch(json!({ "email": "Ada@example.org" }))["email_verified"], true, "the same address");
    assert_eq!(patch(json!({ "email": "new@example.org" }))["email_verified"], false);
}

#[test]
fn taken_usernames_and_emails_are_rejected() {
    let server = Server::start();
    let (ada, _) = (server.register("ada"), server.register("bob"));
    let patch = |body: Value| server.patch("/users/me").by(&ada).json(body).send();
    patch(json!({ "username": "BOB" })).must_be_problem(409, "username_taken");
    patch(json!({ "email": "Bob@Example.org" })).must_be_problem(409, "email_taken");
    patch(json!({ "username": "ADA", "email": "ADA@example.org" })).must_be(200);
}

#[test]
fn deleting_a_user_frees_the_username_and_the_email() {
    let server = Server::start();
    let (admin, ada, bob) = (server.admin(), server.register("ada"), server.register("bob"));
    server.delete("/users/me").by(&ada).send().must_be(204);
    server.delete(&bob.path()).by(&admin).send().must_be(204);
    for person in [&ada, &bob] {
        server.get(&person.path()).by(&admin).send().must_be_problem(404, "user_not_found");
        server.delete(&person.path()).by(&admin).send().must_be_problem(404, "user_not_found");
        server.try_log_in(&person.username, PASSWORD).must_be_problem(401, "credentials_invalid");
        let _ = server.register(&person.username);
    }
}

#[test]
fn an_invalid_id_is_a_400_and_an_unknown_one_a_404() {
    let server = Server::start();
    let admin = server.admin();
    for id in [
        "1",
        "ME",
        "0198d7a27b4c7c3e9d2a5a1e4f60b1c8",
        "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1cg",
        "%00",
        "a%2Fb",
    ] {
        let path = format!("/users/{id}");
        server.get(&path).by(&admin).send().must_be_problem(400, "id_invalid");
        server.delete(&path).by(&admin).send().must_be_problem(400, "id_invalid");
    }
    server.get(ABSENT).by(&admin).send().must_be_problem(404, "user_not_found");
    server.patch(ABSENT).by(&admin).json(json!({})).send().must_be_problem(404, "user_not_found");
    let change = json!({ "password": PASSWORD });
    server
        .put(&format!("{ABSENT}/password"))
        .by(&admin)
        .json(change)
        .send()
        .must_be_problem(404, "user_not_found");
}
