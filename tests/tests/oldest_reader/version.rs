//! The version that the fixture names, built from the history.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use roster_tests::{binary, with_older_binary};

/// Tests with invalid settings, with which this version does not migrate a database.
const WITHOUT_A_STORE: [&str; 2] = [
    "lifecycle::a_short_secret_is_rejected_with_instructions",
    "lifecycle::an_unknown_setting_is_rejected_with_the_closest_match",
];

/// An older version of Roster.
pub(crate) struct Version {
    /// Its source.
    source: PathBuf,
    /// Its binary.
    pub(crate) binary: PathBuf,
    /// Where it is built.
    target: PathBuf,
}

impl Version {
    /// The oldest version that must work on the newest schema, built by the first call. `None` if the history does not
    /// have it, and the test is to be skipped.
    pub(crate) fn oldest() -> Option<&'static Self> {
        static OLDEST: LazyLock<Option<Version>> = LazyLock::new(|| {
            let commit = commit();
            is_in_history(&commit).then(|| Version::built(&commit))
        });
        if OLDEST.is_none() {
            // Also in CI: an archive of the source has no history.
            eprintln!("!! SKIPPED: the git history does not have commit {}; fetch all of it", commit());
        }
        OLDEST.as_ref()
    }

    fn built(commit: &str) -> Self {
        let folder = root().join("target/oldest-reader");
        let source = folder.join(commit);
        if !source.exists() {
            extract(commit, &folder, &source);
        }
        // A folder of its own: cargo would put what it builds in the place of what it has built of this version.
        let target = folder.join("target");
        let mut cargo = cargo(&source);
        cargo.args(["build", "--locked", "--bin", "roster", "--target-dir"]).arg(&target);
        must_succeed(cargo.env("CARGO_PROFILE_DEV_DEBUG", "0"));
        Self { source, binary: target.join("debug/roster"), target }
    }

    /// The command that runs this version's black-box tests of the HTTP API with its binary, on databases that the
    /// version of this test has migrated.
    pub(crate) fn tests(&self) -> Command {
        let mut cargo = cargo(&self.source);
        cargo.args(["test", "--workspace", "--no-fail-fast", "--test", "api", "--target-dir"]);
        cargo.arg(&self.target).arg("--").env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo.args(WITHOUT_A_STORE.iter().flat_map(|test| ["--skip", test]));
        with_older_binary(&mut cargo, &self.binary, binary());
        cargo
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The commit in the fixture.
fn commit() -> String {
    let text = fs::read_to_string(root().join("tests/fixtures/oldest-reader")).unwrap();
    text.lines().find(|line| !line.starts_with('#')).unwrap().to_owned()
}

fn is_in_history(commit: &str) -> bool {
    let mut git = Command::new("git");
    git.args(["cat-file", "-e", &format!("{commit}^{{commit}}")]).current_dir(root()).stderr(Stdio::null());
    git.status().is_ok_and(|status| status.success())
}

/// Extracts the files of a commit. Another run sees them all or none.
fn extract(commit: &str, folder: &Path, source: &Path) {
    fs::create_dir_all(folder).unwrap();
    let unpacked = tempfile::tempdir_in(folder).unwrap();
    let mut git = Command::new("git");
    git.args(["archive", commit]).current_dir(root()).stdout(Stdio::piped());
    let mut git = git.spawn().unwrap();
    let archive = git.stdout.take().unwrap();
    must_succeed(Command::new("tar").arg("-x").current_dir(unpacked.path()).stdin(archive));
    assert!(git.wait().unwrap().success());
    if let Err(error) = fs::rename(unpacked.path(), source) {
        assert!(source.exists(), "{error}");
    }
}

/// Cargo in a folder with another workspace.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder).stdin(Stdio::null());
    cargo
}

pub(crate) fn must_succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
