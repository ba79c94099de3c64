//! Stopping a server that is blocked by something outside.

use crate::sandbox::Sandbox;
use roster_tests::{Engine, PASSWORD, Setup, wait_for};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A process that is killed when dropped.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    fn wait(&mut self) -> ExitStatus {
        wait_for("the process to exit", || self.0.try_wait().unwrap())
    }

    /// Sends SIGTERM and returns the exit code.
    fn stop(&mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.wait().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The address in `listening on http://…`.
fn address(line: &str) -> String {
    line.trim().rsplit('/').next().unwrap().to_owned()
}

/// Sends enough requests that their log lines fill a pipe.
fn fill_log(address: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    for _ in 0..600 {
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_ne!(stream.read(&mut [0; 4_096]).unwrap(), 0);
    }
}

#[test]
fn a_server_stops_even_if_nobody_reads_its_log() {
    let sandbox = Sandbox::new();
    let mut command = Setup::new().set("log.level", "debug").command(sandbox.path());
    let mut server = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    fill_log(&address(&line));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_server_serves_and_stops_even_if_nobody_reads_stdout() {
    let sandbox = Sandbox::new();
    let (reader, mut writer) = std::io::pipe().unwrap();
    // Exactly what fits into a pipe buffer.
    writer.write_all(&vec![b'\n'; 65_536]).unwrap();
    let log = sandbox.file("stderr.log");
    let mut command = Setup::new().command(sandbox.path());
    let mut server = Running::start(command.stdout(writer).stderr(File::create(&log).unwrap()));
    wait_for("the server to serve", || {
        fs::read_to_string(&log).unwrap().contains("\"serving\"").then_some(())
    });
    assert_eq!(server.stop(), Some(0), "{}", fs::read_to_string(&log).unwrap());
    drop(reader);
}

/// Settings with a pipe as the key file. Nothing writes to it, so the server blocks before it listens.
fn setup_that_blocks(sandbox: &Sandbox) -> Setup {
    let pipe = sandbox.file("key.pem");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    sandbox.setup.clone().set("auth.key_files", pipe.to_str().unwrap())
}

#[test]
fn one_signal_ends_a_server_whose_start_never_finishes() {
    let sandbox = Sandbox::new();
    let log = sandbox.file("stderr.log");
    // SIGINT skips the drain delay. The server has another ten seconds to stop.
    let setup =
        setup_that_blocks(&sandbox).set("server.shutdown_timeout", "0s").set("server.drain_delay", "10m");
    let mut command = setup.command(sandbox.path());
    let mut server = Running::start(command.stdout(Stdio::null()).stderr(File::create(&log).unwrap()));
    let logged = |text: &str| fs::read_to_string(&log).unwrap().contains(text).then_some(());
    wait_for("the server to start", || logged("settings from this file"));
    server.signal(Signal::INT);
    assert_eq!(server.wait().code(), Some(1));
    assert!(logged("the shutdown takes too long").is_some());
}

#[test]
fn a_second_signal_ends_a_starting_server() {
    let sandbox = Sandbox::new();
    let log = sandbox.file("stderr.log");
    let mut command = setup_that_blocks(&sandbox).command(sandbox.path());
    let mut server = Running::start(command.stdout(Stdio::null()).stderr(File::create(&log).unwrap()));
    let logged = |text: &str| fs::read_to_string(&log).unwrap().contains(text).then_some(());
    wait_for("the server to start", || logged("settings from this file"));
    server.signal(Signal::HUP);
    server.signal(Signal::TERM);
    wait_for("the server to begin stopping", || logged("\"stopping\""));
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(143));
}

#[test]
fn a_second_signal_ends_an_import_before_serving() {
    let sandbox = Sandbox::new();
    let log = sandbox.file("stderr.log");
    let users: Vec<_> =
        (0..2_000).map(|n| format!("{{\"username\":\"user{n}\",\"password\":\"{PASSWORD} {n}\"}}")).collect();
    sandbox.write("users.json", &format!("[{}]", users.join(",")));
    let mut command = sandbox.setup.clone().set("password.bcrypt_cost", "12").command(sandbox.path());
    command.args(["serve", "--import", "users.json", "--plain-text-passwords"]).stdout(Stdio::null());
    let mut server = Running::start(command.stderr(File::create(&log).unwrap()));
    wait_for("the import to start", || {
        fs::read_to_string(&log).unwrap().contains("\"importing\"").then_some(())
    });
    server.signal(Signal::INT);
    server.signal(Signal::TERM);
    let code = server.wait().code();
    // The first signal may already have stopped the server.
    assert!([Some(0), Some(130), Some(143)].contains(&code), "{code:?}");
}

#[test]
fn a_pipe_instead_of_the_users_file_is_rejected_without_blocking() {
    Engine::Json.only();
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let users = sandbox.file("data/users.json");
    fs::remove_file(&users).unwrap();
    mknodat(CWD, &users, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    for arguments in
        [&["user", "list"][..], &["export"], &["audit"], &["user", "delete", "ada", "--yes"], &["serve"]]
    {
        let result = sandbox.run(arguments).must_exit(1);
        assert!(result.stderr.contains("users.json") && result.stderr.contains("a pipe, not"), "{result:?}");
    }
}
