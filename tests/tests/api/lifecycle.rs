//! Starting and stopping.

use roster_tests::{Engine, PASSWORD, Server, Setup, raw, wait_for};
use serde_json::json;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

/// Starts a server that must fail, and returns stderr.
fn failed_start(setup: &Setup, folder: &std::path::Path) -> String {
    let out = setup.command(folder).output().unwrap();
    assert!(!out.status.success());
    let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!stderr.contains("panicked") && stderr.lines().count() <= 6, "{stderr}");
    stderr
}

#[test]
fn a_stopped_server_exits_successfully_and_keeps_all_data() {
    let mut server = Server::start();
    let ada = server.register("ada");
    assert!(server.stop().success());
    let kept = server.stored_users();
    assert!(kept.iter().any(|user| user["id"] == ada.id.as_str()), "{kept:?}");
    if let Some(file) = Engine::of_this_test().file() {
        let mode = std::fs::metadata(server.data().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    server.restart();
    server.get("/users/me").by(&ada).send().must_be(200);
}

#[test]
fn a_running_request_is_finished_before_the_server_stops() {
    let mut server = Server::start();
    let mut stream = raw::connect(server.address());
    let body = json!({ "username": "ada", "password": PASSWORD }).to_string();
    let head = format!(
        "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Stop the server while the handler waits for the rest of the body.
    wait_for("the request to be in flight", || {
        let text = server.get("/metrics").send().text().to_owned();
        text.lines().any(|line| line == "http_requests_in_flight 2").then_some(())
    });
    server.ask_to_stop();
    stream.write_all(body.as_bytes()).unwrap();
    let response = raw::receive(&mut stream);
    assert_eq!(response.status(), Some(201), "{}", response.text);
    drop(stream);
    assert!(server.wait_until_stopped().success());
    assert!(server.stored_users().iter().any(|user| user["username"] == "ada"));
}

#[test]
fn a_taken_port_is_reported_in_one_line() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let port = server.address().port().to_string();
    let stderr = failed_start(&Setup::new().set("server.port", &port), folder.path());
    assert!(stderr.contains(&port), "{stderr}");
}

#[test]
fn a_second_server_on_the_same_data_refuses_to_start() {
    if Engine::of_this_test() == Engine::Postgres {
        // Several servers may share a database.
        return;
    }
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let stderr = failed_start(&Setup::new().data(&server.data()), folder.path());
    assert!(
        stderr.contains("held by process") && stderr.contains(server.data().to_str().unwrap()),
        "{stderr}"
    );
    server.get("/health").send().must_be(200);
}

#[test]
fn a_short_secret_is_rejected_with_instructions() {
    let folder = tempfile::tempdir().unwrap();
    let stderr = failed_start(&Setup::new().env("JWT_SECRET", "too short"), folder.path());
    assert!(stderr.contains("32") && stderr.contains("openssl") && !stderr.contains("too short"), "{stderr}");
}

#[test]
fn an_unknown_setting_is_rejected_with_the_closest_match() {
    let folder = tempfile::tempdir().unwrap();
    let stderr = failed_start(&Setup::new().set("server.prot", "1"), folder.path());
    assert!(stderr.contains("PORT") || stderr.contains("port"), "{stderr}");
}

#[test]
fn edits_made_while_the_server_is_stopped_are_adopted_and_audited() {
    let mut server = Setup::new().engine(Engine::Json).start();
    let ada = server.register("ada");
    assert!(server.stop().success());
    let file = server.data().join("users.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("ada@example.org", "countess@example.org")).unwrap();
    server.restart();
    let user = server.get(&ada.path()).by(&server.admin()).send().must_be(200).json();
    assert_eq!(user["email"], "countess@example.org");
    assert!(server.stop().success());
    assert!(server.audit_log().iter().any(|record| record["action"] == "edit_adopted"));
}
