//! The protocol between the command line and a server, and violations of it.

use crate::frames::{
    ANSWER, ASK, END, Frames, HELLO, INPUT, INPUT_END, NOTE, PRINT, PROGRESS, PROTOCOL, PULL, REQUEST,
};
use crate::sandbox::{CommandResult, Sandbox};
use roster_tests::{Engine, Server, wait_for};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Stdio;
use std::thread;

/// A sandbox with a running server.
fn with_server() -> (Sandbox, Server) {
    let sandbox = Sandbox::new();
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    (sandbox, server)
}

fn connect(server: &Server) -> Frames {
    Frames(UnixStream::connect(server.data().join("roster.sock")).unwrap())
}

/// Opens a connection, completes the handshake and sends this request.
fn send_request(server: &Server, request: &str) -> Frames {
    let mut frames = connect(server);
    assert_eq!(frames.next().unwrap().0, HELLO);
    frames.hello(PROTOCOL);
    frames.send(REQUEST, request);
    frames
}

/// Imports enough users that an export does not fit into the buffers of a socket.
fn import_many(sandbox: &Sandbox) {
    let text = "x".repeat(100);
    let person = |n| format!("{{\"username\": \"u{n}\", \"display_name\": \"{text}\"}}\n");
    sandbox.run_with(&["import", "-"], &(0..10_000).map(person).collect::<String>()).must_exit(0);
}

fn users(sandbox: &Sandbox) -> usize {
    sandbox.run(&["user", "list", "--json"]).must_exit(0).stdout.lines().count()
}

#[test]
fn a_deletion_asks_for_confirmation_and_continues_only_on_yes() {
    let (sandbox, server) = with_server();
    sandbox.create("ada", &[]);
    let request = "{\"user\": {\"delete\": {\"name\": \"ada\", \"asking\": \"first\"}}}";
    let reply = |response: &str| {
        let mut frames = send_request(&server, request);
        let (kind, question) = frames.next().unwrap();
        assert!(kind == ASK && question.starts_with("Permanently erase ada ("), "{question}");
        frames.send(ANSWER, response);
        std::iter::from_fn(|| frames.next()).last().unwrap().1
    };
    assert!(reply("{\"no\": \"nothing was changed\"}").contains("nothing was changed"));
    sandbox.run(&["user", "show", "ada"]).must_exit(0);
    assert!(reply("\"yes\"").contains("done"));
    sandbox.run(&["user", "show", "ada"]).must_exit(1);
}

#[test]
fn input_is_sent_on_request_and_progress_is_reported() {
    let (_sandbox, server) = with_server();
    let mut frames = send_request(
        &server,
        r#"{"import": {"task": {"import": "write"}, "parts": [], "report": "text", "options": {}}}"#,
    );
    let (mut kinds, mut printed) = (Vec::new(), String::new());
    let person = |n| format!("{{\"username\": \"u{n}\"}}\n");
    let mut chunks = (0..3).map(|chunk| (0..1000).map(|n| person(1000 * chunk + n)).collect::<String>());
    while let Some((kind, text)) = frames.next() {
        kinds.push(kind);
        match kind {
            PULL => match chunks.next() {
                Some(chunk) => frames.send(INPUT, &chunk),
                None => frames.send(INPUT_END, ""),
            },
            PRINT => printed += &text,
            _ => {}
        }
    }
    let count = |wanted| kinds.iter().copied().filter(|kind| wanted == *kind).map(|_| 1).sum::<usize>();
    assert!(printed.starts_with("3000 records: 3000 imported"), "{printed}");
    assert_eq!((count(PULL), count(END)), (4, 1), "{kinds:?}");
    assert!(count(PROGRESS) >= 1, "{kinds:?}");
}

#[test]
fn unrequested_input_closes_the_connection() {
    let (sandbox, server) = with_server();
    let mut frames = send_request(&server, "{\"audit\": {\"extent\": \"to_come\", \"format\": \"ndjson\"}}");
    for _ in 0..100 {
        frames.send(INPUT, "unasked");
    }
    while frames.next().is_some() {}
    sandbox.run(&["user", "list"]).must_exit(0);
}

