//! The socket for commands: who may use it, and what happens when something is wrong with it.

use crate::workplace::{Ran, Workplace};
use roster_tests::{Server, Setup, until};
use rustix::fs::{FlockOperation, flock};
use rustix::process::getuid;
use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

/// A place with its server.
fn served(setup: Setup) -> (Workplace, Server) {
    let place = Workplace::with(setup);
    let server = place.setup.clone().data(&place.file("data")).start();
    (place, server)
}

#[test]
fn the_socket_is_private_and_gone_when_the_server_is() {
    let (_place, mut server) = served(Setup::new());
    let socket = server.data().join("roster.sock");
    let found = fs::symlink_metadata(&socket).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    assert!(server.stop().success());
    assert!(!socket.exists());
}

#[test]
fn a_socket_that_a_killed_server_left_is_no_obstacle() {
    let (place, mut server) = served(Setup::new());
    server.kill();
    assert!(server.data().join("roster.sock").exists());
    place.run(&["user", "list"]).must_exit(0);
    server.restart();
    place.create("ada", &[]);
    assert_eq!(server.log_in("ada", "nine purple kettles").username, "ada");
}

#[test]
fn offline_refuses_the_socket() {
    let (place, _server) = served(Setup::new());
    for arguments in
        [&["--offline", "user", "list"][..], &["export", "--offline"], &["import", "-", "--offline"]]
    {
        place.run(arguments).must_fail_saying(&["is held by process ", "stop that server", "--offline"]);
    }
    // These have files of their own.
    place.run(&["--offline", "audit"]).must_exit(0);
    place.run(&["--offline", "keys", "list"]).must_exit(0);
}

