//! `ETag`, `If-Match` and `If-None-Match`.

use roster_tests::{PASSWORD, Person, Request, Server, Setup};
use serde_json::json;
use std::thread;

const ABSENT: &str = "/users/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";

/// A patch that always changes something.
fn patch<'a>(server: &'a Server, person: &Person, value: &str) -> Request<'a> {
    server.patch("/users/me").by(person).json(json!({ "display_name": value }))
}

#[test]
fn a_matching_etag_allows_a_change_and_a_stale_or_foreign_one_does_not() {
    let server = Server::start();
    let ada = server.register("ada");
    for (version, tags) in
        [(1, "\"1\""), (2, "\"9\", \"2\""), (3, "*"), (4, "W/\"9\",\"4\""), (5, ",, \"5\" ,")]
    {
        let value = format!("after {version}");
        let response = patch(&server, &ada, &value).if_match(tags).send().must_be(200);
        assert_eq!(response.etag_version(), version + 1, "{tags}");
    }
}

#[test]
fn a_stale_or_foreign_etag_prevents_a_change() {
    let server = Server::start();
    let ada = server.register("ada");
    patch(&server, &ada, "Ada").send().must_be(200);
    for tags in [
        "\"1\"",
        "W/\"1\"",
        "\"1-gzip\"",
        "\"1\", \"3\"",
        "\"02\"",
        "\"\"",
        "\"2 \"",
        "\"two\"",
        "\"2.xyz\"",
        "\"2.\"",
        "\"2-gzip-gzip\"",
        "\"2-br;gzip\"",
        "\"2-zip\"",
    ] {
        let response = patch(&server, &ada, "other").if_match(tags).send();
        assert!([400, 412].contains(&response.status()), "{tags}: {}", response.summary());
    }
    let stale =
        patch(&server, &ada, "other").if_match("\"1\"").send().must_be_problem(412, "precondition_failed");
    assert!(stale.string("detail").contains("Read it again"), "{}", stale.summary());
    let user = server.get("/users/me").by(&ada).send().must_be(200);
    assert_eq!((user.etag_version(), &user.json()["display_name"]), (2, &json!("Ada")));
}

/// The forms that compressing proxies give to an `ETag`.
fn proxied_etags(tag: &str) -> [String; 6] {
    let inner = tag.trim_matches('"');
    [
        format!("W/\"{inner}\""),
        format!("\"{inner}-gzip\""),
        format!("\"{inner};gzip\""),
        format!("\"{inner}-br\""),
        format!("\"{inner}-zstd\""),
        format!("W/\"{inner}-gzip\""),
    ]
}

#[test]
fn an_etag_changed_by_a_compressing_proxy_still_matches() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    for form in 0..6 {
        let tag = server.get("/users/me").by(&ada).send().must_be(200).etag();
        let changed = &proxied_etags(&tag)[form];
        patch(&server, &ada, &format!("edit {form}")).if_match(changed).send().must_be(200);
        patch(&server, &ada, "stale").if_match(changed).send().must_be_problem(412, "precondition_failed");
    }
    let account = json!({ "name": "backup", "permissions": [] });
    let created = server.post("/service-accounts").by(&admin).json(account).send().must_be(201);
    let account = created.header("location").unwrap();
    for form in 0..6 {
        let tag = server.get(account).by(&admin).send().must_be(200).etag();
        let changed = &proxied_etags(&tag)[form];
        let edit = json!({ "description": format!("edit {form}") });
        let edit = || server.patch(account).by(&admin).merge_patch(edit.clone()).if_match(changed).send();
        edit().must_be(200);
        edit().must_be_problem(412, "precondition_failed");
    }
}

#[test]
fn if_none_match_prevents_a_change_of_an_existing_user() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let account = json!({ "name": "backup", "permissions": [] });
    let created = server.post("/service-accounts").by(&admin).json(account).send().must_be(201);
    let account = created.header("location").unwrap();
    let whole = server.get("/users/me").by(&ada).send().must_be(200).json();
    for tags in ["*", "\"1\"", "W/\"1\"", "\"7\", \"1-gzip\""] {
        for request in [
            server.put("/users/me").by(&ada).json(whole.clone()),
            patch(&server, &ada, "Ada").if_match("*"),
            server.patch(account).by(&admin).merge_patch(json!({ "description": "x" })),
            server.delete("/users/me").by(&ada),
        ] {
            let response = request.if_none_match(tags).send().must_be_problem(412, "precondition_failed");
            assert!(response.string("detail").contains("If-None-Match"), "{}", response.summary());
        }
    }
    patch(&server, &ada, "Ada").if_none_match("1").send().must_be_problem(400, "condition_invalid");
    patch(&server, &ada, "Ada").if_none_match("\"7\"").send().must_be(200);
    let absent = server.patch(ABSENT).by(&admin).json(json!({})).if_none_match("*").send();
    absent.must_be_problem(404, "user_not_found");
    let denied = server.patch(&admin.path()).by(&ada).json(json!({})).if_none_match("*").send();
    denied.must_be_problem(403, "permission_denied");
}

#[test]
fn an_invalid_etag_list_is_a_validation_error() {
    let server = Server::start();
    let ada = server.register("ada");
    for tags in ["", " ", "1", "\"1", "1\"", "\"1\" \"2\"", "*, \"1\"", "w/\"1\"", "'1'", "\"1\";"] {
        patch(&server, &ada, "other").if_match(tags).send().must_be_problem(400, "condition_invalid");
        let get = server.get("/users/me").by(&ada).if_none_match(tags).send();
        get.must_be_problem(400, "condition_invalid");
    }
}

