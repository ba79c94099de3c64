//! A disk that is full, for real: a small tmpfs. It needs the right to mount; where that is refused, the test
//! says so and is skipped, but not where `CI` is set.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Answer, PASSWORD, Person, Server, Setup, until};
use serde_json::json;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A mounted tmpfs, gone when dropped.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// None if this process may not mount.
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("roster-disk-").tempdir().unwrap();
        let options = format!("size={size},mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        match mounted {
            Ok(out) if out.status.success() => Some(Self { folder }),
            refused => {
                eprintln!("SKIPPED: cannot mount a tmpfs, run the tests as root: {refused:?}");
                assert!(!is_ci(), "CI must be able to mount a tmpfs");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all space there is.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = File::create(&path).unwrap();
        for chunk in [vec![0; 65_536], vec![0; 512], vec![0]] {
            while file.write(&chunk).is_ok_and(|written| written > 0) {}
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

#[expect(clippy::disallowed_methods, reason = "whether a skip is a failure is for whoever runs the tests")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

fn register(server: &Server, name: &str) -> Answer {
    let shown = "x".repeat(120);
    let body = json!({ "username": name, "password": PASSWORD, "display_name": shown });
    server.post("/users").json(body).send()
}

/// A write as small as they come: there is nothing to revoke.
fn small_write(server: &Server, person: &Person) -> u16 {
    server.delete("/users/me/sessions?except=current").by(person).send().status()
}

/// Registers until there is no room; gives back who got in and who did not.
fn register_until_full(server: &Server) -> (Vec<String>, String) {
    let mut kept = Vec::new();
    for number in 0..2_000 {
        let name = format!("user-{number}");
        let answer = register(server, &name);
        if answer.status() != 201 {
            answer.refused(503, "unavailable");
            return (kept, name);
        }
        kept.push(name);
    }
    unreachable!("the disk never fills");
}

fn is_there(server: &Server, name: &str, admin: &roster_tests::Person) -> bool {
    let page = server.get(&format!("/users?username={name}")).by(admin).send().must_be(200).json();
    page["data"].as_array().unwrap().len() == 1
}

#[test]
fn on_a_full_disk_writes_get_503_reads_go_on_and_writes_work_again_once_there_is_room() {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = Setup::new().data(&disk.path().join("data")).start();
    let (admin, ada) = (server.admin(), server.register("ada"));

    let ballast = disk.fill();
    let (kept, refused) = register_until_full(&server);
    until("room for not even a small write", || (small_write(&server, &ada) == 503).then_some(()));
    let patch = || server.patch("/users/me").by(&ada).json(json!({ "display_name": "x".repeat(100) })).send();
    assert!(patch().refused(503, "unavailable").header("retry-after").is_some());
    let long = "x".repeat(128);
    server.delete("/users/me").by(&ada).header("X-Request-Id", &long).send().refused(503, "unavailable");
    let login = json!({ "login": "ada", "password": PASSWORD });
    server.post("/auth/login").json(login).send().refused(503, "unavailable");
    server.get("/users/me").by(&ada).send().must_be(200);
    server.get("/users?limit=5").by(&admin).send().must_be(200);
    server.get("/health/live").send().must_be(200);
    until("the store to be called unusable", || {
        (server.get("/health/ready").send().status() == 503).then_some(())
    });
    let health = server.get("/health").send().refused(503, "unavailable").json();
    assert!(health["detail"].as_str().unwrap().contains("store"), "{health}");
    assert!(kept.iter().all(|name| is_there(&server, name, &admin)));
    assert!(!is_there(&server, &refused, &admin), "what was refused is not visible");

    std::fs::remove_file(ballast).unwrap();
    until("a write to go through", || (patch().status() == 200).then_some(()));
    register(&server, &refused).must_be(201);
    until("the server to be ready", || (server.get("/health/ready").send().status() == 200).then_some(()));

    server.kill();
    server.restart();
    assert!(kept.iter().chain([&refused]).all(|name| is_there(&server, name, &admin)));
    assert_eq!(server.get("/users/me").by(&ada).send().must_be(200).json()["version"], 2);
    assert!(server.stop().success());
    assert!(!server.stderr().contains("panic"));
}

#[test]
fn a_server_that_is_killed_on_a_full_disk_comes_back_with_all_that_it_acknowledged() {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = Setup::new().data(&disk.path().join("data")).start();
    let admin = server.admin();
    let ballast = disk.fill();
    let (kept, refused) = register_until_full(&server);
    server.kill();
    std::fs::remove_file(ballast).unwrap();
    server.restart();
    assert!(kept.iter().all(|name| is_there(&server, name, &admin)));
    assert!(!is_there(&server, &refused, &admin));
    register(&server, &refused).must_be(201);
}

#[test]
fn a_stop_on_a_full_disk_has_an_end_and_loses_nothing() {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = Setup::new().data(&disk.path().join("data")).start();
    let admin = server.admin();
    let ballast = disk.fill();
    let (kept, _) = register_until_full(&server);
    server.try_log_in("ada", "a wrong password").must_be(401);
    // The last snapshot has no room, which is a failure; the journal has what it lacks.
    assert_eq!(server.stop().code(), Some(1), "{}", server.stderr());
    std::fs::remove_file(ballast).unwrap();
    server.restart();
    assert!(kept.iter().all(|name| is_there(&server, name, &admin)));
}

#[test]
fn a_server_that_starts_on_a_full_disk_is_not_ready_until_there_is_room() {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = Setup::new().data(&disk.path().join("data")).start();
    assert!(server.stop().success());
    let ballast = disk.fill();
    server.restart();
    server.get("/health/ready").send().refused(503, "unavailable");
    server.get("/health").send().refused(503, "unavailable");
    server.get("/health/live").send().must_be(200);
    std::fs::remove_file(ballast).unwrap();
    until("the server to be ready", || (server.get("/health/ready").send().status() == 200).then_some(()));
}
