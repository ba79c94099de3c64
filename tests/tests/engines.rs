//! The black-box tests pass on every engine. `cargo test` runs them on the first of `ROSTER_TEST_ENGINES`, by default the
//! embedded one, and this runs them on the others.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use roster_tests::Engine;

/// The tests whose servers may use any engine.
const SUITES: [&str; 6] = ["api", "backups", "command_line", "durability", "import", "import_rules"];

fn run_on(engine: Engine) {
    if !Engine::of_this_run().iter().skip(1).any(|other| *other == engine) {
        return;
    }
    let mut cargo = Command::new(env!("CARGO"));
    // The whole workspace, or cargo would build the dependencies again with other features.
    cargo.args(["test", "--workspace", "--no-fail-fast"]);
    cargo.args(SUITES.iter().flat_map(|suite| ["--test", suite]));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).env(Engine::VARIABLE, engine.as_str());
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_black_box_tests_pass_on_sqlite() {
    run_on(Engine::Sqlite);
}

#[test]
fn the_black_box_tests_pass_on_postgres() {
    // Without a server this reports that it is skipped, and fails in CI.
    if roster_test_postgres::database().is_some() {
        run_on(Engine::Postgres);
    }
}
