//! A job goes on at another server.

use crate::kit::{servers, setup, value};
use roster_tests::{Person, Server, wait_for};
use serde_json::{Value, json};
use std::fmt::Write as _;

fn job(server: &Server, admin: &Person, path: &str) -> Value {
    server.get(path).by(admin).send().must_be(200).json()
}

#[test]
fn another_server_goes_on_with_a_job_when_the_one_that_runs_it_is_killed() {
    let Some(setup) = setup() else { return };
    let (mut one, other) = servers(setup);
    let admin = other.admin();
    let mut file = String::new();
    for number in 0..1_500 {
        let (username, password) = (format!("p{number}"), format!("{number} kettles"));
        writeln!(file, "{}", json!({ "id": number, "username": username, "password": password })).unwrap();
    }
    // Sent to a server that does not run jobs.
    let request = other.post("/users/import?plain_text_passwords=true").by(&admin);
    let started = request.bytes("application/x-ndjson", file).send().must_be(202);
    let path = started.header("location").unwrap();
    wait_for("the middle of the import", || {
        (job(&other, &admin, path)["done"].as_u64().unwrap() > 100).then_some(())
    });
    one.kill();
    let ended = wait_for("the end of the job", || {
        let job = job(&other, &admin, path);
        (!job["finished_at"].is_null()).then_some(job)
    });
    assert_eq!((&ended["status"], &ended["imported"]), (&json!("done"), &json!(1_500)), "{ended}");
    let report = other.get(&format!("{path}/report")).by(&admin).send().must_be(200);
    assert_eq!(report.text().lines().count(), 1_500, "each record has one line");
    assert_eq!(value(&other, "SELECT count(*) FROM users WHERE username_key LIKE 'p%'"), "1500");
    wait_for("the upload to be erased, which follows the end", || {
        (value(&other, "SELECT count(*) FROM job_uploads") == "0").then_some(())
    });
}
