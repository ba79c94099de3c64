//! `roster copy`: a whole store to another engine.

use crate::backups::status;
use crate::sandbox::Sandbox;
use roster_test_postgres::Database;
use roster_tests::{Engine, PASSWORD, Person, SEALING_KEY, Server, Setup};
use serde_json::Value;
use std::fs;

/// A sandbox with a stopped store of the embedded engine, in which ada is logged in.
fn stopped() -> (Sandbox, Person) {
    let setup = Setup::new().engine(Engine::Json).without("JWT_SECRET");
    let sandbox = Sandbox::with(setup.set("storage.sealing_key", SEALING_KEY));
    let mut server = serve(&sandbox, None);
    let ada = server.register("ada");
    assert!(server.stop().success());
    (sandbox, ada)
}

/// Starts a server on the data of the sandbox, with the store at `url` if it is given.
fn serve(sandbox: &Sandbox, url: Option<&str>) -> Server {
    let setup = sandbox.setup.clone().data(&sandbox.file("data"));
    url.map_or_else(|| setup.clone(), |url| setup.clone().set("storage.url", url)).start()
}

/// The URL of a store in the sandbox.
fn url(sandbox: &Sandbox, scheme: &str, file: &str) -> String {
    format!("{scheme}:{}", sandbox.file(file).display())
}

#[test]
fn people_stay_logged_in_on_the_copy_and_can_log_in() {
    let (sandbox, ada) = stopped();
    let copy = url(&sandbox, "sqlite", "data/roster.db");
    let output = sandbox.run(&["copy", "--to", &copy]).must_exit(0).stdout;
    assert!(output.contains("copied 2 users") && output.contains("is equal"), "{output}");
    let server = serve(&sandbox, Some(&copy));
    assert_eq!(status(&server, &ada), 200);
    assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
}

#[test]
fn a_copy_of_a_copy_on_the_first_engine_equals_the_source() {
    let (sandbox, _) = stopped();
    let (there, back) = (url(&sandbox, "sqlite", "data/roster.db"), url(&sandbox, "json", "back/users.json"));
    let first = sandbox.run(&["copy", "--to", &there]).must_exit(0).stdout;
    let second = sandbox.run(&["copy", "--from", &there, "--to", &back]).must_exit(0).stdout;
    assert_eq!(first.lines().next(), second.lines().next(), "the counts and the digest");
    let source = export(&sandbox, &url(&sandbox, "json", "data/users.json"));
    assert_eq!(source.lines().count(), 2);
    assert_eq!(export(&sandbox, &there), source);
    assert_eq!(export(&sandbox, &back), source);
}

#[test]
fn a_copy_to_postgres_and_back_equals_the_source() {
    let Some(database) = roster_test_postgres::database() else { return };
    let (sandbox, ada) = stopped();
    let (there, back) = (database.url(), url(&sandbox, "json", "back/users.json"));
    let first = sandbox.run(&["copy", "--to", &there]).must_exit(0).stdout;
    let second = sandbox.run(&["copy", "--from", &there, "--to", &back]).must_exit(0).stdout;
    assert!(first.contains("copied 2 users") && first.contains("is equal"), "{first}");
    assert_eq!(first.lines().next(), second.lines().next(), "the counts and the digest");
    sandbox.run(&["copy", "--to", &there]).must_fail_with(&["there is a store at", "already"]);
    let server = serve(&sandbox, Some(&there));
    assert_eq!(status(&server, &ada), 200);
}

