//! The format and the statuses of errors.

use roster_tests::{Server, raw};
use serde_json::json;

#[test]
fn a_problem_has_its_type_instance_and_request_id() {
    let server = Server::start();
    let response =
        server.get("/nowhere?x=1").header("X-Request-Id", "abc-1").send().must_be_problem(404, "not_found");
    let problem = response.json();
    assert_eq!(problem["request_id"], "abc-1");
    assert_eq!(problem["instance"], "/nowhere");
    assert_eq!(problem["status"], 404);
    assert!(problem["type"].as_str().unwrap().ends_with("not_found") && problem["title"].is_string());
    assert!(problem["detail"].as_str().unwrap().contains("/docs"), "the detail says what to do: {problem}");
}

#[test]
fn every_problem_schema_requires_a_detail() {
    let server = Server::start();
    let needed = &server.contract().document()["components"]["schemas"]["Problem"]["required"];
    assert!(needed.as_array().unwrap().contains(&json!("detail")), "`detail` must be required: {needed}");
}

#[test]
fn unknown_paths_and_trailing_slashes_are_a_404() {
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
            let response = server.request(method, path).send();
            assert!([404, 405].contains(&response.status()), "{method} {path}: {}", response.summary());
        }
        server.get(path).send().must_be(404);
    }
}

#[test]
fn an_unsupported_method_is_a_405_that_lists_the_allowed_ones() {
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
            let response = server.request(method, path).send().must_be_problem(405, "method_not_allowed");
            let allow: Vec<_> =
                response.header("allow").unwrap().split(", ").filter(|one| *one != "OPTIONS").collect();
            assert_eq!(allow, allowed, "{method} {path}");
        }
        let options = server.request("OPTIONS", path).send().must_be(204);
        assert!(options.header("allow").unwrap().contains(allowed[0]), "{path}");
    }
}

#[test]
fn a_client_that_does_not_accept_json_gets_406() {
    let server = Server::start();
    let ada = server.register("ada");
    for accept in ["text/html", "application/xml, text/*;q=0.5", "application/json;q=0", "*/*;q=0"] {
        server
            .get("/users/me")
            .by(&ada)
            .header("Accept", accept)
            .send()
            .must_be_problem(406, "not_acceptable");
        let login = json!({ "login": "ada", "password": "x" });
        server
            .post("/auth/login")
            .header("Accept", accept)
            .json(login)
            .send()
            .must_be_problem(406, "not_acceptable");
        server.get("/metrics").header("Accept", accept).send().must_be(200);
    }
    for accept in ["application/json", "*/*", "application/*;q=0.1", "text/html, */*;q=0.1", ""] {
        server.get("/users/me").by(&ada).header("Accept", accept).send().must_be(200);
    }
    server.delete("/users/me").by(&ada).header("Accept", "text/html").send().must_be(204);
}

#[test]
fn a_body_over_the_limit_is_413_with_or_without_content_length() {
    let server = Server::start();
    let long = format!(r#"{{"username":"{}"}}"#, "x".repeat(70_000));
    server.post("/users").bytes("application/json", &long).send().must_be_problem(413, "body_too_large");
    let chunked = format!(
        "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n",
        long.len()
    );
    let response = raw::send(server.address(), chunked.as_bytes());
    assert!(response.status() == Some(413) || response.text.is_empty(), "{}", response.text);
    let almost = format!(r#"{{"username":"{}"}}"#, "x".repeat(65_000));
    server.post("/users").bytes("application/json", almost).send().must_be_problem(400, "validation_failed");
}

#[test]
fn the_body_limit_is_a_setting() {
    let server = roster_tests::Setup::new().set("server.json_limit", "2048").start();
    let body = |length: usize| format!(r#"{{"username":"{}"}}"#, "x".repeat(length));
    server
        .post("/users")
        .bytes("application/json", body(2_100))
        .send()
        .must_be_problem(413, "body_too_large");
    server
        .post("/users")
        .bytes("application/json", body(1_900))
        .send()
        .must_be_problem(400, "validation_failed");
}

#[test]
fn an_unsupported_media_type_charset_or_encoding_is_415() {
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
        server.post("/users").bytes(media, body).send().must_be_problem(415, "media_type_unsupported");
    }
    server.post("/users").body_without_type(body).send().must_be_problem(415, "media_type_unsupported");
    let coded = server.post("/users").bytes("application/json", body).header("Content-Encoding", "gzip");
    coded.send().must_be_problem(415, "media_type_unsupported");
    let patch = server.patch("/users/me").by(&ada).bytes("application/json-patch+json", "[]");
    patch.send().must_be_problem(415, "media_type_unsupported");
    server.post("/auth/login").bytes("multipart/form-data; boundary=x", "--x--").send().must_be(415);
    server.post("/users").bytes("Application/JSON; Charset=\"UTF-8\"", body).send().must_be(201);
}

#[test]
fn a_missing_body_is_a_400() {
    let server = Server::start();
    for path in ["/users", "/auth/login"] {
        server.post(path).bytes("application/json", "").send().must_be_problem(400, "body_missing");
        let bare = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert_eq!(raw::send(server.address(), bare.as_bytes()).status(), Some(400));
    }
}

#[test]
fn json_of_the_wrong_shape_is_a_400_that_names_the_field() {
    let server = Server::start();
    for (body, pointer) in [
        (json!({ "username": 7, "password": "x" }), "/username"),
        (json!({ "username": { "a": 1 } }), "/username"),
        (json!({ "attributes": [1] }), "/attributes"),
        (json!({ "roles": ["a", 1] }), "/roles/1"),
        (json!({ "email_verified": "yes" }), "/email_verified"),
        (json!({ "password": ["s3cret-value"] }), "/password"),
    ] {
        let response = server.post("/users").json(body).send().must_be_problem(400, "body_invalid");
        assert!(response.errors()[0].0.starts_with(pointer.trim_end_matches("/1")), "{}", response.summary());
        assert!(
            !response.text().contains("s3cret"),
            "the response repeats the value: {}",
            response.summary()
        );
    }
    for body in ["[]", "\"x\"", "7", "null", "true"] {
        server.post("/users").bytes("application/json", body).send().must_be(400);
    }
}
