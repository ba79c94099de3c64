//! `roster doctor` on the files of the embedded engine: every fault and everything that is left over is reported.

use crate::backups::{backed_up, serve};
use crate::sandbox::Sandbox;
use roster_tests::Engine;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What is reported, and how it comes about.
type Case = (&'static str, fn(&Sandbox));

fn allow(sandbox: &Sandbox, name: &str, mode: u32) {
    fs::set_permissions(sandbox.file(name), Permissions::from_mode(mode)).unwrap();
}

fn add_folder(sandbox: &Sandbox, name: &str, mode: u32) {
    fs::create_dir(sandbox.file(name)).unwrap();
    allow(sandbox, name, mode);
}

fn add_file(sandbox: &Sandbox, name: &str, mode: u32) {
    sandbox.write(name, "the content");
    allow(sandbox, name, mode);
}

/// Puts a file back as it was before somebody else logged in.
fn put_back(sandbox: &Sandbox, name: &str) {
    let before = sandbox.read(name);
    let mut server = serve(sandbox);
    let _ = server.register("bob");
    assert!(server.stop().success());
    assert_ne!(sandbox.read(name), before);
    sandbox.write(name, &before);
}

fn begin_restore(sandbox: &Sandbox) {
    let list =
        json!({ "format": "roster-restore", "version": 1, "replaced": "replaced-1", "out": [], "in": [] });
    sandbox.write("data/restore.json", &list.to_string());
}

const FAULTS: [Case; 11] = [
    ("others may create and remove files here", |sandbox| allow(sandbox, "data", 0o777)),
    ("others may enter it", |sandbox| add_folder(sandbox, "data/replaced-1", 0o755)),
    ("a restore was interrupted while it put", begin_restore),
    ("sessions.json: it is missing", |sandbox| fs::remove_file(sandbox.file("data/sessions.json")).unwrap()),
    ("sessions.json: another program has changed it", |sandbox| {
        let changed = sandbox.read("data/sessions.json").replace("\"sessions\"", "\"sessions\" ");
        sandbox.write("data/sessions.json", &changed);
    }),
    ("sessions.json: 1 sessions belong to no user", |sandbox| put_back(sandbox, "data/users.json")),
    ("sessions.json: it is older than users.json", |sandbox| put_back(sandbox, "data/sessions.json")),
    ("stray.pem: this is the private key of a key that is not in keys.json", |sandbox| {
        add_file(sandbox, "data/keys/stray.pem", 0o600);
    }),
    ("keys: other users can create and remove files here", |sandbox| allow(sandbox, "data/keys", 0o777)),
    ("other users can read the password of the first administrator", |sandbox| {
        add_file(sandbox, "data/first-admin-password", 0o644);
    }),
    ("audit.ndjson: others may read or write it (mode 0640)", |sandbox| {
        allow(sandbox, "data/audit.ndjson", 0o640);
    }),
];

const NOTES: [Case; 11] = [
    ("an edit made while Roster was running", |sandbox| add_file(sandbox, "data/users.json.edited-1", 0o600)),
    ("a file of an older version", |sandbox| add_file(sandbox, "data/users.json.v1", 0o600)),
    ("replaced-1: a store that a backup has replaced", |sandbox| {
        add_folder(sandbox, "data/replaced-1", 0o700);
    }),
    ("copy.new: an interrupted copy", |sandbox| add_folder(sandbox, "data/copy.new", 0o700)),
    ("users.json.new: the remains of an interrupted write", |sandbox| {
        add_file(sandbox, "data/users.json.new", 0o600);
    }),
    ("users.json.swap: the remains of an interrupted write", |sandbox| {
        add_file(sandbox, "data/users.json.swap", 0o600);
    }),
    ("restore.new: the remains of an interrupted write", |sandbox| {
        add_folder(sandbox, "data/restore.new", 0o700);
    }),
    ("the remains of an interrupted command", |sandbox| add_file(sandbox, "data/.roster-abc", 0o600)),
    ("audit.ndjson: its last line is incomplete", |sandbox| {
        let log = sandbox.read("data/audit.ndjson") + "{\"sequence\":";
        sandbox.write("data/audit.ndjson", &log);
    }),
    ("still contains the password of the first administrator", |sandbox| {
        add_file(sandbox, "data/first-admin-password", 0o600);
    }),
    ("this is the private key of a revoked key", |sandbox| {
        let keys = sandbox.run(&["keys", "list", "--format", "json"]).must_exit(0).stdout;
        let keys: Value = serde_json::from_str(&keys).unwrap();
        let old = keys[0]["kid"].as_str().unwrap().to_owned();
        sandbox.run(&["keys", "generate", "--activate"]).must_exit(0);
        sandbox.run(&["keys", "revoke", &old]).must_exit(0);
        add_file(sandbox, &format!("data/keys/{old}.pem"), 0o600);
    }),
];

fn must_report(cases: &[Case], code: i32, level: &str) {
    Engine::Json.only();
    for (what, prepare) in cases {
        let (sandbox, _) = backed_up();
        assert_eq!(sandbox.run(&["doctor"]).must_exit(0).stdout, "no faults found\n");
        prepare(&sandbox);
        let report = sandbox.run(&["doctor"]).must_exit(code).stdout;
        let found: Vec<_> = report.lines().filter(|line| line.starts_with(level)).collect();
        assert!(found.len() == 1 && found[0].contains(what), "{what}: {report}");
    }
}

#[test]
fn every_fault_of_the_files_is_reported_alone() {
    must_report(&FAULTS, 3, "fault: ");
}

#[test]
fn everything_that_is_left_over_is_noted_alone() {
    must_report(&NOTES, 0, "note: ");
}

#[test]
fn files_of_an_older_format_are_noted() {
    Engine::Json.only();
    let sandbox = crate::backups::sandbox();
    let older = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores/2026-11-24-4b022bd/data");
    add_folder(&sandbox, "data", 0o700);
    let entries = fs::read_dir(older).unwrap().map(|entry| entry.unwrap());
    for entry in entries.filter(|entry| entry.path().is_file()) {
        let name = format!("data/{}", entry.file_name().to_string_lossy());
        fs::copy(entry.path(), sandbox.file(&name)).unwrap();
        allow(&sandbox, &name, 0o600);
    }
    let report = sandbox.run(&["doctor"]).must_exit(0).stdout;
    assert!(report.contains("users.json: it has an older format"), "{report}");
}
