//! Jobs that are killed, cancelled or stopped.

use crate::imports::{counts, ended, job, report, start, submit};
use flate2::Compression;
use flate2::write::GzEncoder;
use roster_tests::{Engine, PASSWORD, Server, Setup, wait_for};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::thread;

/// Many people whose passwords have to be hashed, so that their import takes a while.
fn people_with_passwords(count: usize) -> String {
    let mut people = String::new();
    for number in 0..count {
        let (username, password) = (format!("p{number}"), format!("{number} kettles"));
        writeln!(people, "{}", json!({ "id": number, "username": username, "password": password })).unwrap();
    }
    people
}

#[test]
fn a_job_that_is_killed_goes_on_to_the_same_result() {
    let mut server = Server::start();
    let admin = server.admin();
    // Hashing makes the groups small, so that the kill is between some of them.
    let mut file = people_with_passwords(1_500);
    file.push_str("{\"id\": 3000, \"username\": \"p7\"}\n{\"id\": 3001}\n");
    let path = start(&server, &admin, "plain_text_passwords=true", &file);
    wait_for("the middle of the import", || {
        let done = job(&server, &admin, &path)["done"].as_u64().unwrap();
        (done > 200).then_some(done)
    });
    server.kill();
    server.restart();
    let done = ended(&server, &admin, &path);
    assert_eq!((&done["status"], counts(&done)), (&json!("done"), [1_500, 0, 2]), "{done}");
    let lines = report(&server, &admin, &path);
    let records: Vec<_> = lines.iter().map(|line| line["record"].as_u64().unwrap()).collect();
    assert_eq!(records, (1..=1_502).collect::<Vec<_>>(), "each record has one line");
    let users = server.get("/users/export?q=p").by(&admin).send().must_be(200);
    let ids: BTreeSet<_> = users
        .text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(lines.iter().filter_map(|line| line["id"].as_str()).all(|id| ids.contains(id)));
    let _ = server.log_in("p1499", "1499 kettles");
}

/// As after a kill between the commit of many users and the write that counts them.
fn forget_what_was_counted(folder: &Path) {
    let path = folder.join("state.json");
    let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut state: Value = serde_json::from_str(file["state"].as_str().unwrap()).unwrap();
    for count in ["done", "imported", "unchanged", "refused"] {
        state["counts"][count] = json!(0);
    }
    (file["state"], file["report_bytes"]) = (json!(state.to_string()), json!(0));
    fs::write(&path, file.to_string()).unwrap();
    let report = fs::read_to_string(folder.join("report.ndjson")).unwrap();
    let planned = fs::read_to_string(folder.join("planned.ndjson")).unwrap();
    let last = report.lines().count() as u64;
    let record = |line: &&str| serde_json::from_str::<Value>(line).unwrap()["record"].as_u64().unwrap();
    let rest = planned.lines().filter(|line| record(line) > last);
    let lines = report.lines().chain(rest).map(|line| format!("{line}\n"));
    fs::write(folder.join("planned.ndjson"), lines.collect::<String>()).unwrap();
}

#[test]
fn users_who_were_committed_but_not_counted_are_counted_once() {
    let mut server = Setup::new().engine(Engine::Json).start();
    let admin = server.admin();
    let mut file = people_with_passwords(600);
    // An id that is kept does not tell who has imported the user.
    let kept = "01990000-0000-7000-8000-000000000001";
    file.insert_str(0, &format!("{{\"id\": \"{kept}\", \"username\": \"kept\"}}\n"));
    let path = start(&server, &admin, "plain_text_passwords=true&keep_ids=true", &file);
    wait_for("the middle of the import", || {
        (job(&server, &admin, &path)["done"].as_u64().unwrap() > 100).then_some(())
    });
    server.kill();
    forget_what_was_counted(&server.data().join(path.trim_start_matches('/')));
    server.restart();
    let done = ended(&server, &admin, &path);
    assert_eq!((&done["status"], counts(&done)), (&json!("done"), [601, 0, 0]), "{done}");
    let lines = report(&server, &admin, &path);
    let records: Vec<_> = lines.iter().map(|line| line["record"].as_u64().unwrap()).collect();
    assert_eq!(records, (1..=601).collect::<Vec<_>>());
    assert_eq!(lines[0]["id"], kept);
}

#[test]
fn a_job_is_cancelled() {
    let server = Server::start();
    let admin = server.admin();
    let file = people_with_passwords(3_000);
    let running = start(&server, &admin, "plain_text_passwords=true", &file);
    let queued = start(&server, &admin, "", "username\ngrace\n");
    wait_for("the first people", || (job(&server, &admin, &running)["done"] != json!(0)).then_some(()));
    for path in [&queued, &running] {
        server.delete(path).by(&admin).send().must_be(204);
    }
    let cancelled = ended(&server, &admin, &running);
    assert_eq!(cancelled["status"], "cancelled");
    let [imported, ..] = counts(&cancelled);
    assert!((1..3_000).contains(&imported), "{cancelled}");
    let users = server.get("/users/export?q=p").by(&admin).send().must_be(200);
    let found = users.text().lines().filter(|line| line.contains("\"username\":\"p")).count();
    assert_eq!(found as u64, imported, "everybody who was imported is counted");
    assert_eq!(ended(&server, &admin, &queued)["status"], "cancelled");
}

