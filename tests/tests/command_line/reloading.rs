//! SIGHUP: settings that are read again.

use crate::workplace::Workplace;
use roster_tests::{PASSWORD, Server, Setup, until};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use serde_json::json;
use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;

const ORIGIN: &str = "https://app.example.com";

/// A server with its live settings in `roster.toml`.
fn server(file: &str) -> Server {
    Setup::new().without("ROSTER__LIMITS__ENABLED").file(&with_limits_off(file)).start()
}

/// The tests' own requests are not to be limited where the limits are not the point.
fn with_limits_off(file: &str) -> String {
    if file.contains("limits") { file.to_owned() } else { format!("limits.enabled = false\n{file}") }
}

/// Reads `file` with a SIGHUP, and gives back what is logged of it.
fn reload(server: &Server, file: &str) -> String {
    server.rewrite_file(&with_limits_off(file));
    hang_up(server)
}

fn hang_up(server: &Server) -> String {
    let before = server.stderr().len();
    server.signal(Signal::HUP);
    until("the reload to be reported", || {
        let said = server.stderr()[before..].to_owned();
        (said.contains("read the settings again") || said.contains("no setting was changed")).then_some(said)
    })
}

fn allowed_origin(server: &Server) -> Option<String> {
    let answer = server.get("/health").header("Origin", ORIGIN).send().must_be(200);
    answer.header("access-control-allow-origin").map(str::to_owned)
}

#[test]
fn a_reload_changes_the_origins_that_may_call() {
    let server = server("");
    assert_eq!(allowed_origin(&server), None);
    let said = reload(&server, &format!("cors.allowed_origins = ['{ORIGIN}']"));
    assert!(said.contains("\"settings\":\"cors.allowed_origins\""), "{said}");
    assert_eq!(allowed_origin(&server).as_deref(), Some(ORIGIN));
    reload(&server, "cors.allowed_origins = ['*']");
    assert_eq!(allowed_origin(&server).as_deref(), Some("*"));
    reload(&server, "");
    assert_eq!(allowed_origin(&server), None);
}

#[test]
fn a_reload_changes_the_proxies_that_are_believed() {
    let server = server("");
    let client_of = |path: &str| {
        server.get(path).header("X-Forwarded-For", "198.51.100.9").send().must_be(404);
        until("the line of the request", || {
            let said = server.stderr();
            let mut lines = said.lines().filter(|line| line.contains("\"status\":404"));
            lines.next_back().map(|line| line.contains("\"client\":\"198.51.100.9\""))
        })
    };
    assert!(!client_of("/one"));
    reload(&server, "server.trusted_proxies = ['127.0.0.1']");
    let logged = || server.stderr().matches("\"status\":404").count();
    let before = logged();
    server.get("/two").header("X-Forwarded-For", "198.51.100.9").send().must_be(404);
    until("the second line", || (logged() > before).then_some(()));
    assert!(server.stderr().contains("\"client\":\"198.51.100.9\""));
}

#[test]
fn a_reload_changes_what_is_logged() {
    let server = server("log.level = 'info'");
    let lines = || server.stderr().matches("roster::access").count();
    server.get("/").send().must_be(200);
    until("the line of a request", || (lines() == 1).then_some(()));
    reload(&server, "log.level = 'info,roster::access=off'");
    server.get("/").send().must_be(200);
    let said = reload(&server, "log.level = 'debug'");
    assert!(said.contains("\"settings\":\"log.level\""), "{said}");
    assert_eq!(lines(), 1, "nothing was logged in between");
    server.get("/").send().must_be(200);
    until("the line of the next request", || (lines() == 2).then_some(()));
}

#[test]
fn a_reload_changes_the_limits_and_keeps_what_was_counted() {
    let attempts = |rate: &str| format!("[limits]\nrequests_by_ip = '{rate}'\n");
    let server = server(&attempts("4/1h"));
    let status = || server.post("/auth/login").json(json!({ "login": "x", "password": "y" })).send().status();
    for _ in 0..3 {
        assert_eq!(status(), 401);
    }
    let said = reload(&server, &attempts("5/1h"));
    assert!(said.contains("\"settings\":\"limits.requests_by_ip\""), "{said}");
    assert_eq!([status(), status(), status()], [401, 401, 429], "three of five were used up");
    reload(&server, "limits.enabled = false");
    assert_eq!(status(), 401);
}

