//! /health, /health/live, /health/ready.

use roster_tests::{Server, Setup};
use serde_json::json;

#[test]
fn all_three_say_that_a_server_is_well_to_anyone() {
    let server = Server::start();
    for path in ["/health", "/health/ready"] {
        let health = server.get(path).send().must_be(200).json();
        assert_eq!(health["status"], "ok");
        assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
        assert!(health["uptime_seconds"].is_u64());
        assert_eq!(health["checks"], json!({ "store": "ok", "keys": "ok", "hashing": "ok" }));
    }
    let live = server.get("/health/live").send().must_be(200);
    assert_eq!(live.json(), json!({ "status": "ok" }));
    assert_eq!(live.header("cache-control"), Some("no-store"));
}

#[test]
fn they_answer_where_the_metrics_and_the_registration_are_closed() {
    let server = Setup::new().set("metrics.access", "off").set("registration.mode", "closed").start();
    for path in ["/health", "/health/live", "/health/ready"] {
        server.get(path).send().must_be(200);
        server.request("HEAD", path).send().must_be(200);
    }
}
