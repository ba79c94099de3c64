//! What the command line and a server say to each other, and what happens when one of them does not keep to it.

use crate::frames::{
    ANSWER, ASK, END, Frames, HELLO, INPUT, INPUT_END, NOTE, PRINT, PROGRESS, PULL, REQUEST,
};
use crate::workplace::{Ran, Workplace};
use roster_tests::{Server, until};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Stdio;
use std::thread;

/// A place with its server.
fn served() -> (Workplace, Server) {
    let place = Workplace::new();
    let server = place.setup.clone().data(&place.file("data")).start();
    (place, server)
}

fn connect(server: &Server) -> Frames {
    Frames(UnixStream::connect(server.data().join("roster.sock")).unwrap())
}

/// A connection that asks for this, with the greetings done.
fn ask(server: &Server, request: &str) -> Frames {
    let mut frames = connect(server);
    assert_eq!(frames.next().unwrap().0, HELLO);
    frames.hello(1);
    frames.say(REQUEST, request);
    frames
}

/// More than a socket and what waits for it hold.
fn import_many(place: &Workplace) {
    let text = "x".repeat(100);
    let person = |n| format!("{{\"username\": \"u{n}\", \"display_name\": \"{text}\"}}\n");
    place.run_with(&["import", "-"], &(0..10_000).map(person).collect::<String>()).must_exit(0);
}

fn users(place: &Workplace) -> usize {
    place.run(&["user", "list", "--json"]).must_exit(0).stdout.lines().count()
}

#[test]
fn a_question_is_asked_at_the_terminal_and_only_yes_goes_on() {
    let (place, server) = served();
    place.create("ada", &[]);
    let request = "{\"user\": {\"delete\": {\"name\": \"ada\", \"asking\": \"first\"}}}";
    let asked = |answer: &str| {
        let mut frames = ask(&server, request);
        let (kind, question) = frames.next().unwrap();
        assert!(kind == ASK && question.starts_with("Permanently erase ada ("), "{question}");
        frames.say(ANSWER, answer);
        std::iter::from_fn(|| frames.next()).last().unwrap().1
    };
    assert!(asked("{\"no\": \"nothing was changed\"}").contains("nothing was changed"));
    place.run(&["user", "show", "ada"]).must_exit(0);
    assert!(asked("\"yes\"").contains("done"));
    place.run(&["user", "show", "ada"]).must_exit(1);
}

