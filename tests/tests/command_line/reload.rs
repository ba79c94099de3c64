//! SIGHUP reloads the settings.

use crate::sandbox::Sandbox;
use roster_tests::{PASSWORD, Server, Setup, wait_for};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use serde_json::json;
use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;

const ORIGIN: &str = "https://app.example.com";

/// A server with these settings in `roster.toml`.
fn server(file: &str) -> Server {
    Setup::new().without("ROSTER__LIMITS__ENABLED").file(&with_limits_off(file)).start()
}

/// Switches limits off, unless the settings are about limits.
fn with_limits_off(file: &str) -> String {
    if file.contains("limits") { file.to_owned() } else { format!("limits.enabled = false\n{file}") }
}

/// Writes the settings file, sends SIGHUP and returns the log lines of the reload.
fn reload(server: &Server, file: &str) -> String {
    server.write_settings_file(&with_limits_off(file));
    send_sighup(server)
}

fn send_sighup(server: &Server) -> String {
    let before = server.stderr().len();
    server.signal(Signal::HUP);
    wait_for("the reload to be reported", || {
        let log = server.stderr()[before..].to_owned();
        (log.contains("read the settings again") || log.contains("no setting was changed")).then_some(log)
    })
}

fn allowed_origin(server: &Server) -> Option<String> {
    let response = server.get("/health").header("Origin", ORIGIN).send().must_be(200);
    response.header("access-control-allow-origin").map(str::to_owned)
}

#[test]
fn a_reload_changes_the_allowed_origins() {
    let server = server("");
    assert_eq!(allowed_origin(&server), None);
    let log = reload(&server, &format!("cors.allowed_origins = ['{ORIGIN}']"));
    assert!(log.contains("\"settings\":\"cors.allowed_origins\""), "{log}");
    assert_eq!(allowed_origin(&server).as_deref(), Some(ORIGIN));
    reload(&server, "cors.allowed_origins = ['*']");
    assert_eq!(allowed_origin(&server).as_deref(), Some("*"));
    reload(&server, "");
    assert_eq!(allowed_origin(&server), None);
}

#[test]
fn a_reload_changes_the_trusted_proxies() {
    let server = server("");
    let client_of = |path: &str| {
        server.get(path).header("X-Forwarded-For", "198.51.100.9").send().must_be(404);
        wait_for("the log line of the request", || {
            let log = server.stderr();
            let mut lines = log.lines().filter(|line| line.contains("\"status\":404"));
            lines.next_back().map(|line| line.contains("\"client\":\"198.51.100.9\""))
        })
    };
    assert!(!client_of("/one"));
    reload(&server, "server.trusted_proxies = ['127.0.0.1']");
    let logged = || server.stderr().matches("\"status\":404").count();
    let before = logged();
    server.get("/two").header("X-Forwarded-For", "198.51.100.9").send().must_be(404);
    wait_for("the second log line", || (logged() > before).then_some(()));
    assert!(server.stderr().contains("\"client\":\"198.51.100.9\""));
}

#[test]
fn a_reload_changes_the_log_level() {
    let server = server("log.level = 'info'");
    let lines = || server.stderr().matches("roster::access").count();
    server.get("/").send().must_be(200);
    wait_for("the log line of a request", || (lines() == 1).then_some(()));
    reload(&server, "log.level = 'info,roster::access=off'");
    server.get("/").send().must_be(200);
    let log = reload(&server, "log.level = 'debug'");
    assert!(log.contains("\"settings\":\"log.level\""), "{log}");
    assert_eq!(lines(), 1, "no request was logged in between");
    server.get("/").send().must_be(200);
    wait_for("the log line of the next request", || (lines() == 2).then_some(()));
}

#[test]
fn a_reload_changes_the_limits_and_keeps_the_counters() {
    // Counts in a database are not converted to the new rate.
    let attempts = |rate: &str| format!("[limits]\nshared = 'memory'\nrequests_by_ip = '{rate}'\n");
    let server = server(&attempts("4/1h"));
    let status = || server.post("/auth/login").json(json!({ "login": "x", "password": "y" })).send().status();
    for _ in 0..3 {
        assert_eq!(status(), 401);
    }
    let log = reload(&server, &attempts("5/1h"));
    assert!(log.contains("\"settings\":\"limits.requests_by_ip\""), "{log}");
    assert_eq!([status(), status(), status()], [401, 401, 429], "the counter keeps the first three");
    reload(&server, "limits.enabled = false");
    assert_eq!(status(), 401);
}

