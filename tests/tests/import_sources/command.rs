//! Runs `roster import`.

use std::process::{Command, Output};

use roster_tests::{Server, Setup};
use serde_json::Value;

/// A server that was stopped, and the command that imports with these arguments.
pub(crate) fn import(server: &Server, args: &[&str]) -> Command {
    let mut command = server.setup().command(server.folder());
    command.arg("import").args(args);
    command
}

/// The report of an import with these arguments into a store of its own, with the server that has its people then.
pub(crate) fn imported(args: &[&str]) -> (Server, Value) {
    imported_with(&Setup::new(), args)
}

/// The same with other settings.
pub(crate) fn imported_with(setup: &Setup, args: &[&str]) -> (Server, Value) {
    let mut server = setup.clone().start();
    assert!(server.stop().success());
    let out = import(&server, &[args, &["--report", "json"]].concat()).output().unwrap();
    server.restart();
    (server, report(&out))
}

/// The report on stdout.
pub(crate) fn report(out: &Output) -> Value {
    let no_report = || panic!("no report: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| no_report())
}

/// The message of an import that cannot read its source, which must end with 1.
pub(crate) fn error_of(args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = Setup::new().command(folder.path()).arg("import").args(args).output().unwrap();
    let text = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{text}");
    text
}

/// What the record of a row says.
pub(crate) fn row<'a>(report: &'a Value, row: &str) -> &'a Value {
    let records = report["records"].as_array().unwrap();
    records.iter().find(|record| record["row"] == row).unwrap_or_else(|| panic!("no row {row}: {report}"))
}