#[test]
fn a_setting_makes_if_match_mandatory() {
    let server = Setup::new().set("server.require_if_match", "true").start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let account = json!({ "name": "backup", "permissions": [] });
    let created = server.post("/service-accounts").by(&admin).json(account).send().must_be(201);
    let account = created.header("location").unwrap();
    let whole = server.get("/users/me").by(&ada).send().must_be(200).json();
    for request in [
        server.put("/users/me").by(&ada).json(whole),
        patch(&server, &ada, "Ada"),
        server.put("/users/me/password").by(&ada).json(json!({ "password": "another fine sentence" })),
        server.delete("/users/me").by(&ada),
        server.patch(account).by(&admin).merge_patch(json!({ "status": "disabled" })),
        server.delete(account).by(&admin),
    ] {
        let response = request.send().must_be_problem(428, "precondition_required");
        assert!(response.string("detail").contains("If-Match"), "{}", response.summary());
    }
    let read = server.get("/users/me").by(&ada).send().must_be(200);
    assert_eq!(read.etag_version(), 1, "nothing has changed");
    patch(&server, &ada, "Ada").if_match(&read.etag()).send().must_be(200);
    patch(&server, &ada, "A").if_match("*").send().must_be(200);
    server.patch("/users/me").json(json!({})).send().must_be(401);
}

#[test]
fn permission_and_existence_are_checked_before_if_match_is_required() {
    let server = Setup::new().set("server.require_if_match", "true").start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let theirs = format!("/users/{}", admin.id);
    server.patch(&theirs).by(&ada).json(json!({})).send().must_be_problem(403, "permission_denied");
    server.delete(&theirs).by(&ada).send().must_be_problem(403, "permission_denied");
    server.patch(ABSENT).by(&admin).json(json!({})).send().must_be_problem(404, "user_not_found");
}

#[test]
fn every_user_change_honours_if_match() {
    let server = Server::start();
    let ada = server.register("ada");
    let whole = server.get("/users/me").by(&ada).send().must_be(200).json();
    for request in [
        server.put("/users/me").json(whole),
        server.patch("/users/me").json(json!({ "display_name": "x" })),
        server.put("/users/me/password").json(json!({ "current_password": "x", "password": "another one" })),
        server.delete("/users/me"),
    ] {
        request.by(&ada).if_match("\"7\"").send().must_be_problem(412, "precondition_failed");
    }
    server.delete("/users/me").by(&ada).if_match("\"1\"").send().must_be(204);
}

#[test]
fn a_conditional_request_for_a_missing_user_is_a_404() {
    let server = Server::start();
    let admin = server.admin();
    for tags in ["*", "\"1\""] {
        server.delete(ABSENT).by(&admin).if_match(tags).send().must_be_problem(404, "user_not_found");
        server
            .patch(ABSENT)
            .by(&admin)
            .if_match(tags)
            .json(json!({}))
            .send()
            .must_be_problem(404, "user_not_found");
    }
}

#[test]
fn an_unchanged_user_is_a_304() {
    let server = Server::start();
    let ada = server.register("ada");
    let read = |tags: &str| server.get("/users/me").by(&ada).if_none_match(tags).send();
    let known = server.get("/users/me").by(&ada).send().must_be(200).etag();
    for tags in [known.clone(), format!("W/{known}"), format!("\"7\", {known}"), "*".to_owned()] {
        let response = read(&tags).must_be(304);
        assert_eq!(response.etag(), known);
        assert_eq!(response.header("cache-control"), Some("private, no-cache"));
        assert!(response.bytes().is_empty());
    }
    read("\"2\"").must_be(200);
    patch(&server, &ada, "Ada").send().must_be(200);
    read(&known).must_be(200);
}

#[test]
fn a_login_changes_the_etag_without_invalidating_an_edit() {
    let server = Server::start();
    let ada = server.register("ada");
    let known = server.get("/users/me").by(&ada).send().must_be(200).etag();
    let ada = server.log_in("ada", PASSWORD);
    let response = server.get("/users/me").by(&ada).if_none_match(&known).send().must_be(200);
    assert_ne!(response.etag(), known);
    patch(&server, &ada, "Ada").if_match(&known).send().must_be(200);
    let stale = patch(&server, &ada, "A").if_match("\"2.xyz\"").send();
    stale.must_be_problem(412, "precondition_failed");
    patch(&server, &ada, "A").if_match("\"2.1\"").send().must_be(200);
}

#[test]
fn sixteen_concurrent_changes_of_one_version_apply_once() {
    let server = Server::start();
    let ada = server.register("ada");
    let statuses: Vec<u16> = thread::scope(|scope| {
        let writers: Vec<_> = (0..16)
            .map(|number| {
                let (server, ada) = (&server, &ada);
                let value = format!("writer {number}");
                scope.spawn(move || patch(server, ada, &value).if_match("\"1\"").send().status())
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 15, "{statuses:?}");
}

#[test]
fn sixteen_concurrent_unconditional_changes_all_apply() {
    let server = Server::start();
    let ada = server.register("ada");
    thread::scope(|scope| {
        for number in 0..16 {
            let (server, ada) = (&server, &ada);
            scope.spawn(move || patch(server, ada, &format!("writer {number}")).send().must_be(200));
        }
    });
    assert_eq!(server.get("/users/me").by(&ada).send().must_be(200).etag_version(), 17);
}
