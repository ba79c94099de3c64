//! `roster copy` that was killed and is run again.

use crate::backups::status;
use crate::sandbox::{CommandResult, Sandbox};
use crate::stalled::Stalled;
use roster_tests::{Engine, PASSWORD, SEALING_KEY, Server, Setup};
use std::fs;

/// Room for one line of the progress.
const ROOM: usize = 50;
/// People for three steps of a copy, with their audit records.
const PEOPLE: usize = 5_000;

/// A sandbox with a stopped store of the embedded engine that has many people.
fn crowded() -> Sandbox {
    let setup = Setup::new().engine(Engine::Json).without("JWT_SECRET");
    let sandbox = Sandbox::with(setup.set("storage.sealing_key", SEALING_KEY));
    let person =
        |number| format!(r#"{{"username": "person{number}", "email": "person{number}@example.com"}}"#);
    let people: Vec<_> = (0..PEOPLE).map(person).collect();
    sandbox.write("people.json", &format!("[{}]", people.join(",")));
    sandbox.run(&["import", "people.json"]).must_exit(0);
    let mut server = serve(&sandbox, None).start();
    let _ = server.register("ada");
    assert!(server.stop().success());
    sandbox
}

/// Imports people with generated names.
pub(crate) fn import_people(sandbox: &Sandbox, count: usize) {
    let person =
        |number| format!(r#"{{"username": "person{number}", "email": "person{number}@example.com"}}"#);
    let people: Vec<_> = (0..count).map(person).collect();
    sandbox.write("people.json", &format!("[{}]", people.join(",")));
    sandbox.run(&["import", "people.json"]).must_exit(0);
}

/// The settings of a server on the data of the sandbox, with the store at `url` if it is given.
fn serve(sandbox: &Sandbox, url: Option<&str>) -> Setup {
    let setup = sandbox.setup.clone().data(&sandbox.file("data"));
    url.map_or_else(|| setup.clone(), |url| setup.clone().set("storage.url", url))
}

fn url(sandbox: &Sandbox, scheme: &str, file: &str) -> String {
    format!("{scheme}:{}", sandbox.file(file).display())
}

/// Kills a copy in its middle.
fn interrupt(sandbox: &Sandbox, from: &str, to: &str) {
    let line = Stalled::run(sandbox, ROOM, &["copy", "--from", from, "--to", to]).kill();
    assert!(line.starts_with("copied 4096 of about "), "{line}");
}

fn copy(sandbox: &Sandbox, from: &str, to: &str) -> CommandResult {
    sandbox.run(&["copy", "--from", from, "--to", to]).must_exit(0)
}

/// The counts and the digest.
fn contents(result: &CommandResult) -> String {
    assert!(result.stdout.contains("was read again and is equal"), "{result:?}");
    result.stdout.lines().next().unwrap().to_owned()
}

/// Runs `roster` with the store at `url`.
fn run_at(sandbox: &Sandbox, url: &str, arguments: &[&str]) -> CommandResult {
    let mut command = serve(sandbox, Some(url)).command(sandbox.path());
    CommandResult::of(&command.args(arguments).output().unwrap())
}

/// Each engine is a source and a target once.
#[test]
fn a_copy_that_was_killed_goes_on_and_equals_its_source() {
    let sandbox = crowded();
    let database = roster_test_postgres::database();
    let main = url(&sandbox, "json", "data/users.json");
    let mut urls = vec![main.clone(), url(&sandbox, "sqlite", "data/roster.db")];
    urls.extend(database.as_ref().map(roster_test_postgres::Database::url));
    urls.push(url(&sandbox, "json", "back/users.json"));
    let direct = contents(&copy(&sandbox, &main, &url(&sandbox, "sqlite", "direct/roster.db")));
    for pair in urls.windows(2) {
        interrupt(&sandbox, &pair[0], &pair[1]);
        let resumed = copy(&sandbox, &pair[0], &pair[1]);
        let text = "continuing an interrupted copy at ";
        assert!(resumed.stderr.contains(text), "{pair:?}: {resumed:?}");
        assert_eq!(contents(&resumed), direct, "{pair:?}");
    }
    for url in &urls {
        let server: Server = serve(&sandbox, Some(url)).start();
        assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200, "{url}");
    }
}

#[test]
fn a_source_that_has_changed_since_is_copied_anew() {
    let sandbox = crowded();
    let (main, there) =
        (url(&sandbox, "json", "data/users.json"), url(&sandbox, "sqlite", "there/roster.db"));
    interrupt(&sandbox, &main, &there);
    sandbox.run(&["user", "disable", "person1"]).must_exit(0);
    let again = copy(&sandbox, &main, &there);
    assert!(
        again.stderr.contains("it has changed since") && again.stderr.contains("begins anew"),
        "{again:?}"
    );
    let direct = copy(&sandbox, &main, &url(&sandbox, "sqlite", "direct/roster.db"));
    assert_eq!(contents(&again), contents(&direct));
}

#[test]
fn a_source_that_has_only_grown_since_is_copied_further() {
    let sandbox = crowded();
    let (main, there) =
        (url(&sandbox, "json", "data/users.json"), url(&sandbox, "sqlite", "there/roster.db"));
    interrupt(&sandbox, &main, &there);
    sandbox.create("grace", &[]);
    let resumed = copy(&sandbox, &main, &there);
    assert!(resumed.stderr.contains("continuing an interrupted copy at "), "{resumed:?}");
    let direct = copy(&sandbox, &main, &url(&sandbox, "sqlite", "direct/roster.db"));
    assert_eq!(contents(&resumed), contents(&direct));
}

#[test]
fn an_incomplete_copy_is_refused_by_everything_but_a_copy() {
    let sandbox = crowded();
    let main = url(&sandbox, "json", "data/users.json");
    sandbox.run(&["backup", "all.backup"]).must_exit(0);
    let database = roster_test_postgres::database();
    let mut urls =
        vec![url(&sandbox, "sqlite", "there/roster.db"), url(&sandbox, "json", "other/users.json")];
    urls.extend(database.as_ref().map(roster_test_postgres::Database::url));
    for there in &urls {
        interrupt(&sandbox, &main, there);
        for arguments in [
            &["serve"][..],
            &["user", "list"],
            &["export"],
            &["restore", "all.backup"],
            &["migrate", "up"],
            &["copy", "--to", "sqlite:third/roster.db"],
        ] {
            if arguments[0] == "migrate" && there.starts_with("json") {
                continue;
            }
            let refused = run_at(&sandbox, there, arguments);
            assert_eq!(refused.code, 1, "{arguments:?} at {there}: {refused:?}");
            let says = |words| refused.stderr.contains(words);
            assert!(says("is not complete") && says("run it again to go on"), "{arguments:?}: {refused:?}");
        }
        let report = run_at(&sandbox, there, &["doctor"]);
        assert_eq!(report.code, 3, "{report:?}");
        assert!(report.stdout.contains("is not complete"), "{report:?}");
        assert!(!sandbox.file("third").exists());
        copy(&sandbox, &main, there);
        run_at(&sandbox, there, &["doctor"]).must_exit(0);
    }
}

#[test]
fn a_merge_that_was_killed_changed_nothing_and_can_be_run_again() {
    let sandbox = crowded();
    let main = url(&sandbox, "json", "data/users.json");
    let targets = ["there", "direct"].map(|folder| url(&sandbox, "sqlite", &format!("{folder}/roster.db")));
    let elsewhere = Sandbox::with(Setup::new().engine(Engine::Json));
    let small = url(&elsewhere, "json", "data/users.json");
    elsewhere.create("grace", &[]);
    for target in &targets {
        sandbox.run(&["copy", "--from", &small, "--to", target]).must_exit(0);
    }
    let merge =
        |target: &str| sandbox.run(&["copy", "--merge", "--from", &main, "--to", target]).must_exit(0);
    let before = fs::read(sandbox.file("there/roster.db")).unwrap();
    let arguments = ["copy", "--merge", "--from", &main, "--to", &targets[0]];
    let line = Stalled::run(&sandbox, ROOM, &arguments).kill();
    assert!(line.starts_with("merged "), "{line}");
    assert!(fs::read(sandbox.file("there/roster.db")).unwrap() == before);
    let merged = targets.each_ref().map(|target| merge(target).stdout);
    let digest = |text: &str| text.lines().next().unwrap().split("which got").nth(1).unwrap().to_owned();
    assert_eq!(digest(&merged[0]), digest(&merged[1]));
    assert_eq!(
        fs::read_dir(sandbox.file("there")).unwrap().count(),
        3,
        "the store, its lock and the replaced one"
    );
}