#[test]
fn a_reload_switches_to_other_key_files() {
    let sandbox = Sandbox::new();
    let keys = |name: &str| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/auth/tests/keys");
        let file = fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path());
        let file = file.into_iter().find(|path| path.ends_with(name)).unwrap();
        fs::copy(file, sandbox.file(name)).unwrap();
        sandbox.file(name).display().to_string()
    };
    let (one, two) = (keys("ed25519.pem"), keys("p256.pem"));
    let setup = Setup::new().without("JWT_SECRET").file(&format!("auth.key_files = ['{one}']"));
    let server = setup.start();
    let ada = server.register("ada");
    server.write_settings_file(&format!("auth.key_files = ['{two}', '{one}']"));
    let log = send_sighup(&server);
    assert!(log.contains("applied changed keys") && log.contains("ES256"), "{log}");
    server.get("/users/me").by(&ada).send().must_be(200);
    let ada_again = server.log_in("ada", PASSWORD);
    server.write_settings_file(&format!("auth.key_files = ['{one}']"));
    send_sighup(&server);
    server.get("/users/me").by(&ada).send().must_be(200);
    server.get("/users/me").by(&ada_again).send().must_be(401);
}

#[test]
fn a_reload_reports_settings_that_need_a_restart_and_does_not_apply_them() {
    let server = server("");
    let log = reload(&server, "server.json_limit = 2048\nlog.level = 'warn'");
    assert!(log.contains("\"settings\":\"log.level\""), "{log}");
    assert!(log.contains("\"settings\":\"server.json_limit\"") && log.contains("need a restart"), "{log}");
    let body = json!({ "login": "x".repeat(4_000), "password": "y" });
    assert_ne!(server.post("/auth/login").json(body).send().status(), 413);
}

#[test]
fn a_settings_file_with_an_error_changes_nothing() {
    let server = server("");
    for error in [
        "cors.allowed_origin = []",
        "log.level = 'loud'",
        "auth.key_files = ['absent.pem']",
        "limits.free_failures = 0",
        "server.port = [",
    ] {
        let log = reload(&server, &format!("cors.allowed_origins = ['{ORIGIN}']\n{error}"));
        assert!(log.contains("cannot apply the settings"), "{log}");
        assert!(log.contains("no setting was changed"), "{log}");
        assert_eq!(allowed_origin(&server), None, "{error}");
    }
    reload(&server, &format!("cors.allowed_origins = ['{ORIGIN}']"));
    assert_eq!(allowed_origin(&server).as_deref(), Some(ORIGIN), "a valid file is applied");
}

#[test]
fn a_missing_settings_file_changes_nothing() {
    let server = server(&format!("cors.allowed_origins = ['{ORIGIN}']"));
    fs::remove_file(server.folder().join("roster.toml")).unwrap();
    let log = send_sighup(&server);
    assert!(log.contains("roster.toml") && log.contains("no setting was changed"), "{log}");
    assert_eq!(allowed_origin(&server).as_deref(), Some(ORIGIN));
}

/// Makes the server read its settings from a pipe, and returns the writing end. The read blocks until it is closed.
fn reload_from_pipe(server: &Server) -> File {
    let file = server.folder().join("roster.toml");
    fs::remove_file(&file).unwrap();
    mknodat(CWD, &file, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    server.signal(Signal::HUP);
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    wait_for("the server to open the pipe", || {
        File::options().write(true).custom_flags(nonblocking).open(&file).ok()
    })
}

#[test]
fn a_stop_does_not_wait_for_an_unreadable_settings_file() {
    let mut server = server("");
    let pipe = reload_from_pipe(&server);
    assert_eq!(server.stop().code(), Some(0), "{}", server.stderr());
    drop(pipe);
}

#[test]
fn a_reload_times_out_on_an_unreadable_file_and_the_next_one_works() {
    let server = server("");
    let pipe = reload_from_pipe(&server);
    server.must_log("could not be read within");
    fs::remove_file(server.folder().join("roster.toml")).unwrap();
    reload(&server, &format!("cors.allowed_origins = ['{ORIGIN}']"));
    assert_eq!(allowed_origin(&server).as_deref(), Some(ORIGIN));
    drop(pipe);
}

#[test]
fn usr1_usr2_and_quit_are_ignored() {
    let server = server("");
    for signal in [Signal::USR1, Signal::USR2, Signal::QUIT] {
        let before = server.stderr().len();
        server.signal(signal);
        wait_for("the signal to be logged", || {
            server.stderr()[before..].contains("this signal does nothing").then_some(())
        });
        server.get("/health/ready").send().must_be(200);
    }
}

#[test]
fn the_first_log_line_names_the_settings_file() {
    let server = server("");
    server.must_log("\n");
    let log = server.stderr();
    let first = log.lines().next().unwrap();
    assert!(first.contains("\"file\":\"roster.toml\""), "{first}");
}
