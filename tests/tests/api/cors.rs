//! CORS, by setting.

use roster_tests::{Answer, Server, Setup};

const ORIGIN: &str = "https://app.example.com";

fn preflight(server: &Server, origin: &str, method: &str) -> Answer {
    let request = server.request("OPTIONS", "/users/me").header("Origin", origin);
    let request = request.header("Access-Control-Request-Method", method);
    request.header("Access-Control-Request-Headers", "authorization,content-type,if-match").send()
}

#[test]
fn it_is_off_unless_origins_are_set() {
    let server = Server::start();
    let answer = server.get("/health").header("Origin", ORIGIN).send().must_be(200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(preflight(&server, ORIGIN, "PATCH").header("access-control-allow-origin"), None);
}

#[test]
fn a_page_of_an_allowed_origin_may_call_and_read_what_it_needs() {
    let server = Setup::new().set("cors.allowed_origins", ORIGIN).start();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let answer = preflight(&server, ORIGIN, method);
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN), "{}", answer.summary());
        assert!(answer.header("access-control-allow-methods").unwrap().contains(method));
        let headers = answer.header("access-control-allow-headers").unwrap().to_lowercase();
        assert!(
            ["authorization", "content-type", "if-match"].iter().all(|name| headers.contains(name)),
            "{headers}"
        );
    }
    let answer = server.get("/users/me").header("Origin", ORIGIN).send().must_be(401);
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let exposed = answer.header("access-control-expose-headers").unwrap().to_lowercase();
    assert!(
        ["etag", "location", "link", "x-request-id"].iter().all(|name| exposed.contains(name)),
        "{exposed}"
    );
    assert!(answer.header("vary").is_some_and(|vary| vary.to_lowercase().contains("origin")));
}

#[test]
fn a_page_of_another_origin_is_not_let_in() {
    let server = Setup::new().set("cors.allowed_origins", ORIGIN).start();
    for origin in
        ["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null"]
    {
        let request = server.get("/health").header("Origin", origin).send();
        assert_eq!(request.header("access-control-allow-origin"), None, "{origin}");
    }
}

#[test]
fn a_page_that_may_not_call_is_told_why() {
    let server = Setup::new().set("cors.allowed_origins", ORIGIN).start();
    let header = |name: &str| {
        let asked = server.request("OPTIONS", "/users/me").header("Origin", ORIGIN);
        let asked = asked.header("Access-Control-Request-Method", "GET");
        asked.header("Access-Control-Request-Headers", name).send()
    };
    for (answer, message) in [
        (preflight(&server, "https://evil.example", "GET"), "cors.allowed_origins"),
        (preflight(&server, ORIGIN, "PROPFIND"), "PATCH"),
        (header("x-custom"), "If-Match"),
        (header("x-custom"), "cors.allowed_headers"),
    ] {
        let answer = answer.refused(403, "preflight_refused");
        assert!(answer.text_of("detail").contains(message), "{}", answer.summary());
        assert!(answer.header("vary").unwrap().starts_with("Origin"), "{}", answer.summary());
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

/// Whether a preflight lets a page send this header.
fn may_send(server: &Server, name: &str) -> bool {
    let asked = server.request("OPTIONS", "/users/me").header("Origin", ORIGIN);
    let asked = asked.header("Access-Control-Request-Method", "GET");
    asked.header("Access-Control-Request-Headers", name).send().status() < 300
}

#[test]
fn a_page_that_traces_its_requests_may_call() {
    let server = Setup::new().set("cors.allowed_origins", ORIGIN).start();
    for name in ["traceparent", "tracestate", "baggage", "sentry-trace"] {
        assert!(may_send(&server, name), "{name}");
    }
    assert!(may_send(&server, "authorization,baggage,content-type,sentry-trace"));
}

#[test]
fn a_setting_lets_pages_send_other_headers() {
    let setup = || Setup::new().set("cors.allowed_origins", ORIGIN);
    let server = setup().set("cors.allowed_headers", "X-Requested-With, X-Tenant").start();
    for name in ["x-requested-with", "x-tenant,authorization", "traceparent"] {
        assert!(may_send(&server, name), "{name}");
    }
    assert!(!may_send(&server, "x-other"));
    let any = setup().set("cors.allowed_headers", "*").start();
    assert!(may_send(&any, "x-other,authorization"));
}

#[test]
fn the_default_port_of_an_allowed_origin_may_be_written_out() {
    let server = Setup::new().set("cors.allowed_origins", &format!("{ORIGIN}:443")).start();
    let answer = server.get("/health").header("Origin", ORIGIN).send().must_be(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
}

#[test]
fn a_star_lets_any_page_in_but_never_with_cookies() {
    let server = Setup::new().set("cors.allowed_origins", "*").start();
    let answer = server.get("/health").header("Origin", ORIGIN).send().must_be(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}
