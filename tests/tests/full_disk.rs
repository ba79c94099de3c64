//! A full disk under each engine, simulated by a small tmpfs. The tests need permission to mount it. Without it they print a
//! message and are skipped, or fail if `CI` is set.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_test_postgres::{Cluster, Session};
use roster_tests::{Engine, PASSWORD, Person, Response, Server, Setup, output_of, skip, wait_for};
use serde_json::json;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A mounted tmpfs, unmounted when dropped.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Mounts a tmpfs. `None` if this process may not mount.
    fn mount(size: &str) -> Option<Self> {
        Self::mount_with(&format!("size={size},mode=0700"))
    }

    /// Mounts a tmpfs that belongs to the account of PostgreSQL.
    fn mount_for_postgres(size: &str) -> Option<Self> {
        Self::mount_with(&format!("size={size},mode=0700,uid=postgres"))
    }

    fn mount_with(options: &str) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("roster-disk-").tempdir().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder.path()).output();
        match mounted {
            Ok(out) if out.status.success() => Some(Self { folder }),
            rejected => {
                skip(&format!("only root can mount a tmpfs: {rejected:?}"));
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills the disk.
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

fn register(server: &Server, name: &str) -> Response {
    let shown = "x".repeat(120);
    let body = json!({ "username": name, "password": PASSWORD, "display_name": shown });
    server.post("/users").json(body).send()
}

/// The smallest possible write: there are no sessions to revoke.
fn small_write(server: &Server, person: &Person) -> u16 {
    server.delete("/users/me/sessions?except=current").by(person).send().status()
}

/// Registers users until the disk is full. Returns the registered usernames and the rejected one.
fn register_until_full(server: &Server) -> (Vec<String>, String) {
    let mut kept = Vec::new();
    for number in 0..2_000 {
        let name = format!("user-{number}");
        let response = register(server, &name);
        if response.status() != 201 {
            response.must_be_problem(503, "unavailable");
            return (kept, name);
        }
        kept.push(name);
    }
    unreachable!("the disk never fills");
}

fn exists(server: &Server, name: &str, admin: &roster_tests::Person) -> bool {
    let page = server.get(&format!("/users?username={name}")).by(admin).send().must_be(200).json();
    page["data"].as_array().unwrap().len() == 1
}

/// The engines that keep files.
const ENGINES: [Engine; 2] = [Engine::Json, Engine::Sqlite];

fn start(engine: Engine, disk: &Disk) -> Server {
    let data = disk.path().join("data");
    Setup::new().engine(engine).data(&data).start()
}

#[test]
fn a_full_disk_fails_writes_with_503_until_space_is_freed_and_reads_still_work() {
    ENGINES.into_iter().for_each(fills_and_recovers);
}

fn fills_and_recovers(engine: Engine) {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = start(engine, &disk);
    let (admin, ada) = (server.admin(), server.register("ada"));

    let ballast = disk.fill();
    let (kept, rejected) = register_until_full(&server);
    wait_for("the smallest write to fail", || (small_write(&server, &ada) == 503).then_some(()));
    let patch = || server.patch("/users/me").by(&ada).json(json!({ "display_name": "x".repeat(100) })).send();
    assert!(patch().must_be_problem(503, "unavailable").header("retry-after").is_some());
    let delete = server.delete("/users/me").by(&ada).header("X-Request-Id", "x".repeat(128));
    delete.send().must_be_problem(503, "unavailable");
    let login = json!({ "login": "ada", "password": PASSWORD });
    server.post("/auth/login").json(login).send().must_be_problem(503, "unavailable");
    for (path, person) in [("/users/me", &ada), ("/users?limit=5", &admin), ("/health/live", &ada)] {
        server.get(path).by(person).send().must_be(200);
    }
    wait_for("the store to be reported as unavailable", || {
        (server.get("/health/ready").send().status() == 503).then_some(())
    });
    let health = server.get("/health").send().must_be_problem(503, "unavailable").json();
    assert!(health["detail"].as_str().unwrap().contains("store"), "{health}");
    assert!(kept.iter().all(|name| exists(&server, name, &admin)));
    assert!(!exists(&server, &rejected, &admin), "a rejected user must not be visible");

    std::fs::remove_file(ballast).unwrap();
    wait_for("a write to succeed", || (patch().status() == 200).then_some(()));
    register(&server, &rejected).must_be(201);
    wait_for("the server to be ready", || (server.get("/health/ready").send().status() == 200).then_some(()));

    server.kill();
    server.restart();
    assert!(kept.iter().chain([&rejected]).all(|name| exists(&server, name, &admin)));
    assert_eq!(server.get("/users/me").by(&ada).send().must_be(200).json()["version"], 2);
    assert!(server.stop().success());
    assert!(!server.stderr().contains("panic"));
}

#[test]
fn a_server_killed_on_a_full_disk_keeps_all_acknowledged_writes() {
    ENGINES.into_iter().for_each(fills_and_is_killed);
}

fn fills_and_is_killed(engine: Engine) {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = start(engine, &disk);
    let admin = server.admin();
    let ballast = disk.fill();
    let (kept, rejected) = register_until_full(&server);
    server.kill();
    std::fs::remove_file(ballast).unwrap();
    server.restart();
    assert!(kept.iter().all(|name| exists(&server, name, &admin)));
    assert!(!exists(&server, &rejected, &admin));
    register(&server, &rejected).must_be(201);
}

#[test]
fn a_server_stops_on_a_full_disk_without_losing_data() {
    ENGINES.into_iter().for_each(fills_and_stops);
}

fn fills_and_stops(engine: Engine) {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = start(engine, &disk);
    let admin = server.admin();
    let ballast = disk.fill();
    let (kept, _) = register_until_full(&server);
    server.try_log_in("ada", "a wrong password").must_be(401);
    // There is no space for the last snapshot, which is an error, but the journal has all the data. The log of SQLite
    // may fit into the database.
    let status = server.stop();
    assert!(status.code() == Some(1) || engine == Engine::Sqlite, "{}", server.stderr());
    std::fs::remove_file(ballast).unwrap();
    server.restart();
    assert!(kept.iter().all(|name| exists(&server, name, &admin)));
}

#[test]
fn a_server_started_on_a_full_disk_is_not_ready_until_space_is_freed() {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = start(Engine::Json, &disk);
    assert!(server.stop().success());
    let ballast = disk.fill();
    server.restart();
    server.get("/health/ready").send().must_be_problem(503, "unavailable");
    server.get("/health").send().must_be_problem(503, "unavailable");
    server.get("/health/live").send().must_be(200);
    std::fs::remove_file(ballast).unwrap();
    wait_for("the server to be ready", || (server.get("/health/ready").send().status() == 200).then_some(()));
}

/// SQLite reads through a file beside the database, for which there may still be space.
#[test]
fn sqlite_says_that_the_disk_is_full_if_it_cannot_open_the_database_on_it() {
    let Some(disk) = Disk::mount("3m") else { return };
    let mut server = start(Engine::Sqlite, &disk);
    let admin = server.admin();
    assert!(server.stop().success());
    let ballast = disk.fill();
    let output = output_of(server.setup().command(server.folder()).args(["user", "list"]));
    let reason = String::from_utf8_lossy(&output.stderr);
    let is_clear = reason.contains("disk is full") && reason.contains("roster.db");
    assert!(output.status.success() || is_clear, "{reason}");
    std::fs::remove_file(ballast).unwrap();
    server.restart();
    server.get("/users/me").by(&admin).send().must_be(200);
}

/// The database is on the small disk, and PostgreSQL's log on another one.
#[test]
fn a_full_disk_of_postgres_fails_writes_with_503_until_space_is_freed_and_reads_still_work() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let Some(disk) = Disk::mount_for_postgres("32m") else { return };
    let administration = Session::open(&cluster.url("postgres"));
    administration.run(&format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display()));
    administration.run("CREATE DATABASE roster TABLESPACE small TEMPLATE template0");
    let setup = Setup::new().engine(Engine::Json).set("storage.url", &cluster.url("roster"));
    let mut server = setup.start();
    let (admin, ada) = (server.admin(), server.register("ada"));

    let ballast = disk.fill();
    let (kept, rejected) = register_until_full(&server);
    assert!(register(&server, &rejected).must_be_problem(503, "unavailable").header("retry-after").is_some());
    for (path, person) in [("/users/me", &ada), ("/users?limit=5", &admin), ("/audit?limit=5", &admin)] {
        server.get(path).by(person).send().must_be(200);
    }
    assert!(kept.iter().all(|name| exists(&server, name, &admin)));
    assert!(!exists(&server, &rejected, &admin), "a rejected user must not be visible");

    std::fs::remove_file(ballast).unwrap();
    register(&server, &rejected).must_be(201);
    let rows = "SELECT count(*) = (SELECT count(*) FROM audit WHERE action = 'user_created') FROM users";
    assert_eq!(
        Session::open(&cluster.url("roster")).value(rows),
        "t",
        "each user and their record, or neither"
    );
    server.kill();
    server.restart();
    assert!(kept.iter().chain([&rejected]).all(|name| exists(&server, name, &admin)));
    assert!(!server.stderr().contains("panic"));
}
