//! A server leaves its store to a command that replaces it, and goes on with the new one.

use crate::backups::status;
use crate::copy_resumed::import_people;
use crate::sandbox::Sandbox;
use crate::stalled::Stalled;
use roster_tests::{Engine, PASSWORD, SEALING_KEY, Server, Setup, wait_for};
use std::thread;

/// Room for the note about the server, and not for the next line.
const ROOM: usize = 80;

/// A sandbox with a store in its data folder, and a server that has it open.
fn served(engine: Engine) -> (Sandbox, Server) {
    let setup = Setup::new().engine(engine).without("JWT_SECRET").set("storage.sealing_key", SEALING_KEY);
    let sandbox = Sandbox::with(setup);
    let server = serve(&sandbox);
    (sandbox, server)
}

fn serve(sandbox: &Sandbox) -> Server {
    sandbox.setup.clone().data(&sandbox.file("data")).start()
}

/// A store elsewhere in the sandbox with many people and grace, as a URL.
fn branch(sandbox: &Sandbox) -> String {
    let setup = sandbox.setup.clone().engine(Engine::Json).env("ROSTER_ADMIN_USERNAME", "branch-admin");
    let branch = Sandbox::with(setup.clone().data(&sandbox.file("branch")));
    import_people(&branch, 2_000);
    branch.create("grace", &[]);
    format!("json:{}", sandbox.file("branch/users.json").display())
}

/// The URL of the store that the server has.
fn url(sandbox: &Sandbox, engine: Engine) -> String {
    let (scheme, file) =
        if engine == Engine::Json { ("json", "users.json") } else { ("sqlite", "roster.db") };
    format!("{scheme}:{}", sandbox.file("data").join(file).display())
}

const ENGINES: [Engine; 2] = [Engine::Json, Engine::Sqlite];

#[test]
fn a_backup_is_restored_while_the_server_runs_and_it_goes_on_with_it() {
    for engine in ENGINES {
        let (sandbox, mut server) = served(engine);
        let ada = server.register("ada");
        sandbox.run(&["backup", "all.backup"]).must_exit(0);
        let grace = server.register("grace");
        let restored = sandbox.run(&["restore", "all.backup", "--replace"]).must_exit(0);
        assert!(restored.stderr.contains("the server leaves its store to this command"), "{restored:?}");
        // Everyone has to log in again, and grace is in the replaced store only.
        assert_eq!(status(&server, &ada), 401);
        assert_eq!(status(&server, &grace), 401);
        assert_eq!(status(&server, &server.log_in("ada", PASSWORD)), 200);
        let users = sandbox.run(&["user", "list"]).must_exit(0).stdout;
        assert!(users.contains("ada") && !users.contains("grace"), "{users}");
        assert!(server.is_running() && server.stop().success());
    }
}

#[test]
fn a_store_is_merged_into_that_of_a_running_server() {
    for engine in ENGINES {
        let (sandbox, server) = served(engine);
        let ada = server.register("ada");
        let (source, target) = (branch(&sandbox), url(&sandbox, engine));
        let merged = sandbox.run(&["copy", "--merge", "--from", &source, "--to", &target]).must_exit(0);
        assert!(merged.stdout.contains("was read again and is equal"), "{merged:?}");
        assert_eq!(status(&server, &ada), 200);
        assert_eq!(status(&server, &server.log_in("grace", "nine purple kettles")), 200);
    }
}

#[test]
fn requests_wait_while_a_command_has_the_store_and_its_kill_gives_it_back() {
    for engine in ENGINES {
        let (sandbox, mut server) = served(engine);
        let ada = server.register("ada");
        let (source, target) = (branch(&sandbox), url(&sandbox, engine));
        let stalled = Stalled::run(&sandbox, ROOM, &["copy", "--merge", "--from", &source, "--to", &target]);
        wait_for("the server to leave the store", || {
            let log = std::fs::read_to_string(server.folder().join("stderr.log")).unwrap();
            log.contains("left the store to a command").then_some(())
        });
        thread::scope(|scope| {
            let waiting = scope.spawn(|| status(&server, &ada));
            assert!(!waiting.is_finished());
            assert!(stalled.kill().contains("the server leaves its store"));
            assert_eq!(waiting.join().unwrap(), 200);
        });
        let users = sandbox.run(&["user", "list"]).must_exit(0).stdout;
        assert!(users.contains("ada") && !users.contains("grace"), "{users}");
        assert!(server.stop().success());
    }
}

#[test]
fn a_server_that_waits_for_a_command_can_be_stopped() {
    let (sandbox, mut server) = served(Engine::Json);
    let (source, target) = (branch(&sandbox), url(&sandbox, Engine::Json));
    let stalled = Stalled::run(&sandbox, ROOM, &["copy", "--merge", "--from", &source, "--to", &target]);
    assert!(server.stop().success());
    stalled.kill();
}
