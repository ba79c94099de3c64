//! Crates of the workspace depend on each other only as ARCHITECTURE.md allows.

use std::fs;
use std::path::Path;

use crate::workspace::{items, packages, text};

/// The crates of ours that each crate may depend on. A crate that is not listed may depend on none.
const ALLOWED: &[(&str, &[&str])] = &[
    ("roster-identity", &[]),
    ("roster-domain", &["roster-identity"]),
    ("roster-auth", &["roster-identity", "roster-domain"]),
    ("roster-storage", &["roster-domain"]),
    ("roster-storage-cache", &["roster-domain", "roster-storage"]),
    ("roster-storage-sql", &["roster-domain", "roster-storage"]),
    ("roster-storage-sqlite", &["roster-domain", "roster-storage", "roster-storage-sql"]),
    ("roster-storage-postgres", &["roster-domain", "roster-storage", "roster-storage-sql"]),
    ("roster-backup", &["roster-domain", "roster-storage"]),
    ("roster-import", &["roster-domain", "roster-auth"]),
    ("roster-import-sources", &["roster-storage-postgres"]),
    ("roster-service", &["roster-domain", "roster-auth", "roster-import", "roster-storage"]),
    ("roster-http", &["roster-service", "roster-domain", "roster-auth"]),
    ("roster-telemetry", &[]),
    ("roster-test-postgres", &[]),
    ("roster-config", &[]),
    ("roster-example-orders", &["roster-auth"]),
    ("roster-example-orders-axum", &["roster-auth"]),
];

/// The crates that a storage engine, `roster-storage-…`, may depend on.
const ENGINE: &[&str] = &["roster-storage", "roster-domain"];

/// Dependencies for tests only: use cases are tested with an engine that needs no server, the engine for PostgreSQL with
/// a database server, the cache in front of both SQL engines, and the examples with a running Roster.
const ALLOWED_IN_TESTS: [(&str, &str); 7] = [
    ("roster-service", "roster-storage-json"),
    ("roster-storage-cache", "roster-storage-postgres"),
    ("roster-storage-cache", "roster-storage-sqlite"),
    ("roster-storage-cache", "roster-test-postgres"),
    ("roster-storage-postgres", "roster-test-postgres"),
    ("roster-example-orders", "roster-tests"),
    ("roster-example-orders-axum", "roster-tests"),
];

/// Crates that no other crate depends on. They may use every crate.
const TOP: [&str; 3] = ["roster", "roster-tests", "roster-benches"];

#[test]
fn every_dependency_between_our_crates_is_allowed() {
    let packages = packages();
    let ours: Vec<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let from = text(package, "name");
        for dependency in items(package, "dependencies") {
            let to = text(dependency, "name");
            let for_tests = dependency["kind"] == "dev" && ALLOWED_IN_TESTS.contains(&(from, to));
            if ours.contains(&to) && !is_allowed(from, to) && !for_tests {
                wrong.push(format!("{from} -> {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "dependencies that ARCHITECTURE.md does not allow: {wrong:#?}");
}

/// A crate may depend on itself, because that is how its tests enable features.
fn is_allowed(from: &str, to: &str) -> bool {
    if TOP.contains(&from) {
        return !TOP.contains(&to) || from == "roster-tests" && to == "roster";
    }
    let row = ALLOWED.iter().find(|(name, _)| *name == from).map(|(_, targets)| *targets);
    let engine = from.starts_with("roster-storage-").then_some(ENGINE);
    from == to || row.or(engine).is_some_and(|targets| targets.contains(&to))
}

#[test]
fn every_crate_inherits_the_workspace_lints() {
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