#[test]
fn without_a_socket_a_command_says_what_to_do_and_the_files_are_still_read() {
    for off in ["", "off"] {
        let place = Workplace::with(Setup::new());
        place.write("roster.toml", &format!("server.control_socket = \"{off}\"\n"));
        let config = place.file("roster.toml").to_str().unwrap().to_owned();
        let mut command = place.setup.command(place.path());
        command.args(["--config", &config]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!place.file("data/roster.sock").exists());
        place
            .run(&["user", "list"])
            .must_fail_saying(&["is held by process ", "server.control_socket is empty"]);
        place.run(&["audit"]).must_exit(0);
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

#[test]
fn a_path_that_is_too_long_for_a_socket_is_warned_of_and_another_can_be_named() {
    let place = Workplace::new();
    let data = place.file(&"long".repeat(30));
    let setup = Setup::new().data(&data);
    let server = setup.clone().start();
    assert!(server.stderr().contains("cannot listen for commands") && server.stderr().contains("107"));
    let here = Workplace::with(setup.clone());
    here.run(&["user", "list"]).must_fail_saying(&["is held by process ", "server.control_socket"]);
    drop(server);
    let elsewhere = place.file("elsewhere.sock");
    let setup = setup.set("server.control_socket", elsewhere.to_str().unwrap());
    let _server = setup.clone().start();
    let here = Workplace::with(setup);
    here.run(&["user", "list"]).must_exit(0);
}

#[test]
fn something_else_under_the_name_of_the_socket_is_left_alone() {
    let place = Workplace::new();
    fs::create_dir(place.file("data")).unwrap();
    place.write("data/roster.sock", "mine");
    let server = place.setup.clone().data(&place.file("data")).start();
    assert!(server.stderr().contains("left as it is"), "{}", server.stderr());
    assert_eq!(place.read("data/roster.sock"), "mine");
}

#[test]
fn a_socket_of_another_store_is_not_used() {
    let place = Workplace::new();
    let shared = place.file("shared.sock").to_str().unwrap().to_owned();
    let (_one, server) = served(Setup::new().set("server.control_socket", &shared));
    let other = Workplace::with(Setup::new().set("server.control_socket", &shared));
    other.create("ada", &[]);
    other.run(&["user", "show", "ada"]).must_exit(0);
    assert_eq!(server.try_log_in("ada", "nine purple kettles").status(), 401);
    let second = other.setup.clone().data(&other.file("data")).start();
    assert!(second.stderr().contains("another process listens"), "{}", second.stderr());
    other.run(&["user", "list"]).must_fail_saying(&["is held by process ", "serves another store"]);
}

#[test]
fn only_the_servers_own_account_and_root_may_run_commands() {
    if !getuid().is_root() {
        eprintln!("SKIPPED: only root can run a command as another account");
        return;
    }
    let open = tempfile::Builder::new().permissions(Permissions::from_mode(0o755)).tempdir().unwrap();
    let socket = open.path().join("roster.sock");
    let (_place, server) = served(Setup::new().set("server.control_socket", socket.to_str().unwrap()));
    fs::set_permissions(&socket, Permissions::from_mode(0o666)).unwrap();
    let binary = open.path().join("roster");
    fs::copy(roster_tests::binary(), &binary).unwrap();
    // It finds the store out of reach, but the socket first.
    let ran = as_nobody(Command::new(&binary).args(["user", "list"]), &server.data(), &socket).must_exit(1);
    assert!(ran.stderr.contains("who runs the server, and root may run commands"), "{ran:?}");
    until("the log", || server.stderr().contains("refused commands of another user").then_some(()));
}

/// Runs a command as the account `nobody`.
fn as_nobody(command: &Command, data: &Path, socket: &Path) -> Ran {
    let mut nobody = Command::new("setpriv");
    nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    nobody.arg(command.get_program()).args(command.get_args()).current_dir("/");
    nobody.env("ROSTER__DATA__DIR", data).env("ROSTER__SERVER__CONTROL_SOCKET", socket);
    Ran::of(&nobody.output().unwrap())
}

#[test]
fn root_may_run_commands_at_the_server_of_another_account() {
    if !getuid().is_root() {
        eprintln!("SKIPPED: only root can start a server as another account");
        return;
    }
    let open = tempfile::Builder::new().permissions(Permissions::from_mode(0o777)).tempdir().unwrap();
    let binary = open.path().join("roster");
    fs::copy(roster_tests::binary(), &binary).unwrap();
    let setup = Setup::new().data(&open.path().join("data"));
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&binary);
    command.env("ROSTER__DATA__DIR", open.path().join("data")).current_dir(open.path());
    command.env("ROSTER__SERVER__PORT", "0").env("ROSTER__PASSWORD__BCRYPT_COST", "4");
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let place = Workplace::with(setup);
    place.create("ada", &[]);
    let log = place.run(&["audit", "--target", "ada"]).must_exit(0).stdout;
    assert!(log.contains("\"os_user\":\"root\""), "{log}");
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_command_that_comes_while_another_one_holds_the_store_waits_for_it() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let lock = File::options().write(true).open(place.file("data/roster.lock")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let mut command = place.setup.command(place.path());
    let waiting =
        command.args(["user", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    place.run(&["--offline", "user", "list"]).must_fail_saying(&["is held"]);
    drop(lock);
    let ran = Ran::of(&waiting.wait_with_output().unwrap()).must_exit(0);
    assert!(ran.stdout.contains("ada"), "{ran:?}");
}

#[test]
fn a_server_that_starts_while_a_command_holds_the_store_waits_for_it() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let lock = File::options().write(true).open(place.file("data/roster.lock")).unwrap();
    flock(&lock, FlockOperation::LockShared).unwrap();
    let log = place.file("server.log");
    let mut command = place.setup.command(place.path());
    command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
    let mut server = command.spawn().unwrap();
    until("the server to begin", || fs::read_to_string(&log).unwrap().contains("settings").then_some(()));
    place.run(&["--offline", "user", "disable", "ada"]).must_fail_saying(&["is held"]);
    drop(lock);
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on "), "{line} {}", fs::read_to_string(&log).unwrap());
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_folder_that_takes_no_socket_does_not_keep_a_server_from_serving() {
    let setup = Setup::new().set("server.control_socket", "/proc/roster.sock");
    let (place, server) = served(setup);
    server.get("/health/ready").send().must_be(200);
    assert!(server.stderr().contains("cannot listen for commands"), "{}", server.stderr());
    place.run(&["user", "list"]).must_fail_saying(&["is held by process ", "/proc/roster.sock"]);
}