#[test]
fn an_older_or_newer_client_is_told_about_the_version_mismatch() {
    let (_sandbox, server) = with_server();
    for (protocol, message) in [(0, "is Roster 0.1.0 and newer"), (7, "is Roster 0.1.0 and older")] {
        let mut frames = connect(&server);
        assert_eq!(frames.next().unwrap().0, HELLO);
        frames.hello(protocol);
        let (kind, text) = frames.next().unwrap();
        assert_eq!(kind, END);
        assert!(text.contains(message) && text.contains("9.8.7"), "{text}");
        assert_eq!(frames.next(), None);
    }
}

#[test]
fn a_command_reports_a_server_of_another_version_and_what_to_do() {
    Engine::Json.only();
    for (protocol, words) in [
        (9, ["the server is Roster 9.8.7 and newer", "executable that the server uses"]),
        (0, ["the server is Roster 9.8.7 and older", "restart the server"]),
    ] {
        let sandbox = Sandbox::new();
        sandbox.create("ada", &[]);
        let lock = File::options().write(true).open(sandbox.file("data/roster.lock")).unwrap();
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        let listener = UnixListener::bind(sandbox.file("data/roster.sock")).unwrap();
        let serving = thread::spawn(move || {
            let mut frames = Frames(listener.accept().unwrap().0);
            frames.hello(protocol);
            while frames.next().is_some() {}
        });
        sandbox.run(&["user", "list"]).must_fail_with(&words);
        serving.join().unwrap();
    }
}

#[test]
fn control_characters_from_a_server_are_escaped() {
    let steering = "red \u{1b}[31m and \u{202e}backwards";
    for outcome in ["{\"failed\": {\"error\": ", "{\"done\": {\"summary\": "] {
        let sandbox = Sandbox::new();
        sandbox.create("ada", &[]);
        let listener = UnixListener::bind(sandbox.file("data/roster.sock")).unwrap();
        let serving = thread::spawn(move || {
            let mut frames = Frames(listener.accept().unwrap().0);
            frames.hello(PROTOCOL);
            assert_eq!((frames.next().unwrap().0, frames.next().unwrap().0), (HELLO, REQUEST));
            frames.send(NOTE, steering);
            frames.send(END, &format!("{outcome}{}}}}}", serde_json::json!(steering)));
        });
        let result = sandbox.run(&["user", "list"]);
        serving.join().unwrap();
        let escaped = "red \\u{1b}[31m and \\u{202e}backwards";
        assert_eq!(result.stderr.matches(escaped).count(), 2, "{result:?}");
        assert!(!result.stderr.contains(['\u{1b}', '\u{202e}']), "{result:?}");
    }
}

#[test]
fn invalid_frames_close_the_connection_and_the_server_keeps_running() {
    let (sandbox, server) = with_server();
    for noise in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[255; 64], &[0, 0, 0, 2, 0, b'{']] {
        let mut frames = connect(&server);
        frames.0.write_all(noise).unwrap();
        assert_eq!(frames.next().unwrap().0, HELLO);
        while frames.next().is_some() {}
    }
    let mut frames = send_request(&server, "{\"user\": {\"fly\": {}}}");
    let (kind, text) = frames.next().unwrap();
    assert!(kind == END && text.contains("malformed"), "{text}");
    sandbox.run(&["user", "list"]).must_exit(0);
}

#[test]
fn a_client_that_stops_reading_blocks_neither_others_nor_shutdown() {
    let (sandbox, mut server) = with_server();
    import_many(&sandbox);
    let mut stuck: Vec<_> = (0..4)
        .map(|_| send_request(&server, "{\"export\": {\"format\": \"ndjson\", \"hashes\": \"omit\"}}"))
        .collect();
    let first = stuck[0].next().unwrap();
    assert!(first.1.contains("username"), "{}", first.1);
    sandbox.create("ada", &[]);
    assert_eq!(server.log_in("ada", "nine purple kettles").username, "ada");
    assert!(server.stop().success());
    // The client has read only the beginning, so the rest is cut off.
    while stuck[0].next().is_some() {}
}

#[test]
fn connections_are_limited_and_an_extra_one_gets_an_error() {
    let (sandbox, server) = with_server();
    let mut waiting: Vec<_> = (0..16).map(|_| connect(&server)).collect();
    for frames in &mut waiting {
        assert_eq!(frames.next().unwrap().0, HELLO);
    }
    sandbox.run(&["user", "list"]).must_fail_with(&["already running 16 commands"]);
    drop(waiting);
    wait_for("a free connection", || (sandbox.run(&["user", "list"]).code == 0).then_some(()));
}

