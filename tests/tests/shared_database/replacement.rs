//! A store that is replaced while servers use it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::kit::{run, servers, setup};
use roster_tests::{PASSWORD, Server, Setup};
use serde_json::json;

/// Registers users until told to stop, and returns the names of those that were acknowledged.
fn register_until(server: &Server, prefix: &str, is_over: &AtomicBool) -> Vec<String> {
    let names = (0..).map(|number| format!("{prefix}{number}"));
    let while_running = names.take_while(|_| !is_over.load(Ordering::Relaxed));
    let is_acknowledged = |name: &String| {
        let user = json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        server.post("/users").json(user).send().status() == 201
    };
    while_running.filter(is_acknowledged).collect()
}

#[test]
fn a_merge_loses_no_user_who_registers_meanwhile() {
    let Some(setup) = setup() else { return };
    let (one, other) = servers(setup.clone());
    let mut branch = Setup::new().env("ROSTER_ADMIN_USERNAME", "branch-admin").start();
    let _ = branch.register("ada");
    assert!(branch.stop().success());
    let source = format!("json:{}", branch.data().join("users.json").display());
    let is_over = AtomicBool::new(false);
    let acknowledged = thread::scope(|scope| {
        let running = [(&one, "anna"), (&one, "berta"), (&other, "carla"), (&other, "dora")]
            .map(|(server, prefix)| scope.spawn(|| register_until(server, prefix, &is_over)));
        let merge = ["copy", "--merge", "--from", &source, "--to", &one.database_url()];
        let merged: Vec<_> = (0..3).map(|_| run(&one, &merge)).collect();
        is_over.store(true, Ordering::Relaxed);
        assert!(merged.iter().all(|output| output.status.success()), "{merged:?}");
        running.map(|thread| thread.join().unwrap()).concat()
    });
    assert!(acknowledged.len() > 4, "{acknowledged:?}");
    let admin = one.admin();
    for name in acknowledged.iter().map(String::as_str).chain(["ada"]) {
        let found = one.get(&format!("/users?username={name}")).by(&admin).send().must_be(200).json();
        assert_eq!(found["data"].as_array().unwrap().len(), 1, "{name} is lost");
    }
}
