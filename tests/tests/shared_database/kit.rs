//! Servers on one database.

use std::process::Output;

use roster_test_postgres::query;
use roster_tests::{Engine, Server, Setup};

/// The settings of a server that generates its signing keys; `None` if there is no PostgreSQL, and the test is to be
/// skipped.
pub(crate) fn setup() -> Option<Setup> {
    // A database is made for each data folder later; this one shows whether there can be any.
    roster_test_postgres::database()?;
    Some(Setup::new().engine(Engine::Postgres).without("JWT_SECRET"))
}

/// Two servers on one database.
pub(crate) fn servers(setup: Setup) -> (Server, Server) {
    let one = setup.start();
    let other = one.replica().start();
    (one, other)
}

/// Runs `roster` with the settings of this server.
pub(crate) fn run(server: &Server, arguments: &[&str]) -> Output {
    server.setup().command(server.folder()).args(arguments).output().unwrap()
}

/// Runs `roster` with the settings of this server, and returns stdout.
pub(crate) fn roster(server: &Server, arguments: &[&str]) -> String {
    let ran = run(server, arguments);
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

/// The only value of the only row.
pub(crate) fn value(server: &Server, statement: &str) -> String {
    query(&server.database_url(), statement).remove(0).remove(0)
}
