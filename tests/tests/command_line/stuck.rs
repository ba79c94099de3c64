//! A stop in states in which something waits for others.

use crate::workplace::Workplace;
use roster_tests::{PASSWORD, Setup, until};
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

    fn ended(&mut self) -> ExitStatus {
        until("the process to end", || self.0.try_wait().unwrap())
    }

    /// How it ends after a SIGTERM.
    fn stop(&mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.ended().code()
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

/// Asks so often that the lines of the log fill a pipe.
fn fill_log(address: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    for _ in 0..600 {
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_ne!(stream.read(&mut [0; 4_096]).unwrap(), 0);
    }
}

#[test]
fn a_stop_ends_although_the_log_reader_is_stuck() {
    let place = Workplace::new();
    let mut command = Setup::new().set("log.level", "debug").command(place.path());
    let mut server = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    fill_log(&address(&line));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_server_serves_and_stops_although_nobody_reads_stdout() {
    let place = Workplace::new();
    let (reader, mut writer) = std::io::pipe().unwrap();
    // As much as a pipe holds.
    writer.write_all(&vec![b'\n'; 65_536]).unwrap();
    let log = place.file("stderr.log");
    let mut command = Setup::new().command(place.path());
    let mut server = Running::start(command.stdout(writer).stderr(File::create(&log).unwrap()));
    until("the server to serve", || fs::read_to_string(&log).unwrap().contains("\"serving\"").then_some(()));
    assert_eq!(server.stop(), Some(0), "{}", fs::read_to_string(&log).unwrap());
    drop(reader);
}

/// Settings whose key is in a pipe that nobody writes to: a server waits for it before it listens.
fn start_that_takes_for_ever(place: &Workplace) -> Setup {
    let pipe = place.file("key.pem");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    place.setup.clone().set("auth.key_files", pipe.to_str().unwrap())
}

#[test]
fn one_signal_is_enough_although_the_start_never_ends() {
    let place = Workplace::new();
    let log = place.file("stderr.log");
    // Ten seconds are left beyond the two settings, and an interrupt does not drain.
    let setup = start_that_takes_for_ever(&place)
        .set("server.shutdown_timeout", "0s")
        .set("server.drain_delay", "10m");
    let mut command = setup.command(place.path());
    let mut server = Running::start(command.stdout(Stdio::null()).stderr(File::create(&log).unwrap()));
    let said = |text: &str| fs::read_to_string(&log).unwrap().contains(text).then_some(());
    until("the server to begin", || said("settings from this file"));
    server.signal(Signal::INT);
    assert_eq!(server.ended().code(), Some(1));
    assert!(said("the shutdown takes too long").is_some());
}

#[test]
fn a_second_signal_ends_a_server_that_still_starts() {
    let place = Workplace::new();
    let log = place.file("stderr.log");
    let mut command = start_that_takes_for_ever(&place).command(place.path());
    let mut server = Running::start(command.stdout(Stdio::null()).stderr(File::create(&log).unwrap()));
    let said = |text: &str| fs::read_to_string(&log).unwrap().contains(text).then_some(());
    until("the server to begin", || said("settings from this file"));
    server.signal(Signal::HUP);
    server.signal(Signal::TERM);
    until("the signal to be heard", || said("\"stopping\""));
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code(), Some(143));
}

#[test]
fn a_second_signal_ends_an_import_before_serving() {
    let place = Workplace::new();
    let log = place.file("stderr.log");
    let users: Vec<_> =
        (0..2_000).map(|n| format!("{{\"username\":\"user{n}\",\"password\":\"{PASSWORD} {n}\"}}")).collect();
    place.write("users.json", &format!("[{}]", users.join(",")));
    let mut command = place.setup.clone().set("password.bcrypt_cost", "12").command(place.path());
    command.args(["serve", "--import", "users.json", "--plain-text-passwords"]).stdout(Stdio::null());
    let mut server = Running::start(command.stderr(File::create(&log).unwrap()));
    until("the import", || fs::read_to_string(&log).unwrap().contains("\"importing\"").then_some(()));
    server.signal(Signal::INT);
    server.signal(Signal::TERM);
    let code = server.ended().code();
    // The first one may have been enough.
    assert!([Some(0), Some(130), Some(143)].contains(&code), "{code:?}");
}

#[test]
fn a_users_file_that_is_a_pipe_is_refused_and_not_waited_for() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let users = place.file("data/users.json");
    fs::remove_file(&users).unwrap();
    mknodat(CWD, &users, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    for arguments in
        [&["user", "list"][..], &["export"], &["audit"], &["user", "delete", "ada", "--yes"], &["serve"]]
    {
        let ran = place.run(arguments).must_exit(1);
        assert!(ran.stderr.contains("users.json") && ran.stderr.contains("a pipe, not"), "{ran:?}");
    }
}
