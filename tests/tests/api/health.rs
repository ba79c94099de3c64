//! /health, /health/live, /health/ready.

use roster_tests::{Server, Setup, until};
use rustix::process::Signal;
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

#[test]
fn without_a_key_that_signs_the_server_is_not_well() {
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
    // So that it sees both changes at once; they are made on the files, as it takes no commands meanwhile.
    server.signal(Signal::STOP);
    let next = keys(&["generate"]);
    keys(&["revoke", first]);
    std::fs::remove_file(server.data().join(format!("keys/{}.pem", next.trim()))).unwrap();
    server.signal(Signal::CONT);
    let not_well = |path: &str| {
        let answer = server.get(path).send();
        (answer.status() == 503).then(|| answer.refused(503, "unavailable").json()["detail"].to_string())
    };
    let detail = until("the server to notice", || not_well("/health"));
    assert!(detail.contains("keys") && !detail.contains("store"), "{detail}");
    assert!(not_well("/health/ready").is_some());
    server.get("/health/live").send().must_be(200);
}

#[test]
fn without_an_administrator_the_server_is_well() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = server.data().join("users.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"admin\""), "{text}");
    std::fs::write(&file, text.replace("\"admin\"", "\"clerk\"")).unwrap();
    // Another one is not made, since the name is taken.
    server.restart();
    assert!(server.stderr().contains("there is no active administrator"));
    for path in ["/health", "/health/ready"] {
        server.get(path).send().must_be(200);
    }
}
