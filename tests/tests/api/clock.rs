//! The clock of the machine is set back.

use roster_tests::{PASSWORD, Server, Setup, skip};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The clock of a server, which a test can set.
struct Clock(TempDir);

impl Clock {
    /// A server with a clock of its own; `None` without libfaketime.
    fn start() -> Option<(Self, Server)> {
        let Some(library) = library() else {
            skip("libfaketime is not installed");
            return None;
        };
        let clock = Self(tempfile::tempdir().unwrap());
        clock.shift("+0");
        let setup = Setup::new().env("LD_PRELOAD", library.to_str().unwrap());
        let setup = setup.env("FAKETIME_TIMESTAMP_FILE", clock.file().to_str().unwrap());
        let setup = setup.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Some((clock, setup.start()))
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("shift")
    }

    /// Sets the difference to the clock of the machine.
    fn shift(&self, by: &str) {
        // The server reads the file at any moment, so it is replaced.
        let new = self.0.path().join("new");
        fs::write(&new, by).unwrap();
        fs::rename(new, self.file()).unwrap();
    }
}

/// Debian keeps it in a folder of the machine's architecture.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir(Path::new("/usr/lib")).ok()?.flatten();
    let mut files = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    files.find(|file| file.is_file())
}

#[test]
fn after_the_clock_is_set_back_sessions_go_on_and_the_audit_log_keeps_its_order() {
    let Some((clock, server)) = Clock::start() else { return };
    let ada = server.register("ada");
    clock.shift("-1h");
    // It is not valid before the clock reaches its time again.
    server.get("/users/me").by(&ada).send().must_be(401);
    let ada = server.refresh(&ada.refresh_token);
    let patch = server.patch("/users/me").by(&ada).json(json!({ "display_name": "Ada" }));
    assert_eq!(patch.send().must_be(200).json()["version"], 2);
    let again = server.log_in("ada", PASSWORD);
    server.get("/users/me").by(&again).send().must_be(200);
    server.post("/auth/logout").by(&again).send().must_be(204);
    server.get("/users/me").by(&again).send().must_be(401);
    server.try_refresh(&again.refresh_token).must_be(401);

    let log = format!("/audit?target={}&limit=5", ada.id);
    let page = server.get(&log).by(&server.admin()).send().must_be(200).json();
    let actions: Vec<_> = page["data"].as_array().unwrap().iter().map(|record| &record["action"]).collect();
    assert_eq!(
        actions,
        ["session_revoked", "logged_in", "user_updated", "session_refreshed", "logged_in"],
        "{page}"
    );
}
