//! `/health`, `/health/live` and `/health/ready`.

use roster_tests::{Engine, Server, Setup, wait_for};
use rustix::process::Signal;
use serde_json::json;

#[test]
fn all_three_health_endpoints_report_a_healthy_server_to_anyone() {
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
fn health_endpoints_stay_public_when_metrics_and_registration_are_closed() {
    let server = Setup::new().set("metrics.access", "off").set("registration.mode", "closed").start();
    for path in ["/health", "/health/live", "/health/ready"] {
        server.get(path).send().must_be(200);
        server.request("HEAD", path).send().must_be(200);
    }
}

#[test]
fn a_server_without_a_signing_key_is_unhealthy() {
    Engine::Json.only();
    let server = Setup::new().without("JWT_SECRET").start();
    let keys = |arguments: &[&str]| {
        let ran = server
            .setup()
            .command(server.folder())
            .args(["--offline", "keys"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    let list = keys(&["list"]);
    let first = list.lines().nth(1).unwrap().split(' ').next().unwrap();
    // Pause the server so that it sees both changes together. A paused server runs no commands, so the files
    // are changed offline.
    server.signal(Signal::STOP);
    let next = keys(&["generate"]);
    keys(&["revoke", first]);
    std::fs::remove_file(server.data().join(format!("keys/{}.pem", next.trim()))).unwrap();
    server.signal(Signal::CONT);
    let not_well = |path: &str| {
        let response = server.get(path).send();
        (response.status() == 503)
            .then(|| response.must_be_problem(503, "unavailable").json()["detail"].to_string())
    };
    let detail = wait_for("the server to notice", || not_well("/health"));
    assert!(detail.contains("keys") && !detail.contains("store"), "{detail}");
    assert!(not_well("/health/ready").is_some());
    server.get("/health/live").send().must_be(200);
}

#[test]
fn a_server_without_an_administrator_is_healthy() {
    // Only users.json can be edited.
    let mut server = Setup::new().engine(Engine::Json).start();
    assert!(server.stop().success());
    let file = server.data().join("users.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"admin\""), "{text}");
    std::fs::write(&file, text.replace("\"admin\"", "\"clerk\"")).unwrap();
    // The server creates no new administrator because the username is taken.
    server.restart();
    server.must_log("there is no active administrator");
    for path in ["/health", "/health/ready"] {
        server.get(path).send().must_be(200);
    }
}
