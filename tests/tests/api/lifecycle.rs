//! Starting and stopping.

use roster_tests::{PASSWORD, Server, Setup, raw, until};
use serde_json::json;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

/// What a start that fails says, on stderr.
fn refused(setup: &Setup, folder: &std::path::Path) -> String {
    let out = setup.command(folder).output().unwrap();
    assert!(!out.status.success());
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!said.contains("panicked") && said.lines().count() <= 6, "{said}");
    said
}

#[test]
fn a_stop_ends_well_and_keeps_everything() {
    let mut server = Server::start();
    let ada = server.register("ada");
    assert!(server.stop().success());
    let kept = server.users_file();
    assert!(kept.iter().any(|user| user["id"] == ada.id.as_str()), "{kept:?}");
    let mode = std::fs::metadata(server.data().join("users.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    server.restart();
    server.get("/users/me").by(&ada).send().must_be(200);
}

#[test]
fn a_request_that_has_begun_is_finished_before_the_stop() {
    let mut server = Server::start();
    let mut stream = raw::connect(server.address());
    let body = json!({ "username": "ada", "password": PASSWORD }).to_string();
    let head = format!(
        "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Its handler runs and waits for the body: the stop comes in the middle.
    until("the request to be in flight", || {
        let text = server.get("/metrics").send().text().to_owned();
        text.lines().any(|line| line == "http_requests_in_flight 2").then_some(())
    });
    server.ask_to_stop();
    stream.write_all(body.as_bytes()).unwrap();
    let answer = raw::receive(&mut stream);
    assert_eq!(answer.status(), Some(201), "{}", answer.text);
    drop(stream);
    assert!(server.stopped().success());
    assert!(server.users_file().iter().any(|user| user["username"] == "ada"));
}

#[test]
fn a_port_that_is_taken_is_told_in_one_line() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let port = server.address().port().to_string();
    let said = refused(&Setup::new().set("server.port", &port), folder.path());
    assert!(said.contains(&port), "{said}");
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let said = refused(&Setup::new().data(&server.data()), folder.path());
    assert!(said.contains("held by process") && said.contains(server.data().to_str().unwrap()), "{said}");
    server.get("/health").send().must_be(200);
}

#[test]
fn a_secret_that_is_too_short_is_refused_with_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let said = refused(&Setup::new().env("JWT_SECRET", "too short"), folder.path());
    assert!(said.contains("32") && said.contains("openssl") && !said.contains("too short"), "{said}");
}

#[test]
fn a_setting_that_there_is_not_is_refused_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let said = refused(&Setup::new().set("server.prot", "1"), folder.path());
    assert!(said.contains("PORT") || said.contains("port"), "{said}");
}

#[test]
fn an_edit_made_while_it_was_stopped_is_adopted_and_audited() {
    let mut server = Server::start();
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
