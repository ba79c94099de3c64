//! Roster behind PgBouncer.

use roster_test_postgres::{Cluster, Pgbouncer, PoolMode};
use roster_tests::{Engine, Server, Setup, wait_for};
use serde_json::json;
use std::thread;
use std::time::{Duration, Instant};

const WRITES: usize = 40;

fn setup(url: &str) -> Setup {
    Setup::new().engine(Engine::Json).set("storage.url", url)
}

#[test]
fn a_server_refuses_a_pooler_that_its_settings_do_not_name() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let Some(pooler) = Pgbouncer::before(&cluster, PoolMode::Transaction, 2) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = setup(&pooler.url(&cluster.url("postgres"))).command(folder.path());
    let output = roster_tests::output_of(command.arg("serve"));
    let reason = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(reason.contains("connection pooler") && reason.contains("storage.pooler"), "{reason}");
}

/// The two servers are two processes, whose driver gives their statements the same names.
#[test]
fn two_servers_share_the_few_connections_of_a_pooler_in_transaction_mode() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let Some(pooler) = Pgbouncer::before(&cluster, PoolMode::Transaction, 3) else { return };
    let setup = setup(&pooler.url(&cluster.url("postgres"))).set("storage.pooler", "transaction");
    let servers = [setup.clone().start(), setup.start()];
    let admin = servers[0].admin();
    thread::scope(|scope| {
        for (number, server) in servers.iter().cycle().take(6).enumerate() {
            scope.spawn(move || change_often(server, &format!("user-{number}")));
        }
    });
    for server in &servers {
        let page = server.get("/users?role=user").by(&admin).send().must_be(200).json();
        assert_eq!(page["data"].as_array().unwrap().len(), 6);
    }
}

/// The age of what is kept is no bound, so only a notice can end it.
#[test]
fn behind_a_pooler_in_session_mode_a_server_hears_what_another_one_changes() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let Some(pooler) = Pgbouncer::before(&cluster, PoolMode::Session, 40) else { return };
    let setup = setup(&pooler.url(&cluster.url("postgres"))).set("storage.pooler", "session");
    let setup = setup.set("storage.pool_size", "4").set("storage.cache_ttl", "1h");
    let servers = [setup.clone().start(), setup.start()];
    for server in &servers {
        wait_for("the server to listen", || {
            let metrics = server.get("/metrics").send().must_be(200);
            metrics.text().lines().any(|line| line == "roster_cache_listener_up 1").then_some(())
        });
    }
    let person = servers[0].register("ada");
    let status = || servers[1].get("/users/me").by(&person).send().status();
    assert_eq!((status(), status()), (200, 200));
    let disabled = servers[0].patch(&person.path()).by(&servers[0].admin());
    disabled.merge_patch(json!({ "status": "disabled" })).send().must_be(200);
    let began = Instant::now();
    wait_for("the other server to refuse the user", || (status() == 401).then_some(()));
    // Without a notice, recording the use of the session would find out within a minute.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

fn change_often(server: &Server, username: &str) {
    let client = server.client();
    let person = server.register(username);
    for number in 0..WRITES {
        let name = format!("{username} {number}");
        let patch = client.patch("/users/me").by(&person).json(json!({ "display_name": name }));
        assert_eq!(patch.send().must_be(200).json()["display_name"], name);
        let me = client.get("/users/me").by(&person).send().must_be(200).json();
        assert_eq!((me["username"].as_str(), me["display_name"].as_str()), (Some(username), Some(&*name)));
    }
}
