//! The control socket: who may use it, and what happens if it is unusable.

use crate::sandbox::{CommandResult, Sandbox};
use roster_tests::{Engine, Server, Setup, skip, wait_for};
use rustix::fs::{FlockOperation, flock};
use rustix::process::getuid;
use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

/// A sandbox with a running server.
fn with_server(setup: Setup) -> (Sandbox, Server) {
    let sandbox = Sandbox::with(setup);
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    (sandbox, server)
}

#[test]
fn the_socket_is_private_and_removed_when_the_server_stops() {
    let (_sandbox, mut server) = with_server(Setup::new());
    let socket = server.data().join("roster.sock");
    let found = fs::symlink_metadata(&socket).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    assert!(server.stop().success());
    assert!(!socket.exists());
}

#[test]
fn a_socket_left_by_a_killed_server_is_ignored() {
    let (sandbox, mut server) = with_server(Setup::new());
    server.kill();
    assert!(server.data().join("roster.sock").exists());
    sandbox.run(&["user", "list"]).must_exit(0);
    server.restart();
    sandbox.create("ada", &[]);
    assert_eq!(server.log_in("ada", "nine purple kettles").username, "ada");
}

#[test]
fn offline_commands_do_not_use_the_socket() {
    Engine::Json.only();
    let (sandbox, _server) = with_server(Setup::new());
    for arguments in
        [&["--offline", "user", "list"][..], &["export", "--offline"], &["import", "-", "--offline"]]
    {
        sandbox.run(arguments).must_fail_with(&["is held by process ", "stop that server", "--offline"]);
    }
    // These commands read separate files.
    sandbox.run(&["--offline", "audit"]).must_exit(0);
    sandbox.run(&["--offline", "keys", "list"]).must_exit(0);
}

#[test]
fn without_a_socket_write_commands_say_what_to_do_and_audit_still_reads_files() {
    Engine::Json.only();
    for off in ["", "off"] {
        let sandbox = Sandbox::with(Setup::new());
        sandbox.write("roster.toml", &format!("server.control_socket = \"{off}\"\n"));
        let config = sandbox.file("roster.toml").to_str().unwrap().to_owned();
        let mut command = sandbox.setup.command(sandbox.path());
        command.args(["--config", &config]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!sandbox.file("data/roster.sock").exists());
        sandbox
            .run(&["user", "list"])
            .must_fail_with(&["is held by process ", "server.control_socket disables"]);
        sandbox.run(&["audit"]).must_exit(0);
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

#[test]
fn a_socket_path_that_is_too_long_causes_a_warning_and_another_can_be_set() {
    Engine::Json.only();
    let sandbox = Sandbox::new();
    let data = sandbox.file(&"long".repeat(30));
    let setup = Setup::new().data(&data);
    let server = setup.clone().start();
    server.must_log("cannot listen for commands");
    let log = server.stderr();
    assert!(log.contains("107"), "{log}");
    let here = Sandbox::with(setup.clone());
    here.run(&["user", "list"]).must_fail_with(&["is held by process ", "server.control_socket"]);
    drop(server);
    let elsewhere = sandbox.file("elsewhere.sock");
    let setup = setup.set("server.control_socket", elsewhere.to_str().unwrap());
    let _server = setup.clone().start();
    let here = Sandbox::with(setup);
    here.run(&["user", "list"]).must_exit(0);
}

#[test]
fn a_regular_file_at_the_socket_path_is_not_touched() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.file("data")).unwrap();
    sandbox.write("data/roster.sock", "mine");
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    server.must_log("left as it is");
    assert_eq!(sandbox.read("data/roster.sock"), "mine");
}