#[test]
fn audit_followers_are_limited_so_that_other_commands_can_run() {
    let (sandbox, server) = with_server();
    let follow = || send_request(&server, "{\"audit\": {\"extent\": \"to_come\", \"format\": \"ndjson\"}}");
    let mut following: Vec<_> = (0..8).map(|_| follow()).collect();
    let followers = || server.stderr().matches("\"command\":\"audit\"").count();
    wait_for("eight commands to follow", || (followers() == 8).then_some(()));
    let (kind, message) = follow().next().unwrap();
    assert!(kind == END && message.contains("8 commands already follow the audit log"), "{message}");
    sandbox.run(&["audit", "--follow"]).must_fail_with(&["8 commands already follow", "--offline"]);
    sandbox.run(&["user", "list"]).must_exit(0);
    following.pop();
    server.must_log("its terminal has gone");
    let _ninth = follow();
    wait_for("another command to follow", || (followers() == 9).then_some(()));
}

#[test]
fn stopping_the_server_ends_running_commands_with_a_message() {
    let (sandbox, mut server) = with_server();
    let mut command = sandbox.setup.command(sandbox.path());
    command.args(["audit", "--follow"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let following = command.spawn().unwrap();
    server.must_log("\"command\":\"audit\"");
    assert!(server.stop().success());
    let result = CommandResult::of(&following.wait_with_output().unwrap()).must_exit(1);
    assert!(result.stderr.contains("the server stops") && result.stderr.contains("are kept"), "{result:?}");
}

#[test]
fn a_command_fails_when_its_server_is_killed() {
    let (sandbox, mut server) = with_server();
    let mut command = sandbox.setup.command(sandbox.path());
    command.args(["audit", "--follow"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let following = command.spawn().unwrap();
    server.must_log("\"command\":\"audit\"");
    server.kill();
    let result = CommandResult::of(&following.wait_with_output().unwrap()).must_exit(1);
    assert!(result.stderr.contains("the server went away"), "{result:?}");
}

#[test]
fn an_import_ends_when_its_client_is_killed_and_keeps_committed_records() {
    let (sandbox, mut server) = with_server();
    let person = |n| {
        format!(
            "{{\"username\": \"u{n}\"}}
"
        )
    };
    sandbox.write("many.ndjson", &(0..100_000).map(person).collect::<String>());
    let mut command = sandbox.setup.command(sandbox.path());
    command.args(["import", "many.ndjson"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut importing = command.spawn().unwrap();
    wait_for("the first users", || (users(&sandbox) > 100).then_some(()));
    importing.kill().unwrap();
    importing.wait().unwrap();
    server.must_log("its terminal has gone");
    let left = users(&sandbox);
    assert!(left < 100_000, "the import finished before it was killed");
    sandbox.create("ada", &[]);
    let after = users(&sandbox);
    // The batch in progress is finished.
    let most = left + 1 + 2_048;
    assert!((left + 1..=most).contains(&after), "{left} {after}");
    server.kill();
    let kept = users(&sandbox);
    assert!((after..=most).contains(&kept), "committed users survive the kill: {after} {kept}");
    let spooled = fs::read_dir(sandbox.file("data")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(spooled.into_iter().all(|name| !name.to_string_lossy().starts_with(".tmp")));
}

#[test]
fn a_pipe_is_imported_while_it_is_still_being_written() {
    let (sandbox, server) = with_server();
    let mut command = sandbox.setup.command(sandbox.path());
    command.args(["import", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut importing = command.spawn().unwrap();
    let mut stdin = importing.stdin.take().unwrap();
    stdin.write_all(b"{\"username\": \"ada\"}\n").unwrap();
    server.must_log("\"command\":\"import\"");
    // The server serves other commands in the meantime.
    sandbox.create("bob", &[]);
    stdin.write_all(b"{\"username\": \"eve\"}\n").unwrap();
    drop(stdin);
    let result = CommandResult::of(&importing.wait_with_output().unwrap()).must_exit(0);
    assert!(result.stdout.starts_with("2 records: 2 imported"), "{result:?}");
}