#[test]
fn a_reload_follows_other_key_files() {
    let place = Workplace::new();
    let keys = |name: &str| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/auth/tests/keys");
        let file = fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path());
        let file = file.into_iter().find(|path| path.ends_with(name)).unwrap();
        fs::copy(file, place.file(name)).unwrap();
        place.file(name).display().to_string()
    };
    let (one, two) = (keys("ed25519.pem"), keys("p256.pem"));
    let setup = Setup::new().without("JWT_SECRET").file(&format!("auth.key_files = ['{one}']"));
    let server = setup.start();
    let ada = server.register("ada");
    server.rewrite_file(&format!("auth.key_files = ['{two}', '{one}']"));
    let said = hang_up(&server);
    assert!(said.contains("applied changed keys") && said.contains("ES256"), "{said}");
    server.get("/users/me").by(&ada).send().must_be(200);
    let ada_again = server.log_in("ada", PASSWORD);
    server.rewrite_file(&format!("auth.key_files = ['{one}']"));
    hang_up(&server);
    server.get("/users/me").by(&ada).send().must_be(200);
    server.get("/users/me").by(&ada_again).send().must_be(401);
}

#[test]
fn a_reload_names_what_needs_a_restart_and_leaves_it() {
    let server = server("");
    let said = reload(&server, "server.json_limit = 2048\nlog.level = 'warn'");
    assert!(said.contains("\"settings\":\"log.level\""), "{said}");
    assert!(said.contains("\"settings\":\"server.json_limit\"") && said.contains("need a restart"), "{said}");
    let body = json!({ "login": "x".repeat(4_000), "password": "y" });
    assert_ne!(server.post("/auth/login").json(body).send().status(), 413);
}

#[test]
fn of_a_file_with_a_fault_nothing_is_taken_over() {
    let server = server("");
    for fault in [
        "cors.allowed_origin = []",
        "log.level = 'loud'",
        "auth.key_files = ['absent.pem']",
        "limits.free_failures = 0",
        "server.port = [",
    ] {
        let said = reload(&server, &format!("cors.allowed_origins = ['{ORIGIN}']\n{fault}"));
        assert!(said.contains("cannot apply the settings"), "{said}");
        assert!(said.contains("no setting was changed"), "{said}");
        assert_eq!(allowed_origin(&server), None, "{fault}");
    }
    reload(&server, &format!("cors.allowed_origins = ['{ORIGIN}']"));
    assert_eq!(allowed_origin(&server).as_deref(), Some(ORIGIN), "and a good one is");
}

#[test]
fn a_file_that_is_gone_changes_nothing() {
    let server = server(&format!("cors.allowed_origins = ['{ORIGIN}']"));
    fs::remove_file(server.folder().join("roster.toml")).unwrap();
    let said = hang_up(&server);
    assert!(said.contains("roster.toml") && said.contains("no setting was changed"), "{said}");
    assert_eq!(allowed_origin(&server).as_deref(), Some(ORIGIN));
}

/// Has the server read its settings from a pipe, whose end to write is given back: it waits for that.
fn hang_up_with_a_pipe(server: &Server) -> File {
    let file = server.folder().join("roster.toml");
    fs::remove_file(&file).unwrap();
    mknodat(CWD, &file, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    server.signal(Signal::HUP);
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    until("the server to read", || File::options().write(true).custom_flags(nonblocking).open(&file).ok())
}

#[test]
fn a_stop_does_not_wait_for_a_settings_file_that_cannot_be_read() {
    let mut server = server("");
    let pipe = hang_up_with_a_pipe(&server);
    assert_eq!(server.stop().code(), Some(0), "{}", server.stderr());
    drop(pipe);
}

#[test]
fn a_reload_gives_up_on_a_file_that_cannot_be_read_and_the_next_one_is_served() {
    let server = server("");
    let pipe = hang_up_with_a_pipe(&server);
    until("the reload to give up", || server.stderr().contains("could not be read within").then_some(()));
    fs::remove_file(server.folder().join("roster.toml")).unwrap();
    reload(&server, &format!("cors.allowed_origins = ['{ORIGIN}']"));
    assert_eq!(allowed_origin(&server).as_deref(), Some(ORIGIN));
    drop(pipe);
}

#[test]
fn usr1_usr2_and_quit_do_nothing() {
    let server = server("");
    for signal in [Signal::USR1, Signal::USR2, Signal::QUIT] {
        let before = server.stderr().len();
        server.signal(signal);
        until("the signal to be logged", || {
            server.stderr()[before..].contains("this signal does nothing").then_some(())
        });
        server.get("/health/ready").send().must_be(200);
    }
}

#[test]
fn the_first_line_of_the_log_names_the_settings_file() {
    let server = server("");
    let said = server.stderr();
    let first = said.lines().next().unwrap();
    assert!(first.contains("\"file\":\"roster.toml\""), "{first}");
}