/// What `roster export` prints of the store at a URL.
fn export(sandbox: &Sandbox, url: &str) -> String {
    let setup = sandbox.setup.clone().set("storage.url", url);
    let output = setup.command(sandbox.path()).arg("export").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn imported_people_are_equal_on_every_engine_and_log_in_with_their_passwords() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/");
    let passwords = fs::read_to_string(format!("{fixtures}passwords.json")).unwrap();
    let passwords: Value = serde_json::from_str(&passwords).unwrap();
    let (sandbox, _) = stopped();
    for file in ["users.json", "users-array.json"] {
        sandbox.run(&["import", &format!("{fixtures}{file}")]).must_exit(0);
    }
    let database = roster_test_postgres::database();
    let urls = [
        Some(url(&sandbox, "json", "data/users.json")),
        Some(url(&sandbox, "sqlite", "data/roster.db")),
        database.as_ref().map(Database::url),
        Some(url(&sandbox, "json", "back/users.json")),
    ];
    let urls: Vec<_> = urls.into_iter().flatten().collect();
    for pair in urls.windows(2) {
        sandbox.run(&["copy", "--from", &pair[0], "--to", &pair[1]]).must_exit(0);
    }
    let source = export(&sandbox, &urls[0]);
    assert!(source.lines().count() > 40, "{source}");
    for url in &urls {
        assert!(export(&sandbox, url) == source, "{url}");
        let server = serve(&sandbox, Some(url));
        for (file, login) in [
            ("users.json", "maria"),
            ("users.json", "kenji"),
            ("users.json", "o.brien"),
            ("users-array.json", "ada.lovelace@example.net"),
        ] {
            let person = server.log_in(login, passwords[file][login].as_str().unwrap());
            assert_eq!(status(&server, &person), 200, "{login} at {url}");
        }
    }
}

