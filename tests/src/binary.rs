//! The binary under test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::environment::variable;

/// The variable that names another binary to test. [`Setup::binary`](crate::Setup::binary) does so for one server.
const BINARY: &str = "ROSTER_TEST_BINARY";

/// The variable that names the binary of a newer version. It migrates each new database before the binary under test
/// opens it.
const MIGRATOR: &str = "ROSTER_TEST_MIGRATOR";

/// The path of the `roster` binary. The first call builds it in the `dev` profile if it is out of date.
#[must_use]
pub fn binary() -> &'static Path {
    static PATH: LazyLock<PathBuf> = LazyLock::new(|| variable(BINARY).map_or_else(build, PathBuf::from));
    &PATH
}

fn build() -> PathBuf {
    let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let build = escargot::CargoBuild::new().manifest_path(workspace).package("roster").bin("roster");
    build.run().expect("the binary builds").path().to_owned()
}

/// Migrates a database with the newer version, if there is one. `command` makes the command of a binary for the
/// database.
pub(crate) fn migrate_with_newer(command: impl FnOnce(&Path) -> Command) {
    let Some(newer) = variable(MIGRATOR) else { return };
    let output = command(Path::new(&newer)).args(["migrate", "up"]).output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// `command` with the variables that make another run of the tests use `binary` on databases that `migrator` has
/// migrated.
pub fn with_older_binary<'c>(command: &'c mut Command, binary: &Path, migrator: &Path) -> &'c mut Command {
    command.env(BINARY, binary).env(MIGRATOR, migrator)
}
