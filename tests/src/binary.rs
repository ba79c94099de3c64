//! The binary under test.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The path of the `roster` binary. The first call builds it in the `dev` profile if it is out of date.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
        let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
        let build = escargot::CargoBuild::new().manifest_path(workspace).package("roster").bin("roster");
        build.run().expect("the binary builds").path().to_owned()
    });
    &BINARY
}
