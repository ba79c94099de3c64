//! An older version on the newest schema: alone, and beside this version.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod replicas;
mod version;

use roster_tests::Engine;
use version::{Version, must_succeed};

fn passes_on(engine: Engine) {
    let Some(oldest) = Version::oldest() else { return };
    must_succeed(oldest.tests().env(Engine::VARIABLE, engine.as_str()));
}

#[test]
fn the_oldest_version_passes_its_tests_on_the_newest_schema_of_sqlite() {
    passes_on(Engine::Sqlite);
}

#[test]
fn the_oldest_version_passes_its_tests_on_the_newest_schema_of_postgres() {
    if roster_test_postgres::database().is_some() {
        passes_on(Engine::Postgres);
    }
}
