use super::{Observed, state};
use crate::bodies::logins::CredentialsBody;
use crate::extract::Body;
use crate::middleware::shield;
use crate::operations::MetricsAccess;
use crate::server::app;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web;
use serde_json::Value;
use std::sync::Arc;

struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of a problem, after checking its common members.
    fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert!(problem["type"].as_str().unwrap().ends_with(problem["code"].as_str().unwrap()));
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem["code"].as_str().unwrap().to_owned()
    }
}

async fn boom() -> String {
    panic!("a secret")
}

async fn ask_of(healthy: bool, access: MetricsAccess, request: TestRequest) -> (Response, Vec<String>) {
    let observed = Arc::new(Observed::default());
    let boom = web::resource("/boom").wrap(from_fn(shield)).to(boom);
    let echo = web::resource("/echo").to(|_: Body<CredentialsBody>| async { "read" });
    let app = init_service(app(&state(healthy, access, &observed)).service(boom).service(echo)).await;
    let response = call_service(&app, request.to_request()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = read_body(response).await.to_vec();
    let requests = observed.requests.lock().unwrap().clone();
    (Response { status, headers, body }, requests)
}

async fn ask(request: TestRequest) -> Response {
    ask_of(true, MetricsAccess::Open, request).await.0
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn method(name: &[u8], path: &str) -> TestRequest {
    TestRequest::default().method(actix_web::http::Method::from_bytes(name).unwrap()).uri(path)
}

#[actix_web::test]
async fn health_has_version_uptime_and_checks() {
    let response = ask(get("/health")).await;
    assert_eq!(response.status, 200);
    let health = response.json();
    assert_eq!((&health["status"], &health["version"]), (&"ok".into(), &"1.2.3".into()));
    assert_eq!(health["checks"]["store"], "ok");
    assert!(health["uptime_seconds"].is_u64());
}

#[actix_web::test]
async fn a_failed_part_affects_readiness_but_not_liveness() {
    let open = MetricsAccess::Open;
    let (ready, _) = ask_of(false, open, get("/health/ready")).await;
    assert_eq!((ready.status.as_u16(), ready.code().as_str()), (503, "unavailable"));
    assert_eq!(ready.header("retry-after"), "5");
    assert_eq!(ask_of(false, open, get("/health/live")).await.0.status, 200);
    let (health, _) = ask_of(false, open, get("/health")).await;
    assert_eq!((health.status.as_u16(), health.code().as_str()), (503, "unavailable"));
}

#[actix_web::test]
async fn every_response_has_a_request_id_and_forbids_sniffing() {
    for path in ["/health", "/nowhere", "/docs", "/metrics"] {
        let response = ask(get(path)).await;
        assert!(response.header("x-request-id").starts_with("0000000000000007-"), "{path}");
        assert_eq!(response.header("x-content-type-options"), "nosniff");
        assert!(!response.header("cache-control").is_empty());
    }
    let kept = ask(get("/health").insert_header(("x-request-id", "Abc.1_2-3"))).await;
    assert_eq!(kept.header("x-request-id"), "Abc.1_2-3");
    let made = ask(get("/health").insert_header(("x-request-id", "a b"))).await;
    assert_ne!(made.header("x-request-id"), "a b");
}

#[actix_web::test]
async fn an_unknown_path_is_a_problem_and_no_new_metric_series() {
    let (response, observed) = ask_of(true, MetricsAccess::Open, get("/users/x/y/z")).await;
    assert_eq!((response.status.as_u16(), response.code().as_str()), (404, "not_found"));
    assert_eq!(response.json()["instance"], "/users/x/y/z");
    assert_eq!(observed, ["GET unmatched 404"]);
    let (_, observed) = ask_of(true, MetricsAccess::Open, method(b"BREW", "/pot")).await;
    assert_eq!(observed, ["other unmatched 404"]);
}

#[actix_web::test]
async fn the_front_page_is_one_metric_series() {
    let (response, observed) = ask_of(true, MetricsAccess::Open, get("/?from=a_browser")).await;
    assert_eq!((response.status.as_u16(), &response.json()["version"]), (200, &"1.2.3".into()));
    assert_eq!(observed, ["GET / 200"]);
}

#[actix_web::test]
async fn an_unsupported_method_lists_the_supported_ones() {
    let response = ask(method(b"DELETE", "/users")).await;
    assert_eq!((response.status.as_u16(), response.code().as_str()), (405, "method_not_allowed"));
    assert_eq!(response.header("allow"), "GET, HEAD, POST, OPTIONS");
    let options = ask(method(b"OPTIONS", "/users/me")).await;
    assert_eq!(
        (options.status.as_u16(), options.header("allow")),
        (204, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")
    );
}

#[actix_web::test]
async fn head_is_handled_like_get() {
    let (response, observed) = ask_of(true, MetricsAccess::Open, method(b"HEAD", "/health")).await;
    assert_eq!(response.status, 200);
    assert_eq!(observed, ["HEAD /health 200"]);
}

#[actix_web::test]
async fn a_client_that_does_not_accept_json_is_rejected() {
    let response = ask(get("/health").insert_header((header::ACCEPT, "text/html"))).await;
    assert_eq!((response.status.as_u16(), response.code().as_str()), (406, "not_acceptable"));
    assert_eq!(ask(get("/docs").insert_header((header::ACCEPT, "text/html"))).await.status, 200);
}

#[actix_web::test]
async fn a_panic_is_a_500_without_details() {
    let response = ask(get("/boom")).await;
    assert_eq!((response.status.as_u16(), response.code().as_str()), (500, "internal_error"));
    assert!(!String::from_utf8_lossy(&response.body).contains("secret"));
}

#[actix_web::test]
async fn metrics_are_open_or_protected_or_absent() {
    let open = ask(get("/metrics")).await;
    assert_eq!(open.body, b"# a metric\n");
    assert!(open.header("content-type").starts_with("text/plain; version=0.0.4"));
    let (bearer, _) = ask_of(true, MetricsAccess::Bearer, get("/metrics")).await;
    assert_eq!((bearer.status.as_u16(), bearer.header("www-authenticate")), (401, "Bearer"));
    let (off, _) = ask_of(true, MetricsAccess::Off, get("/metrics")).await;
    assert_eq!((off.status.as_u16(), off.code().as_str()), (404, "not_found"));
    let (broken, _) = ask_of(false, MetricsAccess::Open, get("/metrics")).await;
    assert_eq!(broken.code(), "internal_error");
    assert!(!String::from_utf8_lossy(&broken.body).contains("secret"));
}

#[actix_web::test]
async fn the_docs_page_loads_only_files_from_this_server() {
    let page = ask(get("/docs")).await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"));
    let html = String::from_utf8(page.body).unwrap();
    assert!(!html.contains("//"), "the page must have no URL of another host");
    for (_, rest) in html.match_indices("\"docs/").map(|(at, name)| (at, &html[at + name.len()..])) {
        let name = rest.split('"').next().unwrap();
        assert_eq!(ask(get(&format!("/docs/{name}"))).await.status, 200, "{name}");
    }
}

#[actix_web::test]
async fn files_of_the_page_are_compressed_for_clients_that_accept_gzip() {
    let path = "/docs/swagger-ui.css";
    let compressed = ask(get(path).insert_header((header::ACCEPT_ENCODING, "br, gzip;q=0.8"))).await;
    assert_eq!(compressed.header("content-encoding"), "gzip");
    assert!(compressed.header("vary").contains("Accept-Encoding"));
    let plain = ask(get(path).insert_header((header::ACCEPT_ENCODING, "gzip;q=0"))).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.body.len() > compressed.body.len() && plain.body.starts_with(b".swagger-ui"));
    let missing = ask(get("/docs/..%2fsecret")).await;
    assert_eq!((missing.status.as_u16(), missing.code().as_str()), (404, "not_found"));
}

#[actix_web::test]
async fn pages_of_an_allowed_origin_can_call_the_api() {
    let origin = ("origin", "https://app.example.org");
    let response = ask(get("/health").insert_header(origin)).await;
    assert_eq!(response.header("access-control-allow-origin"), "https://app.example.org");
    let preflight = method(b"OPTIONS", "/users/me")
        .insert_header(origin)
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "PATCH"))
        .insert_header((header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization, content-type, if-match"));
    let preflight = ask(preflight).await;
    assert_eq!(preflight.status, 200);
    assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
    let missing = ask(get("/nowhere").insert_header(origin)).await;
    assert_eq!(missing.header("access-control-allow-origin"), "https://app.example.org", "problems too");
    let strange = ask(get("/health").insert_header((header::ORIGIN, "https://evil.example"))).await;
    assert_eq!(strange.header("access-control-allow-origin"), "");
}

#[actix_web::test]
async fn a_body_of_an_unsupported_type_is_rejected_before_it_is_read() {
    let post = || TestRequest::post().uri("/echo");
    let codes = [
        (post().set_payload("{}"), 415),
        (post(), 400),
        (post().insert_header(("content-type", "text/plain")).set_payload("{}"), 415),
        (post().insert_header(("content-type", "application/json;charset=latin1")).set_payload("{}"), 415),
        (
            post()
                .insert_header(("content-type", "application/json"))
                .insert_header(("content-encoding", "gzip"))
                .set_payload("{}"),
            415,
        ),
        (post().insert_header(("content-type", "application/json; charset=\"UTF-8\"")).set_payload("{"), 400),
        (post().insert_header(("content-type", "application/json")).set_payload(vec![b' '; 65_537]), 413),
    ];
    for (at, (request, status)) in codes.into_iter().enumerate() {
        let response = ask(request).await;
        assert_eq!(response.status, status, "{at}");
        response.code();
    }
}
