//! CORS and its settings.

use roster_tests::{Response, Server, Setup};

const ORIGIN: &str = "https://app.example.com";

fn preflight(server: &Server, origin: &str, method: &str) -> Response {
    let request = server.request("OPTIONS", "/users/me").header("Origin", origin);
    let request = request.header("Access-Control-Request-Method", method);
    request.header("Access-Control-Request-Headers", "authorization,content-type,if-match").send()
}

#[test]
fn cors_is_off_until_origins_are_set() {
    let server = Server::start();
    let response = server.get("/health").header("Origin", ORIGIN).send().must_be(200);
    assert_eq!(response.header("access-control-allow-origin"), None);
    assert_eq!(preflight(&server, ORIGIN, "PATCH").header("access-control-allow-origin"), None);
}

#[test]
fn a_page_from_an_allowed_origin_can_call_the_api_and_read_its_headers() {
    let server = Setup::new().set("cors.allowed_origins", ORIGIN).start();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let response = preflight(&server, ORIGIN, method);
        assert_eq!(response.header("access-control-allow-origin"), Some(ORIGIN), "{}", response.summary());
        assert!(response.header("access-control-allow-methods").unwrap().contains(method));
        let headers = response.header("access-control-allow-headers").unwrap().to_lowercase();
        assert!(
            ["authorization", "content-type", "if-match"].iter().all(|name| headers.contains(name)),
            "{headers}"
        );
    }
    let response = server.get("/users/me").header("Origin", ORIGIN).send().must_be(401);
    assert_eq!(response.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(response.header("access-control-allow-credentials"), None);
    let exposed = response.header("access-control-expose-headers").unwrap().to_lowercase();
    assert!(
        ["etag", "location", "link", "x-request-id"].iter().all(|name| exposed.contains(name)),
        "{exposed}"
    );
    assert!(response.header("vary").is_some_and(|vary| vary.to_lowercase().contains("origin")));
}

#[test]
fn a_page_from_another_origin_is_rejected() {
    let server = Setup::new().set("cors.allowed_origins", ORIGIN).start();
    for origin in
        ["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null"]
    {
        let request = server.get("/health").header("Origin", origin).send();
        assert_eq!(request.header("access-control-allow-origin"), None, "{origin}");
    }
}

#[test]
fn a_rejected_preflight_gives_the_reason() {
    let server = Setup::new().set("cors.allowed_origins", ORIGIN).start();
    let header = |name: &str| {
        let request = server.request("OPTIONS", "/users/me").header("Origin", ORIGIN);
        let request = request.header("Access-Control-Request-Method", "GET");
        request.header("Access-Control-Request-Headers", name).send()
    };
    for (response, message) in [
        (preflight(&server, "https://evil.example", "GET"), "cors.allowed_origins"),
        (preflight(&server, ORIGIN, "PROPFIND"), "PATCH"),
        (header("x-custom"), "If-Match"),
        (header("x-custom"), "cors.allowed_headers"),
    ] {
        let response = response.must_be_problem(403, "preflight_refused");
        assert!(response.string("detail").contains(message), "{}", response.summary());
        assert!(response.header("vary").unwrap().starts_with("Origin"), "{}", response.summary());
        assert_eq!(response.header("access-control-allow-origin"), None);
    }
}

/// Whether a preflight request allows this header.
fn allows_header(server: &Server, name: &str) -> bool {
    let request = server.request("OPTIONS", "/users/me").header("Origin", ORIGIN);
    let request = request.header("Access-Control-Request-Method", "GET");
    request.header("Access-Control-Request-Headers", name).send().status() < 300
}

#[test]
fn a_page_may_send_tracing_headers() {
    let server = Setup::new().set("cors.allowed_origins", ORIGIN).start();
    for name in ["traceparent", "tracestate", "baggage", "sentry-trace"] {
        assert!(allows_header(&server, name), "{name}");
    }
    assert!(allows_header(&server, "authorization,baggage,content-type,sentry-trace"));
}

#[test]
fn a_setting_allows_additional_request_headers() {
    let setup = || Setup::new().set("cors.allowed_origins", ORIGIN);
    let server = setup().set("cors.allowed_headers", "X-Requested-With, X-Tenant").start();
    for name in ["x-requested-with", "x-tenant,authorization", "traceparent"] {
        assert!(allows_header(&server, name), "{name}");
    }
    assert!(!allows_header(&server, "x-other"));
    let any = setup().set("cors.allowed_headers", "*").start();
    assert!(allows_header(&any, "x-other,authorization"));
}

#[test]
fn an_allowed_origin_may_include_its_default_port() {
    let server = Setup::new().set("cors.allowed_origins", &format!("{ORIGIN}:443")).start();
    let response = server.get("/health").header("Origin", ORIGIN).send().must_be(200);
    assert_eq!(response.header("access-control-allow-origin"), Some(ORIGIN));
}

#[test]
fn a_wildcard_allows_every_origin_without_cookies() {
    let server = Setup::new().set("cors.allowed_origins", "*").start();
    let response = server.get("/health").header("Origin", ORIGIN).send().must_be(200);
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(response.header("access-control-allow-credentials"), None);
}