#[test]
fn a_socket_of_another_store_is_not_used() {
    Engine::Json.only();
    let sandbox = Sandbox::new();
    let shared = sandbox.file("shared.sock").to_str().unwrap().to_owned();
    let (_one, server) = with_server(Setup::new().set("server.control_socket", &shared));
    let other = Sandbox::with(Setup::new().set("server.control_socket", &shared));
    other.create("ada", &[]);
    other.run(&["user", "show", "ada"]).must_exit(0);
    assert_eq!(server.try_log_in("ada", "nine purple kettles").status(), 401);
    let second = other.setup.clone().data(&other.file("data")).start();
    second.must_log("another process listens");
    other.run(&["user", "list"]).must_fail_with(&["is held by process ", "serves another store"]);
}

#[test]
fn only_the_servers_account_and_root_can_run_commands() {
    if !getuid().is_root() {
        return skip("only root can run a command as another account");
    }
    let open = tempfile::Builder::new().permissions(Permissions::from_mode(0o755)).tempdir().unwrap();
    let socket = open.path().join("roster.sock");
    let (_sandbox, server) = with_server(Setup::new().set("server.control_socket", socket.to_str().unwrap()));
    fs::set_permissions(&socket, Permissions::from_mode(0o666)).unwrap();
    let binary = open.path().join("roster");
    fs::copy(roster_tests::binary(), &binary).unwrap();
    // The account cannot read the store, but the command tries the socket first.
    let result =
        as_nobody(Command::new(&binary).args(["user", "list"]), &server.data(), &socket).must_exit(1);
    assert!(result.stderr.contains("who runs the server, and root may run commands"), "{result:?}");
    server.must_log("rejected commands of another user");
}

/// Runs a command under the account `nobody`.
fn as_nobody(command: &Command, data: &Path, socket: &Path) -> CommandResult {
    let mut nobody = Command::new("setpriv");
    nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    nobody.arg(command.get_program()).args(command.get_args()).current_dir("/");
    nobody.env("ROSTER__DATA__DIR", data).env("ROSTER__SERVER__CONTROL_SOCKET", socket);
    CommandResult::of(&nobody.output().unwrap())
}

#[test]
fn root_can_run_commands_on_a_server_of_another_account() {
    if !getuid().is_root() {
        return skip("only root can start a server as another account");
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
    let sandbox = Sandbox::with(setup);
    sandbox.create("ada", &[]);
    let log = sandbox.run(&["audit", "--target", "ada"]).must_exit(0).stdout;
    assert!(log.contains("\"os_user\":\"root\""), "{log}");
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_command_waits_while_another_one_locks_the_store() {
    Engine::Json.only();
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let lock = File::options().write(true).open(sandbox.file("data/roster.lock")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let mut command = sandbox.setup.command(sandbox.path());
    let waiting =
        command.args(["user", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sandbox.run(&["--offline", "user", "list"]).must_fail_with(&["is held"]);
    drop(lock);
    let result = CommandResult::of(&waiting.wait_with_output().unwrap()).must_exit(0);
    assert!(result.stdout.contains("ada"), "{result:?}");
}

#[test]
fn a_server_waits_while_a_command_locks_the_store() {
    Engine::Json.only();
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let lock = File::options().write(true).open(sandbox.file("data/roster.lock")).unwrap();
    flock(&lock, FlockOperation::LockShared).unwrap();
    let log = sandbox.file("server.log");
    let mut command = sandbox.setup.command(sandbox.path());
    command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
    let mut server = command.spawn().unwrap();
    wait_for("the server to start", || fs::read_to_string(&log).unwrap().contains("settings").then_some(()));
    sandbox.run(&["--offline", "user", "disable", "ada"]).must_fail_with(&["is held"]);
    drop(lock);
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on "), "{line} {}", fs::read_to_string(&log).unwrap());
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_server_serves_even_if_it_cannot_create_its_socket() {
    Engine::Json.only();
    let setup = Setup::new().set("server.control_socket", "/proc/roster.sock");
    let (sandbox, server) = with_server(setup);
    server.get("/health/ready").send().must_be(200);
    server.must_log("cannot listen for commands");
    sandbox.run(&["user", "list"]).must_fail_with(&["is held by process ", "/proc/roster.sock"]);
}
