//! The crates of the workspace depend on each other only as ARCHITECTURE.md draws it.

use std::fs;
use std::path::Path;

use crate::workspace::{items, packages, text};

/// Which of our crates each may depend on. Whoever is not named here may depend on none.
const ARROWS: &[(&str, &[&str])] = &[
    ("roster-identity", &[]),
    ("roster-domain", &["roster-identity"]),
    ("roster-auth", &["roster-identity", "roster-domain"]),
    ("roster-storage", &["roster-domain"]),
    ("roster-backup", &["roster-domain", "roster-storage"]),
    ("roster-import", &["roster-domain", "roster-auth"]),
    ("roster-service", &["roster-domain", "roster-auth", "roster-import", "roster-storage"]),
    ("roster-http", &["roster-service", "roster-domain", "roster-auth"]),
    ("roster-telemetry", &[]),
    ("roster-config", &[]),
    ("roster-example-orders", &["roster-auth"]),
    ("roster-example-orders-axum", &["roster-auth"]),
];

/// What an engine, `roster-storage-…`, may depend on.
const ENGINE: &[&str] = &["roster-storage", "roster-domain"];

/// What only the tests of a crate may depend on: use cases are tried on the engine that needs no server, the
/// example against a server that runs.
const TEST_ARROWS: [(&str, &str); 3] = [
    ("roster-service", "roster-storage-json"),
    ("roster-example-orders", "roster-tests"),
    ("roster-example-orders-axum", "roster-tests"),
];

/// Those at the top, on which nobody depends and which may use everything.
const TOP: [&str; 3] = ["roster", "roster-tests", "roster-benches"];

#[test]
fn every_arrow_between_our_crates_is_in_the_table() {
    let packages = packages();
    let ours: Vec<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let from = text(package, "name");
        for dependency in items(package, "dependencies") {
            let to = text(dependency, "name");
            let for_tests = dependency["kind"] == "dev" && TEST_ARROWS.contains(&(from, to));
            if ours.contains(&to) && !is_allowed(from, to) && !for_tests {
                wrong.push(format!("{from} -> {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that ARCHITECTURE.md does not have: {wrong:#?}");
}

/// A crate's tests may switch on more of its own features, which is a dependency on itself.
fn is_allowed(from: &str, to: &str) -> bool {
    if TOP.contains(&from) {
        return !TOP.contains(&to) || from == "roster-tests" && to == "roster";
    }
    let row = ARROWS.iter().find(|(name, _)| *name == from).map(|(_, targets)| *targets);
    let engine = from.starts_with("roster-storage-").then_some(ENGINE);
    from == to || row.or(engine).is_some_and(|targets| targets.contains(&to))
}

#[test]
fn every_crate_inherits_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = fs::read_to_string(text(&package, "manifest_path")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true\n"), "{}", text(&package, "name"));
    }
}

#[test]
fn a_library_is_named_after_its_folder() {
    for package in packages() {
        let manifest = Path::new(text(&package, "manifest_path"));
        let folder = manifest.parent().unwrap();
        if folder.parent().unwrap().ends_with("crates") {
            let folder = folder.file_name().unwrap().to_str().unwrap();
            assert_eq!(text(&package, "name"), format!("roster-{folder}"));
        }
    }
}
