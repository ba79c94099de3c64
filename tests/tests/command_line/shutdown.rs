//! How a server stops.

use roster_tests::{PASSWORD, Server, Setup, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address()).unwrap()
}

/// Starts a request and never finishes it.
fn begin_request(server: &Server) -> TcpStream {
    let mut stream = connect(server);
    let head =
        "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    let in_flight = |text: &str| text.lines().any(|line| line == "http_requests_in_flight 2");
    wait_for("the request to be in flight", || in_flight(server.get("/metrics").send().text()).then_some(()));
    stream
}

fn begin_stop(server: &Server) {
    server.ask_to_stop();
    server.must_log("\"stopping\"");
}

#[test]
fn a_server_stops_with_a_snapshot_and_exit_code_0() {
    let mut server = Server::start();
    let _ = server.register("ada");
    assert_eq!(server.stop().code(), Some(0));
    let names: Vec<_> = server.stored_users().iter().map(|user| user["username"].to_string()).collect();
    assert!(names.contains(&"\"ada\"".to_owned()), "{names:?}");
    assert_eq!(server.stdout().lines().count(), 1, "{}", server.stdout());
    assert!(server.stderr().lines().last().unwrap().contains("stopped"));
}

#[test]
fn a_stopping_server_finishes_running_requests_and_accepts_no_new_connections() {
    let server = Setup::new().set("password.bcrypt_cost", "13").start();
    let client = server.client();
    let registration = thread::spawn(move || client.register_only("ada"));
    let running = |text: &str| text.lines().any(|line| line == "roster_hash_in_flight 1");
    wait_for("hashing to start", || running(server.get("/metrics").send().text()).then_some(()));
    begin_stop(&server);
    let mut server = server;
    assert_eq!(registration.join().unwrap()["username"], "ada");
    wait_for("the server to stop", || (!server.is_running()).then_some(()));
    assert!(TcpStream::connect(server.address()).is_err());
    assert!(server.stored_users().iter().any(|user| user["username"] == "ada"));
}

#[test]
fn an_idle_connection_does_not_delay_the_stop() {
    // Longer than the test waits.
    let mut server = Setup::new().set("server.shutdown_timeout", "5m").start();
    let idle = connect(&server);
    let mut kept = connect(&server);
    kept.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let _ = kept.read(&mut [0; 1024]).unwrap();
    assert_eq!(server.stop().code(), Some(0));
    drop((idle, kept));
}

#[test]
fn an_unfinished_request_is_cut_off_after_the_timeout() {
    let mut server = Setup::new().set("server.shutdown_timeout", "300ms").start();
    let request = begin_request(&server);
    assert_eq!(server.stop().code(), Some(0));
    assert!(server.stderr().contains("cut off"), "{}", server.stderr());
    drop(request);
}

#[test]
fn a_second_signal_ends_a_stopping_server_immediately() {
    let mut server = Server::start();
    let _ = server.register_only("ada");
    let request = begin_request(&server);
    begin_stop(&server);
    assert_eq!(server.stop().code(), Some(143));
    drop(request);
    server.restart();
    assert_eq!(server.log_in("ada", PASSWORD).username, "ada");
}

#[test]
fn a_signal_stops_an_import_that_waits_for_input() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stderr.log");
    let mut command = Setup::new().command(folder.path());
    command.args(["serve", "--import", "-"]).stdin(Stdio::piped()).stderr(File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    wait_for("the import to start", || fs::read_to_string(&log).unwrap().contains("importing").then_some(()));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    // Keep the writing end of the pipe open.
    let stdin = child.stdin.take();
    let status = wait_for("the server to stop", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0), "{}", fs::read_to_string(&log).unwrap());
    drop(stdin);
}

#[test]
fn a_draining_server_is_not_ready_but_still_serves() {
    let delay = Duration::from_secs(2);
    let mut server = Setup::new().set("server.drain_delay", "2s").start();
    server.get("/health/ready").send().must_be(200);
    let begin = Instant::now();
    begin_stop(&server);
    let ready = server.get("/health/ready").send().must_be_problem(503, "unavailable");
    assert_eq!(ready.header("connection"), Some("close"), "clients must open new connections elsewhere");
    server.get("/health/live").send().must_be(200);
    server.get("/health").send().must_be(200);
    let _ = server.register_only("ada");
    wait_for("the listener to close", || TcpStream::connect(server.address()).is_err().then_some(()));
    assert!(begin.elapsed() >= delay, "{:?}", begin.elapsed());
    assert_eq!(server.wait_until_stopped().code(), Some(0));
}

#[test]
fn ctrl_c_skips_the_drain_delay() {
    let mut server = Setup::new().set("server.drain_delay", "10m").start();
    server.signal(Signal::INT);
    assert_eq!(server.wait_until_stopped().code(), Some(0));
}

#[test]
fn a_second_signal_ends_a_draining_server() {
    let mut server = Setup::new().set("server.drain_delay", "10m").start();
    begin_stop(&server);
    server.signal(Signal::INT);
    assert_eq!(server.wait_until_stopped().code(), Some(130));
}