#[test]
fn a_copy_has_the_signing_keys_without_the_data_folder_of_the_source() {
    let (sandbox, ada) = stopped();
    let there = url(&sandbox, "sqlite", "there/roster.db");
    sandbox.run(&["copy", "--to", &there]).must_exit(0);
    let elsewhere = Sandbox::with(sandbox.setup.clone().data(&sandbox.file("there")));
    let back = url(&sandbox, "json", "there/users.json");
    let listed = |url: &str| {
        let setup = elsewhere.setup.clone().set("storage.url", url);
        let output = setup.command(elsewhere.path()).args(["keys", "list", "--json"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let keys = sandbox.run(&["keys", "list", "--json"]).must_exit(0).stdout;
    assert!(keys.contains("active"), "{keys}");
    assert_eq!(listed(&there), keys);
    elsewhere.run(&["copy", "--from", &there, "--to", &back]).must_exit(0);
    assert_eq!(listed(&back), keys);
    let server = elsewhere.setup.clone().set("storage.url", &there).start();
    assert_eq!(status(&server, &ada), 200);
}

#[test]
fn a_copy_never_replaces_a_store() {
    let (sandbox, _) = stopped();
    let copy = url(&sandbox, "sqlite", "data/roster.db");
    sandbox.run(&["copy", "--to", &copy]).must_exit(0);
    let before = sandbox.files("data");
    sandbox.run(&["copy", "--to", &copy]).must_fail_with(&["there is a store at", "already"]);
    sandbox.run(&["copy", "--from", &copy, "--to", &copy]).must_fail_with(&["are the same store"]);
    assert!(sandbox.files("data") == before);
}

/// A second store in the sandbox, at `url`, with an administrator of its own and grace.
fn branch(sandbox: &Sandbox, url: &str, administrator: &str) -> Person {
    let setup = sandbox.setup.clone().data(&sandbox.file("data")).set("storage.url", url);
    let mut server = setup.env("ROSTER_ADMIN_USERNAME", administrator).start();
    let grace = server.register("grace");
    assert!(server.stop().success());
    grace
}

#[test]
fn a_merge_adds_people_with_their_sessions_and_keeps_the_store_of_before() {
    let (sandbox, ada) = stopped();
    let other = url(&sandbox, "sqlite", "branch/roster.db");
    let grace = branch(&sandbox, &other, "branch-admin");
    let main = url(&sandbox, "json", "data/users.json");
    let merge = ["copy", "--merge", "--from", &other, "--to", &main];
    let output = sandbox.run(&merge).must_exit(0).stdout;
    assert!(output.contains("got 4 users") && output.contains("is kept in"), "{output}");
    let again = sandbox.run(&merge).must_exit(0).stdout;
    assert!(again.contains("got 4 users") && again.contains("added 0 items"), "{again}");
    let server = serve(&sandbox, None);
    for person in [&ada, &grace, &server.log_in("grace", PASSWORD)] {
        assert_eq!(status(&server, person), 200);
    }
}

#[test]
fn a_merge_into_a_database_keeps_its_signing_keys() {
    let (sandbox, _) = stopped();
    let (main, other) =
        (url(&sandbox, "json", "data/users.json"), url(&sandbox, "sqlite", "branch/roster.db"));
    let grace = branch(&sandbox, &other, "branch-admin");
    let list = sandbox.setup.clone().set("storage.url", &other);
    let kids = || {
        let output = list.command(sandbox.path()).args(["keys", "list", "--json"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let before = kids();
    sandbox.run(&["copy", "--merge", "--from", &main, "--to", &other]).must_exit(0);
    assert_eq!(kids(), before);
    assert_eq!(status(&serve(&sandbox, Some(&other)), &grace), 200);
}

#[test]
fn a_session_that_ended_in_the_target_does_not_come_back_by_a_merge() {
    let (sandbox, ada) = stopped();
    let (main, old) = (url(&sandbox, "json", "data/users.json"), url(&sandbox, "sqlite", "old/roster.db"));
    sandbox.run(&["copy", "--to", &old]).must_exit(0);
    let mut server = serve(&sandbox, None);
    server.post("/auth/logout").by(&ada).send().must_be(204);
    assert!(server.stop().success());
    let output = sandbox.run(&["copy", "--merge", "--from", &old, "--to", &main]).must_exit(0).stdout;
    assert!(output.contains("left out 1 session"), "{output}");
    assert_eq!(status(&serve(&sandbox, None), &ada), 401);
}

#[test]
fn a_merge_of_two_people_with_one_name_changes_nothing() {
    let (sandbox, _) = stopped();
    let other = url(&sandbox, "sqlite", "branch/roster.db");
    branch(&sandbox, &other, roster_tests::ADMIN);
    let files = || {
        let mut files = sandbox.files("data");
        files.remove(&sandbox.file("data/roster.lock"));
        files
    };
    let before = files();
    let main = url(&sandbox, "json", "data/users.json");
    sandbox
        .run(&["copy", "--merge", "--from", &other, "--to", &main])
        .must_fail_with(&["nothing was copied", &format!("the username {:?}", roster_tests::ADMIN)]);
    assert!(files() == before);
}

#[test]
fn a_store_that_a_server_has_open_is_copied_as_it_is_at_that_moment() {
    let (sandbox, ada) = stopped();
    let (json, sqlite) =
        (url(&sandbox, "json", "data/users.json"), url(&sandbox, "sqlite", "data/roster.db"));
    sandbox.run(&["copy", "--to", &sqlite]).must_exit(0);
    for (source, copy) in [(&json, "sqlite"), (&sqlite, "json")] {
        let mut server = serve(&sandbox, Some(source));
        let grace = server.register(&format!("grace-{copy}"));
        let target = url(&sandbox, copy, &format!("{copy}/copy"));
        let output = sandbox.run(&["copy", "--from", source, "--to", &target]).must_exit(0).stdout;
        assert!(output.contains("copied 3 users") && output.contains("is equal"), "{output}");
        assert_eq!(status(&server, &ada), 200);
        assert!(server.stop().success());
        assert_eq!(status(&serve(&sandbox, Some(&target)), &grace), 200);
    }
}

#[test]
fn a_target_that_a_server_has_open_is_not_merged_into_without_it() {
    let (sandbox, _) = stopped();
    let other = url(&sandbox, "sqlite", "branch/roster.db");
    branch(&sandbox, &other, "branch-admin");
    let main = url(&sandbox, "json", "data/users.json");
    let _server = serve(&sandbox, None);
    sandbox
        .run(&["copy", "--merge", "--from", &other, "--to", &main, "--offline"])
        .must_fail_with(&["in use", "stop it first"]);
}

#[test]
fn an_absent_source_and_an_invalid_url_are_named() {
    let (sandbox, _) = stopped();
    let (absent, copy) = (url(&sandbox, "sqlite", "absent.db"), url(&sandbox, "sqlite", "data/roster.db"));
    sandbox
        .run(&["copy", "--from", &absent, "--to", &copy])
        .must_fail_with(&["there is no store at", "absent.db"]);
    let invalid = sandbox.run(&["copy", "--to", "data/roster.db"]).must_exit(2).stderr;
    assert!(invalid.contains("sqlite:data/roster.db"), "{invalid}");
}
