//! The statuses of API.md's table, and how an error looks.

use roster_tests::{Server, raw};
use serde_json::json;

#[test]
fn a_problem_says_what_where_and_under_which_request() {
    let server = Server::start();
    let answer = server.get("/nowhere?x=1").header("X-Request-Id", "abc-1").send().refused(404, "not_found");
    let problem = answer.json();
    assert_eq!(problem["request_id"], "abc-1");
    assert_eq!(problem["instance"], "/nowhere");
    assert_eq!(problem["status"], 404);
    assert!(problem["type"].as_str().unwrap().ends_with("not_found") && problem["title"].is_string());
    assert!(problem["detail"].as_str().unwrap().contains("/docs"), "what to do about it: {problem}");
}

#[test]
fn no_problem_may_come_without_saying_what_to_do() {
    let server = Server::start();
    let needed = &server.contract().document()["components"]["schemas"]["Problem"]["required"];
    assert!(
        needed.as_array().unwrap().contains(&json!("detail")),
        "each answer is held against it: {needed}"
    );
}

#[test]
fn paths_that_there_are_not_are_404_trailing_slashes_included() {
    let server = Server::start();
    for path in [
        "//",
        "/user",
        "/users/",
        "/users//",
        "/Users",
        "/users/me/",
        "/users/me/friends",
        "/auth",
        "/auth/login/",
        "/health/",
        "/health/x",
        "/metrics/",
        "/docs/",
        "/docs/nope.js",
        "/docs/../Cargo.toml",
        "/docs/..%2fCargo.toml",
        "/.well-known/nope",
        "/favicon.ico",
        "/%ff",
        "/users%2fme",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = server.request(method, path).send();
            assert!([404, 405].contains(&answer.status()), "{method} {path}: {}", answer.summary());
        }
        server.get(path).send().must_be(404);
    }
}

#[test]
fn a_method_that_a_path_does_not_have_is_405_with_those_that_it_has() {
    let server = Server::start();
    for (path, methods, allowed) in [
        ("/users", &["PUT", "PATCH", "DELETE", "TRACE", "BREW"][..], &["GET", "HEAD", "POST"][..]),
        ("/users/me", &["POST", "PROPFIND"], &["GET", "HEAD", "PUT", "PATCH", "DELETE"]),
        ("/users/me/password", &["GET", "POST", "PATCH", "DELETE"], &["PUT"]),
        ("/auth/login", &["GET", "PUT", "DELETE"], &["POST"]),
        ("/health", &["POST", "DELETE"], &["GET", "HEAD"]),
        ("/metrics", &["POST"], &["GET", "HEAD"]),
        ("/docs", &["POST"], &["GET", "HEAD"]),
        ("/openapi.json", &["POST"], &["GET", "HEAD"]),
    ] {
        for method in methods {
            let answer = server.request(method, path).send().refused(405, "method_not_allowed");
            let allow: Vec<_> =
                answer.header("allow").unwrap().split(", ").filter(|one| *one != "OPTIONS").collect();
            assert_eq!(allow, allowed, "{method} {path}");
        }
        let options = server.request("OPTIONS", path).send().must_be(204);
        assert!(options.header("allow").unwrap().contains(allowed[0]), "{path}");
    }
}

#[test]
fn a_client_that_takes_no_json_is_told_that_there_is_nothing_else() {
    let server = Server::start();
    let ada = server.register("ada");
    for accept in ["text/html", "application/xml, text/*;q=0.5", "application/json;q=0", "*/*;q=0"] {
        server.get("/users/me").by(&ada).header("Accept", accept).send().refused(406, "not_acceptable");
        let login = json!({ "login": "ada", "password": "x" });
        server.post("/auth/login").header("Accept", accept).json(login).send().refused(406, "not_acceptable");
        server.get("/metrics").header("Accept", accept).send().must_be(200);
    }
    for accept in ["application/json", "*/*", "application/*;q=0.1", "text/html, */*;q=0.1", ""] {
        server.get("/users/me").by(&ada).header("Accept", accept).send().must_be(200);
    }
    server.delete("/users/me").by(&ada).header("Accept", "text/html").send().must_be(204);
}

#[test]
fn a_body_over_the_limit_is_413_announced_or_not() {
    let server = Server::start();
    let long = format!(r#"{{"username":"{}"}}"#, "x".repeat(70_000));
    server.post("/users").bytes("application/json", &long).send().refused(413, "body_too_large");
    let chunked = format!(
        "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n",
        long.len()
    );
    let answer = raw::say(server.address(), chunked.as_bytes());
    assert!(answer.status() == Some(413) || answer.text.is_empty(), "{}", answer.text);
    let almost = format!(r#"{{"username":"{}"}}"#, "x".repeat(65_000));
    server.post("/users").bytes("application/json", almost).send().refused(400, "validation_failed");
}

#[test]
fn the_limit_is_a_setting() {
    let server = roster_tests::Setup::new().set("server.json_limit", "2048").start();
    let body = |length: usize| format!(r#"{{"username":"{}"}}"#, "x".repeat(length));
    server.post("/users").bytes("application/json", body(2_100)).send().refused(413, "body_too_large");
    server.post("/users").bytes("application/json", body(1_900)).send().refused(400, "validation_failed");
}

#[test]
fn a_body_of_another_type_charset_or_coding_is_415() {
    let server = Server::start();
    let ada = server.register("ada");
    let body = r#"{"username":"bob","password":"nine purple kettles"}"#;
    for media in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "json",
        "",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        "application/merge-patch+json",
    ] {
        server.post("/users").bytes(media, body).send().refused(415, "media_type_unsupported");
    }
    server.post("/users").untyped(body).send().refused(415, "media_type_unsupported");
    let coded = server.post("/users").bytes("application/json", body).header("Content-Encoding", "gzip");
    coded.send().refused(415, "media_type_unsupported");
    let patch = server.patch("/users/me").by(&ada).bytes("application/json-patch+json", "[]");
    patch.send().refused(415, "media_type_unsupported");
    server.post("/auth/login").bytes("multipart/form-data; boundary=x", "--x--").send().must_be(415);
    server.post("/users").bytes("Application/JSON; Charset=\"UTF-8\"", body).send().must_be(201);
}

#[test]
fn a_body_that_is_not_there_is_a_400() {
    let server = Server::start();
    for path in ["/users", "/auth/login"] {
        server.post(path).bytes("application/json", "").send().refused(400, "body_missing");
        let bare = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert_eq!(raw::say(server.address(), bare.as_bytes()).status(), Some(400));
    }
}

#[test]
fn json_of_another_shape_is_a_400_that_says_where() {
    let server = Server::start();
    for (body, pointer) in [
        (json!({ "username": 7, "password": "x" }), "/username"),
        (json!({ "username": { "a": 1 } }), "/username"),
        (json!({ "attributes": [1] }), "/attributes"),
        (json!({ "roles": ["a", 1] }), "/roles/1"),
        (json!({ "email_verified": "yes" }), "/email_verified"),
        (json!({ "password": ["s3cret-value"] }), "/password"),
    ] {
        let answer = server.post("/users").json(body).send().refused(400, "body_invalid");
        assert!(answer.faults()[0].0.starts_with(pointer.trim_end_matches("/1")), "{}", answer.summary());
        assert!(!answer.text().contains("s3cret"), "a value is not repeated: {}", answer.summary());
    }
    for body in ["[]", "\"x\"", "7", "null", "true"] {
        server.post("/users").bytes("application/json", body).send().must_be(400);
    }
}