#[test]
fn input_is_sent_when_it_is_asked_for_and_progress_is_told() {
    let (_place, server) = served();
    let mut frames =
        ask(&server, "{\"import\": {\"mode\": \"write\", \"report\": \"text\", \"options\": {}}}");
    let (mut kinds, mut printed) = (Vec::new(), String::new());
    let person = |n| format!("{{\"username\": \"u{n}\"}}\n");
    let mut chunks = (0..3).map(|chunk| (0..1000).map(|n| person(1000 * chunk + n)).collect::<String>());
    while let Some((kind, text)) = frames.next() {
        kinds.push(kind);
        match kind {
            PULL => match chunks.next() {
                Some(chunk) => frames.say(INPUT, &chunk),
                None => frames.say(INPUT_END, ""),
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
fn input_that_nobody_asked_for_ends_the_connection() {
    let (place, server) = served();
    let mut frames = ask(&server, "{\"audit\": {\"extent\": \"to_come\", \"format\": \"ndjson\"}}");
    for _ in 0..100 {
        frames.say(INPUT, "unasked");
    }
    while frames.next().is_some() {}
    place.run(&["user", "list"]).must_exit(0);
}

#[test]
fn an_older_or_newer_command_line_is_told_so() {
    let (_place, server) = served();
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
fn beside_a_server_of_another_version_a_command_says_which_and_what_to_do() {
    for (protocol, words) in [
        (9, ["the server is Roster 9.8.7 and newer", "executable that the server uses"]),
        (0, ["the server is Roster 9.8.7 and older", "restart the server"]),
    ] {
        let place = Workplace::new();
        place.create("ada", &[]);
        let lock = File::options().write(true).open(place.file("data/roster.lock")).unwrap();
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        let listener = UnixListener::bind(place.file("data/roster.sock")).unwrap();
        let serving = thread::spawn(move || {
            let mut frames = Frames(listener.accept().unwrap().0);
            frames.hello(protocol);
            while frames.next().is_some() {}
        });
        place.run(&["user", "list"]).must_fail_saying(&words);
        serving.join().unwrap();
    }
}

#[test]
fn what_a_server_says_cannot_steer_the_terminal() {
    let steering = "red \u{1b}[31m and \u{202e}backwards";
    for outcome in ["{\"failed\": {\"error\": ", "{\"done\": {\"summary\": "] {
        let place = Workplace::new();
        place.create("ada", &[]);
        let listener = UnixListener::bind(place.file("data/roster.sock")).unwrap();
        let serving = thread::spawn(move || {
            let mut frames = Frames(listener.accept().unwrap().0);
            frames.hello(1);
            assert_eq!((frames.next().unwrap().0, frames.next().unwrap().0), (HELLO, REQUEST));
            frames.say(NOTE, steering);
            frames.say(END, &format!("{outcome}{}}}}}", serde_json::json!(steering)));
        });
        let ran = place.run(&["user", "list"]);
        serving.join().unwrap();
        let escaped = "red \\u{1b}[31m and \\u{202e}backwards";
        assert_eq!(ran.stderr.matches(escaped).count(), 2, "{ran:?}");
        assert!(!ran.stderr.contains(['\u{1b}', '\u{202e}']), "{ran:?}");
    }
}

#[test]
fn whoever_speaks_no_frames_or_is_too_slow_is_hung_up_on_and_the_server_goes_on() {
    let (place, server) = served();
    for noise in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[255; 64], &[0, 0, 0, 2, 0, b'{']] {
        let mut frames = connect(&server);
        frames.0.write_all(noise).unwrap();
        assert_eq!(frames.next().unwrap().0, HELLO);
        while frames.next().is_some() {}
    }
    let mut frames = ask(&server, "{\"user\": {\"fly\": {}}}");
    let (kind, text) = frames.next().unwrap();
    assert!(kind == END && text.contains("malformed"), "{text}");
    place.run(&["user", "list"]).must_exit(0);
}

#[test]
fn a_client_that_stops_reading_holds_up_nobody_and_no_stop() {
    let (place, mut server) = served();
    import_many(&place);
    let mut stuck: Vec<_> = (0..4)
        .map(|_| ask(&server, "{\"export\": {\"format\": \"ndjson\", \"hashes\": \"omit\"}}"))
        .collect();
    let first = stuck[0].next().unwrap();
    assert!(first.1.contains("username"), "{}", first.1);
    place.create("ada", &[]);
    assert_eq!(server.log_in("ada", "nine purple kettles").username, "ada");
    assert!(server.stop().success());
    // It had read the beginning only, so it finds the rest cut off.
    while stuck[0].next().is_some() {}
}

#[test]
fn connections_are_bounded_and_one_too_many_is_told() {
    let (place, server) = served();
    let mut waiting: Vec<_> = (0..16).map(|_| connect(&server)).collect();
    for frames in &mut waiting {
        assert_eq!(frames.next().unwrap().0, HELLO);
    }
    place.run(&["user", "list"]).must_fail_saying(&["already running 16 commands"]);
    drop(waiting);
    until("room", || (place.run(&["user", "list"]).code == 0).then_some(()));
}

#[test]
fn those_who_follow_the_log_leave_room_for_other_commands() {
    let (place, server) = served();
    let follow = || ask(&server, "{\"audit\": {\"extent\": \"to_come\", \"format\": \"ndjson\"}}");
    let mut following: Vec<_> = (0..8).map(|_| follow()).collect();
    let begun = || server.stderr().matches("\"command\":\"audit\"").count();
    until("eight to follow", || (begun() == 8).then_some(()));
    let (kind, message) = follow().next().unwrap();
    assert!(kind == END && message.contains("8 commands already follow the audit log"), "{message}");
    place.run(&["audit", "--follow"]).must_fail_saying(&["8 commands already follow", "--offline"]);
    place.run(&["user", "list"]).must_exit(0);
    following.pop();
    until("the one to end", || server.stderr().contains("its terminal has gone").then_some(()));
    let _ninth = follow();
    until("another to follow", || (begun() == 9).then_some(()));
}

#[test]
fn a_stop_ends_a_command_and_tells_its_terminal() {
    let (place, mut server) = served();
    let mut command = place.setup.command(place.path());
    command.args(["audit", "--follow"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let following = command.spawn().unwrap();
    until("the command", || server.stderr().contains("\"command\":\"audit\"").then_some(()));
    assert!(server.stop().success());
    let ran = Ran::of(&following.wait_with_output().unwrap()).must_exit(1);
    assert!(ran.stderr.contains("the server stops") && ran.stderr.contains("are kept"), "{ran:?}");
}

#[test]
fn a_server_that_is_killed_leaves_its_command_with_an_error() {
    let (place, mut server) = served();
    let mut command = place.setup.command(place.path());
    command.args(["audit", "--follow"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let following = command.spawn().unwrap();
    until("the command", || server.stderr().contains("\"command\":\"audit\"").then_some(()));
    server.kill();
    let ran = Ran::of(&following.wait_with_output().unwrap()).must_exit(1);
    assert!(ran.stderr.contains("the server went away"), "{ran:?}");
}

#[test]
fn an_import_whose_terminal_is_killed_ends_and_what_was_committed_stays() {
    let (place, mut server) = served();
    let person = |n| {
        format!(
            "{{\"username\": \"u{n}\"}}
"
        )
    };
    place.write("many.ndjson", &(0..100_000).map(person).collect::<String>());
    let mut command = place.setup.command(place.path());
    command.args(["import", "many.ndjson"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut importing = command.spawn().unwrap();
    until("the first people", || (users(&place) > 100).then_some(()));
    importing.kill().unwrap();
    importing.wait().unwrap();
    until("the end of the import", || server.stderr().contains("its terminal has gone").then_some(()));
    let left = users(&place);
    assert!(left < 100_000, "it had ended before");
    place.create("ada", &[]);
    assert_eq!(users(&place), left + 1);
    server.kill();
    assert_eq!(users(&place), left + 1, "what was committed outlives the server");
    let spooled = fs::read_dir(place.file("data")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(spooled.into_iter().all(|name| !name.to_string_lossy().starts_with(".tmp")));
}

#[test]
fn a_pipe_is_imported_through_the_server_while_it_is_written() {
    let (place, server) = served();
    let mut command = place.setup.command(place.path());
    command.args(["import", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut importing = command.spawn().unwrap();
    let mut stdin = importing.stdin.take().unwrap();
    stdin.write_all(b"{\"username\": \"ada\"}\n").unwrap();
    until("the command", || server.stderr().contains("\"command\":\"import\"").then_some(()));
    // The server works on meanwhile, also for other commands.
    place.create("bob", &[]);
    stdin.write_all(b"{\"username\": \"eve\"}\n").unwrap();
    drop(stdin);
    let ran = Ran::of(&importing.wait_with_output().unwrap()).must_exit(0);
    assert!(ran.stdout.starts_with("2 records: 2 imported"), "{ran:?}");
}