#[test]
fn a_starter_who_is_disabled_or_demoted_stops_the_job() {
    let server = Server::start();
    let admin = server.admin();
    let file = people_with_passwords(3_000);
    let loader = server.register_admin("loader");
    let path = start(&server, &loader, "plain_text_passwords=true", &file);
    wait_for("the first people", || (job(&server, &loader, &path)["done"] != json!(0)).then_some(()));
    server.patch(&loader.path()).by(&admin).merge_patch(json!({ "roles": ["user"] })).send().must_be(200);
    let loader = server.log_in("loader", PASSWORD);
    let failed = ended(&server, &loader, &path);
    assert_eq!(failed["status"], "failed");
    assert!(failed["reason"].as_str().unwrap().contains("users:import"), "{failed}");
    let [imported, ..] = counts(&failed);
    let users = server.get("/users/export?q=p").by(&admin).send().must_be(200);
    let found = users.text().lines().filter(|line| line.contains("\"username\":\"p")).count();
    assert_eq!(found as u64, imported, "everybody who was imported is counted");
}

#[test]
fn a_starter_who_is_demoted_or_who_cancels_stops_a_job_that_still_reads_its_file() {
    let server = Server::start();
    let admin = server.admin();
    // It expands to many records, so counting them takes a while.
    let file = people(400_000);
    let loader = server.register_admin("loader");
    let (first, second) = (start(&server, &loader, "", &file), start(&server, &loader, "", &file));
    let is_running = |path: &str| (job(&server, &loader, path)["status"] == "running").then_some(());
    wait_for("the first job to run", || is_running(&first));
    server.delete(&first).by(&loader).send().must_be(204);
    let cancelled = ended(&server, &loader, &first);
    assert_eq!((&cancelled["status"], &cancelled["total"]), (&json!("cancelled"), &Value::Null));
    server.patch(&loader.path()).by(&admin).merge_patch(json!({ "roles": ["user"] })).send().must_be(200);
    let loader = server.log_in("loader", PASSWORD);
    let failed = ended(&server, &loader, &second);
    assert_eq!((&failed["status"], counts(&failed)), (&json!("failed"), [0, 0, 0]), "{failed}");
}

/// Records of this many people.
fn people(count: u32) -> String {
    (0..count).map(|number| format!("{{\"username\":\"p{number}\"}}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn a_compressed_file_with_too_many_records_is_refused() {
    let server = Setup::new().set("import.max_records", "1000").start();
    let admin = server.admin();
    let send = |count| {
        let mut file = GzEncoder::new(Vec::new(), Compression::best());
        file.write_all(people(count).as_bytes()).unwrap();
        let file = file.finish().unwrap();
        let sent =
            server.post("/users/import").by(&admin).bytes("application/gzip", file).send().must_be(202);
        ended(&server, &admin, sent.header("location").unwrap())
    };
    let failed = send(1001);
    assert_eq!((&failed["status"], &failed["total"]), (&json!("failed"), &Value::Null));
    assert_eq!(failed["reason"], "there are more than 1000 records; divide the import");
    assert_eq!(counts(&send(1000)), [1000, 0, 0]);
}

#[test]
fn of_many_submissions_at_once_only_as_many_are_accepted_as_may_wait() {
    let server = Server::start();
    let admin = server.admin();
    start(&server, &admin, "plain_text_passwords=true", &people_with_passwords(5_000));
    let responses: Vec<_> = thread::scope(|scope| {
        let send = || submit(&server, &admin, "", "username\ngrace\n");
        let sending: Vec<_> = (0..32).map(|_| scope.spawn(send)).collect();
        sending.into_iter().map(|sending| sending.join().unwrap()).collect()
    });
    let (accepted, refused): (Vec<_>, Vec<_>) =
        responses.into_iter().partition(|response| response.status() == 202);
    assert_eq!(accepted.len(), 15);
    for response in refused {
        response.must_be_problem(409, "jobs_too_many");
    }
}

#[test]
fn only_some_jobs_may_wait() {
    let server = Server::start();
    let admin = server.admin();
    let file = people_with_passwords(3_000);
    start(&server, &admin, "plain_text_passwords=true", &file);
    let refused = (0..16).map(|_| submit(&server, &admin, "", "username\ngrace\n"));
    let refused: Vec<_> = refused.filter(|response| response.status() != 202).collect();
    assert_eq!(refused.len(), 1);
    refused[0].clone().must_be_problem(409, "jobs_too_many");
}
